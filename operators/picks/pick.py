"""Pick a point of the render by its pixel, as scripts do; the tool does it by a click."""

from __future__ import annotations

import bpy
from bpy.props import FloatProperty, StringProperty

from ...compat import BLEND_RELATIVE
from ...core.errors import DepthError
from .base import describe_pick


class DEPTH_OT_pick(bpy.types.Operator):
    """Add a pick at a pixel of the render.

    Blender's properties are single precision: at 8K, x and y are off by up to 0.0003 pixels.
    """

    bl_idname = "depth.pick"
    bl_label = "Pick Depth Point"
    bl_description = (
        "Find the 3D point that the render shows at a pixel, and add it to the list of picks"
    )
    bl_options = {"REGISTER", "UNDO"}

    x: FloatProperty(
        name="X", description="Pixels from the left edge of the image, with fractions", precision=3
    )
    y: FloatProperty(
        name="Y", description="Pixels from the top edge of the image, with fractions", precision=3
    )
    name: StringProperty(
        name="Name",
        description="Name of the pick; if empty, the next name of the pattern",
        options={"SKIP_SAVE"},
    )
    filepath: StringProperty(
        name="File",
        description="OpenEXR file with the depth of the render; if empty, the source chosen in the "
        "sidebar of the 3D viewport, which is the Render Result by default",
        subtype="FILE_PATH",
        options={"SKIP_SAVE"} | BLEND_RELATIVE,
    )
    view: StringProperty(name="View", description="View of a stereo render, such as left")
    camera: StringProperty(
        name="Camera",
        description="Camera that rendered the image; if empty, the one chosen for this source in "
        "the sidebar of the 3D viewport, else the one named in the file, else the scene's",
    )

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return context.scene is not None

    def execute(self, context: bpy.types.Context) -> set[str]:
        from ...bridge.picks.cache import load_source  # imports numpy
        from ...bridge.picks.scene_picks import add_pick
        from ...bridge.picks.source import key_of
        from ...core.geometry.locate_pixel import locate_pixel

        try:
            key = key_of(context.scene, self.filepath, self.view)
            source = load_source(context, key, self.camera)
            point = locate_pixel(source.depth, source.camera, self.x, self.y)
        except DepthError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        pick = add_pick(context.scene.depth_picks, source, point, self.name)
        self.report({"INFO"}, " ".join((describe_pick(pick.name, point), *source.notes)))
        return {"FINISHED"}


register, unregister = bpy.utils.register_classes_factory((DEPTH_OT_pick,))
