"""Lengths, areas and angles as the scene's unit settings say them."""

from __future__ import annotations

import math
from collections.abc import Iterable

import bpy

_UNITS = {
    "KILOMETERS": (1e3, "km"),
    "METERS": (1.0, "m"),
    "CENTIMETERS": (1e-2, "cm"),
    "MILLIMETERS": (1e-3, "mm"),
    "MICROMETERS": (1e-6, "µm"),
    "MILES": (1609.344, "mi"),
    "FEET": (0.3048, "ft"),
    "INCHES": (0.0254, "in"),
    "THOU": (0.0000254, "thou"),
}
"""Meters of each unit that a scene may be set to."""

_OWN = {"METRIC": "METERS", "IMPERIAL": "FEET"}


def length(scene: bpy.types.Scene, value: float, digits: int = 4) -> str:
    """A length in scene units as text, with this many digits."""
    settings = scene.unit_settings
    if settings.system != "NONE" and settings.length_unit in _UNITS:
        meters, name = _UNITS[settings.length_unit]
        return f"{value * settings.scale_length / meters:.{digits}g} {name}"
    return _adaptive(settings, "LENGTH", value * settings.scale_length, digits)


def coordinates(scene: bpy.types.Scene, values: Iterable[float]) -> tuple[str, ...]:
    """Coordinates in scene units as text, all in one unit, so that they can be compared."""
    settings = scene.unit_settings
    scale, name = 1.0, ""
    if settings.system != "NONE":
        unit = settings.length_unit
        meters, name = _UNITS[unit if unit in _UNITS else _OWN[settings.system]]
        scale, name = settings.scale_length / meters, f" {name}"
    return tuple(f"{value * scale:.4f}{name}" for value in values)


def area(scene: bpy.types.Scene, value: float) -> str:
    """An area in square scene units as text."""
    settings = scene.unit_settings
    if settings.system != "NONE" and settings.length_unit in _UNITS:
        meters, name = _UNITS[settings.length_unit]
        return f"{value * (settings.scale_length / meters) ** 2:.5g} {name}²"
    return _adaptive(settings, "AREA", value * settings.scale_length**2, 5)


def angle(scene: bpy.types.Scene, radians: float) -> str:
    """An angle as text."""
    if scene.unit_settings.system_rotation == "RADIANS":
        return f"{radians:.4f} rad"
    return f"{math.degrees(radians):.3f}°"


def _adaptive(settings: bpy.types.UnitSettings, kind: str, value: float, digits: int) -> str:
    return bpy.utils.units.to_string(
        settings.system, kind, value, precision=digits, split_unit=settings.use_separate
    )
