"""Watch the sidebar's options while a preview is on, and make its points in a thread."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import bpy

from ...core.errors import DepthError
from ...core.pipeline.preview import Preview, make_preview
from ...core.pipeline.source import Pixels, Source
from ..cameras.lens import render_border
from ..renders.history import is_rendering, render_fingerprint
from ..renders.result_file import depth_file
from ..session import register_cache, size_of
from ..sources.source import SourceRequest, find_source

_INTERVAL = 0.05
"""Seconds between two checks of the options."""


@dataclass(frozen=True, eq=False)
class _Loaded:
    """The source and pixels of a preview, which serve for as long as the key stays the same."""

    key: Any
    source: Source
    pixels: Pixels


class _Watch:
    """Compares the options with the previous ones, and makes previews of new ones in a thread."""

    def __init__(self) -> None:
        self.preview: Preview | None = None
        self.problem = ""
        self._seen: Any = None
        self._loaded: _Loaded | None = None
        self._pool = ThreadPoolExecutor(1)
        self._future: Future[tuple[_Loaded, Preview]] | None = None
        self._file = contextlib.ExitStack()

    def tick(self) -> None:
        """Collect a preview that is done, and check for changes."""
        if self._future is not None:
            if not self._future.done():
                return
            self._collect(self._future)
        window = bpy.context.window_manager.windows[0]
        with bpy.context.temp_override(window=window):
            state = _state(window.scene)
            if state != self._seen and not is_rendering():
                self._seen = state
                self._guard(lambda: self._start(bpy.context))

    def close(self) -> None:
        """Wait for the thread to end, and remove the temporary file."""
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._file.close()

    def forget(self) -> None:
        """Free the preview and its pixels; the next tick makes them again."""
        self.preview, self._loaded, self._seen = None, None, None

    def held_bytes(self) -> int:
        """Return the bytes that the preview and its pixels take."""
        return size_of((self.preview, self._loaded))

    def _start(self, context: bpy.types.Context) -> None:
        """Make the preview in the thread, and read the pixels there first if they changed."""
        settings = context.scene.reconstruct_from_depth
        request = settings.request(context)
        options, key = request.options, _reading_key(context.scene, request)
        if self._loaded is not None and self._loaded.key == key:
            loaded = self._loaded
            self._future = self._pool.submit(
                lambda: (loaded, make_preview(options, loaded.source, loaded.pixels))
            )
            return
        path = self._file.enter_context(depth_file(context.scene, request.filepath))
        source = find_source(context, request, path)

        def read() -> tuple[_Loaded, Preview]:
            new = _Loaded(key, source, source.read(options.depth_error))
            return new, make_preview(options, source, new.pixels)

        self._future = self._pool.submit(read)

    def _collect(self, future: Future[tuple[_Loaded, Preview]]) -> None:
        self._future = None
        self._file.close()
        self._guard(lambda: self._show(*future.result()))

    def _show(self, loaded: _Loaded, preview: Preview) -> None:
        self._loaded, self.preview, self.problem = loaded, preview, ""
        redraw()

    def _guard(self, work: Callable[[], None]) -> None:
        """Catch an error that is meant for the user, and store it for the panel to show."""
        try:
            work()
        except DepthError as error:
            self._file.close()
            self.preview, self.problem = None, str(error)
            redraw()


def _state(scene: bpy.types.Scene) -> tuple[Any, ...]:
    """Everything that decides what a preview shows."""
    settings, render = scene.reconstruct_from_depth, scene.render
    bounds: bpy.types.Object | None = scene.objects.get(settings.bounds)
    return (
        settings.option_values(),
        _image_state(scene),
        _pose(bounds) if bounds else (),
        (render.use_border, render_border(render)) if settings.region == "BORDER" else (),
    )


def _pose(item: bpy.types.Object) -> tuple[tuple[float, ...], ...]:
    rows: Any = item.matrix_world  # the stubs' matrices have no rows
    return tuple(map(tuple, rows))


def _image_state(scene: bpy.types.Scene) -> tuple[Any, ...]:
    """Everything but the options that decides which image is read, and with which camera."""
    settings = scene.reconstruct_from_depth
    if settings.source == "RENDER":
        return scene.session_uid, render_fingerprint(scene)
    camera = settings.camera or scene.camera
    pose = (camera.name, *_pose(camera)) if camera else ()
    return scene.session_uid, settings.filepath, settings.file_error, scene.frame_current, pose


def _reading_key(scene: bpy.types.Scene, request: SourceRequest) -> tuple[Any, ...]:
    """Everything that decides which pixels are read; the other options filter them."""
    options, settings = request.options, scene.reconstruct_from_depth
    return (
        _image_state(scene),
        request.camera_name,
        request.override_camera,
        request.frame,
        settings.camera_data,
        request.ignore_aspect,
        *(request.camera_from, options.flip_x, options.flip_y),
        *(options.layer, options.view, options.points_from, options.depth_kind, options.passes),
        *(options.region.kind, options.depth_error, options.encoding, options.allow_any_depth),
    )


_watch: _Watch | None = None


def start() -> None:
    """Start to show a preview of the sidebar's options."""
    global _watch
    stop()
    _watch = _Watch()
    bpy.app.timers.register(_tick, persistent=True)


def stop() -> None:
    """Stop the preview, and free its memory."""
    global _watch
    if _watch is None:
        return
    if bpy.app.timers.is_registered(_tick):
        bpy.app.timers.unregister(_tick)
    _watch.close()
    _watch = None
    redraw()


register_cache(
    __name__,
    "_watch",
    title="Preview",
    limit="1 image, and 200,000 points",
    dropped="When the preview is switched off; while it is on, freed images are read again.",
    held_bytes=lambda: _watch.held_bytes() if _watch else 0,
    free=lambda: _watch.forget() if _watch else None,
)


def current_preview() -> Preview | None:
    """The preview to draw now, if there is one."""
    return _watch.preview if _watch else None


def status() -> tuple[str, str]:
    """A line on what the preview shows, and a sentence on what prevents it; either may be empty."""
    if _watch is None:
        return "", ""
    return _watch.preview.text if _watch.preview else "", _watch.problem


def redraw() -> None:
    """Redraw the 3D viewports and their sidebars."""
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            if area.type == "VIEW_3D":
                area.tag_redraw()


def _tick() -> float | None:
    if _watch is None:
        return None
    _watch.tick()
    return _INTERVAL
