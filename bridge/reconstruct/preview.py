"""Watches the sidebar's options while a preview is on, and finds its points anew beside Blender."""

from __future__ import annotations

import contextlib
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import bpy

from ...core.errors import DepthError
from ..cameras.lens import border_window
from ..renders.history import is_rendering, render_fingerprint
from ..renders.result_file import render_result_file
from ..sources.source import Pixels, Source, find_source
from .limits import Limits, find_limits
from .preview_points import Preview, preview_points

_INTERVAL = 0.05
"""Seconds between looks at the options."""

_READ_BY = ("layer", "view", "points_from", "depth_kind", "ignore_aspect", "passes", "region")
"""Options that decide what is read, and with which camera."""


@dataclass(frozen=True, eq=False)
class _Loaded:
    """What a preview is made from, for as long as its key stays the same."""

    key: Any
    source: Source
    pixels: Pixels


class _Watch:
    """Compares the options with those last seen, and has a thread find what they lead to."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self.shown: Preview | None = None
        self.problem = ""
        self._names = names
        self._seen: Any = None
        self._loaded: _Loaded | None = None
        self._pool = ThreadPoolExecutor(1)
        self._future: Future[tuple[_Loaded, Preview]] | None = None
        self._file = contextlib.ExitStack()

    def tick(self) -> None:
        """Take what was found, and look for changes."""
        if self._future is not None:
            if not self._future.done():
                return
            self._take(self._future)
        window = bpy.context.window_manager.windows[0]
        with bpy.context.temp_override(window=window):
            state = self._state(window.scene)
            if state != self._seen and not is_rendering():
                self._seen = state
                self._guard(lambda: self._start(bpy.context, state[0]))

    def close(self) -> None:
        """Drop everything."""
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._file.close()

    def _state(self, scene: bpy.types.Scene) -> tuple[Any, Any]:
        """What decides what is read, and all options."""
        settings = scene.reconstruct_from_depth
        options = {name: _plain(getattr(settings, name)) for name in self._names}
        bounds = scene.objects.get(settings.bounds)
        options["bounds"] = (settings.bounds, *(map(tuple, bounds.matrix_world) if bounds else ()))
        if settings.region == "BORDER":
            options["border"] = (scene.render.use_border, *border_window(scene.render, 9999, 9999))
        key: tuple[Any, ...] = (scene.session_uid, *(options[name] for name in _READ_BY))
        if settings.source == "RENDER":
            return (*key, render_fingerprint(scene)), options
        camera = settings.camera or scene.camera
        place = (camera.name, *map(tuple, camera.matrix_world)) if camera else ()
        return (*key, settings.filepath, settings.file_error, scene.frame_current, place), options

    def _start(self, context: bpy.types.Context, key: Any) -> None:
        settings = context.scene.reconstruct_from_depth
        options = SimpleNamespace(**{name: getattr(settings, name) for name in self._names})
        from_file = settings.source == "FILE"
        if not from_file:
            options.layer = ""
        if not (context.scene.render.use_multiview or (from_file and settings.file_views)):
            options.view = ""
        if self._loaded is not None and self._loaded.key == key:
            loaded = self._loaded
            limits = find_limits(context, options, loaded.source)
            self._future = self._pool.submit(lambda: (loaded, _found(options, loaded, limits)))
            return
        source = self._source(context, settings, options)
        limits = find_limits(context, options, source)

        def read() -> tuple[_Loaded, Preview]:
            new = _Loaded(key, source, source.read())
            return new, _found(options, new, limits)

        self._future = self._pool.submit(read)

    def _source(
        self, context: bpy.types.Context, settings: bpy.types.PropertyGroup, options: Any
    ) -> Source:
        from_file = settings.source == "FILE"
        filepath = bpy.path.abspath(settings.filepath) if from_file else ""
        path = filepath or self._file.enter_context(render_result_file(context.scene))
        camera = settings.camera.name if settings.camera else ""
        return find_source(context, options, camera, filepath, path)

    def _take(self, future: Future[tuple[_Loaded, Preview]]) -> None:
        self._future = None
        self._file.close()
        self._guard(lambda: self._show(*future.result()))

    def _show(self, loaded: _Loaded, preview: Preview) -> None:
        self._loaded, self.shown, self.problem = loaded, preview, ""
        redraw()

    def _guard(self, work: Any) -> None:
        """Keep an error that is meant for the user, to be shown in the panel."""
        try:
            work()
        except DepthError as error:
            self._file.close()
            self.shown, self.problem = None, str(error)
            redraw()


def _found(options: Any, loaded: _Loaded, limits: Limits) -> Preview:
    return preview_points(options, loaded.source, loaded.pixels, limits)


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | int | float) else tuple(value)


_watch: _Watch | None = None


def start(names: tuple[str, ...]) -> None:
    """Begin to show what the options with these names lead to."""
    global _watch
    stop()
    _watch = _Watch(names)
    bpy.app.timers.register(_tick, persistent=True)


def stop() -> None:
    """Show nothing any more, and free the memory."""
    global _watch
    if _watch is None:
        return
    if bpy.app.timers.is_registered(_tick):
        bpy.app.timers.unregister(_tick)
    _watch.close()
    _watch = None
    redraw()


def shown() -> Preview | None:
    """The points to draw now."""
    return _watch.shown if _watch else None


def status() -> tuple[str, str]:
    """A line on what is shown, and a sentence on what is in the way; either may be empty."""
    if _watch is None:
        return "", ""
    return _watch.shown.text if _watch.shown else "", _watch.problem


def redraw() -> None:
    """Draw the 3D viewports again, and their sidebars."""
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            if area.type == "VIEW_3D":
                area.tag_redraw()


def _tick() -> float | None:
    if _watch is None:
        return None
    _watch.tick()
    return _INTERVAL
