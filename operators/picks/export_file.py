"""Export picks to files of other programs."""

from __future__ import annotations

import bpy
from bpy.props import EnumProperty, StringProperty

from ...core.errors import DepthError
from ..file_formats import FormatExportHelper
from .edit import PicksOperator


class DEPTH_OT_picks_export(PicksOperator, bpy.types.Operator, FormatExportHelper):
    """Export all picks."""

    bl_idname = "depth.picks_export"
    bl_label = "Export Picks"
    bl_description = (
        "Write all picks to a file: their pixels, depths, points in the world and in the camera's "
        "space, how uncertain they are, and their cameras"
    )
    bl_options = {"REGISTER"}

    EXTENSIONS = {"CSV": ".csv", "JSON": ".json", "COCO": ".json", "PLY": ".ply"}
    filter_glob: StringProperty(default="*.csv;*.json;*.ply", options={"HIDDEN"})
    file_format: EnumProperty(
        name="Format",
        items=(
            ("CSV", "CSV", "A table with all numbers; Import brings it back without loss"),
            ("JSON", "JSON", "Everything there is; Import brings it back without loss"),
            ("COCO", "COCO Keypoints", "2D keypoints, with the 3D points beside them"),
            ("PLY", "PLY", "A cloud of the points in the world"),
        ),
        default="JSON",
    )

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        from ...bridge.picks.records import scene_name_of

        return self.choose_file(context, scene_name_of(context.scene))

    def execute(self, context: bpy.types.Context) -> set[str]:
        from ...bridge.picks.records import records_of  # numpy is for those who picked
        from ...core.annotations import Format, write_picks

        path = bpy.path.abspath(self.filepath)
        records = records_of(context.scene.depth_picks)
        try:
            write_picks(path, records, Format[self.file_format])
        except DepthError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        self.report({"INFO"}, f"Exported {len(records):,} picks to {path}.")
        return {"FINISHED"}


register, unregister = bpy.utils.register_classes_factory((DEPTH_OT_picks_export,))
