"""Pick a point of the render by its pixel, from the console; the tool does it by click."""

from __future__ import annotations

import bpy
from bpy.props import FloatProperty, StringProperty

from ...compat import BLEND_RELATIVE
from ...core.errors import DepthError


class DEPTH_OT_pick(bpy.types.Operator):
    """Add a pick at a pixel of the render.

    Blender's properties are single precision: at 8K, x and y are off by up to 0.0003 pixels.
    """

    bl_idname = "depth.pick"
    bl_label = "Pick Depth Point"
    bl_description = "Find the point in 3D that the render shows at a pixel, and add it to the list"
    bl_options = {"REGISTER", "UNDO"}

    x: FloatProperty(
        name="X", description="Pixels from the left edge of the image, with fractions", precision=3
    )
    y: FloatProperty(
        name="Y", description="Pixels from the top edge of the image, with fractions", precision=3
    )
    name: StringProperty(
        name="Name", description="Empty names it by the pattern", options={"SKIP_SAVE"}
    )
    filepath: StringProperty(
        name="File",
        description="OpenEXR file with the depth of the render; empty takes the source that the "
        "sidebar of the 3D viewport has, which is the Render Result if nothing else is chosen",
        subtype="FILE_PATH",
        options={"SKIP_SAVE"} | BLEND_RELATIVE,
    )
    view: StringProperty(name="View", description="View of a stereo render, such as left")
    camera: StringProperty(
        name="Camera",
        description="Camera that rendered the image; empty takes the one chosen in the sidebar of "
        "the 3D viewport for this file, or else the one named in the file, or the scene's",
    )

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return context.scene is not None

    def execute(self, context: bpy.types.Context) -> set[str]:
        from ...bridge.picks.cache import load_source  # numpy is for those who pick
        from ...bridge.picks.model import add_pick, locate_one
        from ...bridge.picks.source import key_of

        try:
            key = key_of(context.scene, self.filepath, self.view)
            source = load_source(context, key, self.camera)
            numbers, edge = locate_one(source, self.x, self.y)
        except DepthError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        pick = add_pick(context.scene.depth_picks, source, numbers, edge, self.name)
        self.report({"INFO"}, " ".join((described(pick.name, numbers, edge), *source.notes)))
        return {"FINISHED"}


def described(name: str, numbers: object, edge: bool) -> str:
    """What to report of a pick that was made."""
    place = ", ".join(f"{value:.6g}" for value in numbers.world)
    at_edge = ", at the edge of a surface" if edge else ""
    return f"{name}: depth {numbers.depth:.6g}, world ({place}){at_edge}."


register, unregister = bpy.utils.register_classes_factory((DEPTH_OT_pick,))
