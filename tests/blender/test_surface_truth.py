"""Surfaces of rendered depth against the true surfaces of scenes that are hard to cut."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import bpy
import numpy as np
import pytest

from tests.blender.reconstruct_scene import Product, render_file
from tests.blender.surface_scenes import HEIGHT, SCENES, WIDTH, Truth, prepare

Edges = dict[tuple[tuple[int, int], tuple[int, int]], bool]
Counts = tuple[int, int]

THRESHOLDS = np.geomspace(0.003, 1.0, 40)
"""Parts of the depth by which neighbors may differ for the rule that we are compared with."""


@dataclass
class Rendered:
    """A scene's depth, its surface, and the truth about every two neighboring pixels."""

    truth: Truth
    depth: np.ndarray
    made: object
    continuous: Edges
    impossible: Edges

    def wrong(self, joined: set) -> Counts:
        """Wrong joins and wrong cuts."""
        joins = sum(edge in joined for edge in self.impossible)
        return joins, sum(edge not in joined for edge in self.continuous)


def edges_of(made: object) -> set:
    """The edges between neighboring pixels, as their (column, row)."""
    ends = made.cloud.selection.pixels()[np.sort(made.edges, axis=1)]
    beside = np.abs(np.diff(ends, axis=1)).sum(axis=(1, 2)) == 1
    return {(tuple(first), tuple(second)) for first, second in ends[beside].tolist()}


def all_edges() -> list:
    for row, column in np.ndindex(HEIGHT, WIDTH):
        for other in ((column + 1, row), (column, row + 1)):
            if other[0] < WIDTH and other[1] < HEIGHT:
                yield (column, row), other


@pytest.fixture(scope="module")
def rendered(
    tmp_path_factory: pytest.TempPathFactory, product: Product
) -> dict[str, Rendered]:
    """Every scene, rendered and looked at once."""
    folder: Path = tmp_path_factory.mktemp("surfaces")
    return {name: measured(name, folder / f"{name}.exr", product) for name in SCENES}


def measured(name: str, path: Path, product: Product) -> Rendered:
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    scene = prepare(bpy.context.scene, name)
    exr = product("core.exr")
    info = exr.read_info(render_file(scene, path))
    depth = exr.read_depth(info, info.depth_layer("", ""), kind=product("core.depth").DepthKind.PLANAR)
    camera = product("bridge.camera").camera_from_object(scene.camera, scene)
    cloud = product("core.backprojection").backproject(depth, camera)
    joins = product("core.joins")
    made = product("core.surface").surface(cloud, joins.Viewpoint.of(camera))
    truth = Truth(scene)
    points = np.full((HEIGHT, WIDTH, 3), np.nan)
    points[depth.valid] = cloud.points
    continuous, impossible = {}, {}
    for edge in all_edges():
        first, second = (points[row, column] for column, row in edge)
        if not np.isfinite(first + second).all():
            continue
        if truth.is_continuous(*((column + 0.5, row + 0.5) for column, row in edge)):
            continuous[edge] = True
        elif not truth.is_on_surface(first, second):
            impossible[edge] = True
    values = np.where(depth.valid, depth.values, np.inf)
    return Rendered(truth, values, made, continuous, impossible)
