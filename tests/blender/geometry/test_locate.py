"""Picks on renders of Cycles against ``scene.ray_cast`` through the same points of the image.

The rays come from Blender (``Camera.view_frame``) or, for panoramas, are written out by hand, and
so are independent of the product's cameras.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import bmesh
import bpy
import numpy as np
import pytest
from mathutils import Matrix, Vector
from mathutils.bvhtree import BVHTree

from tests.blender.cameras.camera_checks import Product
from tests.blender.cameras.camera_scenes import Shot, prepare_shot, render_passes

WIDTH, HEIGHT = 160, 120
PICKS = 5000
RENDER = {"resolution_x": WIDTH, "resolution_y": HEIGHT}
LENSES: dict[str, Mapping[str, Any]] = {
    "perspective": {"lens": 24.0, "shift_x": 0.1, "shift_y": -0.05},
    "orthographic": {"type": "ORTHO", "ortho_scale": 7.0, "shift_y": 0.1},
    "equirectangular": {"type": "PANO", "panorama_type": "EQUIRECTANGULAR"},
    "fisheye": {"type": "PANO", "panorama_type": "FISHEYE_EQUIDISTANT", "fisheye_fov": 3.0},
}
BEFORE_CAMERA = Vector((0.0, 0.0, -4.0))


def smooth_surfaces(mesh: bmesh.types.BMesh, place: Matrix, rng: np.random.Generator) -> None:
    """A room, a torus before the camera, and a slanted plane, in facets smaller than a pixel."""
    bmesh.ops.create_icosphere(mesh, subdivisions=6, radius=8.0)
    torus = bmesh.ops.create_grid(mesh, x_segments=240, y_segments=120, size=np.pi)["verts"]
    for vertex in torus:
        around, about = vertex.co.x, vertex.co.y
        ring = 1.2 + 0.5 * np.cos(about)
        vertex.co = ring * np.cos(around), ring * np.sin(around), 0.5 * np.sin(about)
    tilt = Matrix.Rotation(rng.uniform(-1.0, 1.0), 4, "X")
    bmesh.ops.transform(mesh, verts=torus, matrix=place @ Matrix.Translation(BEFORE_CAMERA) @ tilt)
    floor = place @ Matrix.Translation((0.0, -1.5, -4.0)) @ Matrix.Rotation(1.4, 4, "X")
    bmesh.ops.create_grid(mesh, x_segments=1, y_segments=1, size=2.5, matrix=floor)


def clutter(mesh: bmesh.types.BMesh, place: Matrix, rng: np.random.Generator) -> None:
    """Boxes, thin rods and cards on all sides, before a wall and before nothing."""
    wall = place @ Matrix.Translation((1.0, 0.0, -7.0)) @ Matrix.Rotation(0.4, 4, "Y")
    bmesh.ops.create_grid(mesh, x_segments=1, y_segments=1, size=3.0, matrix=wall)
    for number in range(45):
        direction = Vector(rng.normal(size=3)) + Vector((0.0, 0.0, -1.0))
        away = direction.normalized() * rng.uniform(3.0, 6.0)
        turn = Matrix.Rotation(rng.uniform(0.0, 6.0), 4, Vector(rng.normal(size=3)))
        at = place @ Matrix.Translation(away) @ turn
        if number % 3 == 0:
            bmesh.ops.create_cube(mesh, size=rng.uniform(0.2, 1.0), matrix=at)
        elif number % 3 == 1:
            radius = rng.uniform(0.01, 0.1)
            bmesh.ops.create_cone(
                mesh, segments=12, radius1=radius, radius2=radius, depth=2.0, matrix=at
            )
        else:
            size = rng.uniform(0.1, 0.6)
            bmesh.ops.create_grid(mesh, x_segments=1, y_segments=1, size=size, matrix=at)


def direction_of(camera: bpy.types.Object, u: float, v: float) -> tuple[Vector, Vector]:
    """Return start and direction, in camera space, of the ray through u (rightward), v (upward)."""
    data = camera.data
    if data.type != "PANO":
        _, right_bottom, left_bottom, left_top = data.view_frame(scene=bpy.context.scene)
        point = left_bottom + u * (right_bottom - left_bottom) + v * (left_top - left_bottom)
        if data.type == "ORTHO":
            return Vector((point.x, point.y, 0.0)), Vector((0.0, 0.0, -1.0))
        return Vector(), point.normalized()
    if data.panorama_type == "EQUIRECTANGULAR":
        longitude, latitude = (2.0 * u - 1.0) * np.pi, (v - 0.5) * np.pi
        level = np.cos(latitude)
        x, z = level * np.sin(longitude), -level * np.cos(longitude)
        return Vector(), Vector((x, np.sin(latitude), z))
    x, y = 2.0 * u - 1.0, 2.0 * v - 1.0
    radius = np.hypot(x, y)
    angle = min(radius, 1.0) * data.fisheye_fov / 2.0
    side = np.sin(angle) / radius
    return Vector(), Vector((x * side, y * side, -np.cos(angle)))


def ray_casts(camera: bpy.types.Object, pixels: np.ndarray) -> np.ndarray:
    """Return the world points at `pixels`, shape (N, 3); NaN where the ray meets nothing."""
    scene, depsgraph = bpy.context.scene, bpy.context.evaluated_depsgraph_get()
    location, rotation, _ = camera.matrix_world.decompose()
    points = np.full((len(pixels), 3), np.nan)
    for i, (x, y) in enumerate(pixels.tolist()):
        start, direction = direction_of(camera, x / WIDTH, 1.0 - y / HEIGHT)
        hit, point, *_ = scene.ray_cast(
            depsgraph, location + rotation @ start, rotation @ direction
        )
        if hit:
            points[i] = point
    return points


Fill = Callable[[bmesh.types.BMesh, Matrix, np.random.Generator], None]


def rendered_picks(
    product: Product, folder: Path, lens: str, fill: Fill, seed: int
) -> tuple[bpy.types.Object, np.ndarray, Any]:
    """Return the camera, random pixels, and what the product locates there on a render."""
    camera_object, rng = prepare_shot(Shot(LENSES[lens], RENDER), seed), np.random.default_rng(seed)
    location, rotation, _ = camera_object.matrix_world.decompose()
    mesh = bmesh.new()
    fill(mesh, Matrix.LocRotScale(location, rotation, None), rng)
    cage = bpy.data.objects["Cage"]
    cage.data.clear_geometry()
    mesh.to_mesh(cage.data)
    mesh.free()
    bpy.context.view_layer.update()
    bridge, scene = product("bridge.cameras.from_object"), bpy.context.scene
    kind = bridge.depth_kind_of(camera_object, scene.render.engine)
    z = render_passes(folder)[""].z
    camera = bridge.camera_from_object(camera_object, scene, bpy.context.evaluated_depsgraph_get())
    pixels = rng.uniform(0.0, 1.0, (PICKS, 2)) * (WIDTH, HEIGHT)
    depth = product("core.depth.image").DepthImage.from_array(z, kind)
    return camera_object, pixels, product("core.geometry.locating").locate(depth, camera, pixels)


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("lens", LENSES)
def test_smooth_surfaces(product: Product, tmp_path: Path, lens: str, seed: int) -> None:
    camera, pixels, located = rendered_picks(product, tmp_path, lens, smooth_surfaces, seed)
    found = np.isfinite(located.depth)
    errors = np.linalg.norm(located.points - ray_casts(camera, pixels), axis=-1) / located.depth
    errors = errors[found & np.isfinite(errors)]
    assert len(errors) > 0.5 * PICKS
    listed = ", ".join(f"{p}%: {np.percentile(errors, p):.1e}" for p in (50, 75, 90, 99))
    print(f"{lens} {seed}: errors as ratios to the depth, {listed}")
    assert np.median(errors) <= 1e-4


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("lens", LENSES)
def test_no_pick_lands_between_surfaces(
    product: Product, tmp_path: Path, lens: str, seed: int
) -> None:
    _, _, located = rendered_picks(product, tmp_path, lens, clutter, seed)
    surfaces = BVHTree.FromObject(bpy.data.objects["Cage"], bpy.context.evaluated_depsgraph_get())
    found = np.isfinite(located.depth)
    away = np.array([surfaces.find_nearest(Vector(p))[3] for p in located.points[found].tolist()])
    # A pick on an edge has the depth of its pixel's center, which is up to half a diagonal away.
    in_pixels = away / located.footprint[found]
    edges = np.count_nonzero(located.flags == product("core.geometry.locating").Flag.EDGE)
    print(f"{lens} {seed}: {edges} edges, at most {in_pixels.max():.2f} px from a surface")
    assert edges > 200
    assert (in_pixels <= 1.0).all()
