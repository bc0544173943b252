"""The numbers of a check in words."""

from __future__ import annotations

import math
from collections.abc import Sequence

import bpy
import numpy as np
from numpy.typing import NDArray

from ...core.check.residuals import Statistics
from .. import units

Array = NDArray[np.float64]

_MATTERS = 1e-5
"""Part of the distance below which an error does not matter: what float32 rounds off a render."""


def numbers_text(
    scene: bpy.types.Scene, errors: Statistics, objects: Sequence[str], least: float
) -> tuple[str, ...]:
    """Lines with the errors in scene units and pixels, and where the outliers are.

    Parameters
    ----------
    scene : bpy.types.Scene
    errors : Statistics
    objects : sequence of str
        Where most of the outliers are.
    least : float
        Length below which no error matters, in scene units.
    """
    rows = (
        ("Median", errors.median, errors.median_pixels),
        ("95%", errors.p95, errors.p95_pixels),
        ("Largest", errors.largest, errors.largest_pixels),
    )
    lines = [
        f"{name}: {_length(scene, value, least)}, {pixels:.2g} px"
        for name, value, pixels in rows
        if math.isfinite(value)
    ]
    share = f"{errors.outliers:.1%} of {errors.count:,} pixels are off"
    where = f", most on {', '.join(objects)}" if objects and errors.outliers else ""
    return (*lines, f"{share}{where}")


def what_matters(distances: Array) -> float:
    """Length below which an error of points this far away does not matter: 0.1 mm at some meters.

    It is a power of ten, in scene units.
    """
    known = distances[np.isfinite(distances) & (distances > 0.0)]
    if not len(known):
        return 0.0
    return float(10.0 ** np.round(np.log10(_MATTERS * np.median(known))))


def _length(scene: bpy.types.Scene, value: float, least: float) -> str:
    text = units.error_text(scene, value, least)
    return f"under {text}" if value < least else text
