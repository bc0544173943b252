"""Zoom to the selected pick, in the Image Editor or in the 3D viewport."""

from __future__ import annotations

from typing import TYPE_CHECKING

import bpy

from ...bridge.typed import image_editor
from .base import ActivePickOperator

if TYPE_CHECKING:
    from ...core.geometry.located_point import LocatedPoint

ZOOM = 8
"""The Image Editor zooms to one part in this many of the image's longer side."""


class DEPTH_OT_view_pick(ActivePickOperator, bpy.types.Operator):
    """Center the editor on the selected pick."""

    bl_idname = "depth.view_pick"
    bl_label = "Zoom to Pick"
    bl_description = "Center this editor on the selected pick, and zoom in"
    bl_options = {"REGISTER"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if not super().poll(context):
            return False
        if context.area is not None and context.area.type in {"IMAGE_EDITOR", "VIEW_3D"}:
            return True
        cls.poll_message_set("Run this in an Image Editor or a 3D viewport")
        return False

    def execute(self, context: bpy.types.Context) -> set[str]:
        pick = context.scene.depth_picks.active_pick()
        if context.area.type == "VIEW_3D":
            _center_view(context.space_data.region_3d, pick.point)
            return {"FINISHED"}
        border = _border_around_pick(context)
        if border is None:
            self.report({"WARNING"}, "The selected pick is not in the image of this editor.")
            return {"CANCELLED"}
        region = _window_region(context)
        with context.temp_override(region=region):
            return bpy.ops.image.view_zoom_border(  # type: ignore[return-value]  # set of literals
                **border, wait_for_input=False, zoom_out=False
            )


def _center_view(view: bpy.types.RegionView3D, point: LocatedPoint) -> None:
    """Make a viewport orbit around the pick, from at most a quarter of its depth away."""
    if view.view_perspective == "CAMERA":
        view.view_perspective = "PERSP"
    view.view_location = point.world
    view.view_distance = min(view.view_distance, point.depth / 4.0)


def _window_region(context: bpy.types.Context) -> bpy.types.Region:
    return next(region for region in context.area.regions if region.type == "WINDOW")


def _border_around_pick(context: bpy.types.Context) -> dict[str, int] | None:
    """The square to zoom to, in pixels of the editor region; None if the pick is not drawn."""
    from ...bridge.picks.editor_picks import editor_picks

    drawn = editor_picks(context.scene, image_editor(context), _window_region(context))
    if drawn is None:
        return None
    indices = drawn.picks.indices.tolist()
    active = context.scene.depth_picks.active
    if active not in indices:
        return None
    x, y = drawn.picks.pixels[indices.index(active)].tolist()
    half = max(drawn.image_region.width, drawn.image_region.height) / ZOOM / 2.0
    left, top = drawn.mapping.to_editor((x - half, y - half)).tolist()
    right, bottom = drawn.mapping.to_editor((x + half, y + half)).tolist()
    return {"xmin": round(left), "xmax": round(right), "ymin": round(bottom), "ymax": round(top)}


register, unregister = bpy.utils.register_classes_factory((DEPTH_OT_view_pick,))
