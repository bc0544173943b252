"""Draws the points of a preview from a batch that is sent to the graphics card once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import bpy
import gpu
from gpu_extras.batch import batch_for_shader
from mathutils import Matrix

from ...bridge.reconstruct.preview import current_preview
from ...bridge.session import RecentValues, register_cache
from ...compat import POINT_SHADER

_NEARER = 0.998
"""Points are drawn at this fraction of their distance, so that their surfaces do not hide them."""

_POINT_SIZE = 3.0


@dataclass(frozen=True, eq=False)
class _Batch:
    """Points on the graphics card, and the bytes that they take there."""

    gpu_batch: gpu.types.GPUBatch
    byte_count: int


_batches: RecentValues[int, _Batch] = RecentValues(1)
"""The batch of the preview that was drawn last, by the preview's serial number."""

register_cache(
    __name__,
    "_batches",
    title="Preview on the Graphics Card",
    limit="200,000 points, 6 MB",
    dropped="When the preview changes or ends, or another file is loaded.",
    held_bytes=lambda: sum(each.byte_count for each in _batches.values()),
    free=_batches.clear,
)


def draw_preview(view: bpy.types.RegionView3D) -> None:
    """Draw the points in front of what they lie on, and behind what hides them."""
    preview = current_preview()
    if preview is None or not len(preview.points):
        _batches.clear()
        return
    shader = gpu.shader.from_builtin(POINT_SHADER)
    if preview.serial not in _batches:
        # Arrays, of which the stubs do not know.
        content: Any = {"pos": preview.points, "color": preview.colors}
        byte_count = preview.points.nbytes + preview.colors.nbytes
        _batches[preview.serial] = _Batch(batch_for_shader(shader, "POINTS", content), byte_count)
    gpu.state.point_size_set(_POINT_SIZE * bpy.context.preferences.system.ui_scale)
    gpu.state.depth_test_set("LESS_EQUAL")
    gpu.state.depth_mask_set(True)
    with gpu.matrix.push_pop():
        gpu.matrix.load_matrix(_nearer(view) @ view.view_matrix)
        _batches[preview.serial].gpu_batch.draw(shader)
    gpu.state.depth_mask_set(False)
    gpu.state.depth_test_set("NONE")
    gpu.state.point_size_set(1.0)


def _nearer(view: bpy.types.RegionView3D) -> Matrix:
    """Moves points nearer to the eye without moving them on the screen."""
    if view.is_perspective:
        return Matrix.Scale(_NEARER, 4)
    return Matrix.Translation((0.0, 0.0, (1.0 - _NEARER) * view.view_distance))
