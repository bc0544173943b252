"""Read what picks are made on: the depth of an image, and the camera that took it."""

from __future__ import annotations

from dataclasses import replace

import bpy

from ...core.depth.clipping import within_clip
from ...core.errors import CameraError, DepthError
from ...core.pipeline.focal_length import depth_for_camera
from ...core.pipeline.options import PointsFrom, ReconstructionOptions
from ..cameras.shot import CameraFrom
from ..renders.result_file import depth_file
from ..sources.depth_values import depth_reading
from ..sources.source import SourceRequest, find_source
from .source import PickSource, SourceKey


def read_source(
    context: bpy.types.Context, key: SourceKey, camera: str, layer: str, fingerprint: str
) -> PickSource:
    """Read depth, and find the camera; an empty name of a camera or a layer is for automatic.

    Raises
    ------
    DepthError
        There is no such depth, or no such camera, or a render is running.
    """
    request = _request(context, key, camera, layer)
    with depth_file(context.scene, key.filepath) as path:
        source = find_source(context, request, path)
        depth = source.read_depth()
    if source.camera is None:
        raise CameraError("The depth has no camera; choose the one that rendered the image.")
    if source.shot.clip is not None:
        depth = within_clip(depth, source.shot.clip, source.camera)
    return PickSource(
        key=key,
        fingerprint=fingerprint,
        layer=source.layers.depth.label,
        view=source.shot.view,
        camera_name=source.shot.camera_name,
        frame=source.shot.frame,
        depth=depth,
        camera=source.camera,
        notes=tuple(note.text for note in source.notes),
    )


def with_present_camera(context: bpy.types.Context, source: PickSource) -> PickSource:
    """A file's camera may have been moved into place since the file was read."""
    if source.frame != context.scene.frame_current:
        return source
    path = bpy.path.abspath(source.key.filepath)
    try:
        request = _request(context, source.key, source.camera_name, source.layer)
        options = replace(request.options, view=source.view, depth_kind=source.depth.kind)
        request = replace(request, options=options)
        camera = find_source(context, request, path, needs_pixels=False).camera
        if camera is None:
            return source
        return replace(source, camera=camera, depth=depth_for_camera(source.depth, camera))
    except DepthError:
        return source


def _request(context: bpy.types.Context, key: SourceKey, camera: str, layer: str) -> SourceRequest:
    settings = context.scene.reconstruct_from_depth
    reading = depth_reading(context.scene, key.filepath)
    options = ReconstructionOptions(
        layer=layer,
        view=key.view,
        points_from=PointsFrom.DEPTH,
        depth_kind=reading.kind,
        encoding=reading.encoding,
        allow_any_depth=reading.allow_any_depth,
        passes=(),
    )
    return SourceRequest(
        filepath=key.filepath,
        camera_name=camera,
        override_camera=settings.override_camera,
        ignore_aspect=settings.ignore_aspect,
        camera_from=CameraFrom[settings.camera_from if key.filepath else "AUTOMATIC"],
        options=options,
    )
