"""Vectors along an array's last axis: scalar products, lengths, and unit vectors."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def dot(first: Array, second: Array) -> Array:
    """Scalar products, shape (...), of vectors of shape (..., 3)."""
    result: Array = np.einsum("...i,...i->...", first, second)
    return result


def lengths(vectors: Array) -> Array:
    """Lengths, shape (...), of vectors of shape (..., 3); numpy's ``norm`` is slower."""
    result: Array = np.sqrt(dot(vectors, vectors))
    return result


def unit(vectors: Array) -> Array:
    """Vectors of shape (..., 3), scaled to length 1, in their own type of float.

    A vector of length 0 stays as it is. One that holds NaN becomes NaN.
    """
    # Any divisor other than 0 leaves a vector of length 0 as it is.
    divisors = np.maximum(lengths(vectors), np.finfo(vectors.dtype).tiny)
    result: Array = vectors / divisors[..., None]
    return result
