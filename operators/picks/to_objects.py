"""Picks become objects: a mesh, a curve, empties, labels. Run again, each changes in place."""

from __future__ import annotations

import bpy
from bpy.props import BoolProperty

from .edit import PicksOperator


class _ToObjects(PicksOperator):
    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if not super().poll(context):
            return False
        if context.mode != "OBJECT":
            cls.poll_message_set("Switch to Object Mode first")
            return False
        if all(pick.hidden for pick in context.scene.depth_picks.picks):
            cls.poll_message_set("All picks are hidden; show those that are to be used")
            return False
        if context.scene.library is not None:
            cls.poll_message_set("The scene is linked from another file; open that file")
            return False
        return True

    def make(self, context: bpy.types.Context) -> list[bpy.types.Object]:
        """Make or change the objects, and return them."""
        raise NotImplementedError

    def execute(self, context: bpy.types.Context) -> set[str]:
        items = self.make(context)
        for item in context.selected_objects:
            item.select_set(False)
        for item in items:
            # What the user put into a collection that is hidden here cannot be selected.
            if item.name in context.view_layer.objects:
                item.select_set(True)
                context.view_layer.objects.active = item
        return {"FINISHED"}


class DEPTH_OT_picks_to_mesh(_ToObjects, bpy.types.Operator):
    """Make a mesh with a vertex for each pick."""

    bl_idname = "depth.picks_to_mesh"
    bl_label = "Picks to Mesh"
    bl_description = (
        "Make a mesh with a vertex for each pick, whose names are kept in the attribute pick_name"
    )

    def make(self, context: bpy.types.Context) -> list[bpy.types.Object]:
        from ...bridge.picks.objects import picks_to_mesh  # numpy is for those who picked

        return [picks_to_mesh(context.scene)]


class DEPTH_OT_picks_to_curve(_ToObjects, bpy.types.Operator):
    """Make a curve through the picks."""

    bl_idname = "depth.picks_to_curve"
    bl_label = "Picks to Curve"
    bl_description = "Make a line through the picks in the order of the list"

    cyclic: BoolProperty(name="Polygon", description="Join the last pick to the first")

    def make(self, context: bpy.types.Context) -> list[bpy.types.Object]:
        from ...bridge.picks.objects import picks_to_curve

        return [picks_to_curve(context.scene, self.cyclic)]


class DEPTH_OT_picks_to_empties(_ToObjects, bpy.types.Operator):
    """Make an empty for each pick."""

    bl_idname = "depth.picks_to_empties"
    bl_label = "Picks to Empties"
    bl_description = "Make an empty with the name of each pick, in a collection of their own"

    def make(self, context: bpy.types.Context) -> list[bpy.types.Object]:
        from ...bridge.picks.objects import picks_to_empties

        return picks_to_empties(context.scene)


class DEPTH_OT_picks_to_labels(_ToObjects, bpy.types.Operator):
    """Make a text for each pick."""

    bl_idname = "depth.picks_to_labels"
    bl_label = "Picks to Labels"
    bl_description = "Write the name of each pick beside it, facing its camera"

    def make(self, context: bpy.types.Context) -> list[bpy.types.Object]:
        from ...bridge.picks.objects import picks_to_labels

        return picks_to_labels(context.scene)


register, unregister = bpy.utils.register_classes_factory(
    (
        DEPTH_OT_picks_to_mesh,
        DEPTH_OT_picks_to_curve,
        DEPTH_OT_picks_to_empties,
        DEPTH_OT_picks_to_labels,
    )
)
