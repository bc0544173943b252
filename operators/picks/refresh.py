"""Picks whose file, camera or frame changed: look again, locate them anew, or keep them."""

from __future__ import annotations

import bpy
from bpy.props import IntProperty

from ...bridge.redraw import redraw_editors
from ...core.errors import CameraError, DepthError
from .edit import PicksOperator


class _ShotOperator(PicksOperator):
    shot: IntProperty(
        name="Shot", description="Identifier of a shot; 0 for all of them", options={"SKIP_SAVE"}
    )

    def shots(self, context: bpy.types.Context) -> list[int]:
        """Identifiers of the shots that are meant."""
        shots = context.scene.depth_picks.shots
        return [one.identifier for one in shots if self.shot in (0, one.identifier)]


class DEPTH_OT_picks_check(PicksOperator, bpy.types.Operator):
    """Look whether files, cameras and frames are as they were; the interface does it by itself."""

    bl_idname = "depth.picks_check"
    bl_label = "Check Picks"
    bl_description = "Look whether the files, cameras and frames of the picks are still the same"
    bl_options = {"INTERNAL"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        from ...bridge.picks.status import check

        check(context.scene)
        return {"FINISHED"}


class DEPTH_OT_picks_recompute(_ShotOperator, bpy.types.Operator):
    """Locate picks anew."""

    bl_idname = "depth.picks_recompute"
    bl_label = "Recompute Picks"
    bl_description = (
        "Locate the picks anew with the file and the camera as they are now. If the camera moved "
        "after the render, render first"
    )

    def execute(self, context: bpy.types.Context) -> set[str]:
        missed: list[str] = []
        problems: list[str] = []
        count = 0
        identifiers = self.shots(context)
        for identifier in identifiers:
            try:
                found = _recompute(context, identifier)
            except DepthError as error:
                problems.append(str(error))
                continue
            count += found[0]
            missed += found[1]
        _look_again(context)
        problem = " ".join(dict.fromkeys(problems))
        if problems and len(problems) == len(identifiers):
            self.report({"ERROR"}, problem)
            return {"CANCELLED"}
        if problems:
            self.report({"WARNING"}, problem)
        if missed:
            kept = ", ".join(missed[:5]) + (" …" if len(missed) > 5 else "")
            self.report(
                {"WARNING"},
                f"Recomputed {count:,} picks; nothing is hit any more at {len(missed):,} others, "
                f"which stay as they were: {kept}.",
            )
        else:
            self.report({"INFO"}, f"Recomputed {count:,} picks.")
        return {"FINISHED"}


class DEPTH_OT_picks_keep(_ShotOperator, bpy.types.Operator):
    """Keep picks as they are."""

    bl_idname = "depth.picks_keep"
    bl_label = "Keep Picks"
    bl_description = "Leave the picks where they are, and say no more of what differs now"

    def execute(self, context: bpy.types.Context) -> set[str]:
        from ...bridge.picks.differences import keep

        identifiers = self.shots(context)
        for shot in context.scene.depth_picks.shots:
            if shot.identifier in identifiers:
                keep(context.scene, shot)
        _look_again(context)
        return {"FINISHED"}


def _recompute(context: bpy.types.Context, identifier: int) -> tuple[int, list[str]]:
    """How many picks of a shot were located anew, and the names of those that hit nothing."""
    from ...bridge.picks.cache import reload_source
    from ...bridge.picks.differences import keep
    from ...bridge.picks.model import ensure_shot, relocate
    from ...bridge.picks.source import SourceKey

    picks = context.scene.depth_picks
    shot = next(one for one in picks.shots if one.identifier == identifier)
    if shot.camera and shot.camera not in context.scene.objects:
        raise CameraError(
            f'The camera "{shot.camera}" of these picks is not in the scene, and another one sees '
            "other things: bring it back under that name, or keep the picks as they are."
        )
    source = reload_source(context, SourceKey(shot.filepath, shot.view), shot.camera, shot.layer)
    scale = source.depth.size[0] / shot.size[0], source.depth.size[1] / shot.size[1]
    indices = [index for index, pick in enumerate(picks.picks) if pick.shot == identifier]
    numbers = [picks.picks[index].numbers for index in indices]
    pixels = [(one.x * scale[0], one.y * scale[1]) for one in numbers]
    new_shot = ensure_shot(picks, source)
    keep(context.scene, new_shot)  # another frame than the scene's may stay one
    missed = relocate(picks, indices, new_shot.identifier, source, pixels)
    picks.remove_picks(())  # the old shot may have lost its last pick
    return len(indices) - len(missed), missed


def _look_again(context: bpy.types.Context) -> None:
    from ...bridge.picks.status import check

    check(context.scene)
    redraw_editors()


register, unregister = bpy.utils.register_classes_factory(
    (DEPTH_OT_picks_check, DEPTH_OT_picks_recompute, DEPTH_OT_picks_keep)
)
