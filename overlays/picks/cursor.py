"""The text beside the cursor: pixel, depth, and world coordinates of what it points at."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import Any

import bpy

from ...bridge.picks.editor_image import (
    EditorMapping,
    editor_source_key,
    load_editor_source,
    loaded_editor_source,
    missing_depth_reason,
)
from ...bridge.picks.source import PickSource, SourceKey, fingerprint_of
from ...bridge.renders.history import is_rendering
from ...bridge.session import RecentValues, register_cache, size_of
from ...bridge.typed import image_editor
from ...bridge.units import coordinate_texts, length_text
from ...core.errors import DepthError
from ...core.geometry.locate_pixel import NoHitError, locate_pixel
from ...core.geometry.located_point import LocatedPoint
from ..text import draw_text, text_color, width_of
from .hover import Hover, current_hover, set_hover

READING = "Reading depth…"
MAX_TITLE = 60
"""Characters of a title that are displayed, counted from its end."""

LINE_WIDTH = 46
"""Characters in a line of a longer text."""


@dataclass(frozen=True)
class _Request:
    """A depth to read after drawing.

    Attributes
    ----------
    state : tuple
        All that decides whether reading fails.
    area : int
        Address of the editor's area: no reference to Blender's data is kept.
    """

    state: tuple[Any, ...]
    area: int


_errors: RecentValues[tuple[Any, ...], str] = RecentValues(1)
"""The error by the state that it belongs to, so that mouse moves do not read again and again."""

_requests: list[_Request] = []
"""The depth that the timer is to read, if any."""


def _free() -> None:
    _errors.clear()
    _requests.clear()
    if bpy.app.timers.is_registered(_read_requested):
        bpy.app.timers.unregister(_read_requested)


register_cache(
    __name__,
    "_errors",
    "_requests",
    title="Depth Request of the Cursor",
    limit="1 request and 1 error",
    dropped="When the depth has been read, or another file is loaded.",
    held_bytes=lambda: size_of((_errors, _requests)),
    free=_free,
)


def draw_cursor(context: bpy.types.Context, place: tuple[int, int]) -> None:
    """Draw the text beside a place in the window, which lies in the context's region."""
    hover = hover_at(context, place[0] - context.region.x, place[1] - context.region.y)
    set_hover(hover)
    scale = context.preferences.system.ui_scale
    color = text_color() if hover.point else (1.0, 0.75, 0.3, 1.0)
    height = 15.0 * scale * len(hover.lines)
    x, y = place[0] + 20 * scale, place[1] - 28 * scale
    width = width_of(hover.lines)
    if x + width > _right_edge(context):
        x = max(place[0] - 14 * scale - width, context.region.x + 10 * scale)
    if y - height < context.region.y:
        y = place[1] + 20 * scale + height
    draw_text(hover.lines, (x, y), color, framed=True)


def _right_edge(context: bpy.types.Context) -> int:
    """Where the image ends: at the region's edge, or at the sidebar that covers it."""
    region = context.region
    edges = [each.x for each in context.area.regions if each.type == "UI" and each.width > 1]
    return min([region.x + region.width, *(edge for edge in edges if edge > region.x)])


def hover_at(context: bpy.types.Context, x: float, y: float) -> Hover:
    """What lies under a place in the editor region; depth that is not loaded is requested."""
    scene, space = context.scene, image_editor(context)
    key = editor_source_key(scene, space)
    if key is None:
        return Hover(scene.session_uid, None, None, wrapped(missing_depth_reason(space)))
    loaded = loaded_editor_source(scene, space)
    if loaded is None or _is_outdated(scene, loaded[0]):
        return Hover(scene.session_uid, None, None, wrapped(_request_depth(context, key)))
    source, image_region = loaded
    pixel = EditorMapping(context.region, image_region).to_image((x, y)).tolist()
    state = (key, source.serial, *pixel)
    before = current_hover(scene)
    if before is not None and before.state == state:
        return before
    return hover_at_pixel(scene, source, pixel, state)


def hover_at_pixel(
    scene: bpy.types.Scene, source: PickSource, pixel: tuple[float, float], state: object = None
) -> Hover:
    """What lies at a pixel."""
    try:
        point = locate_pixel(source.depth, source.camera, *pixel)
    except NoHitError:
        width, height = source.depth.size
        is_inside = 0 <= pixel[0] <= width and 0 <= pixel[1] <= height
        reason = "Nothing was hit here" if is_inside else "Outside the image"
        lines: tuple[str, ...] = f"{pixel[0]:.2f}, {pixel[1]:.2f} px", reason, _title_line(source)
        return Hover(scene.session_uid, state, None, lines)
    lines = *_point_lines(scene, point), _title_line(source)
    return Hover(scene.session_uid, state, point, lines)


def wrapped(text: str) -> tuple[str, ...]:
    """A text of any length in lines."""
    return tuple(textwrap.wrap(text, LINE_WIDTH)) or ("",)


def _title_line(source: PickSource) -> str:
    """Where the depth comes from, since any image of the same aspect may be over it."""
    title = source.title
    return f"in {title}" if len(title) <= MAX_TITLE else f"in …{title[-MAX_TITLE:]}"


def _point_lines(scene: bpy.types.Scene, point: LocatedPoint) -> tuple[str, ...]:
    depth = length_text(scene, point.depth)
    uncertainty = length_text(scene, point.uncertainty, 2)
    world = zip("XYZ", coordinate_texts(scene, point.world), strict=True)
    return (
        f"{point.x:.2f}, {point.y:.2f} px",
        f"Depth {depth}  ± {uncertainty}{'  at an edge' if point.edge else ''}",
        "   ".join(f"{axis} {value}" for axis, value in world),
    )


def _is_outdated(scene: bpy.types.Scene, source: PickSource) -> bool:
    """Whether there is a newer render, or one is running; files are checked by a click only."""
    return not source.key.filepath and (
        is_rendering() or source.fingerprint != fingerprint_of("", scene)
    )


def _request_depth(context: bpy.types.Context, key: SourceKey) -> str:
    """Have the depth read once, after drawing; return what to display until then."""
    render = (is_rendering(), fingerprint_of("", context.scene)) if not key.filepath else None
    state = (key, context.space_data.image.name, render)
    if state in _errors:
        return _errors[state]
    if not _requests:
        _requests.append(_Request(state, context.area.as_pointer()))
        bpy.app.timers.register(_read_requested, first_interval=0.0)
    return READING


def _read_requested() -> None:
    request = _requests.pop()
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            if area.as_pointer() != request.area or area.type != "IMAGE_EDITOR":
                continue
            region = next(each for each in area.regions if each.type == "WINDOW")
            with bpy.context.temp_override(window=window, area=area, region=region):
                try:
                    load_editor_source(bpy.context)
                    _errors.clear()
                except DepthError as error:
                    _errors[request.state] = str(error)
            area.tag_redraw()
