"""Surfaces of rendered depth against the true surfaces of scenes that are hard to cut."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import bpy
import numpy as np
import pytest

from tests.blender.geometry.surface_scenes import HEIGHT, SCENES, WIDTH, Truth, prepare
from tests.blender.reconstruct_scene import Product, render_file

Pixel = tuple[int, int]
Edge = tuple[Pixel, Pixel]

THRESHOLDS = np.geomspace(0.003, 1.0, 60)
"""Ratios of depth by which neighbors may differ, for the rule that ours is compared with."""

RANDOM_POINTS = 1500


@dataclass
class Counted:
    """The counts and the distances of one scene."""

    continuous: int = 0
    impossible: int = 0
    ours: np.ndarray = field(default_factory=lambda: np.zeros(2, int))
    fixed: np.ndarray = field(default_factory=lambda: np.zeros((len(THRESHOLDS), 2), int))
    random_points: np.ndarray = field(default_factory=lambda: np.zeros(0))
    face_centers: np.ndarray = field(default_factory=lambda: np.zeros(0))


@pytest.fixture(scope="module")
def counted(tmp_path_factory: pytest.TempPathFactory, product: Product) -> dict[str, Counted]:
    """The counts of all scenes, each rendered once."""
    folder: Path = tmp_path_factory.mktemp("surfaces")
    return {name: count(name, folder / f"{name}.exr", product) for name in SCENES}


def count(name: str, path: Path, product: Product) -> Counted:
    """Render a scene, make its surface, and compare every edge with the truth."""
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    scene = prepare(bpy.context.scene, name)
    exr, continuity = product("core"), product("core.geometry.continuity")
    info = exr.read_info(render_file(scene, path))
    kind = product("core.depth.image").DepthKind.PLANAR
    depth = exr.read_depth(info, info.depth_layer("", ""), kind=kind)
    depsgraph = bpy.context.evaluated_depsgraph_get()
    camera = product("bridge.cameras.from_object").camera_from_object(
        scene.camera, scene, depsgraph
    )
    cloud = product("core.geometry.backprojection").backproject(depth, camera)
    view = product("core.cameras.viewpoint").Viewpoint.of(camera)
    surface = product("core.geometry.surface").surface_of(cloud, view)
    truth, result = Truth(scene), Counted()
    points = np.full((HEIGHT, WIDTH, 3), np.nan)
    points[depth.valid] = cloud.points
    joined = set(joined_edges(continuity.PointGrid(cloud, view, continuity.Continuity())))
    for edge in all_edges():
        first, second = (points[row, column] for column, row in edge)
        if np.isfinite(first + second).all():
            near, far = sorted(depth.values[row, column] for column, row in edge)
            by_fixed = far - near <= THRESHOLDS * near
            if truth.is_continuous(*((column + 0.5, row + 0.5) for column, row in edge)):
                result.continuous += 1
                result.ours[1] += edge not in joined
                result.fixed[:, 1] += ~by_fixed
            elif not truth.is_on_surface(first, second):
                result.impossible += 1
                result.ours[0] += edge in joined
                result.fixed[:, 0] += by_fixed
    corners = np.concatenate(
        [surface.quads[:, [0, 1, 2]], surface.quads[:, [0, 2, 3]], surface.triangles]
    )
    weights = np.random.default_rng(7).dirichlet((1, 1, 1), RANDOM_POINTS)
    chosen = np.random.default_rng(8).choice(corners, RANDOM_POINTS)
    places = np.einsum("nk,nkc->nc", weights, surface.cloud.points[chosen].astype(float))
    result.random_points = np.array([truth.distance(each) for each in places])
    centers = [
        surface.cloud.points[faces].mean(axis=1) for faces in (surface.quads, surface.triangles)
    ]
    result.face_centers = np.array([truth.distance_along(each) for each in np.concatenate(centers)])
    return result


def joined_edges(grid: object) -> Iterator[Edge]:
    """Return the neighbors that are joined, as the (column, row) of both pixels."""
    patch = grid.patch(slice(0, HEIGHT))
    for row, column in np.argwhere(patch.across()[:, 1:]).tolist():
        yield (column, row), (column + 1, row)
    for row, column in np.argwhere(patch.down()[1:]).tolist():
        yield (column, row), (column, row + 1)


def all_edges() -> Iterator[Edge]:
    for row, column in np.ndindex(HEIGHT, WIDTH):
        if column + 1 < WIDTH:
            yield (column, row), (column + 1, row)
        if row + 1 < HEIGHT:
            yield (column, row), (column, row + 1)


def test_cuts_better_than_any_threshold(counted: dict[str, Counted]) -> None:
    """Better than a fixed ratio of depth, at the ratio with the fewest errors."""
    ours = sum(each.ours for each in counted.values())
    fixed = sum(each.fixed for each in counted.values())
    best = fixed[fixed.sum(axis=1).argmin()]
    for name, each in counted.items():
        print(f"{name}: of {each.impossible} jumps joined {each.ours[0]}, of {each.continuous}")
        print(f"  neighbors on one surface cut {each.ours[1]}")
    print(f"all: joined {ours[0]}, cut {ours[1]}; at the best threshold {best[0]} and {best[1]}")
    assert (ours <= best / 3).all()
    assert ours[0] <= 0.015 * sum(each.impossible for each in counted.values())
    assert ours[1] <= 0.001 * sum(each.continuous for each in counted.values())


@pytest.mark.parametrize("name", SCENES)
def test_lies_on_the_true_surfaces(counted: dict[str, Counted], name: str) -> None:
    """Random points on faces are within the footprint of a pixel of a surface."""
    distances = counted[name].random_points
    print(name, np.mean(distances <= 1.0), distances.max())
    share = 0.993 if name == "foliage" else 0.9995
    assert np.mean(distances <= 1.0) >= share
    assert np.median(distances) <= 0.05


@pytest.mark.parametrize("name", SCENES)
def test_hardly_a_face_spans_a_jump(counted: dict[str, Counted], name: str) -> None:
    """Nearly all centers of faces are on the surfaces that the rays through them meet."""
    distances = counted[name].face_centers
    print(name, len(distances), np.sum(distances > 1.0), np.sort(distances)[-5:])
    share = 0.993 if name == "foliage" else 0.9995
    assert np.mean(distances <= 1.0) >= share
