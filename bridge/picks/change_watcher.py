"""Watches whether the files, cameras, and frames that picks were made with are still the same.

A timer compares them once a second, and only while there are picks, so that drawing only has to
look the result up.
"""

from __future__ import annotations

import bpy

from ..redraw import redraw_editors
from ..renders.history import check_slots
from ..session import register_cache, size_of

PERIOD = 1.0
"""Seconds between two comparisons."""

_problems: dict[tuple[int, int], str] = {}
"""What differs, by the session identifier of the scene and the identifier of the shot."""

register_cache(
    __name__,
    "_problems",
    title="Differences from Picked Shots",
    limit="3 lines for each shot",
    dropped="When another file is loaded; compared again every second.",
    held_bytes=lambda: size_of(_problems),
    free=_problems.clear,
)


def problem_of_shot(scene: bpy.types.Scene, identifier: int) -> str:
    """Lines that say what differs from a shot now; empty if nothing does."""
    return _problems.get((scene.session_uid, identifier), "")


def update_problems(scene: bpy.types.Scene) -> bool:
    """Compare all shots of a scene with what there is now; return whether a problem changed."""
    from .changes import changes  # imports numpy

    found = {
        (scene.session_uid, shot.identifier): problem
        for shot in scene.depth_picks.shots
        if (problem := changes(scene, shot))
    }
    before = {key: text for key, text in _problems.items() if key[0] == scene.session_uid}
    for key in before:
        del _problems[key]
    _problems.update(found)
    return before != found


def _on_timer() -> float:
    check_slots()
    for window in bpy.context.window_manager.windows:
        if window.scene.depth_picks.shots and update_problems(window.scene):
            redraw_editors()
    return PERIOD


def register() -> None:
    """Start the timer, if there is a window to show the result in."""
    if not bpy.app.background:
        bpy.app.timers.register(_on_timer, first_interval=PERIOD, persistent=True)


def unregister() -> None:
    """Stop the timer."""
    if bpy.app.timers.is_registered(_on_timer):
        bpy.app.timers.unregister(_on_timer)
