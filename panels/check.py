"""The sidebar of the 3D viewport, tab Depth: whether the last result is right."""

from __future__ import annotations

import bpy

from ..properties.provenance import is_reconstruction
from .text import draw_text

_ICONS = {"RIGHT": "CHECKMARK", "NOT_CHECKED": "QUESTION"}


def draw_verdict(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    """In a few words, whether the last result is right, with the button that is of help."""
    settings = context.scene.reconstruct_from_depth
    if not settings.verdict:
        return
    box = layout.box()
    draw_text(box, context, settings.verdict_line, _ICONS.get(settings.verdict, "ERROR"))
    draw_text(box, context, settings.verdict_remedy, "BLANK1")
    if settings.verdict_changes:
        box.operator("depth.apply_remedy", icon="FILE_REFRESH")
    elif is_reconstruction(context.active_object):
        box.operator("depth.check", icon="VIEWZOOM")


class DEPTH_PT_check(bpy.types.Panel):
    """What the check of the last result found, and the numbers of a thorough one."""

    bl_label = "Is It Right?"
    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = "Depth"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        settings = context.scene.reconstruct_from_depth
        return bool(settings.verdict) or is_reconstruction(context.active_object)

    def draw(self, context: bpy.types.Context) -> None:
        layout, settings = self.layout, context.scene.reconstruct_from_depth
        if settings.verdict:
            self._draw_verdict(context, settings)
        layout.operator("depth.check", icon="VIEWZOOM")

    def _draw_verdict(self, context: bpy.types.Context, settings: bpy.types.PropertyGroup) -> None:
        layout = self.layout
        draw_text(layout, context, settings.verdict_text, "NONE")
        draw_text(layout, context, settings.verdict_remedy, "NONE")
        if settings.verdict_lines:
            box = layout.box()
            for line in settings.verdict_lines.splitlines():
                draw_text(box, context, line, "NONE")
            box.prop(settings, "show_error", toggle=True, icon="COLOR")


register, unregister = bpy.utils.register_classes_factory((DEPTH_PT_check,))
