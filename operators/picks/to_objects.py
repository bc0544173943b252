"""Create objects from picks: a mesh, a curve, empties, or labels.

Running an operator again changes its objects in place.
"""

from __future__ import annotations

import bpy
from bpy.props import BoolProperty

from .base import PicksOperator


class _ToObjects(PicksOperator):
    """Base of the operators: checks the scene, and selects what was made."""

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if not super().poll(context):
            return False
        if context.mode != "OBJECT":
            cls.poll_message_set("Switch to Object Mode first")
            return False
        if all(pick.hidden for pick in context.scene.depth_picks.picks):
            cls.poll_message_set("All picks are hidden; show those to use")
            return False
        if context.scene.library is not None:
            cls.poll_message_set("The scene is linked from another file; open that file")
            return False
        return True

    def make(self, context: bpy.types.Context) -> list[bpy.types.Object]:
        """Create or update the objects, and return them."""
        raise NotImplementedError

    def execute(self, context: bpy.types.Context) -> set[str]:
        items = self.make(context)
        for item in context.selected_objects:
            item.select_set(False)
        for item in items:
            # An object that the user put into a hidden collection cannot be selected.
            if item.name in context.view_layer.objects:
                item.select_set(True)
                context.view_layer.objects.active = item
        return {"FINISHED"}


class DEPTH_OT_picks_to_mesh(_ToObjects, bpy.types.Operator):
    """Create a mesh with a vertex for each pick."""

    bl_idname = "depth.picks_to_mesh"
    bl_label = "Picks to Mesh"
    bl_description = (
        "Create a mesh with a vertex for each pick; the attribute pick_name holds the names"
    )

    def make(self, context: bpy.types.Context) -> list[bpy.types.Object]:
        from ...bridge.picks.objects import picks_to_mesh  # imports numpy

        return [picks_to_mesh(context.scene)]


class DEPTH_OT_picks_to_curve(_ToObjects, bpy.types.Operator):
    """Create a curve through the picks."""

    bl_idname = "depth.picks_to_curve"
    bl_label = "Picks to Curve"
    bl_description = "Create a line through the picks in the order of the list"

    cyclic: BoolProperty(name="Polygon", description="Connect the last pick to the first")

    def make(self, context: bpy.types.Context) -> list[bpy.types.Object]:
        from ...bridge.picks.objects import picks_to_curve

        return [picks_to_curve(context.scene, self.cyclic)]


class DEPTH_OT_picks_to_empties(_ToObjects, bpy.types.Operator):
    """Create an empty for each pick."""

    bl_idname = "depth.picks_to_empties"
    bl_label = "Picks to Empties"
    bl_description = "Create an empty at each pick, named like the pick, in one collection"

    def make(self, context: bpy.types.Context) -> list[bpy.types.Object]:
        from ...bridge.picks.objects import picks_to_empties

        return picks_to_empties(context.scene)


class DEPTH_OT_picks_to_labels(_ToObjects, bpy.types.Operator):
    """Create a text for each pick."""

    bl_idname = "depth.picks_to_labels"
    bl_label = "Picks to Labels"
    bl_description = "Create a text with the name of each pick beside it, facing its camera"

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
