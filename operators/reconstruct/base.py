"""What the operators that reconstruct have in common: their options and their job."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import bpy
from bpy.props import StringProperty

from ...properties.reconstruct.options import EMPTY_MEANS, OPTION_NAMES, ReconstructionProperties
from ...properties.reconstruct.preview import end_preview
from ..job import Job, JobOperator, ThreadStep

if TYPE_CHECKING:
    from ...core.pipeline.notes import Note
    from ...core.pipeline.reconstruction import Reconstruction
    from ...core.pipeline.source import Source


class ReconstructionOperator(ReconstructionProperties, JobOperator):
    """Base of operators that reconstruct."""

    camera: StringProperty(
        name="Camera",
        description="Camera that rendered the image. If empty, it is the one named in the file, or "
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
        from ...bridge.check.check import Subject, check
        from ...bridge.check.state import note_of, store_verdict
        from ...bridge.reconstruct.build import COLORLESS, Appearance, build_object
        from ...bridge.renders.result_file import depth_file
        from ...bridge.scene.point_cloud import check_point_clouds
        from ...bridge.scene.provenance import store_provenance, store_result
        from ...bridge.sources.source import find_source
        from ...core.pipeline.notes import warning
        from ...core.pipeline.options import Output
        from ...core.pipeline.reconstruction import reconstruct

        options = self.reconstruction_options(context)
        if options.output is Output.POINT_CLOUD:
            check_point_clouds()
        request = self.source_request(filepath, self.camera, options)
        with depth_file(context.scene, filepath) as path:
            source = find_source(context, request, path)
            step = ThreadStep("Reading", 0.0, lambda: reconstruct(source, options, step.advance))
            yield step
            verdict = check(context, Subject.of(source, step.result.attributes.pixels)).verdict
        made: Reconstruction = step.result
        counts, notes = made.filter_counts, tuple(made.notes)
        del made  # the step then has the only reference, so that building can free the points
        look = Appearance(_stem(path), self.show_points, self.surface_material == "RENDER")
        item = build_object(context, step.take(), options.output, look)
        store_provenance(item, source, filepath, self.option_values() | {"camera": self.camera})
        store_verdict(context.scene, verdict, source.shot, item)
        if (
            self.output == "SURFACE"
            and self.surface_material == "RENDER"
            and (not item.data.materials)
        ):
            notes += (warning(COLORLESS),)
        store_result(context.scene, counts, notes)
        end_preview()
        self._report(item, source, [str(each) for each in counts], (*notes, note_of(verdict)))

    def _report(
        self,
        item: bpy.types.Object,
        source: Source,
        counts: list[str],
        notes: tuple[Note, ...],
    ) -> None:
        """Report what was made and from what, how much was left out and why, and the notes."""
        from ...core.pipeline.notes import has_warning, report_text

        layer, shot = source.layers.points, source.shot
        kind = f"{shot.kind.value} {self.values_text()}".strip()
        kind = "world space" if source.layers.position else kind
        text = f"{_size(item)} from {layer.label} ({kind}), {shot.camera_text}, frame {shot.frame}"
        text = f"{text}; {', '.join(counts)}." if counts else f"{text}."
        level = {"WARNING"} if has_warning(notes) else {"INFO"}
        self.report(level, report_text(f"{text} {shot.basis}", notes))


def _stem(path: str) -> str:
    return os.path.splitext(os.path.basename(path))[0]


def _size(item: bpy.types.Object) -> str:
    """Describe how many points, and faces over them, there are."""
    data = item.data
    count = len(data.attributes["depth"].data)
    points = f"{count:,} point" if count == 1 else f"{count:,} points"
    if isinstance(data, bpy.types.Mesh) and data.polygons:
        return f"{len(data.polygons):,} faces over {points}"
    return points
