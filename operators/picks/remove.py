"""Remove the selected pick, or all picks."""

from __future__ import annotations

import bpy

from ...bridge.redraw import redraw_editors
from .base import ActivePickOperator, PicksOperator, count_text, is_over_image


class DEPTH_OT_picks_remove(ActivePickOperator, bpy.types.Operator):
    """Remove the selected pick."""

    bl_idname = "depth.picks_remove"
    bl_label = "Remove Pick"
    bl_description = "Remove the selected pick"

    def invoke(self, context: bpy.types.Context, _event: bpy.types.Event) -> set[str]:
        if is_over_image(context):
            from ...bridge.picks.editor_picks import is_pick_drawn  # imports numpy

            picks = context.scene.depth_picks
            if not is_pick_drawn(context, picks.active):
                name = picks.active_pick().name
                self.report({"WARNING"}, f"{name} is not visible here; remove it in the list.")
                return {"CANCELLED"}
        return self.execute(context)

    def execute(self, context: bpy.types.Context) -> set[str]:
        picks = context.scene.depth_picks
        picks.remove_picks([picks.active])
        redraw_editors()
        return {"FINISHED"}


class DEPTH_OT_picks_clear(PicksOperator, bpy.types.Operator):
    """Remove all picks of the scene."""

    bl_idname = "depth.picks_clear"
    bl_label = "Clear Picks"
    bl_description = "Remove all picks from the scene"

    def execute(self, context: bpy.types.Context) -> set[str]:
        picks = context.scene.depth_picks
        count = len(picks.picks)
        picks.remove_picks(range(count))
        redraw_editors()
        self.report({"INFO"}, f"Removed {count_text(count, 'pick')}.")
        return {"FINISHED"}


register, unregister = bpy.utils.register_classes_factory(
    (DEPTH_OT_picks_remove, DEPTH_OT_picks_clear)
)
