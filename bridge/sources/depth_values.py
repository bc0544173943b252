"""How to read a source's depth, by what the sidebar shows or remembers for it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

import bpy

from ...core.depth.encoding import METERS, DepthEncoding
from ...core.depth.image import DepthKind
from ...core.depth.mirroring import Mirroring


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
    mirroring : Mirroring
        How all layers have to be mirrored.
    """

    kind: DepthKind | None = None
    encoding: DepthEncoding | None = None
    allow_any_depth: bool = False
    mirroring: Mirroring = field(default_factory=Mirroring)


def depth_reading(scene: bpy.types.Scene, filepath: str) -> DepthReading:
    """Return how to read a source; it need not be the one that is chosen in the sidebar.

    Parameters
    ----------
    scene : bpy.types.Scene
    filepath : str
        Empty for the Render Result.

    Raises
    ------
    DepthError
        A chosen number is out of range.
    """
    chosen, mirroring = _chosen(scene, filepath), mirroring_of(scene, filepath)
    if chosen is None:
        return DepthReading(mirroring=mirroring)
    if not filepath:  # the renderer itself wrote these numbers
        return DepthReading(chosen.chosen_kind(), mirroring=mirroring)
    encoding = chosen.chosen_encoding(scene)
    return DepthReading(chosen.chosen_kind(), encoding, chosen.allow_any_depth, mirroring)


def reading_state(scene: bpy.types.Scene, filepath: str) -> str:
    """Return a text that changes whenever a source is read otherwise; empty if all is automatic.

    That is whenever `depth_reading`, the Corrected Camera, or Camera From changes.
    """
    chosen, mirroring = _chosen(scene, filepath), mirroring_of(scene, filepath)
    state = ""
    if chosen is not None and not filepath:
        state = "" if chosen.depth_kind == "AUTO" else f"({chosen.depth_kind})"
    elif chosen is not None and not chosen.is_automatic():
        state = f"{chosen.all_values()} {scene_units(scene, chosen.depth_unit)}"
    if mirroring != Mirroring():
        state += f"({mirroring})"
    camera_from = scene.reconstruct_from_depth.camera_from
    if filepath and camera_from != "AUTOMATIC":
        state += f"({camera_from})"
    camera = corrected_camera_text(scene, filepath)
    if camera:
        state += f"({hashlib.blake2b(camera.encode(), digest_size=8).hexdigest()})"
    return state


def corrected_camera_text(scene: bpy.types.Scene, filepath: str) -> str:
    """Return the Corrected Camera of a source as JSON; empty if it has none."""
    settings = scene.reconstruct_from_depth
    return settings.camera_data if settings.is_chosen(filepath) else ""


def _chosen(scene: bpy.types.Scene, filepath: str) -> bpy.types.PropertyGroup | None:
    settings = scene.reconstruct_from_depth
    if not filepath:
        return settings if settings.is_chosen(filepath) else None
    return settings.depth_values_of(filepath)


def mirroring_of(scene: bpy.types.Scene, filepath: str) -> Mirroring:
    """Return how all layers of a source have to be mirrored."""
    settings = scene.reconstruct_from_depth
    if not settings.is_chosen(filepath):
        return Mirroring()
    return Mirroring(settings.flip_x, settings.flip_y)


def scene_units(scene: bpy.types.Scene, unit: str) -> float | None:
    """Return the length of a unit, given by its name, in scene units; None for ``AUTO``."""
    if unit == "AUTO":
        return None
    if unit == "SCENE":
        return 1.0
    settings = scene.unit_settings
    meters = 1.0 if settings.system == "NONE" else settings.scale_length
    return METERS[unit] / meters
