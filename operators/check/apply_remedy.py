"""Apply the remedy of the last check: reconstruct again with the options that it changes."""

from __future__ import annotations

import json

import bpy

from ...bridge.renders.history import render_fingerprint
from ...bridge.scene.provenance import is_reconstruction

_ANOTHER_RENDER = (
    "The Render Result is another render than the one that was checked: choose the slot of that "
    "one, or reconstruct this one, which is then checked."
)


class DEPTH_OT_apply_remedy(bpy.types.Operator):
    """Reconstruct again with the remedy that the check found."""

    bl_idname = "depth.apply_remedy"
    bl_label = "Apply and Reconstruct Again"
    bl_description = (
        "Change the options as the check found that they should be, and reconstruct again in the "
        "place of the object that was checked"
    )
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if context.scene.reconstruct_from_depth.verdict_changes:
            return True
        cls.poll_message_set("The check of the last result found nothing that can be applied")
        return False

    def execute(self, context: bpy.types.Context) -> set[str]:
        settings = context.scene.reconstruct_from_depth
        values, before = json.loads(settings.verdict_options), settings.verdict_object
        changes = json.loads(settings.verdict_changes)  # the next verdict replaces them
        if settings.verdict_render and settings.verdict_render != render_fingerprint(context.scene):
            self.report({"ERROR"}, _ANOTHER_RENDER)
            return {"CANCELLED"}
        is_chosen = settings.shows_source(values.get("filepath", ""))
        try:
            bpy.ops.depth.reconstruct(**values)
        except RuntimeError as error:  # which the operator reported
            self.report({"ERROR"}, str(error).strip().removeprefix("Error: "))
            return {"CANCELLED"}
        if is_chosen:
            settings.apply(changes)
        made = context.active_object
        replaced: bpy.types.Object | None = bpy.data.objects.get(before)
        if replaced is not None and replaced != made and is_reconstruction(replaced):
            data = replaced.data
            bpy.data.objects.remove(replaced)
            if not data.users:
                bpy.data.batch_remove([data])
            made.name = before
            settings.verdict_object = before
        # Such as of a frame that costs to evaluate; merged points do not know their pixels.
        if settings.verdict == "NOT_CHECKED" and not values.get("voxel_size"):
            bpy.ops.depth.check()
        return {"FINISHED"}


register, unregister = bpy.utils.register_classes_factory((DEPTH_OT_apply_remedy,))
