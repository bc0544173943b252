"""What pressing the button will do, in a line, or what is in the way."""

from __future__ import annotations

from dataclasses import dataclass

import bpy

from ..core.errors import DepthError
from .lens import image_window
from .shot import present_shot
from .stereo import rendered_views


@dataclass(frozen=True)
class Plan:
    """A line on what will be done, or, if that is empty, a sentence on what is in the way."""

    text: str
    problem: str


def plan(scene: bpy.types.Scene) -> Plan:
    """Say what the sidebar's settings of this scene lead to."""
    try:
        return Plan(_text(scene), "")
    except DepthError as error:
        return Plan("", str(error))


def _text(scene: bpy.types.Scene) -> str:
    settings = scene.reconstruct_from_depth
    if settings.source == "FILE":
        if settings.file_error:
            raise DepthError(settings.file_error)
        if not settings.filepath:
            raise DepthError("Choose the OpenEXR file of a render with a Depth pass.")
        size, layer = tuple(settings.file_size), settings.layer or settings.file_layers[0].name
        stamps = {stamp.name: stamp.value for stamp in settings.file_stamps}
        views = [view.name for view in settings.file_views] or [""]
    else:
        size, layer, stamps = image_window(scene.render)[2:], "Depth", {}
        views = rendered_views(scene.render)
        if not any(view_layer.use_pass_z for view_layer in scene.view_layers if view_layer.use):
            layer = "Depth (pass is off now: Render and Reconstruct switches it on)"
    name = settings.camera.name if settings.camera else ""
    shot = present_shot(
        scene,
        stamps,
        name,
        settings.depth_kind,
        settings.view or views[0],
        settings.filepath if settings.source == "FILE" else "",
    )
    kind = shot.kind.value
    if settings.points_from == "POSITION":
        layer, kind = "Position", "world space"
    return f"{size[0]} x {size[1]}, {layer}, {kind}, camera {shot.camera_name}, frame {shot.frame}"
