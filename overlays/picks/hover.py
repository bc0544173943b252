"""What the Image Editor's cursor points at, while the picking tool is active."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import bpy

if TYPE_CHECKING:
    from ...bridge.picks.numbers import PickNumbers

PERIOD = 0.25
"""Seconds after which it is seen whether the cursor is still there."""


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
        Pixel, depth, world coordinates, and whose depth it is; or what is in the way.
    """

    scene: int
    state: Any
    numbers: PickNumbers | None
    lines: tuple[str, ...]


_current: Hover | None = None
_is_there = False

forgetters: list[Callable[[], None]] = []
"""What to call where there is another file; modules that need numpy add to it when imported."""


def current(scene: bpy.types.Scene) -> Hover | None:
    """The point under the cursor, if it is in this scene."""
    return _current if _current and _current.scene == scene.session_uid else None


def show(hover: Hover) -> None:
    """Make this the point under the cursor, and draw it in the 3D viewports."""
    global _current, _is_there
    changed = _current is None or _current.numbers != hover.numbers
    _current, _is_there = hover, True
    if changed:
        _redraw("VIEW_3D")
    if not bpy.app.timers.is_registered(_look):
        bpy.app.timers.register(_look, first_interval=PERIOD)


def clear() -> None:
    """The cursor points at nothing any more."""
    global _current
    _current = None
    _redraw("VIEW_3D")


def _look() -> float | None:
    """Clear if the cursor has left the image, of which Blender tells nobody.

    With an image, the cursor over it is drawn anew, and that calls :func:`show`.
    """
    global _is_there
    if not _is_there:
        clear()
        return None
    _is_there = False
    _redraw("IMAGE_EDITOR")
    return PERIOD


def _redraw(kind: str) -> None:
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            if area.type == kind:
                next(each for each in area.regions if each.type == "WINDOW").tag_redraw()


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
    if bpy.app.timers.is_registered(_look):
        bpy.app.timers.unregister(_look)
    bpy.app.handlers.load_post.remove(_on_load)
    _on_load()
