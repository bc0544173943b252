"""The verdict of the last check, as the scene keeps it for the sidebar and for scripts."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import bpy

from ...core.cameras.serialization import camera_to_text
from ...core.check.fault import Fault
from ...core.check.values import AS_IS
from ...core.check.verdict import Verdict
from ...core.pipeline.notes import Note
from ...core.pipeline.shot import Shot
from .. import units
from ..scene.provenance import provenance_of
from ..sources.depth_values import scene_units
from .value_options import value_changes

_WHAT = {
    Fault.WRONG_CAMERA: "another camera",
    Fault.WRONG_FRAME: "another frame",
    Fault.CAMERA_MOVED: "the camera was moved",
    Fault.WRONG_LENS: "another lens",
    Fault.RAY_NOT_PLANAR: "depth along the ray",
    Fault.PLANAR_NOT_RAY: "planar depth",
    Fault.SCALED: "another unit",
    Fault.OFFSET: "an offset",
    Fault.INVERSE: "inverse depth",
    Fault.INVERTED: "inverted depth",
    Fault.NORMALIZED: "normalized depth",
    Fault.FLIPPED_X: "mirrored left to right",
    Fault.FLIPPED_Y: "upside down",
    Fault.HALF_PIXEL: "shifted by half a pixel",
    Fault.CROPPED: "a cropped image",
    Fault.SRGB_ENCODED: "sRGB-encoded values",
    Fault.FILTERED: "Edges are filtered",
    Fault.SCENE_CHANGED: "The scene has changed since",
    Fault.UNKNOWN: "no known cause",
}
"""What is wrong in a few words."""


def store_verdict(
    scene: bpy.types.Scene, verdict: Verdict, shot: Shot, item: bpy.types.Object
) -> None:
    """Store a verdict about an object in the scene's settings.

    Parameters
    ----------
    scene : bpy.types.Scene
    verdict : Verdict
    shot : Shot
        Of the image that was checked.
    item : bpy.types.Object
        What was reconstructed from it; its provenance says with which options.
    """
    settings = scene.reconstruct_from_depth
    settings.verdict = verdict.fault.name
    settings.verdict_text, settings.verdict_remedy = verdict.text, verdict.advice
    settings.verdict_line = _line(scene, verdict)
    origin = provenance_of(item)
    unit = scene_units(scene, origin.options.get("depth_unit", "AUTO")) or 1.0
    changes = option_changes(verdict, shot, origin.options, unit)
    settings.verdict_changes = json.dumps(changes) if changes else ""
    again = origin.options | {"filepath": origin.image} | changes
    settings.verdict_options = json.dumps(again) if changes else ""
    settings.verdict_object, settings.verdict_render = item.name, origin.render
    settings.verdict_numbers, settings.verdict_lines = json.dumps(_numbers(verdict)), ""


def _line(scene: bpy.types.Scene, verdict: Verdict) -> str:
    """A verdict in a few words."""
    if verdict.fault is Fault.NOT_CHECKED:
        return verdict.text
    if verdict.fault is Fault.RIGHT:
        return f"Right: {math.floor(100.0 * (1.0 - verdict.before.outliers))}% of the pixels agree"
    what = _WHAT[verdict.fault]
    if verdict.fault in (Fault.FILTERED, Fault.SCENE_CHANGED):
        return what
    median = verdict.before.median
    off = f"Off by {units.error_text(scene, median)}" if math.isfinite(median) else "Off"
    return f"{off}: {what}"


def _numbers(verdict: Verdict) -> dict[str, float | int | None]:
    """The errors that a verdict rests on; None for those that are not known."""
    before = asdict(verdict.before)
    return {name: value if math.isfinite(value) else None for name, value in before.items()}


def note_of(verdict: Verdict) -> Note:
    """The verdict as a note: a warning if something is wrong."""
    is_wrong = verdict.fault not in (Fault.RIGHT, Fault.NOT_CHECKED)
    return Note(f"{verdict.text} {verdict.advice}".strip(), is_wrong)


def option_changes(
    verdict: Verdict, shot: Shot, options: Mapping[str, Any], unit: float = 1.0
) -> dict[str, Any]:
    """Options, by their names, with which a reconstruction applies the remedy of a verdict.

    Parameters
    ----------
    verdict : Verdict
    shot : Shot
        Of the image that was checked.
    options : mapping
        The options with which it was reconstructed.
    unit : float
        Scene units of a distance of 1 under these.
    """
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
    for name, flips in (("flip_x", remedy.flip_x), ("flip_y", remedy.flip_y)):
        if flips:
            changes[name] = not options.get(name, False)
    if remedy.values != AS_IS:
        changes |= value_changes(remedy.values, options, unit)
    return changes
