"""Selects a pick by a click on its marker in the 3D viewport, whichever tool is active."""

from __future__ import annotations

import bpy

REACH = 7
"""Distance from a pick, in screen pixels at UI scale 1, within which a click selects it."""


class DEPTH_GT_pick_marker(bpy.types.Gizmo):
    """The marker under the mouse; the overlay draws its crosshair."""

    bl_idname = "DEPTH_GT_pick_marker"

    def setup(self) -> None:
        self.on_click = self.target_set_operator("depth.pick_select")

    def draw(self, context: bpy.types.Context) -> None:
        if self.is_highlight:
            from .viewport_markers import draw_highlight  # imports numpy

            draw_highlight(context, self.on_click.index)

    def test_select(self, context: bpy.types.Context, location: tuple[int, int]) -> int:
        from .viewport_markers import marker_at

        found = marker_at(context, location, REACH * context.preferences.system.ui_scale)
        # A click on the selected marker selects what lies under it.
        if found is None or found == context.scene.depth_picks.active:
            return -1
        self.on_click.index = found
        return 0


class DEPTH_GGT_pick_markers(bpy.types.GizmoGroup):
    """The markers that can be clicked, in Object Mode: in other modes clicks are for editing."""

    bl_idname = "DEPTH_GGT_pick_markers"
    bl_label = "Picks"
    bl_space_type = "VIEW_3D"
    bl_region_type = "WINDOW"
    bl_options = {"PERSISTENT"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return (
            context.mode == "OBJECT"
            and context.space_data.overlay.show_overlays
            and bool(context.scene.depth_picks.picks)
        )

    def setup(self, _context: bpy.types.Context) -> None:
        self.gizmos.new(DEPTH_GT_pick_marker.bl_idname)


register, unregister = bpy.utils.register_classes_factory(
    (DEPTH_GT_pick_marker, DEPTH_GGT_pick_markers)
)
