"""Lenses of Cycles' panoramic cameras.

The formulas follow ``kernel/camera/projection.h`` of Cycles, where u runs to the right and v up,
both from 0 to 1 over the full frame; lens shift adds to u and v (``blender_camera_viewplane`` in
Blender's ``intern/cycles/blender/camera.cpp``). Angles are in radians.
"""

from __future__ import annotations

import abc
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import ArrayLike

from ..depth.image import DepthKind
from ..errors import CameraError
from ..support.vectors import unit
from .camera import Array, Lens, Rays, as_vectors
from .intrinsics import checked_finite, checked_size


@dataclass(frozen=True)
class Frame:
    """The part of a panorama's unit square that an image shows.

    Attributes
    ----------
    width, height : int
        Size of the image in pixels.
    left, right, bottom, top : float
        Edges of the image in u (to the right) and v (up): 0, 1, 0, 1 for the full frame.

    Raises
    ------
    CameraError
        A size is not a whole number above zero, or an edge is not finite.
    """

    width: int
    height: int
    left: float = 0.0
    right: float = 1.0
    bottom: float = 0.0
    top: float = 1.0

    def __post_init__(self) -> None:
        """Check the numbers and convert them to Python's, so that equal lenses hash alike."""
        width, height = checked_size(self.width, self.height)
        object.__setattr__(self, "width", width)
        object.__setattr__(self, "height", height)
        plain_numbers(self, "left", "right", "bottom", "top")

    def shifted(self, u: float, v: float) -> Self:
        """Return the frame of a lens that is shifted by u to the right and v up."""
        return replace(
            self,
            left=self.left + u,
            right=self.right + u,
            bottom=self.bottom + v,
            top=self.top + v,
        )

    def cropped(self, left: int, top: int, width: int, height: int) -> Self:
        """Return the frame of a window of the image, in pixels from its upper left corner."""
        (u0, v1), (u1, v0) = self.uv([(left, top), (left + width, top + height)])
        return type(self)(width, height, u0, u1, v0, v1)

    def uv(self, pixels: ArrayLike) -> Array:
        """Return u and v, shape (..., 2), of ``pixels``."""
        origin, step = self._affine()
        result: Array = as_vectors(pixels, 2) * step + origin
        return result

    def pixels(self, uv: Array) -> Array:
        """Return the pixels of u and v: the inverse of :meth:`uv`."""
        origin, step = self._affine()
        result: Array = (uv - origin) / step
        return result

    def shows(self, uv: Array) -> Array:
        """Return whether ``uv``, shape (..., 2), lie within the image."""
        low, high = np.array([self.left, self.bottom]), np.array([self.right, self.top])
        result: Array = np.all((uv >= low) & (uv <= high), axis=-1)
        return result

    def _affine(self) -> tuple[Array, Array]:
        step = [(self.right - self.left) / self.width, (self.bottom - self.top) / self.height]
        return np.array([self.left, self.top]), np.array(step)


@dataclass(frozen=True)
class Panorama(Lens):
    """A lens that sees one direction for each u and v."""

    frame: Frame

    @abc.abstractmethod
    def _directions(self, uv: Array) -> Array:
        """Return unit directions in camera space; NaN where Cycles traces no ray."""

    @abc.abstractmethod
    def _uv(self, points: Array) -> Array:
        """Return the u and v that see ``points``; NaN where none do."""

    @property
    def width(self) -> int:
        """Width of the image in pixels."""
        return self.frame.width

    @property
    def height(self) -> int:
        """Height of the image in pixels."""
        return self.frame.height

    def rays(self, pixels: ArrayLike, kind: DepthKind) -> Rays:
        """Return rays in camera space; for planar depth, NaN where a ray does not go forward."""
        with np.errstate(invalid="ignore", divide="ignore"):
            directions = self._directions(self.frame.uv(pixels))
            if kind is DepthKind.PLANAR:
                directions = forward(directions)
        return Rays(np.zeros_like(directions), directions)

    def project(self, points: ArrayLike) -> Array:
        """Return the pixels that see camera-space ``points``; NaN where none does."""
        xyz = as_vectors(points, 3)
        with np.errstate(invalid="ignore", divide="ignore"):
            uv = self._uv(xyz)
            return self.frame.pixels(np.where(np.any(xyz, axis=-1)[..., None], uv, np.nan))

    def is_affine(self, kind: DepthKind) -> bool:  # noqa: ARG002 - see the docstring
        """Return False: they are for no kind of depth."""
        return False

    def resized(self, width: int, height: int) -> Self:
        """Return the same lens over an image of another size."""
        return replace(self, frame=replace(self.frame, width=width, height=height))

    def cropped(self, left: int, top: int, width: int, height: int) -> Self:
        """Return the same lens over a window of the image."""
        return replace(self, frame=self.frame.cropped(left, top, width, height))


@dataclass(frozen=True)
class Equirectangular(Panorama):
    """Longitude to the right and latitude up: ``equirectangular_range_to_direction``."""

    longitude_min: float = -np.pi
    longitude_max: float = np.pi
    latitude_min: float = -np.pi / 2
    latitude_max: float = np.pi / 2

    def __post_init__(self) -> None:
        """Check the numbers."""
        plain_numbers(self, "longitude_min", "longitude_max", "latitude_min", "latitude_max")
        _check_range("longitude", self.longitude_min, self.longitude_max)
        _check_range("latitude", self.latitude_min, self.latitude_max)

    def _directions(self, uv: Array) -> Array:
        longitude = self.longitude_min + (self.longitude_max - self.longitude_min) * uv[..., 0]
        latitude = self.latitude_min + (self.latitude_max - self.latitude_min) * uv[..., 1]
        level = np.cos(latitude)
        return np.stack(
            [level * np.sin(longitude), np.sin(latitude), -level * np.cos(longitude)], axis=-1
        )

    def _uv(self, points: Array) -> Array:
        x, y, z = np.moveaxis(points, -1, 0)
        longitude, latitude = np.arctan2(x, -z), np.arctan2(y, np.hypot(x, z))
        uv = self._place(longitude, latitude)
        for pole in (np.pi, -np.pi):
            # A shifted lens sees past the pole, where the image continues upside down.
            past = self._place(longitude + np.pi, pole - latitude)
            better = ~self.frame.shows(uv) & self.frame.shows(past)
            uv = np.where(better[..., None], past, uv)
        return uv

    def _place(self, longitude: Array, latitude: Array) -> Array:
        u = _nearest_turn(self.frame, longitude, self.longitude_min, self.longitude_max)
        v = (latitude - self.latitude_min) / (self.latitude_max - self.latitude_min)
        return np.stack([u, v], axis=-1)


@dataclass(frozen=True)
class CentralCylindrical(Panorama):
    """Angle to the right, height on a cylinder up: ``central_cylindrical_to_direction``.

    The heights are those at radius 1 (Blender's range divided by its radius).
    """

    angle_min: float = -np.pi
    angle_max: float = np.pi
    height_min: float = -1.0
    height_max: float = 1.0

    def __post_init__(self) -> None:
        """Check the numbers."""
        plain_numbers(self, "angle_min", "angle_max", "height_min", "height_max")
        _check_range("angle", self.angle_min, self.angle_max)
        _check_range("height", self.height_min, self.height_max)

    def _directions(self, uv: Array) -> Array:
        angle = self.angle_min + (self.angle_max - self.angle_min) * uv[..., 0]
        height = self.height_min + (self.height_max - self.height_min) * uv[..., 1]
        return unit(np.stack([np.sin(angle), height, -np.cos(angle)], axis=-1))

    def _uv(self, points: Array) -> Array:
        x, y, z = np.moveaxis(points, -1, 0)
        u = _nearest_turn(self.frame, np.arctan2(x, -z), self.angle_min, self.angle_max)
        v = (y / np.hypot(x, z) - self.height_min) / (self.height_max - self.height_min)
        return np.where(np.isfinite(v)[..., None], np.stack([u, v], axis=-1), np.nan)


@dataclass(frozen=True)
class CubeFace(Panorama):
    """One face of an equiangular cube map: ``equiangular_cubemap_face_to_direction``."""

    def _directions(self, uv: Array) -> Array:
        xy = np.tan((uv - 0.5) * (np.pi / 2))
        return unit(np.concatenate([xy, np.full((*xy.shape[:-1], 1), -1.0)], axis=-1))

    def _uv(self, points: Array) -> Array:
        uv = np.arctan(forward(points)[..., :2]) / (np.pi / 2) + 0.5
        return np.asarray(uv)


def forward(directions: Array) -> Array:
    """Scale directions to Z = -1, for planar depth; NaN for those that do not go forward."""
    ahead = np.where(directions[..., 2] < 0.0, -directions[..., 2], np.nan)
    result: Array = directions / ahead[..., None]
    return result


def _nearest_turn(frame: Frame, angle: Array, first: float, last: float) -> Array:
    """Return u of an angle, plus the whole turns that bring it nearest to the image's middle."""
    turn = 2.0 * np.pi / (last - first)
    u = (angle - first) / (last - first)
    middle = (frame.left + frame.right) / 2.0
    result: Array = u + turn * np.round((middle - u) / turn)
    return result


def _check_range(name: str, first: float, last: float) -> None:
    if first == last:
        raise CameraError(
            f"The panorama's {name} runs from {first:g} to {last:g}, expected two different "
            "numbers: widen the range in the camera's lens settings."
        )


def plain_numbers(lens: object, *names: str) -> None:
    """Convert a frozen lens's numbers to Python's floats, or raise :class:`CameraError`.

    They must be finite.
    """
    for name in names:
        number = checked_finite(f"The panorama's {name}", getattr(lens, name))
        object.__setattr__(lens, name, number)
