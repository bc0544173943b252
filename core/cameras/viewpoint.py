"""Where the rays of an image come from: all of a camera that its points do not tell."""

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
"""Pixels by which a ray may miss another to pass for the same."""


@dataclass(frozen=True, eq=False)
class Viewpoint:
    """Where the rays of an image come from.

    Attributes
    ----------
    position : ndarray, shape (3,), float64
        Where they start; for parallel rays any place.
    direction : ndarray, shape (3,), float64, or None
        Unit direction of parallel rays; None if they start at one place.
    turn : int
        Width of an image whose right border continues at its left one; 0 for others.
    """

    position: Array
    direction: Array | None = None
    turn: int = 0

    @classmethod
    def of(cls, camera: Camera) -> Self:
        """Where a camera's rays come from; eyes of stereo panoramas pass for one."""
        lens = camera.lens
        direction = None
        if isinstance(lens, Orthographic):
            direction = unit(camera.rays((0.5, 0.5), DepthKind.PLANAR).directions)
        pixels = np.array([0.5, lens.width - 0.5, lens.width + 0.5])
        places = np.stack([pixels, np.full(3, lens.height / 2.0)], axis=-1)
        first, last, beyond = lens.rays(places, DepthKind.RAY).directions
        step, miss = lengths(np.stack([beyond - last, beyond - first]))
        wraps = direction is None and bool(miss < _SAME_RAY * step)
        return cls(camera.matrix[:3, 3], direction, lens.width if wraps else 0)
