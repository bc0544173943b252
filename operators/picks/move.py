"""Move the selected pick up or down in the list."""

from __future__ import annotations

import bpy
from bpy.props import EnumProperty

from ...bridge.redraw import redraw_editors
from .base import ActivePickOperator


class DEPTH_OT_picks_move(ActivePickOperator, bpy.types.Operator):
    """Move the selected pick up or down in the list."""

    bl_idname = "depth.picks_move"
    bl_label = "Move Pick"
    bl_description = "Move the selected pick up or down in the list"

    direction: EnumProperty(
        name="Direction",
        items=(
            ("UP", "Up", "Move up by one"),
            ("DOWN", "Down", "Move down by one"),
            ("TOP", "To Top", "Move to the start of the list"),
            ("BOTTOM", "To Bottom", "Move to the end of the list"),
        ),
    )

    def execute(self, context: bpy.types.Context) -> set[str]:
        picks = context.scene.depth_picks
        last = len(picks.picks) - 1
        targets = {"UP": picks.active - 1, "DOWN": picks.active + 1, "TOP": 0, "BOTTOM": last}
        target = min(max(targets[self.direction], 0), last)
        if target == picks.active:
            return {"CANCELLED"}
        picks.picks.move(picks.active, target)
        picks.active = target
        picks.touch()
        redraw_editors()
        return {"FINISHED"}


register, unregister = bpy.utils.register_classes_factory((DEPTH_OT_picks_move,))
