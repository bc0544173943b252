"""Measures of points in the world: distance, length, angle, and area.

Points are float64 arrays of shape (..., 3) in scene units. Where a point contains NaN, so does the
result.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import SizeError
from ..support.vectors import lengths, unit

Array = NDArray[Any]


@dataclass(frozen=True)
class PolygonArea:
    """The area of a polygon, and how far the polygon is from flat.

    Attributes
    ----------
    area : float
        Area of the polygon as seen along `normal`, in square scene units.
    deviation : float
        Greatest distance of a corner from the plane that fits the corners best, in scene units.
    normal : tuple of 3 floats
        Unit normal of that plane; seen from the side it points to, the corners are in
        counterclockwise order. NaN if the corners do not span a plane.
    """

    area: float
    deviation: float
    normal: tuple[float, float, float]


def distance(first: ArrayLike, second: ArrayLike) -> float:
    """Return the distance between two points, shape (3,) each.

    Raises
    ------
    SizeError
        One of them is not a point.
    """
    start, end = _checked([first, second], 2)
    return float(lengths(end - start))


def polyline_length(points: ArrayLike) -> float:
    """Return the length of the line through `points`, shape (N, 3), in their order.

    It is 0 for fewer than two points.

    Raises
    ------
    SizeError
        `points` has another shape.
    """
    steps = np.diff(_checked(points, 0), axis=0)
    return float(lengths(steps).sum())


def angle(first: ArrayLike, middle: ArrayLike, last: ArrayLike) -> float:
    """Return the angle at `middle` between the directions to two other points, shape (3,) each.

    It is ``2 atan2(|u - v|, |u + v|)`` of the unit vectors u and v, which is exact for small and
    for straight angles too: W. Kahan, "How Futile are Mindless Assessments of Roundoff in
    Floating-Point Computation?", "Mangled Angles".

    Returns
    -------
    float
        Radians, 0 to pi; NaN if another point coincides with the middle one.

    Raises
    ------
    SizeError
        One of them is not a point.
    """
    corner = _checked([first, middle, last], 3)
    arms = corner[[0, 2]] - corner[1]
    if not lengths(arms).all():
        return math.nan
    u, v = unit(arms)
    return float(2.0 * np.arctan2(lengths(u - v), lengths(u + v)))


def polygon_area(points: ArrayLike) -> PolygonArea:
    """Compute the area of a planar, or nearly planar, polygon.

    The plane goes through the mean of the corners. Its normal is the singular vector for the least
    singular value of their offsets from the mean, which minimizes the squares of the distances. The
    area is half the component, along that normal, of the sum of the cross products of successive
    corners: M. E. Newell's formula, in F. Tampieri, "Newell's method for computing the plane
    equation of a polygon", Graphics Gems III. Where the outline crosses itself, regions that it
    encloses the other way around count as negative.

    Parameters
    ----------
    points : array_like, shape (N, 3)
        The corners in their order, at least 3; the last one connects to the first.

    Raises
    ------
    SizeError
        `points` has another shape or fewer than three corners.
    """
    corners = _checked(points, 3)
    if not np.isfinite(corners).all():
        return PolygonArea(math.nan, math.nan, (math.nan, math.nan, math.nan))
    # Relative to their mean: far from the world's origin, the products would cancel.
    offsets = corners - corners.mean(axis=0)
    _, spread, axes = np.linalg.svd(offsets, full_matrices=False)
    if spread[1] <= spread[0] * len(corners) * np.finfo(float).eps:
        return PolygonArea(0.0, 0.0, (math.nan, math.nan, math.nan))
    twice = np.cross(offsets, np.roll(offsets, -1, axis=0)).sum(axis=0)
    normal = axes[2] if twice @ axes[2] >= 0.0 else -axes[2]
    x, y, z = normal.tolist()
    deviation = float(np.abs(offsets @ normal).max())
    return PolygonArea(float(twice @ normal) / 2.0, deviation, (x, y, z))


def _checked(points: Any, least: int) -> Array:
    """Return at least `least` points as float64 of shape (N, 3), or raise :class:`SizeError`."""
    try:
        array = np.asarray(points, np.float64)
    except (TypeError, ValueError) as error:
        raise SizeError(
            "The points are not three numbers each, expected x, y and z: check the points."
        ) from error
    if array.size == 0 and least == 0:
        return np.empty((0, 3))
    if array.ndim != 2 or array.shape[1] != 3 or len(array) < least:
        raise SizeError(
            f"The points have the shape {array.shape}, expected (N, 3) with at least "
            f"{max(least, 1)} of them: choose more points, and give x, y and z for each."
        )
    return array
