"""Zoom to the selected pick, in the Image Editor or in the 3D viewport."""

from __future__ import annotations

from typing import TYPE_CHECKING

import bpy

from .edit import ActivePickOperator

if TYPE_CHECKING:
    from ...bridge.picks.numbers import PickNumbers

ZOOM = 8
"""How many times the part of the image goes into the whole."""


class DEPTH_OT_view_pick(ActivePickOperator, bpy.types.Operator):
    """Bring the selected pick to the middle of the editor."""

    bl_idname = "depth.view_pick"
    bl_label = "Zoom to Pick"
    bl_description = "Bring the selected pick to the middle of this editor, closer up"
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
            _look_at(context.space_data.region_3d, pick.numbers)
            return {"FINISHED"}
        place = _border_around(context)
        if place is None:
            self.report({"WARNING"}, "The selected pick is not in the image of this editor.")
            return {"CANCELLED"}
        region = _window_region(context)
        with context.temp_override(region=region):
            return bpy.ops.image.view_zoom_border(**place, wait_for_input=False, zoom_out=False)


def _look_at(view: bpy.types.RegionView3D, numbers: PickNumbers) -> None:
    """Turn about the pick, as far away as a quarter of its depth at most."""
    if view.view_perspective == "CAMERA":
        view.view_perspective = "PERSP"
    view.view_location = numbers.world
    view.view_distance = min(view.view_distance, numbers.depth / 4.0)


def _window_region(context: bpy.types.Context) -> bpy.types.Region:
    return next(region for region in context.area.regions if region.type == "WINDOW")


def _border_around(context: bpy.types.Context) -> dict[str, int] | None:
    """An eighth of the image about the selected pick, in pixels of the region."""
    from ...bridge.picks.editor_picks import mapping_and_picks

    found = mapping_and_picks(context.scene, context.space_data, _window_region(context))
    if found is None:
        return None
    mapping, picks, shown = found
    index = picks.indices.tolist()
    active = context.scene.depth_picks.active
    if active not in index:
        return None
    x, y = picks.pixels[index.index(active)].tolist()
    reach = max(shown.width, shown.height) / ZOOM / 2.0
    left, top = mapping.to_region((x - reach, y - reach)).tolist()
    right, bottom = mapping.to_region((x + reach, y + reach)).tolist()
    return {"xmin": round(left), "xmax": round(right), "ymin": round(bottom), "ymax": round(top)}


register, unregister = bpy.utils.register_classes_factory((DEPTH_OT_view_pick,))
