"""Reconstruct from Depth: the depth of a file or of the Render Result becomes a mesh."""

from __future__ import annotations

import bpy
from bpy.props import StringProperty

from ...compat import BLEND_RELATIVE
from ...properties.reconstruct.preview import end_preview
from ...properties.reconstruct.settings import EMPTY_MEANS, OPTION_NAMES, ReconstructionOptions
from ..job import Job, JobOperator


class ReconstructionJob(ReconstructionOptions, JobOperator):
    """What the operators that reconstruct have in common."""

    camera: StringProperty(
        name="Camera",
        description="Camera that rendered the image; empty takes the one named in the file, or "
        "the scene's",
        options={"SKIP_SAVE"},
        search=lambda _self, context, _text: [
            each.name for each in context.scene.objects if each.type == "CAMERA"
        ],
    )

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if bpy.app.is_job_running("RENDER"):
            cls.poll_message_set("Wait for the render to end, or press ESC in its window")
        elif context.mode != "OBJECT":
            cls.poll_message_set("Switch to Object Mode first")
        else:
            return True
        return False

    def draw(self, _context: bpy.types.Context) -> None:
        """Show the options in Adjust Last Operation, in the panel's order."""
        self.layout.use_property_split = True
        unused = self.unused_options()
        for name in ("camera", *OPTION_NAMES):
            if name not in unused:
                self.layout.prop(self, name, placeholder=EMPTY_MEANS.get(name, ""))

    def reconstruct(self, context: bpy.types.Context, filepath: str) -> Job:
        """Read, back-project, and build the object; `filepath` is empty for the Render Result."""
        from .job import reconstruction  # numpy is for those who reconstruct

        yield from reconstruction(self, context, filepath)
        end_preview()


class DEPTH_OT_reconstruct(ReconstructionJob, bpy.types.Operator):
    """Reconstruct from a file or from the Render Result."""

    bl_idname = "depth.reconstruct"
    bl_label = "Reconstruct from Depth"
    bl_description = "Turn the depth of a render into a mesh that lies on the surfaces it shows"
    bl_options = {"REGISTER", "UNDO"}

    filepath: StringProperty(
        name="File",
        description="OpenEXR file with the depth of a render; empty takes the Render Result",
        subtype="FILE_PATH",
        options={"SKIP_SAVE"} | BLEND_RELATIVE,
    )

    def job(self, context: bpy.types.Context) -> Job:
        """Reconstruct from the file, or from the Render Result."""
        yield from self.reconstruct(context, bpy.path.abspath(self.filepath.strip()))


class DEPTH_FH_exr(bpy.types.FileHandler):
    """Lets an OpenEXR file be dropped onto the 3D viewport."""

    bl_idname = "DEPTH_FH_exr"
    bl_label = "Reconstruct from Depth"
    bl_import_operator = "depth.reconstruct"
    bl_file_extensions = ".exr"

    @classmethod
    def poll_drop(cls, context: bpy.types.Context) -> bool:
        return context.area is not None and context.area.type == "VIEW_3D"


_CLASSES = (DEPTH_OT_reconstruct, DEPTH_FH_exr)
register, unregister = bpy.utils.register_classes_factory(_CLASSES)
