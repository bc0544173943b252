"""The tool in the toolbar of the Image Editor that picks points of the render."""

from __future__ import annotations

from pathlib import Path

import bpy

from ..operators.picks.drag import PICK_TOOL


class DEPTH_WT_pick(bpy.types.WorkSpaceTool):
    """Click on the render to pick the 3D point that it shows."""

    bl_space_type = "IMAGE_EDITOR"
    bl_context_mode = "VIEW"
    bl_idname = PICK_TOOL
    bl_label = "Pick Depth Point"
    bl_description = (
        "Click on the render to pick the 3D point that it shows.\n"
        "Drag a pick to move it, double-click to rename it, X or Delete to remove it"
    )
    bl_icon = str(Path(__file__).parents[1] / "icons" / "depth.pick")
    bl_cursor = "CROSSHAIR"
    bl_operator = "depth.pick_drag"
    bl_keymap = (
        ("depth.pick_rename", {"type": "LEFTMOUSE", "value": "DOUBLE_CLICK"}, None),
        ("depth.pick_drag", {"type": "LEFTMOUSE", "value": "PRESS"}, None),
        ("depth.pick_rename", {"type": "F2", "value": "PRESS"}, None),
        ("depth.picks_remove", {"type": "X", "value": "PRESS"}, None),
        ("depth.picks_remove", {"type": "DEL", "value": "PRESS"}, None),
    )

    @staticmethod
    def draw_settings(
        context: bpy.types.Context, layout: bpy.types.UILayout, _tool: object
    ) -> None:
        picks = context.scene.depth_picks
        layout.prop(picks, "pattern")
        layout.prop(picks, "start")

    @staticmethod
    def draw_cursor(context: bpy.types.Context, _tool: object, xy: tuple[int, int]) -> None:
        from ..overlays.picks.cursor import draw_cursor  # imports numpy

        draw_cursor(context, xy)


def register() -> None:
    """Add the tool after the Sample tool."""
    bpy.utils.register_tool(DEPTH_WT_pick, after={"builtin.sample"}, separator=True)


def unregister() -> None:
    """Remove the tool; editors in which it is active get the Sample tool."""
    _deactivate()
    bpy.utils.unregister_tool(DEPTH_WT_pick)


def _deactivate() -> None:
    from bl_ui.space_toolsystem_common import activate_by_id

    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            if area.type != "IMAGE_EDITOR":
                continue
            with bpy.context.temp_override(window=window, area=area):
                tool = bpy.context.workspace.tools.from_space_image_mode("VIEW", create=False)
                if tool and tool.idname == PICK_TOOL:
                    activate_by_id(bpy.context, "IMAGE_EDITOR", "builtin.sample")
