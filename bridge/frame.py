"""A scene's cameras as they are at another frame, while the scene stays at its own."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import bpy


@contextlib.contextmanager
def cameras_at_frame(
    context: bpy.types.Context, frame: int
) -> Iterator[tuple[bpy.types.Scene, bpy.types.Depsgraph]]:
    """Give a scene and its depsgraph, in which the cameras are evaluated at `frame`.

    At another frame than the present one it is a temporary copy of the scene that holds the
    cameras alone. Its depsgraph is not an active one, so animation is not written back to the
    objects, and what the user changed without keying it stays. What the cameras depend on
    (parents, targets of constraints, drivers) is evaluated with them, the rest of the scene is not.
    """
    scene = context.scene
    if frame == scene.frame_current:
        yield scene, context.evaluated_depsgraph_get()
        return
    copy = scene.copy()
    try:
        root = copy.collection
        for child in list(root.children):
            root.children.unlink(child)
        for each in list(root.objects):
            root.objects.unlink(each)
        for each in scene.objects:
            if each.type == "CAMERA":
                root.objects.link(each)
        copy.frame_set(frame)
        yield copy, copy.view_layers[0].depsgraph
    finally:
        bpy.data.scenes.remove(copy)
