"""The entries in Blender's own menus, which also make them found by Menu Search (F3)."""

from __future__ import annotations

import bpy


def _add_entries(menu: bpy.types.Menu, _context: bpy.types.Context) -> None:
    menu.layout.separator()
    menu.layout.operator("depth.reconstruct", icon="POINTCLOUD_DATA")
    menu.layout.operator("depth.render_and_reconstruct", icon="RENDER_STILL")


def _export_entries(menu: bpy.types.Menu, _context: bpy.types.Context) -> None:
    menu.layout.operator("depth.export", text="Depth Reconstruction (.ply/.npz/.xyz/.glb)")


# Blender calls an entry with the menu and the context; in the stubs, with the context alone.
def register() -> None:
    """Add the entries to the 3D viewport's Add menu, and to File > Export."""
    bpy.types.VIEW3D_MT_add.append(_add_entries)  # type: ignore[arg-type]
    bpy.types.TOPBAR_MT_file_export.append(_export_entries)  # type: ignore[arg-type]


def unregister() -> None:
    """Remove the entries."""
    bpy.types.TOPBAR_MT_file_export.remove(_export_entries)  # type: ignore[arg-type]
    bpy.types.VIEW3D_MT_add.remove(_add_entries)  # type: ignore[arg-type]
