"""What depth gives away by itself, where there is no truth to compare it with."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..cameras.camera import Camera
from ..depth.clipping import ClipRange
from ..depth.image import DepthImage
from ..support.messages import listed
from .flatness import kind_with_flat_surfaces

Array = NDArray[Any]

_MOST = 4_000
"""Values that are looked at."""

_DISTINCT = 64
"""Distinct values below which nothing is concluded from how they are rounded."""

_UNITS = {"millimeters": 0.001, "centimeters": 0.01, "kilometers": 1000.0}
"""Lengths of a unit in meters."""

_INSIDE = 0.99
"""Share of the values that have to lie beyond the clip range, and inside it in another unit."""


def hints_of(
    depth: DepthImage, clip: ClipRange | None = None, camera: Camera | None = None
) -> tuple[str, ...]:
    """What the values of a depth image suggest, each in one sentence without a full stop.

    They are no verdict: correct depth may look like that by chance, if hardly ever.

    Parameters
    ----------
    depth : DepthImage
        As it was read, before filters.
    clip : ClipRange, optional
        Of the camera; values of another order than it suggest another unit.
    camera : Camera, optional
        Its lens has the image's size. It shows whether surfaces are flat under the other kind of
        depth alone.
    """
    if depth.encoding is not None:
        return ()  # somebody has said what the numbers mean
    values = depth.values[depth.valid]
    some = values[:: max(1, len(values) // _MOST)].astype(np.float64)
    if len(np.unique(some)) < _DISTINCT:
        return ()
    hints = []
    if depth.looks_normalized() and float(np.nanmin(depth.values)) == 0.0:
        hints.append("the depth touches both 0 and 1, as normalized depth does")
    if _is_in_levels(some, 255):
        hints.append("the depth has the levels of an 8-bit picture")
    elif depth.pixel_type == "float" and _is_half(some):
        hints.append("the depth was rounded to half precision, 3 digits")
    units = () if clip is None else _other_units(some, clip)
    if units:
        scales = listed([f"{_UNITS[unit]:g}" for unit in units], "or")
        hints.append(
            "the depth lies outside the camera's clip range, and fits into it as "
            f"{listed(units, 'or')} in a scene in meters: try the scale {scales}"
        )
    flat = None if camera is None else kind_with_flat_surfaces(depth, camera)
    if flat not in (None, depth.kind):
        hints.append(
            f"flat surfaces are curved if this is {depth.kind.value} depth, and flat if it is "
            f"{flat.value} depth: try that Depth Kind"
        )
    return tuple(hints)


def _is_in_levels(values: Array, levels: int) -> bool:
    """Whether values are fractions of a whole number of levels."""
    scaled = values * levels
    return bool(values.max() <= 1.0 and np.abs(scaled - np.rint(scaled)).max() < 1e-3)


def _is_half(values: Array) -> bool:
    """Whether half precision holds the values exactly."""
    with np.errstate(over="ignore"):
        return bool(np.array_equal(values.astype(np.float16), values))


def _other_units(values: Array, clip: ClipRange) -> tuple[str, ...]:
    """The units in which the values lie inside a clip range that they lie outside of."""

    def inside(scale: float) -> float:
        scaled = values * scale
        return float(np.mean((scaled >= clip.start) & (scaled <= clip.end)))

    if inside(1.0) > 1.0 - _INSIDE:
        return ()
    return tuple(unit for unit, scale in _UNITS.items() if inside(scale) >= _INSIDE)
