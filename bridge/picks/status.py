"""Whether the files, cameras and frames that picks were made with are still the same.

It is looked at once a second, and only while there are picks, so that drawing needs no look.
"""

from __future__ import annotations

import bpy

from ..redraw import redraw_editors
from ..renders.history import check_slots

PERIOD = 1.0
"""Seconds between two looks."""

_problems: dict[tuple[int, int], str] = {}


def problem_of(scene: bpy.types.Scene, identifier: int) -> str:
    """What no longer matches of a shot, in lines; empty if all does."""
    return _problems.get((scene.session_uid, identifier), "")


def check(scene: bpy.types.Scene) -> bool:
    """Look at all shots of a scene; whether that changed what there is to say."""
    from .differences import differences  # numpy is for those who picked

    found = {
        (scene.session_uid, shot.identifier): problem
        for shot in scene.depth_picks.shots
        if (problem := differences(scene, shot))
    }
    before = {key: text for key, text in _problems.items() if key[0] == scene.session_uid}
    for key in before:
        del _problems[key]
    _problems.update(found)
    return before != found


def _look() -> float:
    check_slots()
    for window in bpy.context.window_manager.windows:
        if window.scene.depth_picks.shots and check(window.scene):
            redraw_editors()
    return PERIOD


def register() -> None:
    """Look from time to time."""
    if not bpy.app.background:
        bpy.app.timers.register(_look, first_interval=PERIOD, persistent=True)


def unregister() -> None:
    """Look no more."""
    if bpy.app.timers.is_registered(_look):
        bpy.app.timers.unregister(_look)
    _problems.clear()
