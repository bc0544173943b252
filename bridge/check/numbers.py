"""The numbers of a check in words."""

from __future__ import annotations

import math
from collections.abc import Sequence

import bpy

from ...core.check.residuals import Statistics
from .. import units


def numbers_text(
    scene: bpy.types.Scene, errors: Statistics, objects: Sequence[str]
) -> tuple[str, ...]:
    """Lines with the errors in scene units and pixels, and where the outliers are."""
    rows = (
        ("Median", errors.median, errors.median_pixels),
        ("95%", errors.p95, errors.p95_pixels),
        ("Largest", errors.largest, errors.largest_pixels),
    )
    lines = [
        f"{name}: {units.length_text(scene, value, 3)}, {pixels:.2g} px"
        for name, value, pixels in rows
        if math.isfinite(value)
    ]
    share = f"{errors.outliers:.1%} of {errors.count:,} pixels are off"
    where = f", most on {', '.join(objects)}" if objects and errors.outliers else ""
    return (*lines, f"{share}{where}")
