"""Cameras: a lens, which turns pixels into rays and back, and where it stands in the world."""

from __future__ import annotations

import abc
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .depth import DepthKind

Array = NDArray[Any]


@dataclass(frozen=True)
class Rays:
    """Rays of pixels: a point at depth d is ``origins + d * directions``.

    Attributes
    ----------
    origins, directions : ndarray, shape (..., 3), float64
        Scaled for one :class:`DepthKind`: for PLANAR the direction's Z is -1 in camera space, for
        RAY its length is 1. NaN where the pixel sees nothing (outside the lens circle).
    """

    origins: Array
    directions: Array


class Lens(abc.ABC):
    """Camera-space half of a camera: pixels to rays and back.

    Pixels are continuous image coordinates (x right, y down) of the image; camera space is
    +X right, +Y up, -Z forward.
    """

    width: int
    height: int

    @abc.abstractmethod
    def rays(self, pixels: ArrayLike, kind: DepthKind) -> Rays:
        """Rays in camera space through ``pixels``, shape (..., 2)."""

    @abc.abstractmethod
    def project(self, points: ArrayLike) -> Array:
        """Pixels, shape (..., 2), that see camera-space ``points``; NaN where none does."""

    @abc.abstractmethod
    def is_affine(self, kind: DepthKind) -> bool:
        """Whether the rays' origins and directions are affine functions of the pixel."""

    @abc.abstractmethod
    def resized(self, width: int, height: int) -> Self:
        """The same lens over an image of another size."""


@dataclass(frozen=True, eq=False)
class Camera:
    """A lens placed in the world by a rigid camera-to-world matrix, (4, 4) float64."""

    lens: Lens
    matrix: Array

    def rays(self, pixels: ArrayLike, kind: DepthKind) -> Rays: ...

    def project(self, points: ArrayLike) -> Array: ...
