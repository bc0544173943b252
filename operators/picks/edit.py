"""Edit the list of picks: remove, clear, move, rename."""

from __future__ import annotations

import bpy
from bpy.props import EnumProperty, IntProperty, StringProperty

from ...bridge.redraw import redraw_editors

REACH = 10
"""Pixels of the screen, unscaled, within which the mouse is on a pick."""


class PicksOperator:
    """Base of operators that need picks."""

    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if context.scene.depth_picks.picks:
            return True
        cls.poll_message_set("There are no picks yet; pick a point in the Image Editor first")
        return False


class ActivePickOperator(PicksOperator):
    """Base of operators that need a chosen pick."""

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if not super().poll(context):
            return False
        if context.scene.depth_picks.active_pick():
            return True
        cls.poll_message_set("No pick is selected; click one in the list or in the Image Editor")
        return False


class DEPTH_OT_picks_remove(ActivePickOperator, bpy.types.Operator):
    """Remove the selected pick."""

    bl_idname = "depth.picks_remove"
    bl_label = "Remove Pick"
    bl_description = "Remove the selected pick"

    def invoke(self, context: bpy.types.Context, _event: bpy.types.Event) -> set[str]:
        if in_image(context):
            from ...bridge.picks.editor_picks import (
                is_pick_visible,  # numpy is for those who picked
            )

            picks = context.scene.depth_picks
            if not is_pick_visible(context, picks.active):
                name = picks.active_pick().name
                self.report({"WARNING"}, f"{name} is not shown here: remove it in the list.")
                return {"CANCELLED"}
        return self.execute(context)

    def execute(self, context: bpy.types.Context) -> set[str]:
        picks = context.scene.depth_picks
        picks.remove_picks([picks.active])
        redraw_editors()
        return {"FINISHED"}


class DEPTH_OT_picks_clear(PicksOperator, bpy.types.Operator):
    """Remove all picks."""

    bl_idname = "depth.picks_clear"
    bl_label = "Clear Picks"
    bl_description = "Remove all picks of the scene"

    def execute(self, context: bpy.types.Context) -> set[str]:
        picks = context.scene.depth_picks
        count = len(picks.picks)
        picks.remove_picks(range(count))
        redraw_editors()
        self.report({"INFO"}, f"FilterCount {count:,} picks.")
        return {"FINISHED"}


class DEPTH_OT_picks_move(ActivePickOperator, bpy.types.Operator):
    """Move the selected pick in the list."""

    bl_idname = "depth.picks_move"
    bl_label = "Move Pick"
    bl_description = "Move the selected pick in the order of the list"

    direction: EnumProperty(
        name="Direction",
        items=(
            ("UP", "Up", "One place up"),
            ("DOWN", "Down", "One place down"),
            ("TOP", "To Top", "Before all others"),
            ("BOTTOM", "To Bottom", "Behind all others"),
        ),
    )

    def execute(self, context: bpy.types.Context) -> set[str]:
        picks = context.scene.depth_picks
        last = len(picks.picks) - 1
        places = {"UP": picks.active - 1, "DOWN": picks.active + 1, "TOP": 0, "BOTTOM": last}
        place = min(max(places[self.direction], 0), last)
        if place == picks.active:
            return {"CANCELLED"}
        picks.picks.move(picks.active, place)
        picks.active = place
        picks.touch()
        redraw_editors()
        return {"FINISHED"}


class DEPTH_OT_pick_rename(ActivePickOperator, bpy.types.Operator):
    """Rename a pick; without a name, ask for it where the mouse is."""

    bl_idname = "depth.pick_rename"
    bl_label = "Rename Pick"
    bl_description = "Give the selected pick another name"

    name: StringProperty(name="Name", options={"SKIP_SAVE"})
    index: IntProperty(
        name="Index", description="Place in the list; -1 for the selected pick", default=-1, min=-1,
        options={"SKIP_SAVE"},
    )  # fmt: skip

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        if self.properties.is_property_set("name"):
            return self.execute(context)
        if in_image(context) and event.type == "LEFTMOUSE":
            from ...bridge.picks.editor_picks import pick_at  # numpy is for those who picked

            reach = REACH * context.preferences.system.ui_scale
            index = pick_at(context, (event.mouse_region_x, event.mouse_region_y), reach)
            if index is None:
                return {"PASS_THROUGH"}
            context.scene.depth_picks.active = index
        return bpy.ops.wm.call_panel(name="DEPTH_PT_pick_name", keep_open=False)

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


def in_image(context: bpy.types.Context) -> bool:
    """Whether the mouse is on the image of an Image Editor."""
    space, region = context.space_data, context.region
    return space is not None and space.type == "IMAGE_EDITOR" and region.type == "WINDOW"


register, unregister = bpy.utils.register_classes_factory(
    (
        DEPTH_OT_picks_remove,
        DEPTH_OT_picks_clear,
        DEPTH_OT_picks_move,
        DEPTH_OT_pick_rename,
    )
)
