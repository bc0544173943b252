"""Draws the points of a preview, which are sent to the graphics card once."""

from __future__ import annotations

import bpy
import gpu
from gpu_extras.batch import batch_for_shader
from mathutils import Matrix

from ...bridge.reconstruct.preview import current_preview
from ...compat import POINT_SHADER

_NEARER = 0.998
"""Part of their distance at which points are drawn, lest the surfaces they lie on hide them."""

_POINT_SIZE = 3.0

_sent: tuple[int, gpu.types.GPUBatch] | None = None


def draw_preview(view: bpy.types.RegionView3D) -> None:
    """Draw the points in front of what they lie on, and behind what hides them."""
    global _sent
    preview = current_preview()
    if preview is None or not len(preview.points):
        _sent = None
        return
    shader = gpu.shader.from_builtin(POINT_SHADER)
    if _sent is None or _sent[0] != preview.serial:
        content = {"pos": preview.points, "color": preview.colors}
        _sent = preview.serial, batch_for_shader(shader, "POINTS", content)
    gpu.state.point_size_set(_POINT_SIZE * bpy.context.preferences.system.ui_scale)
    gpu.state.depth_test_set("LESS_EQUAL")
    gpu.state.depth_mask_set(True)
    with gpu.matrix.push_pop():
        gpu.matrix.load_matrix(_nearer(view) @ view.view_matrix)
        _sent[1].draw(shader)
    gpu.state.depth_mask_set(False)
    gpu.state.depth_test_set("NONE")
    gpu.state.point_size_set(1.0)


def _nearer(view: bpy.types.RegionView3D) -> Matrix:
    """Nearer to the eye without moving on the screen."""
    if view.is_perspective:
        return Matrix.Scale(_NEARER, 4)
    return Matrix.Translation((0.0, 0.0, (1.0 - _NEARER) * view.view_distance))
