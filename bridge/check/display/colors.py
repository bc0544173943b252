"""A perceptual color map on a logarithmic scale, and digits to write beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

NOT_COMPARED = np.array([0.5, 0.5, 0.5])

_VIRIDIS = np.array(
    [
        [0.2777273272234177, 0.005407344544966578, 0.3340998053353061],
        [0.1050930431085774, 1.404613529898575, 1.384590162594685],
        [-0.3308618287255563, 0.214847559468213, 0.09509516302823659],
        [-4.634230498983486, -5.799100973351585, -19.33244095627987],
        [6.228269936347081, 14.17993336680509, 56.69055260068105],
        [4.776384997670288, -13.74514537774601, -65.35303263337234],
        [-5.435455855934631, 4.645852612178535, 26.3124352495832],
    ]
)
"""Coefficients of a polynomial for red, green, and blue, sRGB-encoded, from 0 to 1.

Matt Zucker's fit of matplotlib's viridis (S. van der Walt and N. Smith), within 0.01:
https://www.shadertoy.com/view/WlfXRN, released under CC0.
"""

_ROWS = {
    "0": "75557", "1": "26227", "2": "71747", "3": "71717", "4": "55711", "5": "74717",
    "6": "74757", "7": "71111", "8": "75757", "9": "75717", ".": "00002", "e": "07647",
    "-": "00700", "%": "51245", " ": "00000", "p": "07744", "x": "05255", "u": "00557",
}  # fmt: skip
"""Bits of the five rows of each glyph, three pixels wide, from the top."""


def viridis(shares: Array) -> Array:
    """Colors of 0 to 1, from dark to bright, shape (..., 3), sRGB-encoded."""
    clipped = np.clip(shares, 0.0, 1.0)[..., None]
    result: Array = np.zeros((*clipped.shape[:-1], 3))
    for coefficients in _VIRIDIS[::-1]:
        result = result * clipped + coefficients
    return np.clip(result, 0.0, 1.0)


@dataclass(frozen=True)
class LogScale:
    """Errors from `low` to `high` as shares from 0 to 1, by their logarithm."""

    low: float
    high: float

    def shares(self, errors: Array) -> Array:
        """Where errors lie, 0 to 1; those beyond an end lie at it."""
        with np.errstate(divide="ignore"):
            position = np.log(np.maximum(errors, self.low) / self.low)
        return np.clip(position / np.log(self.high / self.low), 0.0, 1.0)

    def decades(self) -> list[float]:
        """The powers of ten on the scale."""
        first, last = np.ceil(np.log10(self.low)), np.floor(np.log10(self.high))
        return [10.0**power for power in np.arange(first, last + 1)]


def write(image: Array, text: str, row: int, column: int, scale: int = 2) -> None:
    """Write digits into an image, shape (H, W, 3), rows from the top, in white."""
    for index, character in enumerate(text):
        bits = [[int(row_bits) >> (2 - x) & 1 for x in range(3)] for row_bits in _ROWS[character]]
        glyph = np.kron(np.array(bits, bool), np.ones((scale, scale), bool))
        left = column + index * 4 * scale
        place = image[row : row + glyph.shape[0], left : left + glyph.shape[1]]
        place[glyph[: place.shape[0], : place.shape[1]]] = 1.0
