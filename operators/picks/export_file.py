"""Export picks to a file."""

from __future__ import annotations

import bpy

from ...core.annotations.formats import PickFormat
from ...core.errors import DepthError
from ...core.support.messages import printable
from ..file_formats import FormatExportHelper, filter_property, format_property, formats_of
from .base import PicksOperator

FORMATS = formats_of(PickFormat)


class DEPTH_OT_picks_export(PicksOperator, bpy.types.Operator, FormatExportHelper):
    """Export all picks."""

    bl_idname = "depth.picks_export"
    bl_label = "Export Picks"
    bl_description = (
        "Write all picks to a file: their pixels, depths, points in the world and in camera space, "
        "uncertainties, and cameras"
    )
    bl_options = {"REGISTER"}

    formats = FORMATS
    filter_glob: filter_property(FORMATS)
    file_format: format_property(FORMATS, default="JSON")

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        from ...bridge.picks.records import export_file_name

        return self.choose_file(context, export_file_name(context.scene))

    def execute(self, context: bpy.types.Context) -> set[str]:
        # These load numpy, which a start without picks must not.
        from ...bridge.picks.records import records_of
        from ...core.annotations.writing import write_picks

        try:
            path = self.output_path()
            records = records_of(context.scene.depth_picks)
            write_picks(path, records, PickFormat[self.file_format])
        except DepthError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        self.report({"INFO"}, f"Exported {len(records):,} picks to {printable(path)}.")
        return {"FINISHED"}


register, unregister = bpy.utils.register_classes_factory((DEPTH_OT_picks_export,))
