"""Linear colors by the curve of sRGB, as screens, files, and viewers have them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray


def to_srgb(linear: NDArray[Any]) -> NDArray[Any]:
    """Linear values of any shape by the curve of IEC 61966-2-1 (sRGB), in their type of float.

    Values above 1 follow the curve on; those below 0 follow its straight beginning.
    """
    with np.errstate(invalid="ignore"):  # of the power of negative values, which is not used
        curved = 1.055 * linear ** (1 / 2.4) - 0.055
    return np.where(linear <= 0.0031308, 12.92 * linear, curved)


def srgb_bytes(linear: ArrayLike) -> NDArray[np.uint8]:
    """Bytes by the curve of sRGB, of linear values of any shape that are clipped to 0 to 1."""
    values = np.fmin(np.fmax(linear, 0.0), 1.0)  # NaN becomes 0
    result: NDArray[np.uint8] = np.rint(255 * to_srgb(values)).astype(np.uint8)
    return result
