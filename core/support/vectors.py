"""Vectors along the last axis of an array: scalar products, lengths, and unit vectors."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def dot(first: Array, second: Array) -> Array:
    """Return the scalar products, shape (...), of vectors of shape (..., 3)."""
    result: Array = np.einsum("...i,...i->...", first, second)
    return result


def lengths(vectors: Array) -> Array:
    """Return the lengths, shape (...), of vectors of shape (..., 3); numpy's ``norm`` is slower."""
    result: Array = np.sqrt(dot(vectors, vectors))
    return result


def unit(vectors: Array) -> Array:
    """Scale vectors, shape (..., 3), to length 1; the type of float stays the same.

    Vectors of length 0 stay zero. Vectors that contain NaN become NaN.
    """
    # The least number only replaces lengths of 0, as any other divisor leaves zero as it is.
    divisors = np.maximum(lengths(vectors), np.finfo(vectors.dtype).tiny)
    result: Array = vectors / divisors[..., None]
    return result
