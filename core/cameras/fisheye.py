"""Panoramic lenses that are symmetric about their axis: fisheyes and the mirror ball.

The formulas follow ``kernel/camera/projection.h`` of Cycles.
"""

from __future__ import annotations

import abc
from dataclasses import dataclass

import numpy as np

from ..errors import CameraError
from .camera import Array
from .intrinsics import checked_positive
from .panorama import Panorama, plain_numbers

_RIM = 1e-6
"""How far beyond the rim, as a ratio or in radians, a point still counts as on it."""

_TABLE_SIZE = 257
_NEWTON_STEPS = 6


@dataclass(frozen=True)
class _Radial(Panorama):
    """A lens whose angle from the axis depends on the distance from the center of the frame."""

    @property
    @abc.abstractmethod
    def _extent(self) -> tuple[float, float]:
        """Width and height of the full frame, in the unit of the radius."""

    @abc.abstractmethod
    def _angle(self, radius: Array) -> Array:
        """Return the angle from the axis; NaN beyond the rim."""

    @abc.abstractmethod
    def _radius(self, angle: Array) -> Array:
        """Return the radius at an angle of 0 to pi, negative on the other side; NaN for none."""

    def _directions(self, uv: Array) -> Array:
        xy = (uv - 0.5) * self._extent
        radius = np.hypot(xy[..., 0], xy[..., 1])
        angle = self._angle(radius)
        # At the center itself, Cycles takes outward for up.
        outward = np.where(
            radius[..., None] > 0.0, xy / np.where(radius > 0.0, radius, 1.0)[..., None], [0.0, 1.0]
        )
        side = outward * np.sin(angle)[..., None]
        return np.concatenate([side, -np.cos(angle)[..., None]], axis=-1)

    def _uv(self, points: Array) -> Array:
        side = np.hypot(points[..., 0], points[..., 1])
        radius = self._radius(np.arctan2(side, -points[..., 2]))
        scale = radius / np.where(side > 0.0, side, 1.0)
        return np.asarray(points[..., :2] * scale[..., None] / self._extent + 0.5)


@dataclass(frozen=True)
class FisheyeEquidistant(_Radial):
    """Angle proportional to the radius: ``fisheye_equidistant_to_direction``.

    The circle is stretched with the frame: the radius is 1 at its edges.
    """

    fov: float = np.pi

    def __post_init__(self) -> None:
        """Check the numbers."""
        object.__setattr__(self, "fov", checked_positive("The fisheye's field of view", self.fov))

    @property
    def _extent(self) -> tuple[float, float]:
        return 2.0, 2.0

    def _angle(self, radius: Array) -> Array:
        return np.where(radius <= 1.0, radius, np.nan) * (self.fov / 2)

    def _radius(self, angle: Array) -> Array:
        radius = angle / (self.fov / 2)
        return np.where(radius <= 1.0 + _RIM, radius, np.nan)


@dataclass(frozen=True)
class MirrorBall(_Radial):
    """Reflection in a ball that is seen from afar: ``mirrorball_to_direction``."""

    @property
    def _extent(self) -> tuple[float, float]:
        return 2.0, 2.0

    def _angle(self, radius: Array) -> Array:
        return np.asarray(2.0 * np.arcsin(radius))

    def _radius(self, angle: Array) -> Array:
        # The whole rim looks straight back.
        return np.where(angle < np.pi, np.sin(angle / 2), np.nan)


@dataclass(frozen=True)
class _Sensor(_Radial):
    """A fisheye measured on a sensor, in millimeters."""

    sensor_width: float = 36.0
    sensor_height: float = 24.0
    fov: float = np.pi

    def __post_init__(self) -> None:
        """Check the numbers."""
        for name in ("sensor_width", "sensor_height", "fov"):
            number = checked_positive(f"The fisheye's {name}", getattr(self, name))
            object.__setattr__(self, name, number)

    @property
    def _extent(self) -> tuple[float, float]:
        return self.sensor_width, self.sensor_height


@dataclass(frozen=True)
class FisheyeEquisolid(_Sensor):
    """Radius proportional to the sine of half the angle: ``fisheye_equisolid_to_direction``."""

    focal_length: float = 10.5

    def __post_init__(self) -> None:
        """Check the numbers."""
        super().__post_init__()
        number = checked_positive("The fisheye's focal length", self.focal_length)
        object.__setattr__(self, "focal_length", number)

    @property
    def _rim(self) -> float:
        return 2.0 * self.focal_length * float(np.sin(self.fov / 4))

    def _angle(self, radius: Array) -> Array:
        inside = np.where(radius <= self._rim, radius, np.nan)
        return np.asarray(2.0 * np.arcsin(inside / (2.0 * self.focal_length)))

    def _radius(self, angle: Array) -> Array:
        radius = 2.0 * self.focal_length * np.sin(angle / 2)
        return np.where(radius <= self._rim * (1.0 + _RIM), radius, np.nan)


@dataclass(frozen=True)
class FisheyePolynomial(_Sensor):
    """Angle as a polynomial of the radius: ``fisheye_lens_polynomial_to_direction``.

    The angle is ``-(k0 + k1 r + k2 r^2 + k3 r^3 + k4 r^4)``, r in millimeters on the sensor. Where
    it turns back with growing r, :meth:`project` finds the pixel before the turn.
    """

    k0: float = 0.0
    k1: float = 0.0
    k2: float = 0.0
    k3: float = 0.0
    k4: float = 0.0

    def __post_init__(self) -> None:
        """Check the numbers."""
        super().__post_init__()
        plain_numbers(self, "k0", "k1", "k2", "k3", "k4")
        if not any((self.k1, self.k2, self.k3, self.k4)):
            raise CameraError(
                "The fisheye polynomial's K1 to K4 are all zero, expected at least one other: "
                "enter the lens's coefficients in the camera's lens settings."
            )

    @property
    def _polynomial(self) -> np.polynomial.Polynomial:
        return -np.polynomial.Polynomial((self.k0, self.k1, self.k2, self.k3, self.k4))

    def _angle(self, radius: Array) -> Array:
        angle = self._polynomial(radius)
        return np.where(np.abs(angle) <= self.fov / 2, angle, np.nan)

    def _radius(self, angle: Array) -> Array:
        radius = self._first_radius(angle)
        # A negative angle looks to the other side of the axis.
        return np.where(np.isnan(radius), -self._first_radius(-angle), radius)

    def _first_radius(self, angle: Array) -> Array:
        """Return the smallest radius at an angle, by Newton's method from a table; else NaN."""
        polynomial, slope = self._polynomial, self._polynomial.deriv()
        radii = np.linspace(0.0, self._end(), _TABLE_SIZE)
        angles = polynomial(radii)
        order = 1 if angles[-1] > angles[0] else -1
        inside = (angle >= angles.min() - _RIM) & (angle <= angles.max() + _RIM)
        radius = np.interp(angle, angles[::order], radii[::order])
        for _ in range(_NEWTON_STEPS):
            step = (polynomial(radius) - angle) / slope(radius)
            radius = radius - np.where(np.isfinite(step), step, 0.0)
        return np.where(inside, radius, np.nan)

    def _end(self) -> float:
        """Radius at which the angle leaves the field of view or turns back."""
        edges = [self._polynomial - self.fov / 2, self._polynomial + self.fov / 2]
        roots = np.concatenate([p.roots() for p in [*edges, self._polynomial.deriv()]])
        reached = roots[np.isreal(roots) & (roots.real > _RIM)].real
        return float(reached.min()) if reached.size else self.sensor_width + self.sensor_height
