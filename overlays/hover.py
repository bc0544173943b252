"""What the Image Editor's cursor points at, while the picking tool is active."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import bpy

if TYPE_CHECKING:
    from ..bridge.pick_numbers import PickNumbers

ELSEWHERE = (
    *((kind, "WINDOW") for kind in ("VIEW_3D", "PROPERTIES", "OUTLINER", "DOPESHEET_EDITOR",
                                    "NODE_EDITOR", "TEXT_EDITOR", "FILE_BROWSER", "CONSOLE")),
    *(("IMAGE_EDITOR", kind) for kind in ("UI", "TOOLS", "HEADER", "TOOL_HEADER")),
    ("VIEW_3D", "UI"),
)  # fmt: skip
"""Where the cursor goes when it leaves the image."""


@dataclass(frozen=True)
class Hover:
    """The point under the cursor.

    Attributes
    ----------
    scene : int
        Session identifier of its scene.
    state : object
        What it was found for: the same state need not be looked at twice.
    numbers : PickNumbers or None
        None where nothing was hit.
    lines : tuple of str
        Pixel, depth, and world coordinates; or what is in the way.
    """

    scene: int
    state: Any
    numbers: PickNumbers | None
    lines: tuple[str, ...]


_current: Hover | None = None
_leaving: list[Any] = []

forgetters: list[Callable[[], None]] = []
"""What to call where there is another file; modules that need numpy add to it when imported."""


def current(scene: bpy.types.Scene) -> Hover | None:
    """The point under the cursor, if it is in this scene."""
    return _current if _current and _current.scene == scene.session_uid else None


def show(hover: Hover) -> None:
    """Make this the point under the cursor, and draw it in the 3D viewports."""
    global _current
    changed = _current is None or _current.numbers != hover.numbers
    _current = hover
    if changed:
        _redraw_viewports()
    if not _leaving:
        add = bpy.types.WindowManager.draw_cursor_add
        _leaving.extend(add(_left, (), space, region) for space, region in ELSEWHERE)


def clear() -> None:
    """The cursor points at nothing any more."""
    global _current
    _current = None
    while _leaving:
        bpy.types.WindowManager.draw_cursor_remove(_leaving.pop())
    _redraw_viewports()


def _left(*_arguments: object) -> None:
    if _current is not None:
        bpy.app.timers.register(clear, first_interval=0.0)  # a callback may not remove itself


def _redraw_viewports() -> None:
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            if area.type == "VIEW_3D":
                area.tag_redraw()


@bpy.app.handlers.persistent
def _on_load(*_arguments: object) -> None:
    clear()
    for forget in forgetters:
        forget()


def register() -> None:
    """Nothing is under the cursor yet."""
    bpy.app.handlers.load_post.append(_on_load)


def unregister() -> None:
    """Stop following the cursor."""
    if bpy.app.timers.is_registered(clear):
        bpy.app.timers.unregister(clear)
    bpy.app.handlers.load_post.remove(_on_load)
    _on_load()
