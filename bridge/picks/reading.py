"""Read what picks are made on: the layer of depth, and the camera that took it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import replace

import bpy

from ...core.cameras.camera import Camera
from ...core.depth.clipping import within_clip
from ...core.errors import DepthError, LayerError
from ...core.exr.layers import ExrInfo, Layer
from ...core.exr.reader import read_depth, read_info
from ..cameras.shot import Shot, camera_of_shot, find_shot
from ..cameras.stereo import view_in_file
from ..renders.history import last_render, metadata_of_render
from ..renders.result_file import render_result_file
from .source import PickSource, SourceKey

NO_DEPTH_PASS = (
    "The Render Result has no depth: enable it in View Layer Properties > Passes > Data (Depth or "
    "Z) and render again."
)


def read_source(
    context: bpy.types.Context, key: SourceKey, camera: str, layer_name: str, fingerprint: str
) -> PickSource:
    """Read depth, and find the camera; an empty name of a camera or a layer is for automatic.

    Raises
    ------
    DepthError
        There is no such depth, or no such camera, or a render is running.
    """
    with _file(context.scene, key.filepath) as path:
        info = read_info(path)
        if not key.filepath and not info.depth_layers():
            raise LayerError(NO_DEPTH_PASS)
        layer, notes = _layer(context, info, layer_name, key.view)
        view = layer.view or key.view
        metadata = info.attributes
        if not key.filepath:
            metadata = metadata_of_render(context.scene, metadata)
        shot = find_shot(context, metadata, camera, "AUTO", view, key.filepath)
        depth = read_depth(info, layer, kind=shot.kind)
    fitted, camera_notes = _camera(context, key, shot, depth.size)
    depth = within_clip(depth, shot.clip, fitted)
    return PickSource(
        key=key,
        fingerprint=fingerprint,
        layer=layer.label,
        view=shot.view,
        camera_name=shot.camera_name,
        frame=shot.frame,
        depth=depth,
        camera=fitted,
        notes=(*shot.notes, *camera_notes, *notes),
    )


@contextlib.contextmanager
def _file(scene: bpy.types.Scene, filepath: str) -> Iterator[str]:
    if filepath:
        yield bpy.path.abspath(filepath)
    else:
        with render_result_file(scene) as path:
            yield path


def _layer(
    context: bpy.types.Context, info: ExrInfo, name: str, view: str
) -> tuple[Layer, tuple[str, ...]]:
    """The layer that is asked for, else the view layer's own, else the only."""
    candidates = info.depth_layers()
    labels = {each.label for each in candidates}
    own = f"{context.view_layer.name}.Depth"
    notes = ()
    if not name and len(labels) > 1 and own in labels:
        name, notes = own, (f"The image holds several depth layers: used {own}.",)
    views = {each.view for each in candidates}
    view = view_in_file(context.scene.render, info.views, view)
    view = view or (next(each for each in info.views if each in views) if info.views else "")
    return info.depth_layer(name, view), notes


def _camera(
    context: bpy.types.Context, key: SourceKey, shot: Shot, size: tuple[int, int]
) -> tuple[Camera, tuple[str, ...]]:
    """For the Render Result the camera as it was when the render began, if that is known."""
    rendered = None if key.filepath else last_render(context.scene)
    by = rendered.names.get(shot.view) if rendered else None
    if rendered and (by, rendered.frame) == (shot.camera_name, shot.frame):
        camera = rendered.cameras.get(shot.view)
        if camera and (camera.lens.width, camera.lens.height) == size:
            return camera, ()
    ignore_aspect = context.scene.reconstruct_from_depth.ignore_aspect
    return camera_of_shot(context, shot, size, ignore_aspect)


def with_present_camera(context: bpy.types.Context, source: PickSource) -> PickSource:
    """A file's camera may have been moved into place since the file was read."""
    if source.frame != context.scene.frame_current:
        return source
    kind = source.depth.kind
    try:
        info = read_info(bpy.path.abspath(source.key.filepath))
        shot = find_shot(
            context,
            info.attributes,
            source.camera_name,
            kind.name,
            source.view,
            source.key.filepath,
        )
        settings = context.scene.reconstruct_from_depth
        camera, _ = camera_of_shot(context, shot, source.depth.size, settings.ignore_aspect)
    except DepthError:
        return source
    return replace(source, camera=camera)
