"""Types of stored pixels: which numbers stand for no depth, and the distance between numbers."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
PixelType = Literal["half", "float", "rgbe", "uint8", "uint16", "uint"]
"""Floats of 16 and 32 bits, Radiance's RGBE, and unsigned integers of 8, 16 and 32 bits."""

NO_HIT: dict[PixelType, float] = {
    "float": 1e10 * (1.0 - 1e-6),
    "half": 65504.0,
    "rgbe": 1e10 * (1.0 - 2.0**-7),
    "uint8": 255.0,
    "uint16": 65535.0,
    "uint": 2.0**32 - 1.0,
}
"""The least value that says that a pixel saw nothing, by the type that stored it.

Blender writes 1e10, which other programs may pass on with a little rounding, and which RGBE cuts
off after 8 bits. Half ends at 65504, and the largest unsigned integer stands for "none".
"""

INTEGERS: frozenset[PixelType] = frozenset({"uint8", "uint16", "uint"})

_FLOATS: dict[PixelType, type[np.floating[Any]]] = {"half": np.float16, "float": np.float32}


def stored_spacing(numbers: Array, pixel_type: PixelType) -> Array:
    """Return the distance between adjacent numbers at `numbers`, which are positive, float64."""
    result: Array
    if pixel_type in INTEGERS:
        result = np.maximum(1.0, np.spacing(numbers.astype(np.float32)))
    elif pixel_type == "rgbe":
        # A mantissa of 8 bits, from 0.5 on: https://www.graphics.cornell.edu/~bjw/rgbe.html
        result = np.ldexp(1.0, np.frexp(numbers)[1] - 8)
    else:
        stored = _FLOATS[pixel_type]
        largest = np.nextafter(np.finfo(stored).max, stored(0.0))
        result = np.spacing(np.minimum(numbers, largest).astype(stored))
    return result.astype(np.float64)
