"""What the cursor points at in an Image Editor, while the picking tool is active."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import bpy

from ...bridge.redraw import redraw_main_regions
from ...bridge.session import register_cache, size_of

if TYPE_CHECKING:
    from ...core.geometry.located_point import LocatedPoint

PERIOD = 0.25
"""Seconds between two checks whether the cursor still is over the image."""


@dataclass(frozen=True)
class Hover:
    """The point under the cursor.

    Attributes
    ----------
    scene : int
        Session identifier of its scene.
    state : object
        All that it depends on: for an equal state it need not be located again.
    point : LocatedPoint or None
        None where the render shows no surface.
    lines : tuple of str
        Pixel, depth, world coordinates, and file of the depth; or why there is no point.
    """

    scene: int
    state: Any
    point: LocatedPoint | None
    lines: tuple[str, ...]


_hover: Hover | None = None
_is_cursor_drawn = False
"""Whether the cursor was drawn over the image since the last check."""


def current_hover(scene: bpy.types.Scene) -> Hover | None:
    """The point under the cursor, if it belongs to this scene."""
    return _hover if _hover and _hover.scene == scene.session_uid else None


def set_hover(hover: Hover) -> None:
    """Make this the point under the cursor, and draw it in the 3D viewports."""
    global _hover, _is_cursor_drawn
    is_new = _hover is None or _hover.point != hover.point
    _hover, _is_cursor_drawn = hover, True
    if is_new:
        redraw_main_regions("VIEW_3D")
    if not bpy.app.timers.is_registered(_check_cursor):
        bpy.app.timers.register(_check_cursor, first_interval=PERIOD)


def clear_hover() -> None:
    """Remove the point under the cursor, also from the 3D viewports."""
    global _hover
    _hover = None
    redraw_main_regions("VIEW_3D")


def _check_cursor() -> float | None:
    """Clear the point if the cursor has left the image, which Blender does not report.

    Redrawing an editor draws the cursor over its image again, and that calls :func:`set_hover`.
    """
    global _is_cursor_drawn
    if not _is_cursor_drawn:
        clear_hover()
        return None
    _is_cursor_drawn = False
    redraw_main_regions("IMAGE_EDITOR")
    return PERIOD


def _free() -> None:
    clear_hover()
    if bpy.app.timers.is_registered(_check_cursor):
        bpy.app.timers.unregister(_check_cursor)


register_cache(
    __name__,
    "_hover",
    "_is_cursor_drawn",
    title="Point under the Cursor",
    limit="1 point",
    dropped="When the cursor leaves the image, or another file is loaded.",
    held_bytes=lambda: size_of(_hover) if _hover else 0,
    free=_free,
)
