"""The camera that operators work on, and what it sees at the current frame."""

from __future__ import annotations

import bpy

from ...core.cameras.camera import Camera
from ...core.errors import CameraError
from ..settings import temporary_settings
from .at_frame import FrameEvaluator
from .from_object import camera_from_object


def active_camera(context: bpy.types.Context) -> bpy.types.Object | None:
    """The active object if it is a camera, else the scene's active camera."""
    item = context.object
    return item if item is not None and item.type == "CAMERA" else context.scene.camera


def camera_named(context: bpy.types.Context, name: str) -> bpy.types.Object:
    """The scene's camera object of a name; the active camera for no name.

    Raises
    ------
    CameraError
        There is no such camera.
    """
    item = context.scene.objects.get(name) if name else active_camera(context)
    if item is None or item.type != "CAMERA":
        missing = f"no camera named '{name}'" if name else "no active camera"
        names = ", ".join(f"'{each.name}'" for each in context.scene.objects if _is_camera(each))
        raise CameraError(f"The scene has {missing}; choose one of: {names or 'none (add one)'}.")
    return item


def present_camera(context: bpy.types.Context, item: bpy.types.Object) -> Camera:
    """A camera at the scene's frame and resolution; of a stereo render, between the eyes.

    Raises
    ------
    CameraError
        The lens is a custom shader.
    """
    with FrameEvaluator(context) as evaluator:
        at = evaluator.at(item, context.scene.frame_current)
        with temporary_settings(at.scene.render, use_multiview=False):
            return camera_from_object(item, at.scene, at.depsgraph)


def _is_camera(item: bpy.types.Object) -> bool:
    return bool(item.type == "CAMERA")
