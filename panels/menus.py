"""The entries in Blender's own menus, where menu search (F3) finds them."""

from __future__ import annotations

import bpy


def _add_entries(menu: bpy.types.Menu, _context: bpy.types.Context) -> None:
    menu.layout.separator()
    menu.layout.operator("depth.reconstruct", icon="POINTCLOUD_DATA")
    menu.layout.operator("depth.render_and_reconstruct", icon="RENDER_STILL")


def register() -> None:
    """Add the entries to the 3D viewport's Add menu."""
    bpy.types.VIEW3D_MT_add.append(_add_entries)


def unregister() -> None:
    """Take them out again."""
    bpy.types.VIEW3D_MT_add.remove(_add_entries)
