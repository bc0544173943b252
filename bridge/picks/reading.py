"""Read what picks are made on: the depth of an image, and the camera that took it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import bpy

from ...core.depth.clipping import within_clip
from ...core.errors import CameraError
from ...core.pipeline.focal_length import depth_for_camera
from ...core.pipeline.options import PointsFrom, ReconstructionOptions
from ..renders.result_file import depth_file
from ..sources.depth_values import corrected_camera_text, depth_reading, reading_state
from ..sources.source import SourceRequest, find_source
from .source import PickSource, SourceKey


@dataclass(frozen=True)
class PickRequest:
    """All that decides what is read, and with which camera; an empty name is for automatic.

    The view layer at hand decides which layer is automatic.
    """

    scene: int
    key: SourceKey
    camera: str
    layer: str
    view_layer: str
    frame: int | None
    corrected_camera: str
    ignore_aspect: bool
    override_camera: bool
    camera_from: str
    reading: str


def pick_request(
    scene: bpy.types.Scene, key: SourceKey, camera: str = "", layer: str = ""
) -> PickRequest:
    """With what is chosen in the sidebar for this source; a given camera or layer comes first."""
    settings = scene.reconstruct_from_depth
    is_chosen = settings.is_chosen(key.filepath)
    if is_chosen:
        layer = layer or (settings.layer if key.filepath else "")
        camera = camera or (settings.camera.name if settings.camera else "")
    return PickRequest(
        scene=scene.session_uid,
        key=key,
        camera=camera,
        layer=layer,
        view_layer="" if layer else bpy.context.view_layer.name,
        frame=settings.chosen_frame() if is_chosen else None,
        corrected_camera=corrected_camera_text(scene, key.filepath),
        ignore_aspect=settings.ignore_aspect,
        override_camera=settings.override_camera,
        camera_from=settings.camera_from if key.filepath else "",
        reading=reading_state(scene, key.filepath),
    )


def read_source(context: bpy.types.Context, request: PickRequest, fingerprint: str) -> PickSource:
    """Read depth, and find the camera, by the same rules as a reconstruction.

    Raises
    ------
    DepthError
        There is no such depth, or no such camera, or a render is running.
    """
    asked = _source_request(context, request)
    with depth_file(context.scene, request.key.filepath) as path:
        source = find_source(context, asked, path)
        depth = source.read_depth()
    if source.camera is None:
        raise CameraError("The depth has no camera; choose the one that rendered the image.")
    if source.shot.clip is not None:
        depth = within_clip(depth, source.shot.clip, source.camera)
    return PickSource(
        key=request.key,
        fingerprint=fingerprint,
        layer=source.layers.depth.label,
        view=source.shot.view,
        camera_name=source.shot.camera_name,
        frame=source.shot.frame,
        depth=depth,
        camera=source.camera,
        notes=tuple(note.text for note in source.notes),
        mirroring=source.layers.mirroring,
        pose=source.shot.basis.pose,
    )


def with_present_camera(
    context: bpy.types.Context, request: PickRequest, source: PickSource
) -> PickSource:
    """A file's camera may have been moved into place since the file was read.

    Raises
    ------
    DepthError
        There is no such camera any more, or the file cannot be read.
    """
    if source.frame != context.scene.frame_current:
        return source
    asked = _source_request(context, request)
    options = replace(
        asked.options, layer=source.layer, view=source.view, depth_kind=source.depth.kind
    )
    path = bpy.path.abspath(source.key.filepath)
    found = find_source(context, replace(asked, options=options), path, needs_pixels=False)
    if found.camera is None:
        raise CameraError("The depth has no camera; choose the one that rendered the image.")
    depth = depth_for_camera(source.depth, found.camera)
    pose = found.shot.basis.pose
    return replace(source, camera=found.camera, depth=depth, pose=pose)


def _source_request(context: bpy.types.Context, request: PickRequest) -> SourceRequest:
    filepath = request.key.filepath
    reading = depth_reading(context.scene, filepath)
    options = ReconstructionOptions(
        layer=request.layer,
        view=request.key.view,
        points_from=PointsFrom.DEPTH,
        depth_kind=reading.kind,
        encoding=reading.encoding,
        allow_any_depth=reading.allow_any_depth,
        flip_x=reading.mirroring.x,
        flip_y=reading.mirroring.y,
        passes=(),
    )
    settings = context.scene.reconstruct_from_depth
    asked: SourceRequest = settings.source_request(filepath, request.camera, options)
    is_corrected = bool(request.corrected_camera)
    return replace(asked, frame=request.frame, camera=asked.camera if is_corrected else None)
