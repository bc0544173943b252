"""Where the rays of an image start: what its points alone do not say about its camera."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from ..depth.image import DepthKind
from ..support.vectors import lengths, unit
from .camera import Camera
from .intrinsics import Orthographic

Array = NDArray[Any]

_SAME_RAY = 1e-3
"""Pixels by which two rays may differ and still count as the same."""


@dataclass(frozen=True, eq=False)
class Viewpoint:
    """Where the rays of an image start.

    Attributes
    ----------
    position : ndarray, shape (3,), float64
        The point they start at; for parallel rays, any point.
    direction : ndarray, shape (3,), float64, or None
        Unit direction of parallel rays; None if they start at one point.
    period : int
        Columns after which the image of a whole turn repeats, so that its right border continues
        at its left one; 0 for other images.
    """

    position: Array
    direction: Array | None = None
    period: int = 0

    @classmethod
    def of(cls, camera: Camera) -> Self:
        """Find where a camera's rays start; the eyes of a stereo panorama count as one point."""
        lens = camera.lens
        direction = None
        if isinstance(lens, Orthographic):
            direction = unit(camera.rays((0.5, 0.5), DepthKind.PLANAR).directions)
        pixels = np.array([0.5, lens.width - 0.5, lens.width + 0.5])
        middle_row = np.stack([pixels, np.full(3, lens.height / 2.0)], axis=-1)
        first, last, beyond = lens.rays(middle_row, DepthKind.RAY).directions
        step, miss = lengths(np.stack([beyond - last, beyond - first]))
        wraps = direction is None and bool(miss < _SAME_RAY * step)
        return cls(camera.matrix[:3, 3], direction, lens.width if wraps else 0)
