"""Redraw the editors that show picks."""

from __future__ import annotations

from collections.abc import Iterator

import bpy


def redraw_editors() -> None:
    """Redraw all Image Editors and 3D viewports, with their sidebars."""
    for kind in ("IMAGE_EDITOR", "VIEW_3D"):
        for area in _areas(kind):
            area.tag_redraw()


def redraw_main_regions(kind: str) -> None:
    """Redraw the main region alone of all editors of a kind, such as VIEW_3D."""
    for area in _areas(kind):
        next(region for region in area.regions if region.type == "WINDOW").tag_redraw()


def _areas(kind: str) -> Iterator[bpy.types.Area]:
    for window in bpy.context.window_manager.windows:
        yield from (area for area in window.screen.areas if area.type == kind)
