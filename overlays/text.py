"""Draws text in an editor region, readable on light and dark, in the theme's colors."""

from __future__ import annotations

from collections.abc import Sequence

import blf
import bpy
import gpu
from gpu_extras.batch import batch_for_shader

# Lengths are in screen pixels at UI scale 1.
FONT = 0
FONT_SIZE = 11.0
_LINE_HEIGHT = 15.0


def text_color() -> tuple[float, ...]:
    """The theme's color for text over a viewport."""
    return *bpy.context.preferences.themes[0].view_3d.space.text_hi, 1.0


def active_color() -> tuple[float, ...]:
    """The theme's color for the active object."""
    return *bpy.context.preferences.themes[0].view_3d.object_active[:3], 1.0


def set_text_color(color: Sequence[float]) -> None:
    """Draw texts in a color, with an outline that is dark on light colors and light on dark."""
    red, green, blue = color[:3]
    dark = 0.0 if red + green + blue > 1.5 else 1.0
    blf.enable(FONT, blf.SHADOW)
    blf.shadow(FONT, 6, dark, dark, dark, 0.85)
    blf.shadow_offset(FONT, 0, 0)
    blf.color(FONT, red, green, blue, 1.0)


def width_of(lines: Sequence[str]) -> float:
    """Width of framed lines of text in pixels."""
    scale = bpy.context.preferences.system.ui_scale
    blf.size(FONT, FONT_SIZE * scale)
    return max(blf.dimensions(FONT, line)[0] for line in lines) + 12 * scale


def draw_text(
    lines: Sequence[str], place: tuple[float, float], color: Sequence[float], framed: bool = False
) -> None:
    """Draw lines of text from `place` downward, with an outline and, if asked for, a frame."""
    scale = bpy.context.preferences.system.ui_scale
    size, step = FONT_SIZE * scale, _LINE_HEIGHT * scale
    if framed:
        width = width_of(lines) - 12 * scale
        _box(place[0] - 6 * scale, place[1] - step * (len(lines) - 1) - 7 * scale,
             place[0] + width + 6 * scale, place[1] + size + 3 * scale)  # fmt: skip
    blf.size(FONT, size)
    set_text_color(color)
    for index, line in enumerate(lines):
        blf.position(FONT, place[0], place[1] - index * step, 0)
        blf.draw(FONT, line)
    blf.disable(FONT, blf.SHADOW)


def _box(left: float, bottom: float, right: float, top: float) -> None:
    back = bpy.context.preferences.themes[0].user_interface.wcol_tooltip
    shader = gpu.shader.from_builtin("UNIFORM_COLOR")
    corners = ((left, bottom), (right, bottom), (right, top), (left, top))
    batch = batch_for_shader(shader, "TRI_FAN", {"pos": corners})  # type: ignore[arg-type]  # not listed
    gpu.state.blend_set("ALPHA")
    shader.uniform_float("color", (*back.inner[:3], 0.88))  # type: ignore[index]  # arrays can be
    batch.draw(shader)
    gpu.state.blend_set("NONE")
