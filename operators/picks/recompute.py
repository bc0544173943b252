"""Locate picks again with the file and the camera as they are now."""

from __future__ import annotations

from dataclasses import dataclass, field

import bpy

from ...bridge.redraw import redraw_editors
from ...core.errors import CameraError, DepthError
from .base import ShotsOperator, count_text

MAX_NAMED = 5
"""Number of picks that the report names."""


@dataclass
class _Outcome:
    """What became of the picks of some shots."""

    located: int = 0
    missed: list[str] = field(default_factory=list)
    """Names of the picks that hit nothing now."""
    problems: list[str] = field(default_factory=list)
    """A sentence for each shot that could not be read."""


class DEPTH_OT_picks_recompute(ShotsOperator, bpy.types.Operator):
    """Locate picks again with the file and the camera as they are now."""

    bl_idname = "depth.picks_recompute"
    bl_label = "Recompute Picks"
    bl_description = (
        "Locate the picks again with the file and the camera as they are now. If the camera moved "
        "after the render, render first"
    )

    def execute(self, context: bpy.types.Context) -> set[str]:
        from ...bridge.picks.change_watcher import update_problems

        outcome = _Outcome()
        try:
            identifiers = self.chosen_shots(context)
        except DepthError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        for identifier in identifiers:
            try:
                _recompute_shot(context, identifier, outcome)
            except DepthError as error:
                outcome.problems.append(str(error))
        update_problems(context.scene)
        redraw_editors()
        if outcome.problems and len(outcome.problems) == len(identifiers):
            self.report({"ERROR"}, _joined(outcome.problems))
            return {"CANCELLED"}
        self._report(outcome)
        return {"FINISHED"}

    def _report(self, outcome: _Outcome) -> None:
        if outcome.problems:
            self.report({"WARNING"}, _joined(outcome.problems))
        recomputed = f"Recomputed {count_text(outcome.located, 'pick')}"
        missed = outcome.missed
        if not missed:
            self.report({"INFO"}, f"{recomputed}.")
            return
        names = ", ".join(missed[:MAX_NAMED]) + (" …" if len(missed) > MAX_NAMED else "")
        self.report(
            {"WARNING"},
            f"{recomputed}; at {len(missed):,} more the render now shows no surface, and they stay "
            f"as they were: {names}.",
        )


def _joined(problems: list[str]) -> str:
    """All different sentences in one text."""
    return " ".join(dict.fromkeys(problems))


def _recompute_shot(context: bpy.types.Context, identifier: int, outcome: _Outcome) -> None:
    """Locate the picks of a shot again.

    Raises
    ------
    DepthError
        The shot's file or camera cannot be read.
    """
    from ...bridge.picks.cache import reload_source
    from ...bridge.picks.changes import accept_changes
    from ...bridge.picks.scene_picks import ensure_shot, relocate_picks
    from ...bridge.picks.source import SETTLED, SourceKey

    picks = context.scene.depth_picks
    shot = next(each for each in picks.shots if each.identifier == identifier)
    is_settled = shot.pose in SETTLED  # such as by the file itself
    if shot.camera and shot.camera not in context.scene.objects and not is_settled:
        raise CameraError(
            f'The camera "{shot.camera}" of these picks is not in the scene, and another camera '
            "would see other things: bring it back under that name, or keep the picks as they are."
        )
    source = reload_source(context, SourceKey(shot.filepath, shot.view), shot.camera, shot.layer)
    scale_x, scale_y = source.depth.size[0] / shot.size[0], source.depth.size[1] / shot.size[1]
    indices = [index for index, pick in enumerate(picks.picks) if pick.shot == identifier]
    points = [picks.picks[index].point for index in indices]
    pixels = [(point.x * scale_x, point.y * scale_y) for point in points]
    new_shot = ensure_shot(picks, source)
    # The shot's frame need not be the scene's; that is no difference to report.
    accept_changes(context.scene, new_shot)
    missed = relocate_picks(picks, indices, new_shot.identifier, source, pixels)
    picks.remove_unused_shots()
    outcome.located += len(indices) - len(missed)
    outcome.missed += missed


register, unregister = bpy.utils.register_classes_factory((DEPTH_OT_picks_recompute,))
