"""What is known of a scene: the positions that pixels show, or what rays hit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..cameras.camera import Camera, as_vectors
from ..depth.image import DepthKind
from ..errors import SizeError

Array = NDArray[Any]

Cast = Callable[[Array, Array], ArrayLike]
"""Casts rays into a scene: origins and unit directions, each of shape (N, 3), to the points that
they hit first, shape (N, 3), NaN where they hit nothing."""


@dataclass(frozen=True, eq=False)
class Candidate:
    """A camera that may have taken the image instead.

    Attributes
    ----------
    camera : Camera
        Of the image's size.
    name : str
        How the user knows it.
    frame : float or None
        The frame that it stands at.
    cast : Cast or None
        Casts rays into the scene as it is at that frame; None for the one that is given.
    """

    camera: Camera
    name: str
    frame: float | None = None
    cast: Cast | None = None


@dataclass(frozen=True, eq=False)
class Truth:
    """What is known of a scene: one of the two is given.

    Attributes
    ----------
    positions : ndarray, shape (N, 3), float64, or None
        World position that each of the samples shows, NaN for none.
    cast : Cast or None
    """

    positions: Array | None
    cast: Cast | None

    @classmethod
    def of(cls, truth: ArrayLike | Cast, count: int) -> Self:
        """Truth from positions, shape (count, 3), or from a function that casts rays.

        Raises
        ------
        CameraError, SizeError
            The positions do not have this shape.
        """
        if callable(truth):
            return cls(None, truth)
        positions = as_vectors(truth, 3)
        if positions.shape != (count, 3):
            raise SizeError(
                f"The true positions have shape {positions.shape}, expected ({count}, 3): give "
                "one for each sample."
            )
        return cls(positions, None)

    def take(self, index: Any) -> Truth:
        """The truth about some of the samples."""
        return self if self.positions is None else Truth(self.positions[index], None)

    def seen_by(self, camera: Camera, pixels: Array) -> Array:
        """The points that a camera would see at some pixels of the samples, shape (N, 3).

        Positions are what they are: they do not depend on the camera.
        """
        if self.cast is None:
            assert self.positions is not None
            return self.positions
        return cast_through(self.cast, camera, pixels)


def cast_through(cast: Cast, camera: Camera, pixels: Array) -> Array:
    """Points that the rays of a camera through ``pixels``, shape (N, 2), hit, shape (N, 3)."""
    rays = camera.rays(pixels, DepthKind.RAY)
    points = np.full((len(pixels), 3), np.nan)
    exists = np.isfinite(rays.directions).all(axis=-1)
    if exists.any():
        points[exists] = cast(rays.origins[exists], rays.directions[exists])
    return points
