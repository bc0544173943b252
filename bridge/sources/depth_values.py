"""How to read a file's depth, by what the sidebar shows or remembers for the file."""

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
        What the depth measures; None if that is automatic.
    encoding : DepthEncoding, optional
        What the numbers stand for; None if that is automatic.
    allow_any_depth : bool
        Whether to use depth that looks like a picture of distances.
    """

    kind: DepthKind | None = None
    encoding: DepthEncoding | None = None
    allow_any_depth: bool = False


def depth_reading(scene: bpy.types.Scene, filepath: str) -> DepthReading:
    """Return how to read a file; it need not be the one that is chosen in the sidebar.

    Raises
    ------
    DepthError
        A chosen number is out of range.
    """
    chosen = _chosen(scene, filepath)
    if chosen is None:
        return DepthReading()
    encoding = chosen.chosen_encoding(scene)
    kind = chosen.chosen_kind() if encoding else None
    return DepthReading(kind, encoding, chosen.allow_any_depth)


def depth_reading_state(scene: bpy.types.Scene, filepath: str) -> str:
    """Return a text that changes whenever `depth_reading` does; empty if all is automatic."""
    chosen = _chosen(scene, filepath)
    if chosen is None or (chosen.depth_values == "AUTO" and not chosen.allow_any_depth):
        return ""
    return f"{chosen.all_values()} {scene_units(scene, chosen.depth_unit)}"


def _chosen(scene: bpy.types.Scene, filepath: str) -> bpy.types.PropertyGroup | None:
    return scene.reconstruct_from_depth.depth_values_of(filepath) if filepath else None


def scene_units(scene: bpy.types.Scene, unit: str) -> float | None:
    """Return the length of a unit, given by its name, in scene units; None for ``AUTO``."""
    if unit == "AUTO":
        return None
    if unit == "SCENE":
        return 1.0
    settings = scene.unit_settings
    meters = 1.0 if settings.system == "NONE" else settings.scale_length
    return METERS[unit] / meters
