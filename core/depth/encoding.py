"""Depth that is not plain distance: what the stored numbers stand for."""

from __future__ import annotations

import enum
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import DepthError
from ..support.parallel import row_slices, run_on_all_cores
from .pixel_types import INTEGERS, NO_HIT, PixelType, stored_spacing

Array = NDArray[Any]

METERS: Mapping[str, float] = {
    "METERS": 1.0,
    "CENTIMETERS": 0.01,
    "MILLIMETERS": 0.001,
    "TUM": 1.0 / 5000.0,
}
"""Meters of each unit that depth comes in.

ROS has millimeters in 16-bit images (https://www.ros.org/reps/rep-0118.html), the RGB-D benchmark
of TUM 1/5000 m (https://cvg.cit.tum.de/data/datasets/rgbd-dataset/file_formats).
"""

_BLOCK_PIXELS = 1 << 17


class ValueKind(enum.Enum):
    """What a number is after scale and offset; see `DepthEncoding`."""

    DISTANCE = "distance"
    INVERSE = "inverse"
    DISPARITY = "disparity"
    NORMALIZED = "normalized"


@dataclass(frozen=True)
class DepthEncoding:
    """How stored numbers become distances.

    With x the stored number and a = scale x + offset, the distance is, in scene units,

    ========== ===================================
    DISTANCE   a unit
    INVERSE    unit / a
    DISPARITY  focal baseline / a
    NORMALIZED near + a (far - near), 0 < a < 1
    ========== ===================================

    Normalized integers are divided by the largest of their type. Source of the formula for
    disparity, where the offset is ``doffs``: https://vision.middlebury.edu/stereo/data/scenes2014/.
    The others are definitions.

    Numbers that stand for no depth have no distance: 0, those that are not finite, and those from
    `NO_HIT` of the pixel type on, such as 65535 for 16 bits. A normalized 0 or 1 only says that the
    surface is there or beyond, as the sky is, so it has no distance either. The largest normalized
    integer is such a 1, not the code of a sensor that could not measure.

    Attributes
    ----------
    kind : ValueKind
    scale, offset : float
    unit : float, optional
        Length of a distance of 1 in scene units, for DISTANCE and INVERSE. None if it was not
        chosen, which only OpenEXR files do without: it counts as 1.
    near, far : float
        Distances that 0 and 1 stand for, in scene units, for NORMALIZED.
    baseline : float
        Distance between the two cameras, in scene units, for DISPARITY.
    focal : float, optional
        Focal length in pixels, for DISPARITY; by default that of the lens.

    Raises
    ------
    DepthError
        A number that the kind needs is out of range.
    """

    kind: ValueKind = ValueKind.DISTANCE
    scale: float = 1.0
    offset: float = 0.0
    unit: float | None = None
    near: float = 0.0
    far: float = 0.0
    baseline: float = 0.0
    focal: float | None = None

    def __post_init__(self) -> None:
        """Check the kind and the numbers."""
        if not isinstance(self.kind, ValueKind):
            raise DepthError(
                f"The kind of the depth values is {self.kind!r}; pass a ValueKind, such as "
                "ValueKind.DISPARITY."
            )
        if not math.isfinite(self.scale) or self.scale == 0.0:
            raise DepthError(
                f"The scale of the depth values is {self.scale:g}, expected a finite number other "
                "than 0: set it to 1 for numbers that stand as they are."
            )
        if not math.isfinite(self.offset):
            raise DepthError(
                f"The offset of the depth values is {self.offset:g}, expected a finite number: set "
                "it to 0 for none."
            )
        _check_positive(
            "unit of the depth values", self.unit, "0.001 for millimeters where meters are wanted"
        )
        _check_positive("focal length", self.focal, "that of the lens, in pixels")
        if self.kind is ValueKind.DISPARITY:
            _check_positive("baseline", self.baseline, "the distance between the two cameras")
        if self.kind is ValueKind.NORMALIZED and not 0.0 <= self.near < self.far < math.inf:
            raise DepthError(
                f"Normalized depth goes from {self.near:g} to {self.far:g}, expected a near of at "
                "least 0 that is less than far: set the distances that 0 and 1 stand for."
            )

    @property
    def needs_unit(self) -> bool:
        """Return whether the distances depend on a unit."""
        return self.kind in (ValueKind.DISTANCE, ValueKind.INVERSE)

    @property
    def is_plain(self) -> bool:
        """Return whether the numbers are distances without any change, in some unit."""
        return (self.kind, self.scale, self.offset) == (ValueKind.DISTANCE, 1.0, 0.0)

    def changes_nothing(self, pixel_type: PixelType) -> bool:
        """Return whether stored numbers of a type are distances in scene units already."""
        return self.is_plain and self.unit in (None, 1.0) and pixel_type not in ("uint8", "uint16")

    def decode(self, stored: Array, pixel_type: PixelType) -> Array:
        """Convert stored numbers to distances.

        Parameters
        ----------
        stored : ndarray, shape (H, W)
            Numbers of any real type.
        pixel_type : 'half', 'float', 'rgbe', 'uint8', 'uint16' or 'uint'
            What the file stored them as.

        Returns
        -------
        ndarray, shape (H, W), float32
            Distances, computed in float64. Where there is none: inf if the pixel is known to have
            seen nothing (a number from `NO_HIT` on that is plain distance and has more than 16 bits
            or is a float; a normalized number that is 1 or more after scale and offset, such as
            65535 of 16 bits), otherwise NaN.

        Raises
        ------
        DepthError
            Disparity comes without a focal length.
        """
        self._check_focal()
        values = np.empty(stored.shape, np.float32)
        blocks = row_slices(stored.shape[0], stored.shape[1], _BLOCK_PIXELS)
        # The largest number of a sensor with 16 bits stands for what it could not measure.
        sees_nothing = self.kind is ValueKind.DISTANCE and pixel_type not in ("uint8", "uint16")
        last = np.inf if self.kind is ValueKind.NORMALIZED else NO_HIT[pixel_type]

        def fill(index: int) -> None:
            rows = blocks[index]
            numbers = stored[rows].astype(np.float64)
            size = np.abs(numbers)
            known = (size > 0.0) & (size < last)  # NaN and inf are neither
            with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
                distances = self._distances(numbers * self._slope(pixel_type) + self.offset)
                distances[~known] = np.nan
                if sees_nothing:
                    distances[numbers >= NO_HIT[pixel_type]] = np.inf
                values[rows] = distances

        run_on_all_cores(fill, len(blocks))
        return values

    def spacing(self, distances: Array, pixel_type: PixelType) -> Array:
        """Return the distance between adjacent depths that a file can store, float64."""
        at = distances.astype(np.float64)
        numbers = np.abs((self._scaled(at) - self.offset) / self._slope(pixel_type))
        steps = stored_spacing(numbers, pixel_type) * abs(self._slope(pixel_type))
        return np.maximum(steps * self._growth(at), np.spacing(distances.astype(np.float32)))

    def _slope(self, pixel_type: PixelType) -> float:
        """Return the factor of a stored number."""
        if self.kind is ValueKind.NORMALIZED and pixel_type in INTEGERS:
            return self.scale / NO_HIT[pixel_type]
        return self.scale

    def _factor(self) -> float:
        """Return the factor of a distance, or of an inverse."""
        if self.kind is ValueKind.DISPARITY:
            return (self.focal or math.nan) * self.baseline
        return self.unit or 1.0

    def _distances(self, scaled: Array) -> Array:
        if self.kind is ValueKind.DISTANCE:
            return scaled * self._factor()
        if self.kind is ValueKind.NORMALIZED:
            distances = self.near + scaled * (self.far - self.near)
            distances[scaled <= 0.0] = np.nan
            distances[scaled >= 1.0] = np.inf
            return distances
        return self._factor() / scaled

    def _scaled(self, distances: Array) -> Array:
        """The inverse of `_distances`."""
        if self.kind is ValueKind.DISTANCE:
            return distances / self._factor()
        if self.kind is ValueKind.NORMALIZED:
            return (distances - self.near) / (self.far - self.near)
        return self._factor() / distances

    def _growth(self, distances: Array) -> Array | float:
        """Return the size of the derivative of a distance by its scaled number."""
        if self.kind is ValueKind.DISTANCE:
            return self._factor()
        if self.kind is ValueKind.NORMALIZED:
            return self.far - self.near
        return distances * distances / self._factor()

    def _check_focal(self) -> None:
        if self.kind is ValueKind.DISPARITY and self.focal is None:
            raise DepthError(
                "Disparity needs the focal length in pixels, and there is none; pass focal "
                "to the DepthEncoding."
            )


def looks_normalized(stored: Array) -> bool:
    """Return whether numbers fill 0..1 up to 1, as after a Normalize node or in a mist pass.

    Such numbers are no longer distances. For a render that is not normalized, the farthest pixel
    would have to lie at 1.0 within 1e-6 by chance, with no sky at all. If all pixels do, they show
    a wall.
    """
    largest, smallest = float(stored.max()), float(stored.min())
    if not math.isfinite(largest):  # NaN and infinite values are no distances
        finite = stored[np.isfinite(stored)]
        if not finite.size:
            return False
        largest, smallest = float(finite.max()), float(finite.min())
    return abs(largest - 1.0) <= 1e-6 and 0.0 <= smallest < largest - 1e-6


def _check_positive(what: str, value: float | None, hint: str) -> None:
    if value is not None and not 0.0 < value < math.inf:
        raise DepthError(
            f"The {what} is {value:g}, expected a finite number above 0: set it to {hint}."
        )
