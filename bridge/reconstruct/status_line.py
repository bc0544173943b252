"""What pressing the button will do, in a line, or what is in the way."""

from __future__ import annotations

from dataclasses import dataclass

import bpy

from ...core.errors import CameraError, DepthError, LayerError
from ...core.exr.passes import COMBINED
from ..cameras.fit_to_image import check_aspect
from ..cameras.lens import image_window
from ..cameras.shot import camera_object_of, present_shot
from ..cameras.stereo import rendered_views
from ..renders.history import last_render, metadata_of_render
from .points import check_output


@dataclass(frozen=True)
class Plan:
    """A line on what will be done, or, if that is empty, a sentence on what is in the way."""

    text: str
    problem: str


def plan(context: bpy.types.Context) -> Plan:
    """Say what the sidebar's settings lead to."""
    try:
        if context.mode != "OBJECT":
            raise DepthError("Switch to Object Mode first.")
        check_output(context.scene.reconstruct_from_depth)
        from_file = context.scene.reconstruct_from_depth.source == "FILE"
        text = _of_file(context.scene) if from_file else _of_render(context.scene)
    except DepthError as error:
        return Plan("", str(error))
    return Plan(text, "")


def _of_file(scene: bpy.types.Scene) -> str:
    settings = scene.reconstruct_from_depth
    if settings.file_error:
        raise DepthError(settings.file_error)
    if not settings.filepath:
        raise DepthError("Choose the OpenEXR file of a render with a Depth pass.")
    if not settings.layer and settings.file_depth_layers == 0:
        raise DepthError("No layer of the file looks like depth; choose one below, in Options.")
    _check_passes(settings)
    size = tuple(settings.file_size)
    if settings.points_from == "DEPTH" and not settings.ignore_aspect:
        check_aspect(scene.render, size)
    metadata = {fingerprint.name: fingerprint.value for fingerprint in settings.file_metadata}
    layer = settings.layer or settings.file_layers[0].name
    view = settings.view or next((each.name for each in settings.file_views), "")
    return _line(scene, size, layer, metadata, view)


def _of_render(scene: bpy.types.Scene) -> str:
    size, view = image_window(scene.render)[2:], scene.reconstruct_from_depth.view
    views = rendered_views(scene.render)
    if view not in views:
        view = next(iter(views), "")
    rendered = last_render()
    if rendered is None:
        text = _line(scene, size, "Depth", {}, view)
        return f"Nothing rendered yet. Render and Reconstruct will take: {text}"
    metadata = metadata_of_render(scene, {})
    for camera in rendered.cameras.values():
        size = (camera.lens.width, camera.lens.height)
    return _line(scene, size, "Depth", metadata, view)


def _check_passes(settings: bpy.types.PropertyGroup) -> None:
    """Those chosen for another file may be missing in this one."""
    known = (COMBINED, *settings.listed_passes(), *settings.file_layers.keys())
    missing = [name for name in settings.chosen_passes() if name not in known]
    if missing:
        raise LayerError(
            f"The file has no pass {', '.join(missing)}, asked for below in Passes as "
            "Attributes; switch it off there."
        )


def _line(
    scene: bpy.types.Scene,
    size: tuple[int, int],
    layer: str,
    metadata: dict[str, str],
    view: str,
) -> str:
    settings = scene.reconstruct_from_depth
    name = settings.camera.name if settings.camera else ""
    shot = present_shot(
        scene,
        metadata,
        name,
        settings.depth_kind,
        view,
        settings.filepath if settings.source == "FILE" else "",
    )
    kind = shot.kind.value
    if settings.points_from == "POSITION":
        layer, kind = "Position", "world space"
    elif camera_object_of(scene, shot).data.type == "CUSTOM":
        raise CameraError(
            f"The lens of {shot.camera_name} is a custom shader; set Points From to Position Pass."
        )
    return f"{size[0]} x {size[1]}, {layer}, {kind}, camera {shot.camera_name}, frame {shot.frame}"
