"""Lenses that a 3x3 matrix describes: perspective and orthographic."""

from __future__ import annotations

import math
import operator
import warnings
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import ArrayLike

from ..depth.image import DepthKind
from ..errors import CameraError
from ..support.vectors import unit
from .camera import Array, Lens, Rays, as_vectors

_STEEPEST = 1e100
"""Slope of a ray whose square a float still has room for."""


def checked_size(width: object, height: object) -> tuple[int, int]:
    """Return the image size as two ints above zero, or raise :class:`CameraError`."""
    try:
        size = operator.index(width), operator.index(height)  # type: ignore[arg-type]
    except TypeError:
        size = (0, 0)
    if min(size) < 1 or max(size) >= 2**31:
        raise CameraError(
            f"The image size is {width} x {height}, expected two whole numbers of pixels above "
            "zero and below 2^31: give the size of the depth image."
        )
    return size


def checked_finite(name: str, value: float) -> float:
    """Return ``value`` as a finite float, or raise :class:`CameraError`."""
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number):
        raise CameraError(f"{name} is {value}, expected a finite number: check the camera.")
    return number


def checked_positive(name: str, value: float, hint: str = "check the camera") -> float:
    """Return ``value`` as a finite float above zero, or raise :class:`CameraError`."""
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not (math.isfinite(number) and number > 0.0):
        raise CameraError(f"{name} is {value}, expected a finite number above zero: {hint}.")
    return number


@dataclass(frozen=True)
class Intrinsics:
    """How a camera's X and Y become pixels, and the size of the image.

    Attributes
    ----------
    fx, fy : float
        Focal length in pixels, not in millimeters; for an orthographic lens, pixels per scene unit.
    cx, cy : float
        Principal point in pixels, (0, 0) being the image's upper left *corner*. OpenCV counts from
        the center of the first pixel instead: see :meth:`from_opencv`.
    width, height : int
        Size of the image in pixels.

    Raises
    ------
    CameraError
        A number is not finite, a focal length or a size is not above zero, a size is not whole, or
        a focal length is almost 0.
    """

    fx: float
    fy: float
    cx: float
    cy: float
    width: int
    height: int

    def __post_init__(self) -> None:
        """Check the numbers and convert them to Python's, so that equal lenses hash alike."""
        hint = "give it in pixels (millimeters * image width / sensor width)"
        width, height = checked_size(self.width, self.height)
        object.__setattr__(self, "width", width)
        object.__setattr__(self, "height", height)
        for name in ("fx", "fy"):
            number = checked_positive(f"The focal length {name}", getattr(self, name), hint)
            object.__setattr__(self, name, number)
        for name in ("cx", "cy"):
            number = checked_finite(f"The principal point's {name}", getattr(self, name))
            object.__setattr__(self, name, number)
        for name, size in (("x", width), ("y", height)):
            focal, center = getattr(self, f"f{name}"), getattr(self, f"c{name}")
            if (abs(center) + size) > _STEEPEST * focal:
                raise CameraError(
                    f"The focal length f{name} is {focal:g} for a principal point of {center:g} in "
                    f"{size} pixels, which no direction can be computed from: {hint}."
                )

    @classmethod
    def from_opencv(cls, matrix: ArrayLike, width: int, height: int) -> Self:
        """Convert OpenCV's 3x3 camera matrix, whose (0, 0) is the center of the first pixel.

        Raises
        ------
        CameraError
            The matrix has skew or is not a camera matrix.
        """
        k = np.asarray(matrix, np.float64)
        fixed = [0, 1, 2, 2, 2], [1, 0, 0, 1, 2]
        if k.shape != (3, 3) or not np.allclose(k[fixed], [0, 0, 0, 0, 1]):
            raise CameraError(
                "The camera matrix is not of the form [[fx, 0, cx], [0, fy, cy], [0, 0, 1]], "
                "which is expected: transpose it, or undistort the image if it has skew."
            )
        return cls(k[0, 0], k[1, 1], k[0, 2] + 0.5, k[1, 2] + 0.5, width, height)

    @property
    def matrix(self) -> Array:
        """K of shape (3, 3): pixel = K @ (X, -Y, -Z) / -Z for X, Y, Z of Blender's camera space."""
        return np.array([[self.fx, 0.0, self.cx], [0.0, self.fy, self.cy], [0.0, 0.0, 1.0]])

    def resized(self, width: int, height: int) -> Self:
        """Return the same view over an image of another size."""
        width, height = checked_size(width, height)
        x, y = width / self.width, height / self.height
        return type(self)(self.fx * x, self.fy * y, self.cx * x, self.cy * y, width, height)

    def cropped(self, left: int, top: int, width: int, height: int) -> Self:
        """Return the same view over a window of the image."""
        return replace(self, cx=self.cx - left, cy=self.cy - top, width=width, height=height)

    def plane(self, pixels: ArrayLike) -> Array:
        """Return camera-space X and Y, shape (..., 2), of pixels on the plane at distance 1."""
        xy = as_vectors(pixels, 2)
        result: Array = (xy - [self.cx, self.cy]) / [self.fx, -self.fy]
        return result

    def pixels(self, plane: Array) -> Array:
        """Return the pixels of points on the plane at distance 1: the inverse of :meth:`plane`."""
        result: Array = plane * [self.fx, -self.fy] + [self.cx, self.cy]
        return result


@dataclass(frozen=True)
class IntrinsicsLens(Lens):
    """A lens with focal lengths and a principal point, which alone change with the image's size."""

    intrinsics: Intrinsics

    @property
    def width(self) -> int:
        """Width of the image in pixels."""
        return self.intrinsics.width

    @property
    def height(self) -> int:
        """Height of the image in pixels."""
        return self.intrinsics.height

    def resized(self, width: int, height: int) -> Self:
        """Return the same lens over an image of another size."""
        return replace(self, intrinsics=self.intrinsics.resized(width, height))

    def cropped(self, left: int, top: int, width: int, height: int) -> Self:
        """Return the same lens over a window of the image."""
        return replace(self, intrinsics=self.intrinsics.cropped(left, top, width, height))


LIKELY_MILLIMETERS = math.radians(140.0)
"""Field of view that few lenses have both ways, but most would if their mm were pixels."""


def warn_of_millimeters(i: Intrinsics) -> None:
    """Warn if a perspective lens sees so much that its focal length is likely in millimeters."""
    field_of_view = 2.0 * math.atan(min(i.width / i.fx, i.height / i.fy) / 2.0)
    if field_of_view > LIKELY_MILLIMETERS:
        degrees = math.degrees(field_of_view)
        warnings.warn(
            f"fx = {i.fx:g} and fy = {i.fy:g} see over {degrees:.0f} degrees in "
            f"{i.width} x {i.height} pixels; they are in pixels (millimeters * image width "
            "/ sensor width), and cx, cy is the principal point, near the middle of the image.",
            stacklevel=4,
        )


@dataclass(frozen=True)
class Perspective(IntrinsicsLens):
    """A pinhole lens.

    Follows ``BKE_camera_params_compute_viewplane`` (Blender, ``blenkernel/intern/camera.cc``) and
    ``camera_sample_perspective`` (Cycles, ``kernel/camera/camera.h``).

    Warns
    -----
    UserWarning
        The field of view is so wide that the focal length is likely in millimeters.
    """

    def __post_init__(self) -> None:
        """Warn where the focal length is likely in millimeters."""
        warn_of_millimeters(self.intrinsics)

    def rays(self, pixels: ArrayLike, kind: DepthKind) -> Rays:
        """Return the rays in camera space through ``pixels``, shape (..., 2)."""
        xy = self.intrinsics.plane(pixels)
        directions = np.concatenate([xy, np.full((*xy.shape[:-1], 1), -1.0)], axis=-1)
        if kind is DepthKind.RAY:
            directions = unit(directions)
        return Rays(np.zeros_like(directions), directions)

    def project(self, points: ArrayLike) -> Array:
        """Return the pixels that see camera-space ``points``, shape (..., 3).

        NaN for points behind the camera.
        """
        xyz = as_vectors(points, 3)
        ahead = np.where(xyz[..., 2] < 0.0, -xyz[..., 2], np.nan)
        return self.intrinsics.pixels(xyz[..., :2] / ahead[..., None])

    def is_affine(self, kind: DepthKind) -> bool:
        """Return True for planar depth only: lengths are not affine functions of the pixel."""
        return kind is DepthKind.PLANAR


@dataclass(frozen=True)
class Orthographic(IntrinsicsLens):
    """A lens of parallel rays; fx and fy of its intrinsics are pixels per scene unit.

    Follows ``BKE_camera_params_compute_viewplane`` (Blender, ``blenkernel/intern/camera.cc``) and
    ``camera_sample_orthographic`` (Cycles, ``kernel/camera/camera.h``). Planar and ray depth are
    the same.
    """

    def rays(self, pixels: ArrayLike, kind: DepthKind) -> Rays:  # noqa: ARG002 - see the docstring
        """Return the rays in camera space through ``pixels``, shape (..., 2)."""
        xy = self.intrinsics.plane(pixels)
        origins = np.concatenate([xy, np.zeros((*xy.shape[:-1], 1))], axis=-1)
        directions = np.zeros_like(origins)
        directions[..., 2] = -1.0
        return Rays(origins, directions)

    def project(self, points: ArrayLike) -> Array:
        """Return the pixels that see camera-space ``points``, also those behind the camera."""
        return self.intrinsics.pixels(as_vectors(points, 3)[..., :2])

    def is_affine(self, kind: DepthKind) -> bool:  # noqa: ARG002 - see the docstring
        """Return True: they are for both kinds of depth."""
        return True
