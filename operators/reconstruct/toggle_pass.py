"""Choose which passes become attributes, one check box at a time."""

from __future__ import annotations

import bpy
from bpy.props import StringProperty


class DEPTH_OT_toggle_pass(bpy.types.Operator):
    """Add a pass to those that become attributes, or remove it."""

    bl_idname = "depth.toggle_pass"
    bl_label = "Pass as Attribute"
    bl_description = "Store this pass as an attribute of the points"
    bl_options = {"INTERNAL", "UNDO"}

    name: StringProperty(name="Name", description="Name of the pass", options={"SKIP_SAVE"})

    def execute(self, context: bpy.types.Context) -> set[str]:
        settings = context.scene.reconstruct_from_depth
        chosen = settings.chosen_passes()
        if self.name in chosen:
            chosen = [each for each in chosen if each != self.name]
        else:
            chosen = [*chosen, self.name]
        settings.passes = ", ".join(chosen)
        return {"FINISHED"}


register, unregister = bpy.utils.register_classes_factory((DEPTH_OT_toggle_pass,))
