"""Lenses of real cameras, as OpenCV calibrates them: perspective and fisheye with distortion.

Formulas follow OpenCV's documentation of the modules ``calib3d`` (`Camera Calibration and 3D
Reconstruction`) and ``fisheye`` (`Fisheye camera model`):
https://docs.opencv.org/4.x/d9/d0c/group__calib3d.html. There, x and y of a point are X / Z and
Y / Z, with y down. Only the pixels differ: OpenCV's (0, 0) is the first pixel's center, here it is
(0.5, 0.5); see :meth:`~.intrinsics.Intrinsics.from_opencv`.

A polynomial that was fitted to an image bends back somewhere beyond it, from where on two
directions share a pixel. Lenses end there: :meth:`rays` and :meth:`project` give NaN, where OpenCV
gives numbers.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import ArrayLike

from ..depth.image import DepthKind
from ..errors import CameraError
from ..support.vectors import unit
from .camera import Array, Rays, as_vectors
from .distortion import Distortion
from .intrinsics import IntrinsicsLens, checked_finite, warn_of_millimeters
from .panorama import forward

_EXACT, _CONVERGED = 1e-12, 1e-11
"""Error, per unit of 1 + radius, at which Newton's method stops, and up to which it has converged.
"""

_TABLE = 513
_STEPS = 12


@dataclass(frozen=True)
class _Distorted(IntrinsicsLens):
    def __post_init__(self) -> None:
        """Check the coefficients and turn them into plain numbers, so that equal lenses hash."""
        for field in fields(self):
            if field.name != "intrinsics":
                number = checked_finite(f"The distortion's {field.name}", getattr(self, field.name))
                object.__setattr__(self, field.name, number)

    @property
    def coefficients(self) -> tuple[float, ...]:
        """The distortion's numbers, in OpenCV's order."""
        return tuple(getattr(self, field.name) for field in fields(self))[1:]

    def is_affine(self, kind: DepthKind) -> bool:  # noqa: ARG002 - see the docstring
        """For no kind of depth."""
        return False

    def _distorted(self, pixels: ArrayLike) -> Array:
        """Distorted x and y, shape (..., 2), of ``pixels``; y is down."""
        xy: Array = self.intrinsics.plane(pixels) * [1.0, -1.0]
        return xy

    def _pixels(self, distorted: Array) -> Array:
        """Inverse of :meth:`_distorted`."""
        return self.intrinsics.pixels(distorted * [1.0, -1.0])


@dataclass(frozen=True)
class OpenCVPerspective(_Distorted):
    """A perspective lens with radial and tangential distortion.

    With r^2 = x^2 + y^2, a point's x becomes ``x (1 + k1 r^2 + k2 r^4 + k3 r^6) / (1 + k4 r^2 +
    k5 r^4 + k6 r^6) + 2 p1 x y + p2 (r^2 + 2 x^2)``, and y likewise with p1 and p2 swapped.

    Parameters
    ----------
    intrinsics : Intrinsics
        With our principal point, which is OpenCV's plus half a pixel.
    k1, k2, p1, p2, k3, k4, k5, k6 : float
        In the order of OpenCV's ``distCoeffs``: ``OpenCVPerspective(intrinsics, *dist)`` takes
        4, 5 or 8 of them.

    Raises
    ------
    CameraError
        A coefficient is not finite.

    Warns
    -----
    UserWarning
        The field of view is so wide that the focal length is likely in millimeters.
    """

    k1: float = 0.0
    k2: float = 0.0
    p1: float = 0.0
    p2: float = 0.0
    k3: float = 0.0
    k4: float = 0.0
    k5: float = 0.0
    k6: float = 0.0

    def __post_init__(self) -> None:
        """Check the numbers."""
        super().__post_init__()
        warn_of_millimeters(self.intrinsics)

    def rays(self, pixels: ArrayLike, kind: DepthKind) -> Rays:
        """Rays in camera space; NaN where the distortion has no inverse."""
        distorted = self._distorted(pixels)
        xy = self._distortion.undistort(distorted.reshape(-1, 2).T).T.reshape(distorted.shape)
        directions = np.concatenate([xy * [1.0, -1.0], np.full((*xy.shape[:-1], 1), -1.0)], axis=-1)
        if kind is DepthKind.RAY:
            directions = unit(directions)
        return Rays(np.zeros_like(directions), directions)

    def project(self, points: ArrayLike) -> Array:
        """Pixels that see camera-space ``points``; NaN behind the camera and past the fold."""
        xyz = as_vectors(points, 3)
        with np.errstate(invalid="ignore", over="ignore"):
            ahead = np.where(xyz[..., 2] < 0.0, -xyz[..., 2], np.nan)
            xy = (xyz[..., :2] * [1.0, -1.0] / ahead[..., None]).reshape(-1, 2).T
            seen = np.where(self._distortion.is_seen(xy), self._distortion.distort(xy), np.nan)
        return self._pixels(seen.T.reshape(*xyz.shape[:-1], 2))

    @functools.cached_property
    def _distortion(self) -> Distortion:
        return Distortion(*self.coefficients)


@dataclass(frozen=True)
class OpenCVFisheye(_Distorted):
    """A fisheye whose radius is a polynomial of the angle from its axis.

    The radius is ``a (1 + k1 a^2 + k2 a^4 + k3 a^6 + k4 a^8)`` for the angle a in radians. Unlike
    OpenCV, which takes a for atan(r), this sees points beside and behind the camera too, as far
    as the polynomial rises.

    Parameters
    ----------
    intrinsics : Intrinsics
        With our principal point, which is OpenCV's plus half a pixel; the focal lengths are
        pixels per radian at the center.
    k1, k2, k3, k4 : float
        OpenCV's ``D``.

    Raises
    ------
    CameraError
        A coefficient is not finite, or so large or small that no angle can be computed from it.
    """

    k1: float = 0.0
    k2: float = 0.0
    k3: float = 0.0
    k4: float = 0.0

    def __post_init__(self) -> None:
        """Check the numbers."""
        super().__post_init__()
        try:
            _ = self._end
        except np.linalg.LinAlgError:
            raise CameraError(
                f"The distortion's coefficients are {', '.join(map(str, self.coefficients))}, of "
                "sizes that no lens has; expected numbers of about 1 or less: calibrate again."
            ) from None

    def rays(self, pixels: ArrayLike, kind: DepthKind) -> Rays:
        """Rays in camera space; NaN past the fold, and for planar depth where none goes forward."""
        xy = self._distorted(pixels)
        radius = np.hypot(xy[..., 0], xy[..., 1])
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
            angle = self._angle(radius)
            side = xy * (np.sin(angle) / np.where(radius > 0.0, radius, 1.0))[..., None]
            directions = np.concatenate([side * [1.0, -1.0], -np.cos(angle)[..., None]], axis=-1)
            if kind is DepthKind.PLANAR:
                directions = forward(directions)
        return Rays(np.zeros_like(directions), directions)

    def project(self, points: ArrayLike) -> Array:
        """Pixels that see camera-space ``points``, shape (..., 3); NaN past the fold."""
        xyz = as_vectors(points, 3)
        with np.errstate(invalid="ignore", over="ignore"):
            side = np.hypot(xyz[..., 0], xyz[..., 1])
            angle = np.arctan2(side, -xyz[..., 2])
            radius = np.where(angle <= self._end, self._radius(angle), np.nan)
            scale = radius / np.where(side > 0.0, side, 1.0)
            scale = np.where(np.any(xyz, axis=-1), scale, np.nan)
            return self._pixels(xyz[..., :2] * [1.0, -1.0] * scale[..., None])

    def _radius(self, angle: Array) -> Array:
        square = angle * angle
        terms = ((self.k4 * square + self.k3) * square + self.k2) * square + self.k1
        result: Array = angle * (1.0 + terms * square)
        return result

    def _slope(self, angle: Array) -> Array:
        square = angle * angle
        terms = ((9.0 * self.k4 * square + 7.0 * self.k3) * square + 5.0 * self.k2) * square
        result: Array = 1.0 + (terms + 3.0 * self.k1) * square
        return result

    @functools.cached_property
    def _end(self) -> float:
        """Angle at which the radius turns back, or that of straight back."""
        slope = np.polynomial.Polynomial(
            (1.0, 0.0, 3.0 * self.k1, 0.0, 5.0 * self.k2, 0.0, 7.0 * self.k3, 0.0, 9.0 * self.k4)
        )
        if not np.isfinite(slope.coef).all():
            raise np.linalg.LinAlgError
        with np.errstate(over="ignore"):
            roots = slope.roots()
        angles = roots[np.isreal(roots) & (roots.real > 0.0)].real
        return min(float(angles.min(initial=np.pi)), np.pi)

    def _angle(self, radius: Array) -> Array:
        """Inverse of :meth:`_radius` by Newton's method, between the neighbors in a table."""
        angles = np.linspace(0.0, self._end, _TABLE)
        radii = self._radius(angles)
        cell = np.clip(np.searchsorted(radii, radius), 1, _TABLE - 1)
        low, high = angles[cell - 1], angles[cell]
        angle = np.interp(radius, radii, angles)
        for _ in range(_STEPS):
            missed = np.abs(self._radius(angle) - radius) / (1.0 + radius)
            if not np.any((missed > _EXACT) & (radius < radii[-1])):
                break
            step = (self._radius(angle) - radius) / self._slope(angle)
            angle = np.clip(angle - step, low, high)
        missed = np.abs(self._radius(angle) - radius) / (1.0 + radius)
        result: Array = np.where(missed <= _CONVERGED, angle, np.nan)
        return result
