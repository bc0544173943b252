"""The text next to the cursor: pixel, depth, and world coordinates."""

from __future__ import annotations

import textwrap
from typing import Any

import bpy

from ...bridge import units
from ...bridge.picks.editor_image import (
    EditorMapping,
    editor_source_key,
    load_editor_source,
    loaded_editor_source,
    why_no_depth,
)
from ...bridge.picks.model import NoHitError, locate_one
from ...bridge.picks.numbers import PickNumbers
from ...bridge.picks.source import PickSource, SourceKey, fingerprint_of
from ...bridge.renders.history import is_rendering
from ...core.errors import DepthError
from ..drawing import draw_text, text_color, width_of
from .hover import Hover, current, forgetters, show

READING = "Reading depth…"
LONGEST = 60
"""Characters of a file, a layer and a view that are told."""

_failed: tuple[Any, str] | None = None
"""A state that cannot be read, so that moving the mouse does not try it again and again."""


def draw_cursor(context: bpy.types.Context, place: tuple[int, int]) -> None:
    """Show what is at a place of the window, which lies in the region of the context."""
    hover = look(context, place[0] - context.region.x, place[1] - context.region.y)
    show(hover)
    scale = context.preferences.system.ui_scale
    color = text_color() if hover.numbers else (1.0, 0.75, 0.3, 1.0)
    height = 15.0 * scale * len(hover.lines)
    x, y = place[0] + 20 * scale, place[1] - 28 * scale
    width = width_of(hover.lines)
    if x + width > _right_edge(context):
        x = max(place[0] - 14 * scale - width, context.region.x + 10 * scale)
    if y - height < context.region.y:
        y = place[1] + 20 * scale + height
    draw_text(hover.lines, (x, y), color, framed=True)


def _right_edge(context: bpy.types.Context) -> int:
    """Where the sidebar begins, which covers the image."""
    region = context.region
    edges = [one.x for one in context.area.regions if one.type == "UI" and one.width > 1]
    return min([region.x + region.width, *(edge for edge in edges if edge > region.x)])


def look(context: bpy.types.Context, x: float, y: float) -> Hover:
    """What lies under a place of the region; a depth that is not in memory is asked for."""
    scene, space = context.scene, context.space_data
    key = editor_source_key(scene, space)
    if key is None:
        return Hover(scene.session_uid, None, None, wrapped(why_no_depth(space)))
    loaded = loaded_editor_source(scene, space)
    if loaded is None or _is_old(scene, loaded[0]):
        return Hover(scene.session_uid, None, None, wrapped(_ask_for(context, key)))
    source, shown = loaded
    pixel = EditorMapping(context.region, shown).to_image((x, y)).tolist()
    state = (key, source.serial, *pixel)
    before = current(scene)
    if before is not None and before.state == state:
        return before
    return at_pixel(scene, source, pixel, state)


def at_pixel(
    scene: bpy.types.Scene, source: PickSource, pixel: tuple[float, float], state: object = None
) -> Hover:
    """What lies at a pixel."""
    try:
        numbers, edge = locate_one(source, *pixel)
    except NoHitError:
        width, height = source.depth.size
        inside = 0 <= pixel[0] <= width and 0 <= pixel[1] <= height
        why = "Nothing was hit here" if inside else "Outside the image"
        lines = f"{pixel[0]:.2f}, {pixel[1]:.2f} px", why, _whose(source)
        return Hover(scene.session_uid, state, None, lines)
    lines = *_lines(scene, numbers, edge), _whose(source)
    return Hover(scene.session_uid, state, numbers, lines)


def wrapped(text: str) -> tuple[str, ...]:
    """A text of any length in lines."""
    return tuple(textwrap.wrap(text, 46)) or ("",)


def _whose(source: PickSource) -> str:
    """Any picture of the same aspect may be shown, so it is said whose depth belongs to it."""
    title = source.title
    return f"in {title}" if len(title) <= LONGEST else f"in …{title[-LONGEST:]}"


def _lines(scene: bpy.types.Scene, numbers: PickNumbers, edge: bool) -> tuple[str, ...]:
    depth = units.length(scene, numbers.depth)
    off = units.length(scene, numbers.uncertainty, 2)
    place = zip("XYZ", units.coordinates(scene, numbers.world), strict=True)
    return (
        f"{numbers.x:.2f}, {numbers.y:.2f} px",
        f"Depth {depth}  ± {off}{'  at an edge' if edge else ''}",
        "   ".join(f"{axis} {value}" for axis, value in place),
    )


def _is_old(scene: bpy.types.Scene, source: PickSource) -> bool:
    """Whether there was another render since, or is one; files are looked at on a click."""
    return not source.key.filepath and (
        is_rendering() or source.fingerprint != fingerprint_of("", scene)
    )


def _ask_for(context: bpy.types.Context, key: SourceKey) -> str:
    """Have the depth read after drawing, once; say what came of it."""
    render = (is_rendering(), fingerprint_of("", context.scene)) if not key.filepath else None
    state = (key, context.space_data.image.name, render)
    if _failed is not None and _failed[0] == state:
        return _failed[1]
    if not _asked:
        _asked.append((state, context.area.as_pointer()))
        bpy.app.timers.register(_read_asked, first_interval=0.0)
    return READING


_asked: list[tuple[Any, int]] = []
"""What failed if it does, and the address of the editor; nothing of Blender's is kept."""


def _read_asked() -> None:
    global _failed
    state, address = _asked.pop()
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            if area.as_pointer() != address or area.type != "IMAGE_EDITOR":
                continue
            region = next(each for each in area.regions if each.type == "WINDOW")
            with bpy.context.temp_override(window=window, area=area, region=region):
                try:
                    load_editor_source(bpy.context)
                    _failed = None
                except DepthError as error:
                    _failed = state, str(error)
            area.tag_redraw()


def _forget() -> None:
    global _failed
    _failed = None
    _asked.clear()
    if bpy.app.timers.is_registered(_read_asked):
        bpy.app.timers.unregister(_read_asked)


forgetters.append(_forget)
