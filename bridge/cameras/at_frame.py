"""A scene's camera as it is at another frame, while the scene stays at its own."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import bpy


@contextlib.contextmanager
def camera_at_frame(
    context: bpy.types.Context, camera_object: bpy.types.Object, frame: int
) -> Iterator[tuple[bpy.types.Scene, bpy.types.Depsgraph]]:
    """Give a scene and its depsgraph, in which the camera is evaluated at `frame`.

    The present frame is taken with its subframe, as metadata in files leave it out.

    At another frame, and for a camera that is not evaluated in the scene (it is hidden, or its
    collection is excluded), it is a temporary copy of the scene that holds that camera alone. Its
    depsgraph is not an active one, so animation is not written back to the objects, and what the
    user changed without keying it stays. What the camera depends on (parents, targets of
    constraints, drivers) is evaluated with it, the rest of the scene is not. The user's handlers of
    frame changes run, with the copy as their scene.

    A driver that reads the frame from the scene itself would read the present one there. If there
    is any, the scene goes to the frame and back instead, and what was not keyed is lost.
    """
    scene, present = context.scene, (context.scene.frame_current, context.scene.frame_subframe)
    here = frame == present[0]
    if not here and _drivers_read_frame_of(scene):
        scene.frame_set(frame)
        try:
            with camera_at_frame(context, camera_object, frame) as evaluated:
                yield evaluated
        finally:
            scene.frame_set(present[0], subframe=present[1])
        return
    depsgraph = context.evaluated_depsgraph_get()
    if here and camera_object.evaluated_get(depsgraph).is_evaluated:
        yield scene, depsgraph
        return
    with _copy_for(scene, camera_object) as copy:
        copy.frame_set(frame, subframe=present[1] if here else 0.0)
        yield copy, copy.view_layers[0].depsgraph


@contextlib.contextmanager
def _copy_for(scene: bpy.types.Scene, camera_object: bpy.types.Object) -> Iterator[bpy.types.Scene]:
    copy = scene.copy()
    try:
        root = copy.collection
        for child in list(root.children):
            root.children.unlink(child)
        for each in list(root.objects):
            root.objects.unlink(each)
        copy.timeline_markers.clear()  # which would make another camera the active one
        copy.camera = camera_object  # evaluated even where it is hidden
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
