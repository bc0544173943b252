"""The sources of picks that are in memory: read when they are asked for, and when they changed."""

from __future__ import annotations

import contextlib
import json
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import replace

import bpy

from ...core.cameras.serialization import camera_from_data
from ...core.depth.image import DepthKind
from ...core.errors import DepthError
from ...core.pipeline.focal_length import depth_for_camera
from ..renders.history import is_rendering
from ..renders.result_file import STILL_RENDERING
from ..session import register_cache, size_of
from .reading import PickRequest, pick_request, read_source, with_present_camera
from .source import PickSource, SourceKey, fingerprint_of, is_shot_of

KEPT = 3
"""Depth images that stay in memory; 40 MB each at 4K."""


_loaded: OrderedDict[PickRequest, PickSource] = OrderedDict()
_reported: set[tuple[str, tuple[str, ...]]] = set()


def loaded_source(scene: bpy.types.Scene, key: SourceKey) -> PickSource | None:
    """The source if it is in memory, without a look at the disk."""
    return _loaded.get(pick_request(scene, key))


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
    request = pick_request(scene, key, camera)
    found = _loaded.get(request)
    if found is None or found.fingerprint != fingerprint:
        with busy_cursor(context):
            found = read_source(context, request, fingerprint)
        found = _with_camera_of_shot(scene, found) or found
    else:
        known = _with_camera_of_shot(scene, found)
        if known is None and key.filepath:
            known = with_present_camera(context, request, found)
        found = known or found
    _keep(request, found)
    return found


def _keep(request: PickRequest, source: PickSource) -> None:
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
    request = pick_request(context.scene, key, camera, layer)
    fingerprint = fingerprint_of(key.filepath, context.scene)
    with busy_cursor(context):
        found = read_source(context, request, fingerprint)
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


def _with_camera_of_shot(scene: bpy.types.Scene, source: PickSource) -> PickSource | None:
    """The source with the camera of the picks that were made on it; None if there are none."""
    for shot in reversed(scene.depth_picks.shots):  # the last is the one last recomputed
        if shot.fingerprint and shot.fingerprint == source.fingerprint and is_shot_of(shot, source):
            camera = camera_from_data(json.loads(shot.camera_data))
            depth = replace(source.depth, kind=DepthKind(shot.kind))
            return replace(source, camera=camera, depth=depth_for_camera(depth, camera))
    return None
