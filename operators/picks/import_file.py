"""Import exported picks, or points that were annotated in other programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import bpy
from bpy.props import StringProperty
from bpy_extras.io_utils import ImportHelper

from ...bridge.redraw import redraw_editors
from ...compat import BLEND_RELATIVE
from ...core.errors import DepthError
from ..file_formats import absolute_path

if TYPE_CHECKING:
    from ...bridge.picks.source import PickSource

MAX_REPORTED = 100
"""Number of problems that are reported one by one."""


class DEPTH_OT_picks_import(bpy.types.Operator, ImportHelper):
    """Import annotated points, and locate them in 3D."""

    bl_idname = "depth.picks_import"
    bl_label = "Import Picks"
    bl_description = (
        "Import points annotated on this image (CSV, JSON, COCO keypoints, LabelMe, CVAT), and "
        "find them in 3D"
    )
    bl_options = {"REGISTER", "UNDO"}

    filepath: StringProperty(
        name="File Path",
        description="File with the annotated points",
        subtype="FILE_PATH",
        options={"HIDDEN"} | BLEND_RELATIVE,
    )
    filter_glob: StringProperty(default="*.csv;*.tsv;*.txt;*.json;*.xml", options={"HIDDEN"})
    depth_file: StringProperty(
        name="Depth",
        description="OpenEXR file with the depth of the image. If it is empty, the depth of the "
        "image in the Image Editor is used, or the source in the sidebar of the 3D viewport",
        options={"SKIP_SAVE"},
    )
    view: StringProperty(name="View", description="View of a stereo render, such as left")

    def execute(self, context: bpy.types.Context) -> set[str]:
        try:
            problems, notes, count = self._import(context, absolute_path(self.filepath))
        except DepthError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        for problem in problems[:MAX_REPORTED]:
            self.report({"WARNING"}, problem)
        text = " ".join((f"Imported {_count_text(count)}.", *notes))
        if problems:
            text += f" Left out {_count_text(len(problems))}: {' '.join(problems[:3])}"
        self.report({"WARNING"} if problems else {"INFO"}, text)
        redraw_editors()
        return {"FINISHED"} if count else {"CANCELLED"}

    def _import(
        self, context: bpy.types.Context, path: str
    ) -> tuple[list[str], tuple[str, ...], int]:
        """Import a file; returns problems, notes, and the number of imported points."""
        # These load numpy, which a start without picks must not.
        from ...bridge.picks.records import add_annotations, add_records
        from ...core.annotations.annotation import choose_image
        from ...core.annotations.reading import read_annotations, read_picks

        picks = context.scene.depth_picks
        before = len(picks.picks)
        exported = read_picks(path)
        if exported is not None:
            problems = add_records(picks, exported.records)
            return [*exported.problems, *problems], (), len(picks.picks) - before
        images = read_annotations(path)
        source, name = self._source(context)
        image = choose_image(images, name).fit_to(source.depth.size).inside(source.depth.size)
        problems = add_annotations(picks, source, image.annotations)
        notes = tuple(note if note.endswith(".") else f"{note}." for note in image.notes)
        return [*image.problems, *problems], notes, len(picks.picks) - before

    def _source(self, context: bpy.types.Context) -> tuple[PickSource, str]:
        """Load the depth, and find the name of the picture that was annotated."""
        from ...bridge.picks.cache import load_source
        from ...bridge.picks.editor_image import load_editor_source
        from ...bridge.picks.source import key_of

        space = context.space_data
        if not self.depth_file and space is not None and space.type == "IMAGE_EDITOR":
            source, _ = load_editor_source(context)
            return source, space.image.filepath or "Render Result"
        key = key_of(context.scene, self.depth_file, self.view)
        return load_source(context, key), key.filepath or "Render Result"


def _count_text(count: int) -> str:
    return "1 point" if count == 1 else f"{count:,} points"


register, unregister = bpy.utils.register_classes_factory((DEPTH_OT_picks_import,))
