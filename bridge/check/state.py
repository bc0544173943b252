"""The verdict of the last check, as the scene keeps it for the sidebar and for scripts."""

from __future__ import annotations

import json
from typing import Any

import bpy

from ...core.cameras.serialization import camera_to_text
from ...core.check.fault import Fault
from ...core.check.verdict import Verdict
from ...core.pipeline.notes import Note
from ...core.pipeline.shot import Shot


def store_verdict(
    scene: bpy.types.Scene, verdict: Verdict, shot: Shot, filepath: str, item: bpy.types.Object
) -> None:
    """Store a verdict about an object in the scene's settings.

    Parameters
    ----------
    scene : bpy.types.Scene
    verdict : Verdict
    shot : Shot
        Of the image that was checked.
    filepath : str
        The image; empty for the Render Result.
    item : bpy.types.Object
        What was reconstructed from it.
    """
    settings = scene.reconstruct_from_depth
    settings.verdict = verdict.fault.name
    settings.verdict_text, settings.verdict_remedy = verdict.text, verdict.advice
    changes = option_changes(verdict, shot)
    settings.verdict_changes = json.dumps(changes) if changes else ""
    settings.verdict_file, settings.verdict_object = filepath, item.name


def note_of(verdict: Verdict) -> Note:
    """The verdict as a note: a warning if something is wrong."""
    is_wrong = verdict.fault not in (Fault.RIGHT, Fault.NOT_CHECKED)
    return Note(f"{verdict.text} {verdict.advice}".strip(), is_wrong)


def option_changes(verdict: Verdict, shot: Shot) -> dict[str, Any]:
    """Options, by their names, with which a reconstruction applies the remedy of a verdict."""
    remedy = verdict.remedy
    if remedy is None:
        return {}
    changes: dict[str, Any] = {}
    if remedy.camera_name is not None:
        if remedy.camera_name != shot.camera_name:
            changes |= {"camera": remedy.camera_name, "override_camera": True}
        if remedy.frame is not None and remedy.frame != shot.frame:
            changes |= {"use_frame": True, "frame": int(remedy.frame)}
    elif remedy.camera is not None:
        changes["camera_data"] = camera_to_text(remedy.camera)
    if remedy.kind is not None:
        changes["depth_kind"] = remedy.kind.name
    return changes
