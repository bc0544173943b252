"""The sidebar of the 3D viewport, tab Depth: export the active reconstruction."""

from __future__ import annotations

import bpy

from ..properties.provenance import is_reconstruction


class DEPTH_PT_export(bpy.types.Panel):
    """A button that names the reconstruction it exports."""

    bl_label = "Export"
    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = "Depth"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return is_reconstruction(context.active_object)

    def draw(self, context: bpy.types.Context) -> None:
        name = context.active_object.name
        self.layout.operator("depth.export", text=f"Export {name}", icon="EXPORT", translate=False)


register, unregister = bpy.utils.register_classes_factory((DEPTH_PT_export,))
