"""The sources of picks that are in memory: read when they are asked for, and when they changed."""

from __future__ import annotations

import contextlib
import json
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, replace

import bpy

from ...core.cameras.serialization import camera_from_data
from ...core.depth.image import DepthKind
from ...core.errors import DepthError
from ...core.pipeline.focal_length import depth_for_camera
from ..renders.history import is_rendering
from ..renders.result_file import STILL_RENDERING
from ..session import register_cache, size_of
from ..sources.depth_values import depth_reading_state
from ..sources.paths import same_path
from .reading import read_source, with_present_camera
from .source import PickSource, SourceKey, fingerprint_of, is_shot_of

KEPT = 3
"""Depth images that stay in memory; 40 MB each at 4K."""


@dataclass(frozen=True)
class _Request:
    """All that decides what is read, and with which camera; an empty name is for automatic.

    The view layer at hand decides which layer is automatic.
    """

    scene: int
    key: SourceKey
    camera: str
    layer: str
    view_layer: str
    ignore_aspect: bool
    override_camera: bool
    camera_from: str
    depth_reading: str


_loaded: OrderedDict[_Request, PickSource] = OrderedDict()
_reported: set[tuple[str, tuple[str, ...]]] = set()


def _request(scene: bpy.types.Scene, key: SourceKey, camera: str, layer: str = "") -> _Request:
    """With the camera and the layer chosen in the sidebar for this file, if none is given."""
    settings = scene.reconstruct_from_depth
    if key.filepath and same_path(key.filepath, settings.filepath):
        layer = layer or settings.layer
        camera = camera or (settings.camera.name if settings.camera else "")
    own = "" if layer else bpy.context.view_layer.name
    reading = depth_reading_state(scene, key.filepath)
    return _Request(
        scene=scene.session_uid,
        key=key,
        camera=camera,
        layer=layer,
        view_layer=own,
        ignore_aspect=settings.ignore_aspect,
        override_camera=settings.override_camera,
        camera_from=settings.camera_from if key.filepath else "",
        depth_reading=reading,
    )


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
    scene, fingerprint = context.scene, fingerprint_of(key.filepath, context.scene)
    request = _request(scene, key, camera)
    found = _loaded.get(request)
    if found is None or found.fingerprint != fingerprint:
        with busy_cursor(context):
            found = read_source(context, key, request.camera, request.layer, fingerprint)
    elif key.filepath:
        found = with_present_camera(context, found)
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
    fingerprint = fingerprint_of(key.filepath, context.scene)
    with busy_cursor(context):
        found = read_source(context, key, request.camera, request.layer, fingerprint)
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
    """What the user should know about a source, the first time that it is asked for; else empty."""
    news = (source.fingerprint, source.notes)
    if news in _reported:
        return ""
    _reported.add(news)
    return " ".join(source.notes)


def forget_sources() -> None:
    """Free the memory."""
    _loaded.clear()
    _reported.clear()


register_cache(
    __name__,
    "_loaded",
    "_reported",
    title="Depth Images to Pick On",
    limit="3 images, 40 MB each at 4K",
    dropped="When others are picked on, a render slot is removed, or another file is loaded.",
    held_bytes=lambda: size_of((_loaded, _reported)),
    free=forget_sources,
)


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


def _with_camera_of_shot(scene: bpy.types.Scene, source: PickSource) -> PickSource:
    for shot in reversed(scene.depth_picks.shots):  # the last is the one last recomputed
        if shot.fingerprint and shot.fingerprint == source.fingerprint and is_shot_of(shot, source):
            camera = camera_from_data(json.loads(shot.camera_data))
            depth = replace(source.depth, kind=DepthKind(shot.kind))
            return replace(source, camera=camera, depth=depth_for_camera(depth, camera))
    return source
