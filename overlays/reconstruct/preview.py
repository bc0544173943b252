"""Draws the points of a preview over 3D viewports."""

from __future__ import annotations

from typing import Any

import bpy


def _draw() -> None:
    context = bpy.context
    manager = context.window_manager
    if manager.depth_preview and context.space_data.overlay.show_overlays:
        from .preview_batch import draw_preview  # imports numpy

        draw_preview(context.region_data)


_handles: list[Any] = []


def register() -> None:
    """Draw over every 3D viewport."""
    handle = bpy.types.SpaceView3D.draw_handler_add(_draw, (), "WINDOW", "POST_VIEW")
    _handles.append(handle)


def unregister() -> None:
    """Stop drawing."""
    while _handles:
        bpy.types.SpaceView3D.draw_handler_remove(_handles.pop(), "WINDOW")
