"""Draws the picks over 3D viewports: crosshairs, names, and lines of sight."""

from __future__ import annotations

from typing import Any

import bpy

from .hover import current_hover


def _draw_markers() -> None:
    context = bpy.context
    if not context.space_data.overlay.show_overlays:
        return
    picks, hover = context.scene.depth_picks, current_hover(context.scene)
    if picks.picks:
        from ..drawing import draw_markers  # imports numpy
        from .viewport_markers import markers

        region = context.region
        found = markers(context.scene, region, context.region_data)
        draw_markers(found, (region.width, region.height), picks.show_names)
    if hover is not None and hover.point is not None:
        from .viewport_markers import draw_hover

        draw_hover(hover, context.region, context.region_data)


def _draw_lines() -> None:
    context = bpy.context
    picks = context.scene.depth_picks
    if picks.picks and picks.show_sight and context.space_data.overlay.show_overlays:
        from .viewport_markers import draw_lines_of_sight

        draw_lines_of_sight(context.scene)


_handles: list[Any] = []


def register() -> None:
    """Draw over every 3D viewport."""
    for function, when in ((_draw_lines, "POST_VIEW"), (_draw_markers, "POST_PIXEL")):
        handle = bpy.types.SpaceView3D.draw_handler_add(function, (), "WINDOW", when)
        _handles.append(handle)


def unregister() -> None:
    """Stop drawing."""
    while _handles:
        bpy.types.SpaceView3D.draw_handler_remove(_handles.pop(), "WINDOW")
