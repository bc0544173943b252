"""Lengths, areas, angles, and amounts of memory as text, in the scene's units."""

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
"""Length in meters and symbol of each unit that a scene may be set to."""

_DEFAULT_UNITS = {"METRIC": "METERS", "IMPERIAL": "FEET"}
"""Unit of coordinates in each system whose length unit is Adaptive."""


_UNITS_OF_ERRORS = {
    "METRIC": ("METERS", "MILLIMETERS", "MICROMETERS"),
    "IMPERIAL": ("FEET", "INCHES", "THOU"),
}
"""Units of lengths that something is off by, from the longest."""


def length_text(scene: bpy.types.Scene, value: float, digits: int = 4) -> str:
    """A length in scene units as text, with this many significant digits."""
    settings = scene.unit_settings
    if settings.system != "NONE" and settings.length_unit in _UNITS:
        meters, symbol = _UNITS[settings.length_unit]
        return f"{value * settings.scale_length / meters:.{digits}g} {symbol}"
    return _adaptive_text(settings, "LENGTH", value * settings.scale_length, digits)


def error_text(scene: bpy.types.Scene, value: float, least: float = 0.0) -> str:
    """A length that something is off by, in the unit that makes it shortest.

    Parameters
    ----------
    scene : bpy.types.Scene
    value : float
        In scene units.
    least : float
        What matters, in scene units: a lesser value is given as this one.
    """
    settings, length = scene.unit_settings, max(value, least)
    symbol = ""
    if settings.system != "NONE":
        length *= settings.scale_length
        units = [_UNITS[name] for name in _UNITS_OF_ERRORS[settings.system]]
        meters, symbol = next((each for each in units if length >= 0.1 * each[0]), units[-1])
        length /= meters
    number = f"{length:,.0f}" if 1000.0 <= length < 1e9 else f"{length:.3g}"
    return f"{number} {symbol}".strip()


def coordinate_texts(scene: bpy.types.Scene, values: Iterable[float]) -> tuple[str, ...]:
    """Coordinates in scene units as text, all in the same unit, so that they can be compared."""
    settings = scene.unit_settings
    scale, suffix = 1.0, ""
    if settings.system != "NONE":
        unit = settings.length_unit
        meters, symbol = _UNITS[unit if unit in _UNITS else _DEFAULT_UNITS[settings.system]]
        scale, suffix = settings.scale_length / meters, f" {symbol}"
    return tuple(f"{value * scale:.4f}{suffix}" for value in values)


def area_text(scene: bpy.types.Scene, value: float) -> str:
    """An area in square scene units as text."""
    settings = scene.unit_settings
    if settings.system != "NONE" and settings.length_unit in _UNITS:
        meters, symbol = _UNITS[settings.length_unit]
        return f"{value * (settings.scale_length / meters) ** 2:.5g} {symbol}²"
    return _adaptive_text(settings, "AREA", value * settings.scale_length**2, 5)


def angle_text(scene: bpy.types.Scene, radians: float) -> str:
    """An angle as text."""
    if scene.unit_settings.system_rotation == "RADIANS":
        return f"{radians:.4f} rad"
    return f"{math.degrees(radians):.3f}°"


def units_key(scene: bpy.types.Scene) -> tuple[object, ...]:
    """All settings that the texts above depend on; equal keys make equal texts."""
    settings = scene.unit_settings
    return (
        settings.system,
        settings.scale_length,
        settings.length_unit,
        settings.use_separate,
        settings.system_rotation,
    )


def memory_text(count: int) -> str:
    """An amount of memory, given in bytes, as text."""
    if count < 1_000_000:
        return f"{count / 1e3:.1f} kB" if count else "0 kB"
    return f"{count / 1e6:,.1f} MB"


def _adaptive_text(settings: bpy.types.UnitSettings, kind: str, value: float, digits: int) -> str:
    return bpy.utils.units.to_string(
        settings.system, kind, value, precision=digits, split_unit=settings.use_separate
    )
