"""Lengths and areas as the scene's unit settings say them."""

from __future__ import annotations

import math

import bpy


def length(scene: bpy.types.Scene, value: float, precision: int = 4) -> str:
    """A length in scene units as text."""
    return _text(scene, "LENGTH", value * scene.unit_settings.scale_length, precision)


def area(scene: bpy.types.Scene, value: float) -> str:
    """An area in square scene units as text."""
    return _text(scene, "AREA", value * scene.unit_settings.scale_length**2, 4)


def angle(scene: bpy.types.Scene, radians: float) -> str:
    """An angle as text."""
    if scene.unit_settings.system_rotation == "RADIANS":
        return f"{radians:.4f} rad"
    return f"{math.degrees(radians):.3f}°"


def _text(scene: bpy.types.Scene, kind: str, value: float, precision: int) -> str:
    units = scene.unit_settings
    return bpy.utils.units.to_string(
        units.system, kind, value, precision=precision, split_unit=units.use_separate
    )
