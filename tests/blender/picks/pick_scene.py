"""A scene to pick on, and what the camera's rays hit in it."""

from __future__ import annotations

import bpy
import numpy as np
import pytest

from tests.blender.reconstruct_scene import HEIGHT, WIDTH, add_camera, render_file

__all__ = ["HEIGHT", "WIDTH", "render_file"]


def build_scene(scene: bpy.types.Scene) -> bpy.types.Scene:
    """Smooth and flat objects, some sky, and a camera that is shifted and rotated."""
    bpy.ops.mesh.primitive_plane_add(size=20)
    bpy.ops.mesh.primitive_cube_add(size=1.6, location=(0.5, 0, 0.8), rotation=(0, 0, 0.4))
    scene.view_layers[0].use_pass_z = True
    return add_camera(scene)


def ray_cast(scene: bpy.types.Scene, x: float, y: float) -> np.ndarray | None:
    """Where the ray through an image point of the scene's camera hits."""
    camera = scene.camera
    depsgraph = bpy.context.evaluated_depsgraph_get()
    matrix = camera.evaluated_get(depsgraph).matrix_world.normalized()
    right_top, _, left_bottom, left_top = camera.data.view_frame(scene=scene)
    corner = left_top + (right_top - left_top) * (x / WIDTH)
    corner += (left_bottom - left_top) * (y / HEIGHT)
    direction = (matrix @ corner - matrix.translation).normalized()
    hit, location, *_ = scene.ray_cast(depsgraph, matrix.translation, direction)
    return np.array(location) if hit else None


def picks() -> list[bpy.types.PropertyGroup]:
    return list(bpy.context.scene.depth_picks.picks)


def assert_lies_where_the_ray_hits(scene: bpy.types.Scene, pick: bpy.types.PropertyGroup) -> None:
    point = pick.point
    truth = ray_cast(scene, point.x, point.y)
    assert truth is not None
    distance = np.linalg.norm(truth - scene.camera.matrix_world.translation)
    assert np.linalg.norm(truth - point.world) <= 1e-4 * distance
    assert tuple(pick.location) == pytest.approx(point.world, rel=1e-6)
    assert pick.depth == pytest.approx(point.depth, rel=1e-6)
    assert 0 < point.precision < point.footprint < 0.1 * point.depth
