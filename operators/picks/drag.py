"""Click to add a pick, drag to move one: what the tool does with the mouse."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import bpy

from ...bridge.redraw import redraw_editors
from ...core.errors import DepthError
from .base import describe_pick, mouse_reach

if TYPE_CHECKING:
    from ...bridge.picks.editor_image import EditorMapping

PICK_TOOL = "depth.pick_tool"
"""Identifier of the tool that runs this operator."""

DRAG_THRESHOLD = 3
"""Distance in screen pixels from where the mouse was pressed at which a click becomes a drag."""


@dataclass(frozen=True)
class _StoredPick:
    """What a pick stored before it was dragged, to restore it."""

    point_data: str
    edge: bool
    shot: int

    @classmethod
    def of(cls, pick: bpy.types.PropertyGroup) -> _StoredPick:
        return cls(pick.point_data, pick.edge, pick.shot)

    def restore(self, pick: bpy.types.PropertyGroup) -> None:
        pick.point_data, pick.edge, pick.shot = self.point_data, self.edge, self.shot


class DEPTH_OT_pick_drag(bpy.types.Operator):
    """Add a pick where the mouse is pressed, or move the pick that is there."""

    bl_idname = "depth.pick_drag"
    bl_label = "Pick or Move Point"
    bl_description = (
        "Click to add a pick where the render shows a surface. Drag a pick to move it.\n"
        "Double-click to rename, X or Delete to remove"
    )
    bl_options = {"UNDO", "BLOCKING"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        space = context.space_data
        if space is None or space.type != "IMAGE_EDITOR":
            cls.poll_message_set("Move the mouse over the render in an Image Editor")
            return False
        if space.image is None:
            cls.poll_message_set("Open the render, or the Render Result, in this Image Editor")
            return False
        return True

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        from ...bridge.picks.cache import new_notes
        from ...bridge.picks.editor_image import load_editor_source

        try:
            self._source, self._image_region = load_editor_source(context)
            self._notes = new_notes(self._source)
            self._press = event.mouse_region_x, event.mouse_region_y
            self._before: _StoredPick | None = None
            self._is_dragged = False
            if not self._grab_pick(context):
                self._add_pick(context)
        except DepthError as error:
            self.report({"WARNING"}, str(error))
            return {"CANCELLED"}
        redraw_editors()
        context.window_manager.modal_handler_add(self)
        return {"RUNNING_MODAL"}

    def modal(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        if event.type == "MOUSEMOVE":
            self._drag(context, event.mouse_region_x, event.mouse_region_y)
        elif event.type == "LEFTMOUSE" and event.value == "RELEASE":
            self._finish(context)
            return {"FINISHED"}
        elif event.type in {"ESC", "RIGHTMOUSE"} and event.value == "PRESS":
            self._restore(context)
            return {"CANCELLED"}
        return {"RUNNING_MODAL"}

    def cancel(self, context: bpy.types.Context) -> None:
        """Blender ends the operator, for instance when the window closes."""
        self._restore(context)

    def _grab_pick(self, context: bpy.types.Context) -> bool:
        """Select the pick under the mouse; return whether there is one."""
        from ...bridge.picks.editor_picks import nearest_pick
        from ...bridge.picks.reprojection import picks_in_image

        picks = context.scene.depth_picks
        if not picks.picks:
            return False
        found = picks_in_image(context.scene, self._source.key, self._source)
        mapping = self._mapping(context)
        nearest = nearest_pick(mapping, found, self._press, mouse_reach(context))
        if nearest is None:
            return False
        picks.active = int(found.indices[nearest])
        self._before = _StoredPick.of(picks.active_pick())
        # The pick keeps its distance from the mouse, so that grabbing it does not move it.
        offset = mapping.to_editor(found.pixels[nearest]) - self._press
        self._offset = tuple(offset.tolist())
        return True

    def _add_pick(self, context: bpy.types.Context) -> None:
        from ...bridge.picks.scene_picks import add_pick
        from ...core.geometry.locate_pixel import locate_pixel

        x, y = self._mapping(context).to_image(self._press).tolist()
        point = locate_pixel(self._source.depth, self._source.camera, x, y)
        add_pick(context.scene.depth_picks, self._source, point)
        self._offset = (0.0, 0.0)

    def _drag(self, context: bpy.types.Context, x: int, y: int) -> None:
        """Move the pick to the mouse; where the render shows no surface, leave it where it is."""
        from ...bridge.picks.scene_picks import ensure_shot
        from ...core.geometry.locate_pixel import NoHitError, locate_pixel

        distance = max(abs(x - self._press[0]), abs(y - self._press[1]))
        if not self._is_dragged and distance < DRAG_THRESHOLD:
            return
        self._is_dragged = True
        place = (x + self._offset[0], y + self._offset[1])
        pixel = self._mapping(context).to_image(place).tolist()
        picks = context.scene.depth_picks
        pick = picks.active_pick()
        try:
            point = locate_pixel(self._source.depth, self._source.camera, *pixel)
        except NoHitError as error:
            context.workspace.status_text_set(str(error))
            return
        pick.shot = ensure_shot(picks, self._source).identifier
        pick.point = point
        context.workspace.status_text_set(describe_pick(pick.name, point))
        redraw_editors()

    def _finish(self, context: bpy.types.Context) -> None:
        picks = context.scene.depth_picks
        pick = picks.active_pick()
        picks.remove_unused_shots()
        context.workspace.status_text_set(None)
        if self._before is None or self._is_dragged:
            text = describe_pick(pick.name, pick.point)
            self.report({"INFO"}, f"{text} {self._notes}".strip())

    def _restore(self, context: bpy.types.Context) -> None:
        """Restore the picks as they were before the mouse was pressed."""
        picks = context.scene.depth_picks
        if self._before is None:
            picks.remove_picks([picks.active])
        else:
            self._before.restore(picks.active_pick())
            picks.remove_unused_shots()
        context.workspace.status_text_set(None)
        redraw_editors()

    def _mapping(self, context: bpy.types.Context) -> EditorMapping:
        from ...bridge.picks.editor_image import EditorMapping

        return EditorMapping(context.region, self._image_region)


register, unregister = bpy.utils.register_classes_factory((DEPTH_OT_pick_drag,))
