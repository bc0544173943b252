"""What picks are made on: the depth of an image, in memory, and the camera that took it."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import bpy

from ..core.camera import Camera
from ..core.camera_data import camera_from_data, camera_to_data
from ..core.depth import DepthImage, DepthKind
from ..core.errors import DepthError, LayerError
from ..core.exr import read_depth, read_info
from ..core.layers import ExrInfo, Layer
from .render import render_result_file
from .renders import last_render, shown_slot
from .shot import Shot, camera_of_shot, find_shot, within_clip
from .stereo import camera_of_view, view_in_file

NO_DEPTH_PASS = (
    "The Render Result has no depth: enable it in View Layer Properties > Passes > Data (Depth or "
    "Z) and render again."
)
KEPT = 3
"""Depth images that stay in memory; 40 MB each at 4K."""


@dataclass(frozen=True)
class SourceKey:
    """Which depth; `filepath` is empty for the Render Result, `view` for the first or only one."""

    filepath: str
    view: str = ""


@dataclass(frozen=True, eq=False)
class PickSource:
    """Depth with its camera, in plain data that outlives undo.

    Attributes
    ----------
    key : SourceKey
    stamp : str
        What tells this state of the file, or this render, from others.
    layer, view : str
        The layer's label and the view that were read.
    camera_name : str
    frame : int
    depth : DepthImage
    camera : Camera
    notes : tuple of str
        What is worth saying about it.
    serial : int
        Another for every source that ever was.
    """

    key: SourceKey
    stamp: str
    layer: str
    view: str
    camera_name: str
    frame: int
    depth: DepthImage
    camera: Camera
    notes: tuple[str, ...]
    serial: int = field(init=False, default_factory=itertools.count().__next__)

    @property
    def camera_text(self) -> str:
        """The camera as JSON."""
        return json.dumps(camera_to_data(self.camera))


_loaded: OrderedDict[tuple[int, SourceKey], PickSource] = OrderedDict()


def stamp_of(filepath: str) -> str:
    """What tells the present state of a file, or of the Render Result, from others."""
    if not filepath:
        rendered = last_render()
        return rendered.stamp if rendered else f"slot {shown_slot()}"
    try:
        status = os.stat(bpy.path.abspath(filepath))
    except OSError:
        return "missing"
    return f"{status.st_size}:{status.st_mtime_ns}"


def loaded_source(scene: bpy.types.Scene, key: SourceKey) -> PickSource | None:
    """The source if it is in memory, without a look at the disk."""
    return _loaded.get((scene.session_uid, key))


def load_source(context: bpy.types.Context, key: SourceKey, camera: str = "") -> PickSource:
    """The source as it is now: from memory, or read if it changed.

    A file that was picked on before, and is still the same, keeps the camera of that time.

    Raises
    ------
    DepthError
        There is no such depth, or no such camera.
    """
    scene, stamp = context.scene, stamp_of(key.filepath)
    slot = (scene.session_uid, key)
    found = _loaded.get(slot)
    if found is None or found.stamp != stamp or camera not in ("", found.camera_name):
        with busy_cursor(context):
            found = _read(context, key, stamp, camera)
    elif key.filepath:
        found = _with_present_camera(context, found)
    found = _with_camera_of_shot(scene, found)
    _loaded[slot] = found
    _loaded.move_to_end(slot)
    while len(_loaded) > KEPT:
        _loaded.popitem(last=False)
    return found


def reload_source(context: bpy.types.Context, key: SourceKey, camera: str = "") -> PickSource:
    """The source read anew, with the camera as it is now."""
    with busy_cursor(context):
        found = _read(context, key, stamp_of(key.filepath), camera)
    _loaded[context.scene.session_uid, key] = found
    return found


def forget_sources() -> None:
    """Free the memory."""
    _loaded.clear()


@contextlib.contextmanager
def busy_cursor(context: bpy.types.Context) -> Iterator[None]:
    """Show that Blender is busy."""
    window = context.window
    if window is None:
        yield
        return
    window.cursor_modal_set("WAIT")
    try:
        yield
    finally:
        window.cursor_modal_restore()


def _read(context: bpy.types.Context, key: SourceKey, stamp: str, camera: str) -> PickSource:
    with _file(context.scene, key.filepath) as path:
        info = read_info(path)
        if not key.filepath and not info.depth_layers():
            raise LayerError(NO_DEPTH_PASS)
        layer, notes = _layer(context, info, key)
        view = layer.view or key.view
        shot = find_shot(context, info.attributes, camera, "AUTO", view, key.filepath)
        depth = read_depth(info, layer, kind=shot.kind)
    fitted, camera_notes = _camera(context, key, shot, depth.size)
    depth = within_clip(depth, shot, fitted)
    return PickSource(
        key=key,
        stamp=stamp,
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
    context: bpy.types.Context, info: ExrInfo, key: SourceKey
) -> tuple[Layer, tuple[str, ...]]:
    """The layer chosen in the sidebar for this file, else the view layer's own, else the only."""
    settings = context.scene.reconstruct_from_depth
    candidates = info.depth_layers()
    labels = {each.label for each in candidates}
    same = key.filepath and _same_file(key.filepath, settings.filepath)
    name = settings.layer if same else ""
    own = f"{context.view_layer.name}.Depth"
    notes = ()
    if not name and len(labels) > 1 and own in labels:
        name, notes = own, (f"The image holds several depth layers: used {own}.",)
    views = {each.view for each in candidates}
    view = view_in_file(context.scene.render, info.views, key.view)
    view = view or (next(each for each in info.views if each in views) if info.views else "")
    return info.depth_layer(name, view), notes


def _same_file(one: str, other: str) -> bool:
    return os.path.normpath(bpy.path.abspath(one)) == os.path.normpath(bpy.path.abspath(other))


def _camera(
    context: bpy.types.Context, key: SourceKey, shot: Shot, size: tuple[int, int]
) -> tuple[Camera, tuple[str, ...]]:
    """For the Render Result the camera as it was when the render ended, if that is known."""
    rendered = None if key.filepath else last_render()
    by = context.scene.objects.get(rendered.camera_name) if rendered else None
    view_by = camera_of_view(by, context.scene, shot.view).name if by else ""
    if rendered and (view_by, rendered.frame) == (shot.camera_name, shot.frame):
        camera = rendered.cameras.get(shot.view)
        if camera and (camera.lens.width, camera.lens.height) == size:
            return camera, ()
    ignore_aspect = context.scene.reconstruct_from_depth.ignore_aspect
    return camera_of_shot(context, shot, size, ignore_aspect)


def _with_present_camera(context: bpy.types.Context, source: PickSource) -> PickSource:
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


def _with_camera_of_shot(scene: bpy.types.Scene, source: PickSource) -> PickSource:
    for shot in reversed(scene.depth_picks.shots):  # the last is the one last recomputed
        if is_shot_of(shot, source) and shot.stamp == source.stamp:
            camera = camera_from_data(json.loads(shot.camera_data))
            depth = replace(source.depth, kind=DepthKind(shot.kind))
            return replace(source, camera=camera, depth=depth)
    return source


def is_shot_of(shot: bpy.types.PropertyGroup, source: PickSource) -> bool:
    """Whether a shot of the scene is this image, perhaps in another state."""
    return (
        same_path(shot.filepath, source.key.filepath)
        and shot.layer == source.layer
        and shot.view == source.view
        and (shot.camera, shot.frame) == (source.camera_name, source.frame)
    )


def same_path(one: str, other: str) -> bool:
    """Whether two shots' files are one, or both the Render Result."""
    return one == other or (bool(one) and bool(other) and _same_file(one, other))
