"""Thin a depth image: leave out all but every n-th pixel of every n-th row."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import DepthError
from .image import DepthImage

Array = NDArray[Any]


def thin(depth: DepthImage, stride: int = 1, max_points: int | None = None) -> DepthImage:
    """Leave out all but every `stride`-th pixel of every `stride`-th row; the values are shared.

    Parameters
    ----------
    depth : DepthImage
    stride : int
    max_points : int, optional
        The stride is raised until at most this many valid pixels are left.

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
    valid = np.zeros_like(depth.valid)
    valid[::stride, ::stride] = depth.valid[::stride, ::stride]
    return replace(depth, valid=valid)


def stride_of(mask: Array) -> int:
    """Return the greatest common divisor of the rows and columns that have pixels, at least 1.

    This is the stride that an image was thinned by if any two of its pixels are neighbors at that
    stride.
    """
    indices = np.concatenate([np.flatnonzero(mask.any(axis=axis)) for axis in (0, 1)])
    return int(np.gcd.reduce(indices)) or 1
