"""Thin an image out: keep every n-th pixel of every n-th row."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import DepthError
from .image import DepthImage

Array = NDArray[Any]


def thin(depth: DepthImage, stride: int = 1, max_points: int | None = None) -> DepthImage:
    """Keep every `stride`-th pixel of every `stride`-th row; the values are shared.

    The stride grows until at most `max_points` valid pixels are left.

    Raises
    ------
    DepthError
        `stride` or `max_points` is less than 1.
    """
    if stride < 1 or (max_points is not None and max_points < 1):
        raise DepthError(
            f"The stride is {stride} and the maximum number of points {max_points}; "
            "both must be at least 1."
        )
    count = np.count_nonzero(depth.valid[::stride, ::stride])
    if max_points is not None and count > max_points:
        stride = max(stride, int(stride * (count / max_points) ** 0.5))
        while np.count_nonzero(depth.valid[::stride, ::stride]) > max_points:
            stride += 1
    if stride == 1:
        return depth
    kept = np.zeros_like(depth.valid)
    kept[::stride, ::stride] = depth.valid[::stride, ::stride]
    return replace(depth, valid=kept)


def stride_of(mask: Array) -> int:
    """The greatest n of which all rows and columns of pixels are multiples.

    If any two pixels are neighbors in a thinned image, this is what it was thinned by.
    """
    places = np.concatenate([np.flatnonzero(mask.any(axis=axis)) for axis in (0, 1)])
    return int(np.gcd.reduce(places)) or 1
