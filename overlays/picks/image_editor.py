"""Draws the picks over Image Editors: crosshairs and names."""

from __future__ import annotations

from typing import Any

import bpy

from ...bridge.typed import image_editor


def _draw() -> None:
    context = bpy.context
    space, region = image_editor(context), context.region
    if context.area.ui_type != "IMAGE_EDITOR":  # the UV Editor has the same area type
        return
    if not context.scene.depth_picks.picks or not space.overlay.show_overlays:
        return
    from ..drawing import draw_markers
    from .image_markers import markers  # imports numpy

    found = markers(context.scene, space, region)
    if found is not None:
        size = (region.width, region.height)
        draw_markers(found, size, context.scene.depth_picks.show_names)


_handle: Any = None


def register() -> None:
    """Draw over every Image Editor."""
    global _handle
    _handle = bpy.types.SpaceImageEditor.draw_handler_add(_draw, (), "WINDOW", "POST_PIXEL")


def unregister() -> None:
    """Stop drawing."""
    bpy.types.SpaceImageEditor.draw_handler_remove(_handle, "WINDOW")
