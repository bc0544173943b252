"""The curve of sRGB, which screens, files, and viewers use."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray


def to_srgb(linear: NDArray[Any]) -> NDArray[Any]:
    """Convert linear values, of any shape, by the curve of sRGB (IEC 61966-2-1).

    The type of float stays the same. The curve is extended above 1, and below 0 as a straight line.
    """
    with np.errstate(invalid="ignore"):  # powers of negative values, which are not used
        curved = 1.055 * linear ** (1 / 2.4) - 0.055
    return np.where(linear <= 0.0031308, 12.92 * linear, curved)


def from_srgb(values: ArrayLike) -> NDArray[np.float64]:
    """Convert values by the inverse of the curve of sRGB, beyond 1 too, to linear ones as float64.

    Blender's ``image.save()`` encodes a float image that is not marked as data by that curve.
    """
    given = np.asarray(values, np.float64)
    with np.errstate(invalid="ignore"):
        power = ((np.maximum(given, 0.0) + 0.055) / 1.055) ** 2.4
    result: NDArray[np.float64] = np.where(given <= 0.04045, given / 12.92, power)
    return result


def srgb_bytes(linear: ArrayLike) -> NDArray[np.uint8]:
    """Convert linear values, of any shape, to bytes by the curve of sRGB; clips them to 0 to 1."""
    values = np.fmin(np.fmax(linear, 0.0), 1.0)  # NaN becomes 0
    result: NDArray[np.uint8] = np.rint(255 * to_srgb(values)).astype(np.uint8)
    return result
