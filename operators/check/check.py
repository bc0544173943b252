"""Check: compare many pixels of a reconstruction with the scene, and show where they are off."""

from __future__ import annotations

from typing import TYPE_CHECKING

import bpy
from bpy.props import IntProperty

from ...bridge.scene.provenance import is_reconstruction
from ..job import AskingStep, Job, JobOperator

if TYPE_CHECKING:
    from ...bridge.check.check import Checked
    from ...bridge.check.reconstructed import Reconstructed

_MOVED = 0.5
"""Pixels that points may lie from those they came from, for float32 far from the origin."""


class DEPTH_OT_check(JobOperator, bpy.types.Operator):
    """Check the active reconstruction."""

    bl_idname = "depth.check"
    bl_label = "Check"
    bl_description = (
        "Compare pixels all over the image with the scene, say how far the points of the active "
        "reconstruction are off, and show where in an image and on the object"
    )
    bl_options = {"REGISTER", "UNDO"}

    samples: IntProperty(
        name="Samples",
        description="How many pixels to compare, spread over image and depth",
        default=20_000,
        min=12,
        max=1_000_000,
    )

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if bpy.app.is_job_running("RENDER"):
            cls.poll_message_set("Wait for the render to end, or press ESC in its window")
        elif not is_reconstruction(context.active_object):
            cls.poll_message_set("Select the reconstruction to check")
        elif context.mode != "OBJECT":
            cls.poll_message_set("Switch to Object Mode first")
        else:
            return True
        return False

    def job(self, context: bpy.types.Context) -> Job:
        """Cast the rays a piece at a time, then store what was found."""
        from dataclasses import replace

        from ...bridge.check.check import THOROUGH, check
        from ...bridge.check.reconstructed import read_back
        from ...bridge.check.scene_at_frame import scene_at_frame

        name = context.active_object.name
        found = read_back(context.active_object)
        subject, options = found.subject, replace(THOROUGH, count=self.samples)
        with scene_at_frame(context, subject.shot.frame) as depsgraph:
            step = AskingStep(
                "Choosing pixels",
                0.0,
                lambda worker: check(context, subject, options, depsgraph, worker),
            )
            yield step
        self._store(context, bpy.data.objects[name], found, step.result)

    def _store(
        self,
        context: bpy.types.Context,
        item: bpy.types.Object,
        found: Reconstructed,
        checked: Checked,
    ) -> None:
        from ...bridge.check.display.error_material import show_error, shows_error
        from ...bridge.check.display.pictures import (
            ErrorGrid,
            error_picture,
            histogram,
            show_in_editor,
            store_errors,
        )
        from ...bridge.check.numbers import numbers_text
        from ...bridge.check.state import note_of, store_verdict

        verdict, compared = checked.verdict, checked.compared
        store_verdict(context.scene, verdict, found.subject.shot, item)
        texts, moved = [str(note_of(verdict).text)], found.moved_by()
        if compared is not None:
            grid, is_shown = ErrorGrid.of(compared, found.pixels), shows_error(item)
            show_error(item, False)
            store_errors(item, grid, found.pixels)
            show_error(item, is_shown)  # anew, as the scale may have changed
            picture = error_picture(f"Depth Error {item.name}", grid)
            histogram(f"Depth Error Histogram {item.name}", compared)
            show_in_editor(context, picture)
            lines = numbers_text(
                context.scene, verdict.before, compared.outlying_objects(), compared.least
            )
            context.scene.reconstruct_from_depth.verdict_lines = "\n".join(lines)
            texts.append(f"{'; '.join(lines)}.")
        if moved > _MOVED:
            texts.append(
                f"The object was moved or edited since: its points lie up to {moved:.3g} pixels "
                "from where the camera saw them."
            )
        is_off = note_of(verdict).is_warning or moved > _MOVED
        self.report({"WARNING" if is_off else "INFO"}, " ".join(texts))


register, unregister = bpy.utils.register_classes_factory((DEPTH_OT_check,))
