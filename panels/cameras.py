"""The Camera tab of the Properties editor, and menus: intrinsics in and out."""

from __future__ import annotations

import bpy


class DEPTH_PT_camera_intrinsics(bpy.types.Panel):
    """The camera matrix of the image that the scene renders, and what makes and copies it."""

    bl_label = "Intrinsics"
    bl_space_type = "PROPERTIES"
    bl_region_type = "WINDOW"
    bl_context = "data"
    bl_parent_id = "DATA_PT_lens"
    bl_options = {"DEFAULT_CLOSED"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return context.camera is not None

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        numbers = context.camera.depth_intrinsics
        if numbers.exist():
            column = layout.column(align=True)
            _draw_pair(column, "Focal Length", f"{numbers.fx:.3f}", f"{numbers.fy:.3f}")
            _draw_pair(column, "Principal Point", f"{numbers.cx:.3f}", f"{numbers.cy:.3f}")
            _draw_pair(column, "Image Size", f"{numbers.width} px", f"{numbers.height} px")
        else:
            layout.label(text="This lens has no camera matrix", icon="INFO")
        item = context.object
        column = layout.column(align=True)
        # A camera's data may be pinned without an object.
        column.enabled = item is not None and item.data == context.camera
        operator = column.operator("depth.camera_from_intrinsics", text="Set from Intrinsics...")
        operator.target = "ACTIVE"
        column.operator_menu_enum("depth.copy_intrinsics", "format", icon="COPYDOWN")


def _draw_pair(layout: bpy.types.UILayout, name: str, x: str, y: str) -> None:
    split = layout.split(factor=0.4)
    label = split.row()
    label.alignment = "RIGHT"
    label.label(text=name)
    row = split.row()
    row.label(text=x)
    row.label(text=y)


def _add_entries(menu: bpy.types.Menu, _context: bpy.types.Context) -> None:
    menu.layout.operator_context = "INVOKE_DEFAULT"  # the menu's own is to execute at once
    menu.layout.operator("depth.camera_from_intrinsics", text="Camera from Intrinsics...")


def _import_entries(menu: bpy.types.Menu, _context: bpy.types.Context) -> None:
    text = "Camera (.json/.yml, COLMAP .txt)"
    menu.layout.operator("depth.camera_from_intrinsics", text=text).source = "FILE"


def _view_entries(menu: bpy.types.Menu, _context: bpy.types.Context) -> None:
    menu.layout.separator()
    for form, name in (("NUMPY", "NumPy"), ("JSON", "JSON")):
        text = f"Copy Intrinsics as {name}"
        menu.layout.operator("depth.copy_intrinsics", text=text).format = form


_ENTRIES = (
    ("VIEW3D_MT_camera_add", _add_entries),
    ("TOPBAR_MT_file_import", _import_entries),
    ("VIEW3D_MT_view_cameras", _view_entries),
)


def register() -> None:
    """Add the panel, and entries to Add > Camera, File > Import, and View > Cameras."""
    bpy.utils.register_class(DEPTH_PT_camera_intrinsics)
    for menu, entries in _ENTRIES:
        getattr(bpy.types, menu).append(entries)


def unregister() -> None:
    """Take them out again."""
    for menu, entries in reversed(_ENTRIES):
        getattr(bpy.types, menu).remove(entries)
    bpy.utils.unregister_class(DEPTH_PT_camera_intrinsics)
