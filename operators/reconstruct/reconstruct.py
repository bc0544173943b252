"""Reconstruct from Depth: the depth of a file or of the Render Result becomes a mesh."""

from __future__ import annotations

import bpy
from bpy.props import StringProperty

from ...compat import BLEND_RELATIVE
from ...properties.reconstruct.depth_values import copy_values
from ..file_formats import absolute_path
from ..job import Job
from .base import ReconstructionOperator


class DEPTH_OT_reconstruct(ReconstructionOperator, bpy.types.Operator):
    """Reconstruct from a file or from the Render Result."""

    bl_idname = "depth.reconstruct"
    bl_label = "Reconstruct from Depth"
    bl_description = "Turn the depth of a render into a mesh that lies on the surfaces it shows"
    bl_options = {"REGISTER", "UNDO"}

    filepath: StringProperty(
        name="File",
        description="File with the depth of a render, such as OpenEXR; empty for the Render Result",
        subtype="FILE_PATH",
        options={"SKIP_SAVE"} | BLEND_RELATIVE,
    )

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Use the depth values that are remembered for a file that is dropped."""
        settings = context.scene.reconstruct_from_depth
        known = settings.depth_values_of(self.filepath) if self.filepath else None
        if known is not None and self.depth_values == "AUTO":
            copy_values(known, self)
        return super().invoke(context, event)

    def job(self, context: bpy.types.Context) -> Job:
        """Reconstruct from the file, or from the Render Result."""
        yield from self.reconstruct(context, absolute_path(self.filepath.strip()))


class DEPTH_FH_depth(bpy.types.FileHandler):
    """Lets a file with depth be dropped onto the 3D viewport.

    PNG, TIFF, and HDR are left to Blender, which makes reference and background images of them.
    """

    bl_idname = "DEPTH_FH_depth"
    bl_label = "Reconstruct from Depth"
    bl_import_operator = "depth.reconstruct"
    bl_file_extensions = ".exr;.pfm;.npy;.npz"

    @classmethod
    def poll_drop(cls, context: bpy.types.Context) -> bool:
        return context.area is not None and context.area.type == "VIEW_3D"


_CLASSES = (DEPTH_OT_reconstruct, DEPTH_FH_depth)
register, unregister = bpy.utils.register_classes_factory(_CLASSES)
