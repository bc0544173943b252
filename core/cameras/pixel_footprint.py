"""Pixel footprints: how wide the pixels of an image are at the depth of what they see."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..depth.image import DepthImage
from ..support.vectors import dot
from .camera import Camera, Rays

Array = NDArray[Any]

_STEP = 1e-3
"""Pixels over which the change of a ray is measured; float64 differences are most exact there."""


class PixelFootprints:
    """Rays of pixels, and how wide those pixels are along them.

    Parameters
    ----------
    camera : Camera
    depth : DepthImage
        The rays are scaled for its kind of depth.
    pixels : ndarray, shape (N, 2), float64
        Continuous image coordinates.

    Attributes
    ----------
    rays : Rays
        Of shape (N, 3), in world space.
    """

    def __init__(self, camera: Camera, depth: DepthImage, pixels: Array) -> None:
        # Toward the middle, where even pixels on the rim of a lens circle have neighbors.
        stencil = np.stack((pixels, pixels, pixels))
        for axis, side in enumerate(depth.size):
            steps = np.where(pixels[:, axis] < side / 2.0, _STEP, -_STEP)
            stencil[1 + axis, :, axis] += steps
        rays = camera.rays(stencil, depth.kind)
        self.rays = Rays(rays.origins[0], rays.directions[0], rays.center)
        self._squared = dot(self.rays.directions, self.rays.directions)
        directions = self._across((rays.directions[1:] - rays.directions[0]) / _STEP)
        self._quadratic = dot(directions, directions)
        moves = rays.origins[1:] - rays.origins[0]
        if np.any(moves):
            origins = self._across(moves / _STEP)
            self._constant = dot(origins, origins)
            self._linear = 2.0 * dot(origins, directions)
        else:
            self._constant = self._linear = np.zeros_like(self._quadratic)

    def at_origin_and_growth(self) -> tuple[Array, Array]:
        """Return the longer side of a pixel at the rays' origins, and its growth per unit of depth.

        Both have the shape (N,), float64. For all cameras but stereo ones, the footprint is the
        first plus the second times the depth.
        """
        at_origin = np.sqrt(np.max(self._constant, axis=0))
        return at_origin, np.sqrt(np.max(self._quadratic, axis=0))

    def footprint(self, depth: Array) -> Array:
        """Return the longer side of a pixel across its ray at a depth, shape (N,), float64.

        Depth that is measured from the middle between two eyes counts as measured from the origin
        of the ray: the two differ by a fraction of (eye's offset / depth)^2 / 2.

        Parameters
        ----------
        depth : ndarray, shape (N,)
            In scene units.
        """
        sides = (self._quadratic * depth + self._linear) * depth + self._constant
        result: Array = np.sqrt(np.maximum(np.fmax(sides[0], sides[1]), 0.0))
        return result

    def _across(self, vectors: Array) -> Array:
        """Return the components of vectors at right angles to the rays."""
        direction = self.rays.directions
        along = dot(vectors, direction) / self._squared
        result: Array = vectors - along[..., None] * direction
        return result
