"""Radial and tangential distortion, and its inverse, as OpenCV's documentation has it.

Points are x and y on the plane at distance 1 from the camera, as arrays of shape (2, N), y down.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np

from .camera import Array

_EXACT = 1e-12
"""Error at which Newton's method stops, per unit of 1 + distance from the image's center."""

_CONVERGED = 1e-11
"""Error up to which a solution counts: 1e-7 pixels at a focal length of 10,000."""

_STEPS = 60
_SHORTEST = 1e-5
"""Part of Newton's step below which there is no solution to be found."""

_DIRECTIONS = 256
_RADII = 1024
_RIM = 1e-3
"""Relative error allowed to the table of folds between its directions; within it, the sign of the
Jacobian at the point itself decides."""


@dataclass(frozen=True, eq=False)
class _Jacobian:
    """Derivatives of distorted x and y, each of shape (N,).

    The matrix is symmetric, as distorted x and y are themselves the derivatives of one function of
    x and y. Where that function is convex, the distortion has one inverse.
    """

    xx: Array
    xy: Array
    yy: Array
    divisor: Array
    """The lower of the radial polynomials, which has a pole where it is 0."""

    @property
    def determinant(self) -> Array:
        result: Array = self.xx * self.yy - self.xy * self.xy
        return result

    @property
    def is_convex(self) -> Array:
        result: Array = (self.xx + self.yy > 0.0) & (self.determinant > 0.0) & (self.divisor > 0.0)
        return result


@dataclass(frozen=True)
class Distortion:
    """The distortion of :class:`~.opencv.OpenCVPerspective`, with its coefficients.

    Its domain ends, in each direction from the center, at the first point where it folds back or
    has a pole.
    """

    k1: float
    k2: float
    p1: float
    p2: float
    k3: float
    k4: float
    k5: float
    k6: float

    def distort(self, xy: Array) -> Array:
        """Distorted x and y of ``xy``, both of shape (2, N)."""
        x, y = xy
        squared = x * x + y * y
        scale = self._radial(squared)[0] + 2.0 * (self.p1 * y + self.p2 * x)
        return np.stack([x * scale + self.p2 * squared, y * scale + self.p1 * squared])

    def undistort(self, target: Array) -> Array:
        """Inverse of :meth:`distort`, shapes (2, N); NaN where there is none.

        Newton's method with steps that are halved until they lessen the error and stay before the
        fold, from the inverse of the radial terms.
        """
        found = np.full_like(target, np.nan)
        with np.errstate(all="ignore"):
            index: Array = np.flatnonzero(np.isfinite(target).all(axis=0))
            goal = target[:, index]
            xy = self._start(goal)
            error = self.distort(xy) - goal
            scale: Array = np.ones(len(index))
            for step in range(_STEPS + 1):
                size = np.hypot(*error) / (1.0 + np.hypot(*goal))
                pending = (size > _EXACT) & (scale > _SHORTEST)
                count = np.count_nonzero(pending)
                if 2 * count <= len(index) or step == _STEPS:  # fewer: go on without the others
                    found[:, index] = np.where(size <= _CONVERGED, xy, np.nan)
                    if not count or step == _STEPS:
                        break
                    index, goal, xy, error, scale = (
                        each[..., pending] for each in (index, goal, xy, error, scale)
                    )
                trial = xy - scale * self._newton_step(xy, error)
                missed = self.distort(trial) - goal
                better = self.is_seen(trial) & (np.hypot(*missed) < np.hypot(*error))
                xy, error = np.where(better, trial, xy), np.where(better, missed, error)
                scale = np.where(better, np.minimum(1.0, 2.0 * scale), scale / 2.0)
        return found

    def is_seen(self, xy: Array) -> Array:
        """Whether ``xy``, shape (2, N), lie before the fold, seen from the center."""
        turns, nearness = self._folds
        radius = np.hypot(*xy)
        seen: Array = radius * nearness.max() < 1.0 - _RIM
        if not seen.all():
            rest = ~seen
            toward = np.arctan2(xy[1][rest], xy[0][rest])
            near = np.interp(toward, turns, nearness, period=2.0 * np.pi)
            seen[rest] = (radius[rest] * near < 1.0 + _RIM) & self._jacobian(xy[:, rest]).is_convex
        return seen

    def _radial(self, squared: Array) -> tuple[Array, Array, Array]:
        """The quotient of both polynomials, its derivative by r^2, and the divisor."""
        upper = ((self.k3 * squared + self.k2) * squared + self.k1) * squared + 1.0
        divisor = ((self.k6 * squared + self.k5) * squared + self.k4) * squared + 1.0
        upper_slope = (3.0 * self.k3 * squared + 2.0 * self.k2) * squared + self.k1
        divisor_slope = (3.0 * self.k6 * squared + 2.0 * self.k5) * squared + self.k4
        quotient = upper / divisor
        return quotient, (upper_slope - quotient * divisor_slope) / divisor, divisor

    def _jacobian(self, xy: Array) -> _Jacobian:
        x, y = xy
        quotient, slope, divisor = self._radial(x * x + y * y)
        return _Jacobian(
            xx=quotient + 2.0 * slope * x * x + 6.0 * self.p2 * x + 2.0 * self.p1 * y,
            xy=2.0 * (slope * x * y + self.p1 * x + self.p2 * y),
            yy=quotient + 2.0 * slope * y * y + 6.0 * self.p1 * y + 2.0 * self.p2 * x,
            divisor=divisor,
        )

    @functools.cached_property
    def _folds(self) -> tuple[Array, Array]:
        """Directions about the center, and 1 / the radius where the lens ends; 0 if nowhere."""
        turns = np.linspace(-np.pi, np.pi, _DIRECTIONS, endpoint=False)
        toward = np.stack([np.cos(turns), np.sin(turns)])
        radii = np.tan(np.linspace(0.0, np.pi / 2, _RADII)[:-1])
        with np.errstate(all="ignore"):
            ended = ~self._jacobian(toward[:, :, None] * radii).is_convex
            last = np.argmax(ended, axis=1)
            low, high = radii[np.maximum(last - 1, 0)], radii[last]
            for _ in range(_STEPS):
                middle = (low + high) / 2.0
                convex = self._jacobian(toward * middle).is_convex
                low, high = np.where(convex, middle, low), np.where(convex, high, middle)
        return turns, np.where(ended.any(axis=1), 1.0 / np.maximum(low, 1e-300), 0.0)

    @functools.cached_property
    def _profile(self) -> tuple[Array, Array]:
        """Distorted radii, ascending, and their undistorted ones, by the radial terms alone."""
        radii = np.tan(np.linspace(0.0, np.pi / 2, 4 * _RADII)[:-1])
        with np.errstate(all="ignore"):
            quotient, _, divisor = self._radial(radii * radii)
            distorted = radii * quotient
            ended = ~(np.diff(distorted, prepend=-1.0) > 0.0) | ~(divisor > 0.0)
        end = int(np.argmax(ended)) if ended.any() else len(radii)
        return distorted[:end], radii[:end]

    def _start(self, goal: Array) -> Array:
        radius = np.hypot(*goal)
        nearness = np.interp(np.arctan2(goal[1], goal[0]), *self._folds, period=2.0 * np.pi)
        end = 0.999 / np.where(nearness > 0.0, nearness, 1e-300)
        scale = np.minimum(np.interp(radius, *self._profile), end)
        start: Array = goal * (scale / np.where(radius > 0.0, radius, 1.0))
        return start

    def _newton_step(self, xy: Array, error: Array) -> Array:
        j, (x, y) = self._jacobian(xy), error
        step: Array = np.stack([j.yy * x - j.xy * y, j.xx * y - j.xy * x]) / j.determinant
        return step
