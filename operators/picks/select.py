"""Select a pick."""

from __future__ import annotations

import bpy
from bpy.props import IntProperty

from ...bridge.redraw import redraw_editors
from .base import PicksOperator


class DEPTH_OT_pick_select(PicksOperator, bpy.types.Operator):
    """Select a pick in the list and in the editors."""

    bl_idname = "depth.pick_select"
    bl_label = "Select Pick"
    bl_description = "Select this pick"
    bl_options = {"UNDO", "INTERNAL"}

    index: IntProperty(name="Index", description="Position in the list", min=0)

    def execute(self, context: bpy.types.Context) -> set[str]:
        picks = context.scene.depth_picks
        if self.index >= len(picks.picks):
            last = len(picks.picks) - 1
            self.report({"ERROR"}, f"There is no pick {self.index}; the last is {last}.")
            return {"CANCELLED"}
        picks.active = self.index
        redraw_editors()
        return {"FINISHED"}


register, unregister = bpy.utils.register_classes_factory((DEPTH_OT_pick_select,))
