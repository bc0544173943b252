"""Click to add a pick, drag to move one: what the tool does with the mouse."""

from __future__ import annotations

from typing import Any

import bpy

from ...bridge.redraw import redraw_editors
from ...core.errors import DepthError
from .edit import REACH
from .pick import described

TOOL = "depth.pick_tool"
"""Identifier of the tool that runs this."""

MOVED = 3
"""Pixels from where the mouse was pressed, from which on it is a drag."""


class DEPTH_OT_pick_drag(bpy.types.Operator):
    """Add a pick where the mouse is pressed, or move the one that is there."""

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
            cls.poll_message_set("Put the mouse over the render in an Image Editor")
            return False
        if space.image is None:
            cls.poll_message_set("Open the render, or the Render Result, in this Image Editor")
            return False
        return True

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        from ...bridge.picks.cache import new_notes
        from ...bridge.picks.editor_image import load_editor_source

        try:
            self._source, self._shown = load_editor_source(context)
            self._notes = new_notes(self._source)
            self._press = event.mouse_region_x, event.mouse_region_y
            self._before: dict[str, Any] | None = None
            self._is_moved = False
            if not self._take_hold(context):
                self._add(context)
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
            self._done(context)
            return {"FINISHED"}
        elif event.type in {"ESC", "RIGHTMOUSE"} and event.value == "PRESS":
            self._undo(context)
            return {"CANCELLED"}
        return {"RUNNING_MODAL"}

    def cancel(self, context: bpy.types.Context) -> None:
        """Blender ends the operator, for instance by closing the window."""
        context.workspace.status_text_set(None)

    def _take_hold(self, context: bpy.types.Context) -> bool:
        """Select the pick under the mouse, if there is one."""
        import numpy as np

        from ...bridge.picks.reprojection import picks_in_image

        picks = context.scene.depth_picks
        if not picks.picks:
            return False
        found = picks_in_image(context.scene, self._source.key, self._source)
        places = self._map(context).to_region(found.pixels) - self._press
        distances = np.where(found.own, np.linalg.norm(places, axis=1), np.inf)
        reach = REACH * context.preferences.system.ui_scale
        if not len(distances) or distances.min() > reach:
            return False
        nearest = int(distances.argmin())
        picks.active = int(found.indices[nearest])
        pick = picks.active_pick()
        self._before = {name: getattr(pick, name) for name in ("text", "edge", "shot")}
        # The pick keeps its distance from the mouse, so that taking hold does not move it.
        self._offset = places[nearest]
        return True

    def _add(self, context: bpy.types.Context) -> None:
        from ...bridge.picks.model import add_pick, locate_one

        pixel = self._map(context).to_image(self._press).tolist()
        numbers, edge = locate_one(self._source, *pixel)
        add_pick(context.scene.depth_picks, self._source, numbers, edge)
        self._offset = (0.0, 0.0)

    def _drag(self, context: bpy.types.Context, x: int, y: int) -> None:
        """Move the pick to where the mouse is; where nothing was hit it stays."""
        from ...bridge.picks.model import NoHitError, ensure_shot, locate_one

        if not self._is_moved and max(abs(x - self._press[0]), abs(y - self._press[1])) < MOVED:
            return
        self._is_moved = True
        place = (x + self._offset[0], y + self._offset[1])
        pixel = self._map(context).to_image(place).tolist()
        picks = context.scene.depth_picks
        pick = picks.active_pick()
        try:
            numbers, edge = locate_one(self._source, *pixel)
        except NoHitError as error:
            context.workspace.status_text_set(str(error))
            return
        pick.shot = ensure_shot(picks, self._source).identifier
        pick.numbers, pick.edge = numbers, edge
        context.workspace.status_text_set(described(pick.name, numbers, edge))
        redraw_editors()

    def _done(self, context: bpy.types.Context) -> None:
        picks = context.scene.depth_picks
        pick = picks.active_pick()
        picks.remove_picks(())  # a shot may have lost its last pick
        context.workspace.status_text_set(None)
        if self._before is None or self._is_moved:
            text = described(pick.name, pick.numbers, pick.edge)
            self.report({"INFO"}, f"{text} {self._notes}".strip())

    def _undo(self, context: bpy.types.Context) -> None:
        """Put everything back as it was before the mouse was pressed."""
        picks = context.scene.depth_picks
        if self._before is None:
            picks.remove_picks([picks.active])
        else:
            for name, value in self._before.items():
                setattr(picks.active_pick(), name, value)
            picks.remove_picks(())
        context.workspace.status_text_set(None)
        redraw_editors()

    def _map(self, context: bpy.types.Context) -> Any:
        from ...bridge.picks.editor_image import EditorMapping

        return EditorMapping(context.region, self._shown)


register, unregister = bpy.utils.register_classes_factory((DEPTH_OT_pick_drag,))
