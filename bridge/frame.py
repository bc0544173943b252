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

    A driver that reads the frame from the scene itself would read the present one there. If there
    is any, the scene goes to the frame and back instead, and what was not keyed is lost.
    """
    scene, present = context.scene, (context.scene.frame_current, context.scene.frame_subframe)
    if (frame, 0.0) == present:
        yield scene, context.evaluated_depsgraph_get()
    elif _drivers_read_frame_of(scene):
        scene.frame_set(frame)
        try:
            yield scene, context.evaluated_depsgraph_get()
        finally:
            scene.frame_set(present[0], subframe=present[1])
    else:
        with _copy_of_cameras(scene) as copy:
            copy.frame_set(frame)
            yield copy, copy.view_layers[0].depsgraph


@contextlib.contextmanager
def _copy_of_cameras(scene: bpy.types.Scene) -> Iterator[bpy.types.Scene]:
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
        yield copy
    finally:
        bpy.data.scenes.remove(copy)


def _drivers_read_frame_of(scene: bpy.types.Scene) -> bool:
    """Whether a driver of any object, or of an object's data, has this scene's frame as input."""
    owners = {*bpy.data.objects, *(item.data for item in bpy.data.objects if item.data)}
    return any(
        target.id == scene and target.data_path.startswith("frame_")
        for owner in owners
        if owner.animation_data
        for curve in owner.animation_data.drivers
        for variable in curve.driver.variables
        for target in variable.targets
    )
