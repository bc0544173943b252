"""How precise depth is: by the numbers that the file stored, and by the size of a pixel."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .depth import PixelType

Array = NDArray[Any]

_FLOATS: dict[PixelType, type[np.floating[Any]]] = {"half": np.float16, "float": np.float32}


def spacing(depth: Array, pixel_type: PixelType) -> Array:
    """Distance between the numbers that a file can store at `depth`."""
    if pixel_type == "uint":
        return np.maximum(1.0, np.spacing(depth.astype(np.float32))).astype(np.float64)
    stored = _FLOATS[pixel_type]
    largest = np.nextafter(np.finfo(stored).max, stored(0.0))
    result: Array = np.spacing(np.minimum(depth, largest).astype(stored)).astype(np.float64)
    return result
