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
from .render import STILL_RENDERING, render_result_file
from .renders import forgetters, is_rendering, last_render, render_stamp
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

    @property
    def title(self) -> str:
        """What to call the image with the depth."""
        return bpy.path.basename(self.filepath) or "Render Result"


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
    def title(self) -> str:
        """Whose depth it is: the file or the Render Result, the layer, and the view."""
        return ", ".join(filter(None, (self.key.title, self.layer, self.view)))

    @property
    def camera_text(self) -> str:
        """The camera as JSON."""
        return json.dumps(camera_to_data(self.camera))


@dataclass(frozen=True)
class _Request:
    """All that decides what is read, and with which camera; an empty name is for automatic."""

    scene: int
    key: SourceKey
    camera: str
    layer: str
    ignore_aspect: bool


_loaded: OrderedDict[_Request, PickSource] = OrderedDict()
_told: set[tuple[str, tuple[str, ...]]] = set()


def _request(scene: bpy.types.Scene, key: SourceKey, camera: str, layer: str = "") -> _Request:
    """With the layer chosen in the sidebar for this file, if none is given."""
    settings = scene.reconstruct_from_depth
    if not layer and key.filepath and settings.layer and _same_file(key.filepath,
                                                                    settings.filepath):  # fmt: skip
        layer = settings.layer
    return _Request(scene.session_uid, key, camera, layer, settings.ignore_aspect)


def stamp_of(filepath: str, scene: bpy.types.Scene | None = None) -> str:
    """What tells the present state of a file, or of a scene's Render Result, from others."""
    if not filepath:
        return render_stamp(scene)
    try:
        status = os.stat(bpy.path.abspath(filepath))
    except OSError:
        return "missing"
    return f"{status.st_size}:{status.st_mtime_ns}"


def loaded_source(scene: bpy.types.Scene, key: SourceKey) -> PickSource | None:
    """The source if it is in memory, without a look at the disk."""
    return _loaded.get(_request(scene, key, ""))


def load_source(context: bpy.types.Context, key: SourceKey, camera: str = "") -> PickSource:
    """The source as it is now: from memory, or read if it changed.

    A file that was picked on before, and is still the same, keeps the camera of that time.

    Raises
    ------
    DepthError
        There is no such depth, or no such camera, or a render is running.
    """
    if not key.filepath and is_rendering():
        raise DepthError(STILL_RENDERING)
    scene, stamp = context.scene, stamp_of(key.filepath, context.scene)
    request = _request(scene, key, camera)
    found = _loaded.get(request)
    if found is None or found.stamp != stamp:
        with busy_cursor(context):
            found = _read(context, request, stamp)
    elif key.filepath:
        found = _with_present_camera(context, found)
    found = _with_camera_of_shot(scene, found)
    _keep(request, found)
    return found


def _keep(request: _Request, source: PickSource) -> None:
    _loaded[request] = source
    _loaded.move_to_end(request)
    while len(_loaded) > KEPT:
        _loaded.popitem(last=False)


def reload_source(
    context: bpy.types.Context, key: SourceKey, camera: str = "", layer: str = ""
) -> PickSource:
    """The source read anew, with the camera as it is now; an empty `layer` is for automatic.

    Raises
    ------
    DepthError
        As `load_source` does.
    """
    request = _request(context.scene, key, camera, layer)
    with busy_cursor(context):
        found = _read(context, request, stamp_of(key.filepath, context.scene))
    for other, old in list(_loaded.items()):  # editors may show it by another request
        if (other.scene, other.key) == (request.scene, key) and _is_same_shot(old, found):
            _loaded[other] = found
    _keep(request, found)
    return found


def _is_same_shot(one: PickSource, other: PickSource) -> bool:
    return all(
        getattr(one, name) == getattr(other, name)
        for name in ("layer", "view", "camera_name", "frame")
    )


def new_notes(source: PickSource) -> str:
    """What is worth saying about a source, the first time that it is asked for; else empty."""
    news = (source.stamp, source.notes)
    if news in _told:
        return ""
    _told.add(news)
    return " ".join(source.notes)


def forget_sources() -> None:
    """Free the memory."""
    _loaded.clear()
    _told.clear()


forgetters.append(forget_sources)


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


def _read(context: bpy.types.Context, request: _Request, stamp: str) -> PickSource:
    key = request.key
    with _file(context.scene, key.filepath) as path:
        info = read_info(path)
        if not key.filepath and not info.depth_layers():
            raise LayerError(NO_DEPTH_PASS)
        layer, notes = _layer(context, info, request)
        view = layer.view or key.view
        stamps = info.attributes if key.filepath else _stamps_of_render(context, info)
        shot = find_shot(context, stamps, request.camera, "AUTO", view, key.filepath)
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
    context: bpy.types.Context, info: ExrInfo, request: _Request
) -> tuple[Layer, tuple[str, ...]]:
    """The layer that is asked for, else the view layer's own, else the only."""
    candidates = info.depth_layers()
    labels = {each.label for each in candidates}
    name = request.layer
    own = f"{context.view_layer.name}.Depth"
    notes = ()
    if not name and len(labels) > 1 and own in labels:
        name, notes = own, (f"The image holds several depth layers: used {own}.",)
    views = {each.view for each in candidates}
    view = view_in_file(context.scene.render, info.views, request.key.view)
    view = view or (next(each for each in info.views if each in views) if info.views else "")
    return info.depth_layer(name, view), notes


def _stamps_of_render(context: bpy.types.Context, info: ExrInfo) -> dict[str, str]:
    """Blender stamps what the scene has when the Render Result is saved, not when it rendered."""
    rendered = last_render(context.scene)
    stamps = dict(info.attributes)
    if rendered is not None:
        stamps["Frame"] = str(rendered.frame)
        stamps["Camera"] = rendered.camera_name or stamps.get("Camera", "")
    return stamps


def _same_file(one: str, other: str) -> bool:
    return os.path.normpath(bpy.path.abspath(one)) == os.path.normpath(bpy.path.abspath(other))


def _camera(
    context: bpy.types.Context, key: SourceKey, shot: Shot, size: tuple[int, int]
) -> tuple[Camera, tuple[str, ...]]:
    """For the Render Result the camera as it was when the render began, if that is known."""
    rendered = None if key.filepath else last_render(context.scene)
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
        if shot.stamp and shot.stamp == source.stamp and is_shot_of(shot, source):
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
