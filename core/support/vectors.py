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
    """Lengths, shape (...), of ``vectors``, shape (..., 3); numpy's ``norm`` is slower."""
    result: Array = np.sqrt(dot(vectors, vectors))
    return result


def unit(vectors: Array) -> Array:
    """`vectors`, shape (N, 3), at length 1; those of length 0 stay so."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    result: Array = np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > 0.0)
    return result
