"""A scene with all its objects as it is at another frame, while the scene stays at its own."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import bpy


@contextlib.contextmanager
def scene_at_frame(context: bpy.types.Context, frame: int) -> Iterator[bpy.types.Depsgraph]:
    """Evaluate the scene at a frame: as it is at the present one, else by a temporary copy.

    The copy holds the same objects, evaluated anew, so it costs what going to that frame costs.
    What the user changed without keying it stays.
    """
    scene = context.scene
    if frame == scene.frame_current:
        yield context.evaluated_depsgraph_get()
        return
    copy = scene.copy()
    try:
        copy.frame_set(frame)
        layer = copy.view_layers[context.view_layer.name]
        yield layer.depsgraph
    finally:
        bpy.data.scenes.remove(copy)
