"""The list of picks in the sidebars of the Image Editor and the 3D viewport, tab Depth."""

from __future__ import annotations

from typing import Any

import bpy

from ..operators.picks.drag import PICK_TOOL
from .text import draw_text

WIDE = 420
"""Width of a sidebar, at UI scale 1, above which a row of the list holds everything."""

FIRST_STEPS = (
    ("Render with the Depth pass, or", "RENDER_STILL"),
    ("open its EXR in an Image Editor.", "BLANK1"),
    ("Then press Pick Points, and click", "RESTRICT_SELECT_OFF"),
    ("on the points that you want.", "BLANK1"),
)


class DEPTH_UL_picks(bpy.types.UIList):
    """Color, name, depth, and world coordinates of each pick."""

    def draw_item(
        self,
        context: bpy.types.Context,
        layout: bpy.types.UILayout,
        data: Any,
        item: Any,
        icon: int,
        active_data: Any,
        active_property: str,
        index: int = 0,
        flag: int = 0,
    ) -> None:
        column = layout.column(align=True)
        column.active = not item.hidden
        row = column.row(align=True)
        swatch = row.row()
        swatch.ui_units_x = 0.9
        swatch.prop(item, "color", text="")
        is_wide = context.region.width > WIDE * context.preferences.system.ui_scale
        if is_wide:
            split = row.split(factor=0.4)
            split.prop(item, "name", text="", emboss=False)
            split = split.split(factor=0.3)
            split.label(text=item.depth_text)
            split.label(text=item.place_text)
        else:
            split = row.split(factor=0.58)
            split.prop(item, "name", text="", emboss=False)
            split.label(text=item.depth_text)
        shot = data.shot_of(item)
        if shot is not None and shot.problem:
            row.label(text="", icon="ERROR")
        row.prop(
            item, "hidden", text="", emboss=False,
            icon="HIDE_ON" if item.hidden else "HIDE_OFF",
        )  # fmt: skip
        if not is_wide:
            below = column.row()
            below.active = False
            below.scale_y = 0.7
            below.label(text=item.place_text)


class _ImageTab:
    """Place of a panel: the tab Depth in the Image Editor."""

    bl_space_type = "IMAGE_EDITOR"
    bl_region_type = "UI"
    bl_category = "Depth"


class _ViewTab:
    """Place of a panel: the tab Depth in the 3D viewport."""

    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = "Depth"


class _Picks:
    """The list of picks, their problems, and the selected pick."""

    bl_label = "Picks"

    def draw(self, context: bpy.types.Context) -> None:
        layout, picks = self.layout, context.scene.depth_picks
        if self.bl_space_type == "IMAGE_EDITOR":
            _draw_start(layout, context)
        if not picks.picks:
            column = layout.box().column(align=True)
            column.scale_y = 0.8
            for text, icon in FIRST_STEPS:
                column.label(text=text, icon=icon)
            return
        _draw_list(layout, picks)
        _draw_problems(layout, picks)
        pick = picks.active_pick()
        if pick is not None:
            _draw_pick(layout, pick)


def _draw_start(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    """The button that activates the tool, and the source of depth for an image without depth."""
    space = context.space_data
    if space.mode != "VIEW":
        layout.label(text="Picking needs the View mode:", icon="INFO")
        layout.prop(space, "ui_mode", text="Mode")
        return
    tool = context.workspace.tools.from_space_image_mode("VIEW", create=False)
    is_active = tool is not None and tool.idname == PICK_TOOL
    row = layout.row()
    row.scale_y = 1.5
    row.operator(
        "wm.tool_set_by_id", text="Pick Points", icon="RESTRICT_SELECT_OFF", depress=is_active
    ).name = PICK_TOOL
    image = space.image
    if image is None:
        layout.label(text="Choose the render in the header", icon="INFO")
        return
    picks = context.scene.depth_picks
    if not picks.image_has_depth:
        settings = context.scene.reconstruct_from_depth
        column = layout.column(align=True)
        column.label(text="Depth of This Image:")
        column.row(align=True).prop(settings, "source", expand=True)
        if settings.source == "FILE":
            column.prop(settings, "filepath", text="")
            if settings.file_error:
                draw_text(layout, context, settings.file_error, "ERROR")
                return
    layout.label(text=f"Depth: {picks.depth_title or 'Choose a file'}")


def _draw_list(layout: bpy.types.UILayout, picks: bpy.types.PropertyGroup) -> None:
    row = layout.row()
    row.template_list("DEPTH_UL_picks", "", picks, "picks", picks, "active", rows=4)
    column = row.column(align=True)
    column.operator("depth.picks_remove", text="", icon="REMOVE")
    column.separator()
    for direction in ("UP", "DOWN"):
        icon: Any = f"TRIA_{direction}"
        button = column.operator("depth.picks_move", text="", icon=icon)
        button.direction = direction
    column.separator()
    column.operator("depth.view_pick", text="", icon="ZOOM_SELECTED")
    column.operator("depth.picks_clear", text="", icon="TRASH")


def _draw_pick(layout: bpy.types.UILayout, pick: bpy.types.PropertyGroup) -> None:
    column = layout.column(align=True)
    column.scale_y = 0.85
    for line in pick.details.splitlines():
        name, _, value = line.partition("\t")
        split = column.split(factor=0.32)
        label = split.row()
        label.alignment = "RIGHT"
        label.label(text=name)
        split.label(text=value)


def _draw_problems(layout: bpy.types.UILayout, picks: bpy.types.PropertyGroup) -> None:
    for shot in picks.shots:
        if shot.problem:
            box = layout.box().column(align=True)
            for index, line in enumerate(shot.problem.splitlines()):
                box.label(text=line, icon="BLANK1" if index else "ERROR")
            row = box.row(align=True)
            row.operator("depth.picks_keep", text="Keep").shot = shot.identifier
            row.operator("depth.picks_recompute", text="Recompute").shot = shot.identifier


class _Options:
    """How new picks are named, and what the editors show."""

    bl_label = "Names and Display"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        layout, picks = self.layout, context.scene.depth_picks
        layout.use_property_split = True
        layout.use_property_decorate = False
        column = layout.column(align=True)
        column.prop(picks, "pattern", text="New Name")
        column.prop(picks, "start")
        column = layout.column(align=True, heading="Show")
        column.prop(picks, "show_names")
        column.prop(picks, "show_sight")
        column.prop(picks, "show_others")


class _HasPicks:
    """Base of panels that need at least one pick."""

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return bool(context.scene.depth_picks.picks)


class _Measures(_HasPicks):
    """Distances, angle, and area."""

    bl_label = "Measures"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        column = self.layout.column(align=True)
        for line in context.scene.depth_picks.measures.splitlines():
            name, _, value = line.partition("\t")
            split = column.split(factor=0.55)
            split.label(text=name)
            split.label(text=value)


class _Files:
    """What can be made of picks, and files of picks."""

    bl_label = "Create, Import, Export"

    def draw(self, context: bpy.types.Context) -> None:
        layout, picks = self.layout, context.scene.depth_picks
        if picks.picks:
            grid = layout.grid_flow(columns=2, even_columns=True, align=True)
            grid.operator("depth.picks_to_mesh", text="Mesh", icon="MESH_DATA")
            grid.operator("depth.picks_to_empties", text="Empties", icon="EMPTY_AXIS")
            grid.operator("depth.picks_to_curve", text="Curve", icon="CURVE_DATA")
            grid.operator("depth.picks_to_labels", text="Labels", icon="FONT_DATA")
        row = layout.row(align=True)
        row.operator("depth.picks_import", text="Import", icon="IMPORT")
        row.operator("depth.picks_export", text="Export", icon="EXPORT")


class DEPTH_PT_pick_name(bpy.types.Panel):
    """The popup that renames a pick."""

    bl_space_type = "TOPBAR"
    bl_region_type = "HEADER"
    bl_label = "Rename Pick"
    bl_ui_units_x = 12

    def draw(self, context: bpy.types.Context) -> None:
        pick = context.scene.depth_picks.active_pick()
        if pick is not None:
            self.layout.label(text="Pick Name")
            row = self.layout.row()
            row.activate_init = True
            row.prop(pick, "name", text="", icon="RESTRICT_SELECT_OFF")


def _panels() -> list[type]:
    """Each panel, once for each of the two editors."""
    made = []
    for tab, suffix in ((_ImageTab, "image"), (_ViewTab, "view")):
        parent = f"DEPTH_PT_picks_{suffix}"
        for content, name in (
            (_Picks, "picks"), (_Measures, "measures"), (_Files, "files"), (_Options, "options"),
        ):  # fmt: skip
            identifier = f"DEPTH_PT_{name}_{suffix}"
            body = {"bl_parent_id": parent} if content is not _Picks else {}
            made.append(type(identifier, (tab, content, bpy.types.Panel), body))
    return made


_CLASSES = (DEPTH_UL_picks, DEPTH_PT_pick_name, *_panels())
register, unregister = bpy.utils.register_classes_factory(_CLASSES)
