"""Texts of any length in a sidebar."""

from __future__ import annotations

import textwrap

import bpy


def draw_text(layout: bpy.types.UILayout, context: bpy.types.Context, text: str, icon: str) -> None:
    """A text of any length, broken to the width of the sidebar."""
    characters = int(context.region.width / (7 * context.preferences.system.ui_scale)) - 6
    column = layout.column(align=True)
    column.scale_y = 0.8
    for line in textwrap.wrap(text, max(characters, 16)):
        column.label(text=line, icon=icon)  # type: ignore[arg-type]  # stubs want literals
        icon = "BLANK1"
