"""Geometry as text: a line for each point, ``x y z`` and, if it has colors, ``red green blue``.

Colors are sRGB bytes, from 0 to 255. Coordinates have nine digits, which are enough to restore a
float32 exactly (IEEE 754, 5.12.2).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

import numpy as np

from ..support.parallel import run_on_all_cores
from ..support.srgb import srgb_bytes
from .geometry import BLOCK, Array, Geometry

_NEWLINE = ord("\n")
_DIGITS = 9
_COORDINATE = np.frombuffer(b"-0.00000000e+00 ", np.uint8)
"""Characters of a coordinate; the sign of a positive one is not written."""
_BYTE = np.frombuffer(b"000 ", np.uint8)
"""Characters of a color; leading zeros are not written."""
_BLOCKS_IN_MEMORY = 16
"""Blocks of points that are in memory as text at the same time."""

_MIN_EXPONENT, _MAX_EXPONENT = -45, 39
_POWERS = 10.0 ** np.arange(_DIGITS - 1 - _MAX_EXPONENT, _DIGITS - _MIN_EXPONENT)
"""Powers of ten that move nine digits of a float32 before the point, greatest exponent first."""


def write_xyz(file: BinaryIO, geometry: Geometry) -> None:
    """Write the points and colors of geometry as text; everything else is left out."""
    for start in range(0, len(geometry.points), BLOCK * _BLOCKS_IN_MEMORY):
        file.writelines(_block_texts(geometry, start))


def _block_texts(geometry: Geometry, first: int) -> list[bytes]:
    """Text of some blocks of points, of which the first starts at point `first`."""
    starts = range(first, len(geometry.points), BLOCK)[:_BLOCKS_IN_MEMORY]
    texts = [b""] * len(starts)

    def convert(index: int) -> None:
        texts[index] = _lines(geometry, slice(starts[index], starts[index] + BLOCK))

    run_on_all_cores(convert, len(texts))
    return texts


def _lines(geometry: Geometry, rows: slice) -> bytes:
    columns = list(_coordinate_columns(geometry.points[rows]))
    if geometry.colors is not None:
        columns += _byte_columns(srgb_bytes(geometry.colors[rows, :3]))
    characters = np.concatenate([text for text, _ in columns], axis=1)
    is_written = np.concatenate([mask for _, mask in columns], axis=1)
    characters[:, -1] = _NEWLINE
    text: bytes = characters[is_written].tobytes()
    return text


def _coordinate_columns(values: Array) -> Iterator[tuple[Array, Array]]:
    """Each column of numbers as characters, and the mask of the characters that are written."""
    for column in values.T:
        digits, exponent = _scientific(np.abs(column.astype(np.float64)))
        text = np.tile(_COORDINATE, (len(column), 1))
        for place in (*range(_DIGITS, 1, -1), 0):
            digits, digit = np.divmod(digits, np.uint32(10))
            text[:, 1 + place] += digit.astype(np.uint8)
        size = np.abs(exponent).astype(np.uint8)
        text[exponent < 0, 12] = ord("-")
        text[:, 13] += size // 10
        text[:, 14] += size % 10
        is_written = np.ones(text.shape, bool)
        is_written[:, 0] = column < 0
        yield text, is_written


def _scientific(magnitude: Array) -> tuple[Array, Array]:
    """Nine digits as an integer, uint32, and the power of ten of the first digit, int64."""
    exponent = np.floor(np.log10(np.where(magnitude > 0.0, magnitude, 1.0))).astype(np.int64)
    digits = np.rint(magnitude * _POWERS[_MAX_EXPONENT - exponent])
    # The rounding of the logarithm may make the exponent wrong by 1, and rounding may add a digit.
    exponent += digits >= 10**_DIGITS
    exponent -= (digits < 10 ** (_DIGITS - 1)) & (magnitude > 0.0)
    return np.rint(magnitude * _POWERS[_MAX_EXPONENT - exponent]).astype(np.uint32), exponent


def _byte_columns(values: Array) -> Iterator[tuple[Array, Array]]:
    for column in values.T:
        text = np.tile(_BYTE, (len(column), 1))
        text[:, :3] += np.stack([column // 100, column // 10 % 10, column % 10], axis=1)
        is_written = np.ones(text.shape, bool)
        is_written[:, 0], is_written[:, 1] = column >= 100, column >= 10
        yield text, is_written
