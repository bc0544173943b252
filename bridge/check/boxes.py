"""Which rays meet which boxes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

_RAYS = 512
"""Rays that are tested against all boxes at once."""

_MARGIN = 1e-3
"""Part of its size by which a box is grown, lest rounding miss what lies in its sides."""


class Boxes:
    """Boxes along the axes of the world, around some corners.

    Parameters
    ----------
    corners : ndarray, shape (boxes, 8, 3), float64
    """

    def __init__(self, corners: Array) -> None:
        low, high = corners.min(axis=1), corners.max(axis=1)
        margin = _MARGIN * (high - low).max(axis=1, initial=0.0, keepdims=True) + 1e-6
        self._low, self._high = low - margin, high + margin

    def meets(self, origins: Array, directions: Array) -> Array:
        """Which rays, shape (N, 3) each, meet which boxes, shape (N, boxes), bool."""
        result: Array = np.isfinite(self.entries(origins, directions))
        return result

    def entries(self, origins: Array, directions: Array) -> Array:
        """Distance at which rays enter boxes, shape (N, boxes); inf where they do not.

        The slab test of T. Kay and J. Kajiya, "Ray Tracing Complex Scenes", 1986.
        """
        entries = np.full((len(origins), len(self._low)), np.inf)
        for start in range(0, len(origins), _RAYS):
            block = slice(start, start + _RAYS)
            with np.errstate(divide="ignore", invalid="ignore"):
                inverse = 1.0 / directions[block, None]
                one = (self._low - origins[block, None]) * inverse
                other = (self._high - origins[block, None]) * inverse
                enters = np.fmin(one, other).max(axis=2, initial=0.0)
                leaves = np.fmax(one, other).min(axis=2, initial=np.inf)
            entries[block] = np.where(enters <= leaves, enters, np.inf)
        return entries
