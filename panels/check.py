"""The sidebar of the 3D viewport, tab Depth: whether the last result is right."""

from __future__ import annotations

import bpy

from .text import draw_text

_ICONS = {"RIGHT": "CHECKMARK", "NOT_CHECKED": "QUESTION"}


class DEPTH_PT_check(bpy.types.Panel):
    """What the check of the last result found, and the button that applies the remedy."""

    bl_label = "Is It Right?"
    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = "Depth"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return bool(context.scene.reconstruct_from_depth.verdict)

    def draw(self, context: bpy.types.Context) -> None:
        layout, settings = self.layout, context.scene.reconstruct_from_depth
        icon = _ICONS.get(settings.verdict, "ERROR")
        draw_text(layout, context, settings.verdict_text, icon)
        draw_text(layout, context, settings.verdict_remedy, "BLANK1")
        if settings.verdict_changes:
            row = layout.row()
            row.scale_y = 1.4
            row.operator("depth.apply_remedy", icon="FILE_REFRESH")


register, unregister = bpy.utils.register_classes_factory((DEPTH_PT_check,))
