"""The line below the buttons: what they will do, or what prevents it."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

import bpy

from ...core.errors import CameraError, DepthError, LayerError
from ...core.exr.pass_names import COMBINED
from ...core.exr.shot_metadata import ShotMetadata
from ...core.files.checks import check_chosen
from ...core.pipeline.file_camera import camera_for_image
from ...core.pipeline.options import Output, PointsFrom, check_output
from ...core.pipeline.shot import Basis, Shot
from ..cameras.described import described_shot
from ..cameras.fit_to_image import check_aspect
from ..cameras.lens import image_size
from ..cameras.shot import CameraFrom, ShotRequest, camera_object_of, present_shot
from ..cameras.stereo import rendered_views
from ..renders.history import last_render
from ..renders.metadata import Metadata, metadata_of_attributes, metadata_of_render, with_shot
from ..scene.point_cloud import check_point_clouds


@dataclass(frozen=True)
class StatusLine:
    """What a button will do, or what prevents it.

    Attributes
    ----------
    text : str
        A line on what will be done; empty if there is a problem.
    basis : str
        A sentence on how the camera, the frame, and the rest of the shot are known.
    problem : str
        A sentence on what prevents it.
    """

    text: str = ""
    basis: str = ""
    problem: str = ""


def status_line(context: bpy.types.Context) -> StatusLine:
    """Describe what the buttons will do with the sidebar's settings."""
    settings = context.scene.reconstruct_from_depth
    try:
        if context.mode != "OBJECT":
            raise DepthError("Switch to Object Mode first.")
        check_output(Output[settings.output], settings.voxel_size)
        if settings.output == "POINT_CLOUD":
            check_point_clouds()
        from_file = settings.source == "FILE"
        return _of_file(context.scene) if from_file else _of_render(context.scene)
    except DepthError as error:
        return StatusLine(problem=str(error))


def _of_file(scene: bpy.types.Scene) -> StatusLine:
    settings = scene.reconstruct_from_depth
    if settings.file_error:
        raise DepthError(settings.file_error)
    if not settings.filepath:
        raise DepthError("Choose the file with the depth of a render, such as OpenEXR.")
    if not settings.layer and settings.file_depth_layers == 0:
        raise DepthError("No layer of the file looks like depth; choose one below, in Options.")
    _check_values(settings)
    _check_passes(settings)
    size = tuple(settings.file_size)
    metadata = _metadata_of_file(settings, size)
    layer = settings.layer or settings.file_layers[0].name
    view = settings.view or next((each.name for each in settings.file_views), "")
    return _line(scene, size, layer, metadata, view)


def _metadata_of_file(settings: bpy.types.PropertyGroup, size: tuple[int, int]) -> Metadata:
    """What was read when the file was chosen."""
    attributes = {entry.name: entry.value for entry in settings.file_metadata}
    shot = settings.file_shot
    return replace(
        with_shot(
            metadata_of_attributes(attributes),
            ShotMetadata.from_data(json.loads(shot)) if shot else None,
        ),
        problem=settings.file_shot_problem,
        matrices=json.loads(settings.file_matrices or "{}"),
        size=size,
    )


def _of_render(scene: bpy.types.Scene) -> StatusLine:
    size, view = image_size(scene.render), scene.reconstruct_from_depth.view
    views = rendered_views(scene.render)
    if view not in views:
        view = next(iter(views), "")
    rendered = last_render()
    if rendered is None:
        text = _line(scene, size, "Depth", Metadata(Basis.RENDER), view).text
        return StatusLine(f"Nothing is rendered yet. Render and Reconstruct will use: {text}")
    metadata = metadata_of_render(scene, {})
    for camera in rendered.cameras.values():
        size = (camera.lens.width, camera.lens.height)
    return _line(scene, size, "Depth", metadata, view, seen=bool(rendered.cameras))


def _check_values(settings: bpy.types.PropertyGroup) -> None:
    """Raise unless everything that the file does not say about its numbers is chosen."""
    encoding = settings.chosen_encoding(settings.id_data)
    if settings.file_title:
        name = bpy.path.basename(settings.filepath)
        check_chosen(name, settings.file_title, encoding, settings.chosen_kind())
    if settings.file_refusal and not settings.allow_any_depth:
        raise DepthError(settings.file_refusal)


def _check_passes(settings: bpy.types.PropertyGroup) -> None:
    """Raise if a chosen pass is missing, which happens if it was chosen for another file."""
    known = (COMBINED, *settings.listed_passes(), *settings.file_layers.keys())
    missing = [name for name in settings.chosen_passes() if name not in known]
    if missing:
        raise LayerError(
            f"The file has no pass {', '.join(missing)}, which is chosen below in Passes as "
            "Attributes; switch it off there."
        )


def _line(
    scene: bpy.types.Scene,
    size: tuple[int, int],
    layer: str,
    metadata: Metadata,
    view: str,
    seen: bool = False,
) -> StatusLine:
    """Describe what will be read; `seen` is whether the camera was seen when it rendered."""
    settings = scene.reconstruct_from_depth
    name = settings.camera.name if settings.camera else ""
    filepath = settings.filepath if settings.source == "FILE" else ""
    request = ShotRequest(
        filepath=filepath,
        camera_name=name,
        override_camera=settings.override_camera,
        frame=settings.chosen_frame(),
        view=view,
        kind=settings.chosen_kind(),
        camera_from=CameraFrom[settings.camera_from if filepath else "AUTOMATIC"],
    )
    described = described_shot(scene, metadata, request)
    shot = described.shot if described else present_shot(scene, metadata, request)
    kind, is_corrected = shot.kind.value, settings.corrected_camera() is not None
    if settings.points_from == PointsFrom.POSITION.name:
        layer, kind = "Position", "world space"
    elif is_corrected:
        pass  # the scene's camera and its aspect do not matter
    elif described is not None:
        camera_for_image(described.camera, size)
    else:
        _check_scene_camera(scene, shot, size if filepath else None)
    basis = replace(shot.basis, pose=Basis.RENDER) if seen else shot.basis
    if is_corrected:
        basis = replace(basis, pose=Basis.CHOSEN)
    values = settings.values_text() if filepath else ""
    if values:
        kind, basis = f"{kind} {values}", replace(basis, unit=Basis.CHOSEN)
    text = f"{size[0]} x {size[1]}, {layer}, {kind}, "
    text += f"{replace(shot, basis=basis).camera_text}, frame {shot.frame}"
    return StatusLine(text, f"{metadata.problem} {basis}".strip())


def _check_scene_camera(scene: bpy.types.Scene, shot: Shot, size: tuple[int, int] | None) -> None:
    """Raise what is in the way of the scene's camera; `size` is that of a file's image."""
    if size is not None and not scene.reconstruct_from_depth.ignore_aspect:
        check_aspect(scene.render, size)
    if camera_object_of(scene, shot).data.type == "CUSTOM":
        raise CameraError(
            f"The lens of {shot.camera_name} is a custom shader; set Points From to Position Pass."
        )
