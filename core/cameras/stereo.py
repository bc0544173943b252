"""Spherical stereo: lenses whose rays start on a circle around the camera.

Follows ``spherical_stereo_transform`` in Cycles' ``kernel/camera/projection.h``. The depth of
panoramas is still measured from the camera itself (``camera_z_depth``, ``kernel/camera/camera.h``).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import ArrayLike

from ..depth.image import DepthKind
from ..errors import CameraError
from ..support.vectors import dot, lengths, unit
from .camera import Array, Lens, Rays, as_vectors
from .intrinsics import checked_finite
from .panorama import forward

_BISECTIONS = 60


@dataclass(frozen=True)
class SphericalStereo(Lens):
    """One eye of a lens rendered in spherical stereo.

    Attributes
    ----------
    lens : Lens
        The lens between the eyes; all its rays start at the camera.
    offset : float
        How far this eye is to the right of each ray of `lens`, in scene units.
    convergence : float
        Distance at which both eyes' rays of one pixel meet; infinite if they are parallel.
    merge_from, merge_to : float
        Angles of elevation, in radians, between which the offset fades to zero; infinite if it
        does not fade.
    up : tuple of 3 floats
        Unit axis of elevation in camera space: the camera's +Y for panoramas, the world's +Z for
        perspective.

    Raises
    ------
    CameraError
        The offset is not finite, or the convergence is not above zero.
    """

    lens: Lens
    offset: float
    convergence: float = np.inf
    merge_from: float = np.inf
    merge_to: float = np.inf
    up: tuple[float, float, float] = (0.0, 1.0, 0.0)

    def __post_init__(self) -> None:
        """Check the numbers."""
        checked_finite("The eye's offset", self.offset)
        if not self.convergence > 0.0:
            raise CameraError(
                f"The convergence distance is {self.convergence:g}, expected a number above zero: "
                "raise it in the camera's stereoscopy settings."
            )

    @property
    def width(self) -> int:
        """Width of the image in pixels."""
        return self.lens.width

    @property
    def height(self) -> int:
        """Height of the image in pixels."""
        return self.lens.height

    def rays(self, pixels: ArrayLike, kind: DepthKind) -> Rays:
        """Return rays in camera space; for planar depth, NaN where a ray does not go forward."""
        directions = self.lens.rays(pixels, DepthKind.RAY).directions
        with np.errstate(invalid="ignore"):
            side = directions @ np.cross(np.eye(3), self.up)
            length = lengths(side)
            scale = self._offset_along(directions) / np.where(length > 0.0, length, 1.0)
            origins = side * scale[..., None]
            directions = directions - origins / self.convergence
            if kind is DepthKind.RAY:
                return Rays(origins, unit(directions), np.zeros(3))
            directions = forward(directions)
        # Planar depth is measured from the camera's plane, so the origins move onto it.
        return Rays(origins + origins[..., 2:] * directions, directions)

    def project(self, points: ArrayLike) -> Array:
        """Return the pixels that see camera-space ``points``; NaN where none does.

        A point of a ray is ``s D + (1 - s / convergence) k S`` with the unit direction D of the
        lens between the eyes, the unit vector S to its right, and the eye's offset k. S is level
        and at right angles to D, so that s is the root of a quadratic equation for a given k.
        """
        xyz, up = as_vectors(points, 3), np.array(self.up)
        height = xyz @ up
        level = xyz - height[..., None] * up
        radius2 = dot(level, level)
        with np.errstate(invalid="ignore", divide="ignore"):
            offset = self._offset_at(radius2 + height**2, np.abs(height))
            distance = self._distance(radius2 + height**2, offset)
            right = (1.0 - distance / self.convergence) * offset
            ahead = np.sqrt(radius2 - right**2)
            turned = ahead[..., None] * level - right[..., None] * np.cross(level, up)
            toward = ahead / np.where(radius2 > 0.0, radius2, 1.0)
            return self.lens.project(toward[..., None] * turned + height[..., None] * up)

    def is_affine(self, kind: DepthKind) -> bool:  # noqa: ARG002 - see the docstring
        """Return False: they are for no kind of depth."""
        return False

    def resized(self, width: int, height: int) -> Self:
        """Return the same lens over an image of another size."""
        return replace(self, lens=self.lens.resized(width, height))

    def cropped(self, left: int, top: int, width: int, height: int) -> Self:
        """Return the same lens over a window of the image."""
        return replace(self, lens=self.lens.cropped(left, top, width, height))

    def _offset_along(self, directions: Array) -> float | Array:
        if np.isinf(self.merge_to):
            return self.offset
        return self._faded_offset(np.abs(np.arcsin(np.clip(directions @ self.up, -1.0, 1.0))))

    def _faded_offset(self, elevation: Array) -> Array:
        span = max(self.merge_to - self.merge_from, np.finfo(float).tiny)
        fade = np.cos(np.clip((elevation - self.merge_from) / span, 0.0, 1.0) * (np.pi / 2))
        return np.where(elevation > self.merge_to, 0.0, self.offset * fade)

    def _distance(self, squared: Array, offset: Array) -> Array:
        """Return the s of :meth:`project`, given the points' squared distances."""
        nearness = 1.0 / self.convergence
        quadratic = 1.0 + (offset * nearness) ** 2
        half = offset**2 * nearness
        distance: Array = half + np.sqrt(half**2 - quadratic * (offset**2 - squared))
        return distance / quadratic

    def _offset_at(self, squared: Array, height: Array) -> Array:
        """Return the offset k of :meth:`project`, given the points' squared distances and heights.

        It depends on the elevation, which bisection finds.
        """
        if np.isinf(self.merge_to):
            return np.full_like(height, self.offset)
        low, high = np.zeros_like(height), np.full_like(height, np.pi / 2)
        for _ in range(_BISECTIONS):
            middle = (low + high) / 2.0
            reached = self._distance(squared, self._faded_offset(middle)) * np.sin(middle)
            low = np.where(reached < height, middle, low)
            high = np.where(reached < height, high, middle)
        return self._faded_offset((low + high) / 2.0)
