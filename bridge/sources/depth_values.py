"""What the sidebar says, or remembers, of the numbers in a file with depth."""

from __future__ import annotations

from dataclasses import dataclass

import bpy

from ...core.depth.encoding import METERS, DepthEncoding
from ...core.depth.image import DepthKind


@dataclass(frozen=True)
class DepthReading:
    """How to read a file's depth.

    Attributes
    ----------
    kind : DepthKind, optional
        What the depth measures; None where that is automatic.
    encoding : DepthEncoding, optional
        What the numbers stand for; None where that is automatic.
    allow_any_depth : bool
        Whether to take for distances what looks like a picture of them.
    """

    kind: DepthKind | None = None
    encoding: DepthEncoding | None = None
    allow_any_depth: bool = False


def depth_reading(scene: bpy.types.Scene, filepath: str) -> DepthReading:
    """How the sidebar has it for a file, which need not be the one that is chosen there.

    Raises
    ------
    DepthError
        A number that was chosen is out of range.
    """
    chosen = _chosen(scene, filepath)
    if chosen is None:
        return DepthReading()
    encoding = chosen.chosen_encoding(scene)
    kind = chosen.chosen_kind() if encoding else None
    return DepthReading(kind, encoding, chosen.allow_any_depth)


def depth_reading_state(scene: bpy.types.Scene, filepath: str) -> str:
    """A text that differs where `depth_reading` does; empty where all is automatic."""
    chosen = _chosen(scene, filepath)
    if chosen is None or (chosen.depth_values == "AUTO" and not chosen.allow_any_depth):
        return ""
    return f"{chosen.all_values()} {scene_units(scene, chosen.depth_unit)}"


def _chosen(scene: bpy.types.Scene, filepath: str) -> bpy.types.PropertyGroup | None:
    return scene.reconstruct_from_depth.depth_values_of(filepath) if filepath else None


def scene_units(scene: bpy.types.Scene, unit: str) -> float | None:
    """How many units of the scene a unit by name is; None for ``AUTO``."""
    if unit == "AUTO":
        return None
    if unit == "SCENE":
        return 1.0
    settings = scene.unit_settings
    meters = 1.0 if settings.system == "NONE" else settings.scale_length
    return METERS[unit] / meters
