"""What the numbers of a depth image mean: distances, their inverse, or sRGB-encoded ones."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..depth.image import NO_HIT
from ..support.srgb import from_srgb

Array = NDArray[Any]

FARTHEST = 0.99 * NO_HIT["float"]
"""Distance from which a value, once it is decoded, says that the pixel saw nothing.

Lower than `NO_HIT`, as the 1e10 of an image in another unit is known to a fitted factor only.
"""


class Encoding(enum.Enum):
    """How a value becomes a distance."""

    DISTANCE = "distance"
    """``scale * value + offset``."""

    INVERSE = "inverse"
    """``1 / (scale * value + offset)``: 1 / z has scale 1, k / z has scale 1 / k."""

    SRGB = "srgb"
    """``scale * linear(value) + offset`` for a value encoded by the curve of IEC 61966-2-1."""


@dataclass(frozen=True)
class ValueMap:
    """A rule that turns the values of a depth image into distances in scene units."""

    encoding: Encoding = Encoding.DISTANCE
    scale: float = 1.0
    offset: float = 0.0

    def distances(self, values: ArrayLike) -> Array:
        """Distances of ``values``, of their shape, float64; NaN where a value can be none."""
        given = np.asarray(values, np.float64)
        if self.encoding is Encoding.SRGB:
            given = from_srgb(given)
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
            distances = self.scale * given + self.offset
            if self.encoding is Encoding.INVERSE:
                distances = 1.0 / distances
            result: Array = np.where(distances > 0.0, distances, np.nan)
        return result


AS_IS = ValueMap()
"""Values that are the distances."""
