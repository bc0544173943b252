"""Rename a pick."""

from __future__ import annotations

import bpy
from bpy.props import IntProperty, StringProperty

from ...bridge.redraw import redraw_editors
from .base import ActivePickOperator, is_over_image, mouse_reach


class DEPTH_OT_pick_rename(ActivePickOperator, bpy.types.Operator):
    """Rename a pick; without a name, ask for it in a popup under the mouse."""

    bl_idname = "depth.pick_rename"
    bl_label = "Rename Pick"
    bl_description = "Rename the selected pick"

    name: StringProperty(name="Name", options={"SKIP_SAVE"})
    index: IntProperty(
        name="Index", description="Position in the list; -1 for the selected pick", default=-1,
        min=-1, options={"SKIP_SAVE"},
    )  # fmt: skip

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        if self.properties.is_property_set("name"):
            return self.execute(context)
        if is_over_image(context) and event.type == "LEFTMOUSE":
            from ...bridge.picks.editor_picks import pick_at  # imports numpy

            mouse = event.mouse_region_x, event.mouse_region_y
            index = pick_at(context, mouse, mouse_reach(context))
            if index is None:
                return {"PASS_THROUGH"}
            context.scene.depth_picks.active = index
        return bpy.ops.wm.call_panel(  # type: ignore[return-value]  # set of literals
            name="DEPTH_PT_pick_name", keep_open=False
        )

    def execute(self, context: bpy.types.Context) -> set[str]:
        picks = context.scene.depth_picks
        index = picks.active if self.index < 0 else self.index
        if index >= len(picks.picks):
            self.report({"ERROR"}, f"There is no pick {index}; the last is {len(picks.picks) - 1}.")
            return {"CANCELLED"}
        if not self.name:
            self.report({"ERROR"}, "The name is empty; give the pick a name.")
            return {"CANCELLED"}
        picks.picks[index].name = self.name
        redraw_editors()
        return {"FINISHED"}


register, unregister = bpy.utils.register_classes_factory((DEPTH_OT_pick_rename,))
