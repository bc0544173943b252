"""Geometry as text: a point a line, ``x y z``, and ``red green blue`` from 0 to 255 if it has them.

Coordinates have nine digits, from which a float32 comes back as it was (IEEE 754, 5.12.2).
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
_NUMBER = np.frombuffer(b"-0.00000000e+00 ", np.uint8)
"""What a coordinate looks like; the sign of a positive one is left out."""
_BYTE = np.frombuffer(b"000 ", np.uint8)
_AT_ONCE = 16
"""Blocks of points that are held as text."""

_LOWEST, _HIGHEST = -45, 39
_POWERS = 10.0 ** np.arange(_DIGITS - 1 - _HIGHEST, _DIGITS - _LOWEST)
"""Powers of ten that bring nine digits of a float32 before the point, greatest exponent first."""


def write_xyz(file: BinaryIO, geometry: Geometry) -> None:
    """Write geometry as text; its faces, normals and further attributes are left out."""
    for start in range(0, len(geometry.points), BLOCK * _AT_ONCE):
        file.writelines(_texts(geometry, start))


def _texts(geometry: Geometry, first: int) -> list[bytes]:
    """The text of the blocks from point `first` on."""
    starts = range(first, len(geometry.points), BLOCK)[:_AT_ONCE]
    texts = [b""] * len(starts)

    def convert(index: int) -> None:
        texts[index] = _lines(geometry, slice(starts[index], starts[index] + BLOCK))

    run_on_all_cores(convert, len(texts))
    return texts


def _lines(geometry: Geometry, part: slice) -> bytes:
    fields = list(_numbers(geometry.points[part]))
    if geometry.colors is not None:
        fields += _integers(srgb_bytes(geometry.colors[part, :3]))
    characters = np.concatenate([text for text, _ in fields], axis=1)
    kept = np.concatenate([mask for _, mask in fields], axis=1)
    characters[:, -1] = _NEWLINE
    text: bytes = characters[kept].tobytes()
    return text


def _numbers(values: Array) -> Iterator[tuple[Array, Array]]:
    """Columns as characters, and a mask of those that are written."""
    for column in values.T:
        digits, exponent = _scientific(np.abs(column.astype(np.float64)))
        text = np.tile(_NUMBER, (len(column), 1))
        for place in (*range(_DIGITS, 1, -1), 0):
            digits, digit = np.divmod(digits, np.uint32(10))
            text[:, 1 + place] += digit.astype(np.uint8)
        size = np.abs(exponent).astype(np.uint8)
        text[exponent < 0, 12] = ord("-")
        text[:, 13] += size // 10
        text[:, 14] += size % 10
        kept = np.ones(text.shape, bool)
        kept[:, 0] = column < 0
        yield text, kept


def _scientific(size: Array) -> tuple[Array, Array]:
    """Nine digits as an integer, uint32, and the exponent of ten of the first one, int64."""
    exponent = np.floor(np.log10(np.where(size > 0.0, size, 1.0))).astype(np.int64)
    digits = np.rint(size * _POWERS[_HIGHEST - exponent])
    # The logarithm may be off by a rounding, and rounding may add a digit.
    exponent += digits >= 10**_DIGITS
    exponent -= (digits < 10 ** (_DIGITS - 1)) & (size > 0.0)
    return np.rint(size * _POWERS[_HIGHEST - exponent]).astype(np.uint32), exponent


def _integers(values: Array) -> Iterator[tuple[Array, Array]]:
    for column in values.T:
        text = np.tile(_BYTE, (len(column), 1))
        text[:, :3] += np.stack([column // 100, column // 10 % 10, column % 10], axis=1)
        kept = np.ones(text.shape, bool)
        kept[:, 0], kept[:, 1] = column >= 100, column >= 10
        yield text, kept
