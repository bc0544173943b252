"""Make a camera, or set the active one, from intrinsics and a pose."""

from __future__ import annotations

import warnings
from pathlib import PurePath
from typing import TYPE_CHECKING

import bpy

from ...core.errors import DepthError
from .intrinsics_properties import IntrinsicsProperties

if TYPE_CHECKING:
    from ...core.cameras.files import DescribedCamera

NEW_SENSOR_WIDTH = 36.0
"""Millimeters: that of a new camera in Blender."""

_NUMBERS = ("fx", "fy", "cx", "cy", "width", "height")


class DEPTH_OT_camera_from_intrinsics(IntrinsicsProperties, bpy.types.Operator):
    """Make a camera from intrinsics, so that Blender renders the image that they describe."""

    bl_idname = "depth.camera_from_intrinsics"
    bl_label = "Camera from Intrinsics"
    bl_description = (
        "Make a camera from a camera matrix K, or from a file of OpenCV, COLMAP or NeRF programs, "
        "and set the resolution and pixel aspect of the scene to those of its image"
    )
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if context.mode == "OBJECT":
            return True
        cls.poll_message_set("Switch to Object Mode first")
        return False

    def invoke(self, context: bpy.types.Context, _event: bpy.types.Event) -> set[str]:
        self._fill_in(context)
        if self.source == "FILE" and not self.filepath:
            context.window_manager.fileselect_add(self)
            return {"RUNNING_MODAL"}
        return context.window_manager.invoke_props_dialog(  # type: ignore[return-value]  # set of literals
            self, width=380
        )

    def draw(self, _context: bpy.types.Context) -> None:
        layout = self.layout
        layout.use_property_split = True
        layout.use_property_decorate = False
        source = self.chosen_source()
        if source != "FILE":
            row = layout.row(align=True)
            row.use_property_split = False
            for name in ("NUMBERS", "TEXT"):
                row.prop_enum(self, "source", name)
        layout.row().prop(self, "target", expand=True)
        if self.target == "NEW":
            layout.prop(self, "name")
        if source == "NUMBERS":
            self._draw_numbers()
        else:
            if source == "TEXT":
                layout.prop(self, "text")
            layout.prop(self, "image")
        column = layout.column(align=True)
        column.prop(self, "width")
        column.prop(self, "height")
        if source == "NUMBERS":
            self._draw_pose()
        layout.prop(self, "sensor_width")

    def _draw_numbers(self) -> None:
        layout = self.layout
        layout.prop(self, "convention")
        if self.is_set("k"):
            self._draw_matrix("k", 3)
        else:
            for pair in (("fx", "fy"), ("cx", "cy")):
                column = layout.column(align=True)
                for name in pair:
                    column.prop(self, name)

    def _draw_pose(self) -> None:
        self.layout.prop(self, "pose")
        if self.pose != "NONE":
            self._draw_matrix("matrix", 4)

    def _draw_matrix(self, name: str, columns: int) -> None:
        grid = self.layout.grid_flow(row_major=True, columns=columns, align=True)
        grid.use_property_split = False
        for index in range(len(getattr(self, name))):
            grid.prop(self, name, index=index, text="")

    def execute(self, context: bpy.types.Context) -> set[str]:
        try:
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                text, notes = self._make(context)
        except DepthError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        notes = tuple(dict.fromkeys((*(str(each.message) for each in caught), *notes)))
        self.report({"WARNING"} if notes else {"INFO"}, " ".join([*notes, text]))
        return {"FINISHED"}

    def _make(self, context: bpy.types.Context) -> tuple[str, tuple[str, ...]]:
        """Make or set the camera; say what it renders, and what is not as asked for."""
        from ...bridge.cameras.active_camera import camera_named  # It loads numpy.
        from ...bridge.cameras.lens_settings import lens_settings
        from ...bridge.cameras.to_object import check_editable, new_camera, set_camera

        item = None
        if self.target == "ACTIVE":
            item = camera_named(context, self.camera)
            check_editable(item)
        described = self.described_camera()
        sensor_width = self.sensor_width or (item.data.sensor_width if item else NEW_SENSOR_WIDTH)
        settings = lens_settings(described.camera.lens, sensor_width)
        item = item or new_camera(context, self._name_of(described))
        matrix = described.camera.matrix if described.has_pose else None
        notes = (*described.notes, *set_camera(context, item, settings, matrix))
        lens = settings.lens
        return f"{item.name} renders an image of {lens.width} x {lens.height} pixels.", notes

    def _name_of(self, described: DescribedCamera) -> str:
        return self.name or described.name or PurePath(described.image).stem or "Camera"

    def _fill_in(self, context: bpy.types.Context) -> None:
        """Start from the active camera, and the scene's image, where no numbers were given."""
        from ...bridge.cameras.active_camera import active_camera
        from ...bridge.cameras.lens import image_intrinsics, image_size
        from ...bridge.typed import camera_data

        item, render = active_camera(context), context.scene.render
        is_set = self.target == "ACTIVE" and item is not None
        if not self.is_set("sensor_width"):
            self.sensor_width = item.data.sensor_width if is_set else NEW_SENSOR_WIDTH
        if self.chosen_source() != "NUMBERS" or any(self.is_set(each) for each in ("k", *_NUMBERS)):
            return
        self.convention = "BLENDER"
        intrinsics = item and image_intrinsics(camera_data(item), render, render.engine)
        if intrinsics:
            for name in _NUMBERS:
                setattr(self, name, getattr(intrinsics, name))
            return
        self.width, self.height = image_size(render)
        self.cx, self.cy = self.width / 2.0, self.height / 2.0


register, unregister = bpy.utils.register_classes_factory((DEPTH_OT_camera_from_intrinsics,))
