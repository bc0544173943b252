"""Linear colors as bytes, as files and viewers have them."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


def srgb_bytes(linear: ArrayLike) -> NDArray[np.uint8]:
    """Linear values of any shape, clipped to 0 to 1, by the curve of IEC 61966-2-1 (sRGB)."""
    values = np.fmin(np.fmax(linear, 0.0), 1.0)  # NaN becomes 0
    curved = np.where(values <= 0.0031308, 12.92 * values, 1.055 * values ** (1 / 2.4) - 0.055)
    result: NDArray[np.uint8] = np.rint(255 * curved).astype(np.uint8)
    return result
