"""Which rays meet which boxes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

_AT_ONCE = 2_000_000
"""Pairs of a ray and a box that are tested at once."""

_MARGIN = 1e-3
"""Part of its size by which a box is grown, lest rounding miss what lies in its sides."""


@dataclass(frozen=True, eq=False)
class Meetings:
    """Rays that meet boxes.

    Attributes
    ----------
    rays, boxes : ndarray, shape (N,), intp
        Which ray meets which box.
    entries : ndarray, shape (N,), float64
        Distance at which it enters the box.
    """

    rays: Array
    boxes: Array
    entries: Array


class Boxes:
    """Boxes along the axes of the world.

    Parameters
    ----------
    low, high : ndarray, shape (boxes, 3), float64
        Their least and greatest corners.
    """

    def __init__(self, low: Array, high: Array) -> None:
        margin = _MARGIN * (high - low).max(axis=1, initial=0.0, keepdims=True) + 1e-6
        self._low, self._high = low - margin, high + margin
        self._centers = (self._low + self._high) / 2.0
        self._squared_radii = ((self._high - self._low) ** 2).sum(axis=1) / 4.0

    def __len__(self) -> int:
        return len(self._low)

    def meetings(self, origins: Array, directions: Array) -> Meetings:
        """The boxes that rays meet; origins and unit directions have shape (N, 3)."""
        step = max(1, _AT_ONCE // max(1, len(self)))
        found = [
            self._meetings(start, origins[start : start + step], directions[start : start + step])
            for start in range(0, len(origins), step)
        ]
        names = ("rays", "boxes", "entries")
        none = Meetings(np.empty(0, np.intp), np.empty(0, np.intp), np.empty(0))
        return Meetings(*(np.concatenate([getattr(m, n) for m in (none, *found)]) for n in names))

    def _meetings(self, first: int, origins: Array, directions: Array) -> Meetings:
        """The slab test of T. Kay and J. Kajiya, "Ray Tracing Complex Scenes", 1986.

        It is made where a ray meets the sphere around a box.
        """
        starts, centers = origins - origins[0], self._centers - origins[0]
        along = directions @ centers.T
        away: Array = (centers**2).sum(axis=1)
        least = away - self._squared_radii - 1e-9 * away
        if starts.any():  # the rays of an orthographic camera
            along -= (starts * directions).sum(axis=1)[:, None]
            least = least - 2.0 * (starts @ centers.T) + (starts**2).sum(axis=1)[:, None]
        along *= along
        rays, boxes = np.nonzero(along >= least)
        with np.errstate(divide="ignore", invalid="ignore"):
            inverse = 1.0 / directions[rays]
            one = (self._low[boxes] - origins[rays]) * inverse
            other = (self._high[boxes] - origins[rays]) * inverse
            near, beyond = np.fmin(one, other), np.fmax(one, other)
            enters = np.fmax(np.fmax(near[:, 0], near[:, 1]), np.fmax(near[:, 2], 0.0))
            leaves = np.fmin(np.fmin(beyond[:, 0], beyond[:, 1]), beyond[:, 2])
        met = enters <= leaves
        return Meetings(rays[met] + first, boxes[met], enters[met])
