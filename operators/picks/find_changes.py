"""Find out which files, cameras, and frames of picks have changed."""

from __future__ import annotations

import bpy

from .base import PicksOperator


class DEPTH_OT_picks_check(PicksOperator, bpy.types.Operator):
    """Find out which files, cameras, and frames of picks have changed.

    With a window, a timer does the same once a second.
    """

    bl_idname = "depth.picks_check"
    bl_label = "Check Picks"
    bl_description = "Check whether the files, cameras, and frames of the picks are still the same"
    bl_options = {"INTERNAL"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        from ...bridge.picks.change_watcher import update_problems

        update_problems(context.scene)
        return {"FINISHED"}


register, unregister = bpy.utils.register_classes_factory((DEPTH_OT_picks_check,))
