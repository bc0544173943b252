"""The sidebar of the 3D viewport, tab Depth: reconstruct."""

from __future__ import annotations

from typing import Any

import bpy

from ..properties.reconstruct.depth_values import VALUE_OPTIONS
from ..properties.reconstruct.filters import REGION_OPTIONS
from ..properties.reconstruct.options import EMPTY_MEANS, OUTPUT_OPTIONS
from .check import draw_verdict
from .text import draw_text


class _DepthTab:
    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = "Depth"


class DEPTH_PT_reconstruct(_DepthTab, bpy.types.Panel):
    """The source, the buttons, and the status line."""

    bl_label = "Reconstruct from Depth"

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        settings = context.scene.reconstruct_from_depth
        layout.row().prop(settings, "source", expand=True)
        from_file = settings.source == "FILE"
        if from_file:
            row = layout.row(align=True)
            row.prop(settings, "filepath", text="")
            row.operator("depth.inspect_file", text="", icon="FILE_REFRESH")
        status = settings.status_line()
        column = layout.column()
        column.scale_y = 1.6
        column.enabled = not status.problem
        _fill(column.operator("depth.reconstruct", icon="POINTCLOUD_DATA"), context)
        if not from_file:
            button = layout.operator("depth.render_and_reconstruct", icon="RENDER_STILL")
            _fill_to_render(button, context)
        draw_verdict(layout, context)
        icon = "ERROR" if status.problem else "INFO"
        draw_text(layout, context, status.problem or status.text, icon)
        draw_text(layout, context, status.basis, "BLANK1")
        for line in settings.warnings.splitlines():
            draw_text(layout, context, line, "ERROR")


class DEPTH_PT_reconstruct_options(_DepthTab, bpy.types.Panel):
    """The options of both buttons."""

    bl_label = "Options"
    bl_parent_id = "DEPTH_PT_reconstruct"

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        layout.use_property_split = True
        layout.use_property_decorate = False
        settings = context.scene.reconstruct_from_depth
        from_file = settings.source == "FILE"
        if from_file and len(settings.file_layers) > 1:
            layout.prop_search(settings, "layer", settings, "file_layers", icon="RENDERLAYERS")
        if from_file and settings.file_views:
            layout.prop_search(settings, "view", settings, "file_views", icon="CAMERA_STEREO")
        elif settings.has_views():
            layout.prop_search(
                settings, "view", context.scene.render, "views", icon="CAMERA_STEREO"
            )
        if settings.camera_data:
            layout.prop(settings, "camera_data", icon="CAMERA_DATA")
        if from_file:
            layout.prop(settings, "camera_from")
        layout.prop(settings, "camera")
        if settings.camera:
            layout.prop(settings, "override_camera")
        row = layout.row(heading="Frame")
        row.prop(settings, "use_frame", text="")
        frame = row.row()
        frame.enabled = settings.use_frame
        frame.prop(settings, "frame", text="")
        for name in ("points_from", "depth_kind"):
            layout.prop(settings, name)
        row = layout.row(heading="Mirror", align=True)
        row.prop(settings, "flip_x", text="X", toggle=True)
        row.prop(settings, "flip_y", text="Y", toggle=True)
        column = layout.column(align=True)
        for name in ("output", *OUTPUT_OPTIONS[settings.output]):
            column.prop(settings, name)
        if "ignore_aspect" not in settings.unused_options():
            layout.prop(settings, "ignore_aspect")
        layout.prop(settings, "describe_renders")


class DEPTH_PT_reconstruct_values(_DepthTab, bpy.types.Panel):
    """What the numbers in the file stand for."""

    bl_label = "Depth Values"
    bl_parent_id = "DEPTH_PT_reconstruct"
    bl_options = {"DEFAULT_CLOSED"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return context.scene.reconstruct_from_depth.source == "FILE"

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        layout.use_property_split = True
        layout.use_property_decorate = False
        settings = context.scene.reconstruct_from_depth
        column = layout.column(align=True)
        for name in ("depth_values", *VALUE_OPTIONS[settings.depth_values]):
            column.prop(settings, name)
        layout.prop(settings, "allow_any_depth")


class DEPTH_PT_reconstruct_filters(_DepthTab, bpy.types.Panel):
    """The filters, and how many pixels each left out the last time."""

    bl_label = "Filters"
    bl_parent_id = "DEPTH_PT_reconstruct"

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        layout.use_property_split = True
        layout.use_property_decorate = False
        settings = context.scene.reconstruct_from_depth
        is_previewed = context.window_manager.depth_preview  # its text has the counts
        for counted, names in (
            ("range", ("use_clip", "near", "far")),
            ("flying", ("remove_flying",)),
            ("region", ("region", *REGION_OPTIONS[settings.region])),
            ("bounds", ("bounds",)),
            ("stride", ("stride", "max_points")),
            ("voxel_size", ("voxel_size",)),
        ):
            split = layout.split(factor=0.74)
            column = split.column(align=True)
            for name in names:
                column.prop(settings, name, placeholder=EMPTY_MEANS.get(name, ""))
            removed = None if is_previewed else settings.filter_counts.get(counted)
            row = split.row()
            row.alignment = "RIGHT"
            row.label(text=f"-{_short(removed.count)}" if removed else "")


def _short(count: int) -> str:
    """Format a number in at most seven characters, which is all that fits."""
    return f"{count:,}" if count < 1_000_000 else f"{count / 1e6:.2f}M"


class DEPTH_PT_reconstruct_passes(_DepthTab, bpy.types.Panel):
    """Check boxes for the passes that become attributes; chosen but missing ones come last."""

    bl_label = "Passes as Attributes"
    bl_parent_id = "DEPTH_PT_reconstruct"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        settings = context.scene.reconstruct_from_depth
        chosen, listed = settings.chosen_passes(), settings.listed_passes()
        column = self.layout.column(align=True)
        for name in dict.fromkeys((*listed, *chosen)):
            row = column.row()
            row.alignment = "LEFT"
            row.alert = name not in listed and name != "Combined"
            icon: Any = "CHECKBOX_HLT" if name in chosen else "CHECKBOX_DEHLT"
            row.operator("depth.toggle_pass", text=name, icon=icon, emboss=False).name = name
        for name in ("normals_from_depth", "depth_error"):
            self.layout.prop(settings, name)


class DEPTH_PT_reconstruct_preview(_DepthTab, bpy.types.Panel):
    """The preview, below the options so that they do not move when its text changes."""

    bl_label = "Preview"
    bl_parent_id = "DEPTH_PT_reconstruct"
    bl_options = {"HIDE_HEADER"}
    bl_order = 100

    def draw(self, context: bpy.types.Context) -> None:
        layout, manager = self.layout, context.window_manager
        layout.prop(manager, "depth_preview", icon="HIDE_OFF", toggle=True)
        problem = manager.depth_preview_problem
        icon = "ERROR" if problem else "POINTCLOUD_DATA"
        draw_text(layout, context, problem or manager.depth_preview_text, icon)


def _fill(properties: bpy.types.OperatorProperties, context: bpy.types.Context) -> None:
    """Set the properties of a button's operator to the panel's settings."""
    settings = context.scene.reconstruct_from_depth
    for name, value in settings.option_values().items():
        setattr(properties, name, value)
    properties.camera = settings.camera.name if settings.camera else ""
    if settings.source == "FILE":
        properties.filepath = settings.filepath


def _fill_to_render(properties: bpy.types.OperatorProperties, context: bpy.types.Context) -> None:
    """The same for a new render, which the Corrected Camera of an earlier image did not take."""
    _fill(properties, context)
    properties.camera_data = ""


register, unregister = bpy.utils.register_classes_factory(
    (
        DEPTH_PT_reconstruct,
        DEPTH_PT_reconstruct_options,
        DEPTH_PT_reconstruct_values,
        DEPTH_PT_reconstruct_filters,
        DEPTH_PT_reconstruct_passes,
        DEPTH_PT_reconstruct_preview,
    )
)
