"""Keep picks as they are although their file, camera, or frame has changed."""

from __future__ import annotations

import bpy

from ...bridge.redraw import redraw_editors
from ...core.errors import DepthError
from .base import ShotsOperator


class DEPTH_OT_picks_keep(ShotsOperator, bpy.types.Operator):
    """Keep picks as they are, and accept the differences that there are now."""

    bl_idname = "depth.picks_keep"
    bl_label = "Keep Picks"
    bl_description = "Leave the picks where they are, and stop reporting the present differences"

    def execute(self, context: bpy.types.Context) -> set[str]:
        from ...bridge.picks.change_watcher import update_problems
        from ...bridge.picks.changes import accept_changes

        try:
            identifiers = self.chosen_shots(context)
        except DepthError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        for shot in context.scene.depth_picks.shots:
            if shot.identifier in identifiers:
                accept_changes(context.scene, shot)
        update_problems(context.scene)
        redraw_editors()
        return {"FINISHED"}


register, unregister = bpy.utils.register_classes_factory((DEPTH_OT_picks_keep,))
