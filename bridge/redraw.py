"""The editors that show picks."""

from __future__ import annotations

import bpy


def redraw_editors() -> None:
    """Show what changed in every editor that shows picks."""
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            if area.type in {"IMAGE_EDITOR", "VIEW_3D"}:
                area.tag_redraw()
