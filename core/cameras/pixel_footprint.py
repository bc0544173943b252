"""How wide the pixels of an image are where they meet a surface."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..depth.image import DepthImage
from ..support.vectors import dot
from .camera import Camera, Rays

Array = NDArray[Any]

_STEP = 1e-3
"""Pixels over which a ray's change is measured: what float64 differences are best at."""


class PixelFootprints:
    """Rays of pixels and how they widen.

    Parameters
    ----------
    camera : Camera
    depth : DepthImage
        Whose kind the rays are scaled for.
    pixels : ndarray, shape (N, 2), float64
        Continuous image coordinates.
    """

    def __init__(self, camera: Camera, depth: DepthImage, pixels: Array) -> None:
        # Toward the middle, where also those on a lens circle's rim have neighbors.
        steps = np.where(pixels < np.array(depth.size) / 2.0, _STEP, -_STEP)
        beside = np.stack((pixels, pixels + steps * [1.0, 0.0], pixels + steps * [0.0, 1.0]))
        rays = camera.rays(beside, depth.kind)
        self.rays = Rays(rays.origins[0], rays.directions[0], rays.center)
        self._squared = dot(self.rays.directions, self.rays.directions)
        origins = self._across((rays.origins[1:] - rays.origins[0]) / _STEP)
        directions = self._across((rays.directions[1:] - rays.directions[0]) / _STEP)
        self._constant = dot(origins, origins)
        self._linear = 2.0 * dot(origins, directions)
        self._quadratic = dot(directions, directions)

    def widths(self) -> tuple[Array, Array]:
        """Longer side of a pixel at the rays' origins, and how it grows with each unit of depth.

        Both of shape (N,), float64. Their sum is the footprint of every camera but a stereo one.
        """
        constant = np.sqrt(np.max(self._constant, axis=0))
        return constant, np.sqrt(np.max(self._quadratic, axis=0))

    def footprint(self, depth: Array) -> Array:
        """Longer side of a pixel across the ray at some depth of each, shape (N,), float64.

        Depth from the middle between two eyes passes for that from the ray's own origin: they
        differ by a part of (eye's offset / depth)^2 / 2.
        """
        sides = (self._quadratic * depth + self._linear) * depth + self._constant
        result: Array = np.sqrt(np.maximum(np.fmax(sides[0], sides[1]), 0.0))
        return result

    def _across(self, vectors: Array) -> Array:
        """What of the vectors is at right angles to the rays."""
        direction = self.rays.directions
        along = dot(vectors, direction) / self._squared
        result: Array = vectors - along[..., None] * direction
        return result
