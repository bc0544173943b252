"""Cameras: a lens, which turns pixels into rays and back, with its pose in the world."""

from __future__ import annotations

import abc
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..depth.image import DepthKind
from ..errors import CameraError
from ..support.vectors import dot, lengths, unit

Array = NDArray[Any]

_AXES_TOLERANCE = 1e-4
_OPENCV_TO_BLENDER = np.diag([1.0, -1.0, -1.0, 1.0])


@dataclass(frozen=True)
class Rays:
    """Rays of pixels; :meth:`at` returns the points on them.

    Attributes
    ----------
    origins, directions : ndarray, shape (..., 3), float64
        Directions are scaled for one :class:`DepthKind`: for PLANAR depth their Z is -1 in camera
        space, for RAY depth their length is 1. NaN where the pixel sees nothing (outside the lens
        circle).
    center : ndarray, shape (3,), or None
        Where RAY depth is measured from, if that is not the rays' origins: for a spherical stereo
        panorama, Cycles writes the distance from the middle between the eyes.
    """

    origins: Array
    directions: Array
    center: Array | None = None

    def at(self, depth: ArrayLike) -> Array:
        """Return the points at ``depth``, shape (...), as float64 of shape (..., 3).

        A point is ``origins + depth * directions`` unless there is a :attr:`center`: then it is
        where the ray leaves the sphere around the center whose radius is the depth, and NaN if the
        ray does not meet that sphere.
        """
        distance = np.asarray(depth, np.float64)
        if self.center is not None:
            offset = self.origins - self.center
            along = dot(offset, self.directions)
            with np.errstate(invalid="ignore"):
                square = along**2 - dot(offset, offset) + distance**2
                distance = np.sqrt(square) - along
        points: Array = self.origins + distance[..., None] * self.directions
        return points


class Lens(abc.ABC):
    """The camera-space half of a camera: pixels to rays and back.

    Pixels are continuous image coordinates (x right, y down); camera space is +X right, +Y up,
    -Z forward. Lenses are frozen dataclasses of plain numbers, so that they can serve as keys.
    """

    @property
    @abc.abstractmethod
    def width(self) -> int:
        """Width of the image in pixels."""

    @property
    @abc.abstractmethod
    def height(self) -> int:
        """Height of the image in pixels."""

    @abc.abstractmethod
    def rays(self, pixels: ArrayLike, kind: DepthKind) -> Rays:
        """Return the rays in camera space through ``pixels``, shape (..., 2)."""

    @abc.abstractmethod
    def project(self, points: ArrayLike) -> Array:
        """Return the pixels, shape (..., 2), that see camera-space ``points``, shape (..., 3).

        NaN where no pixel does. A pixel may lie outside the image.
        """

    @abc.abstractmethod
    def is_affine(self, kind: DepthKind) -> bool:
        """Return whether the rays' origins and directions are affine functions of the pixel."""

    @abc.abstractmethod
    def resized(self, width: int, height: int) -> Self:
        """Return the same lens over an image of another size."""

    @abc.abstractmethod
    def cropped(self, left: int, top: int, width: int, height: int) -> Self:
        """Return the same lens over a window of the image, in pixels from its upper left corner."""


@dataclass(frozen=True, eq=False)
class Camera:
    """A lens placed in the world by a camera-to-world matrix.

    Parameters
    ----------
    lens : Lens
    matrix : array_like, shape (4, 4)
        Camera to world, without scale. The axes may be mirrored or sheared, as those of a camera
        with a scaled parent are: Blender renders through such cameras.

    Raises
    ------
    CameraError
        The matrix is not of this shape, not finite, not affine, scaled, or singular.
    """

    lens: Lens
    matrix: Array

    def __post_init__(self) -> None:
        """Check the matrix and store a read-only copy of it."""
        matrix = _checked_matrix(self.matrix)
        scale = lengths(matrix[:3, :3].T)
        if np.abs(scale - 1.0).max() > _AXES_TOLERANCE:
            raise CameraError(
                f"The camera matrix scales its axes by {_listed(scale)}, expected 1, 1, 1: "
                "remove the scale (in Blender: matrix_world.normalized())."
            )
        if abs(np.linalg.det(matrix[:3, :3])) < _AXES_TOLERANCE:
            raise CameraError(
                "The camera matrix has axes that lie in one plane, expected three independent "
                "axes: give the camera, or its parent, a scale other than zero."
            )
        matrix.setflags(write=False)
        object.__setattr__(self, "matrix", matrix)

    def rays(self, pixels: ArrayLike, kind: DepthKind) -> Rays:
        """Return the world-space rays through ``pixels``, shape (..., 2), for depth of a kind."""
        return self.to_world(self.lens.rays(pixels, kind), kind)

    def to_world(self, rays: Rays, kind: DepthKind) -> Rays:
        """Return camera-space rays in world space; both are scaled for depth of ``kind``."""
        axes, position = self.matrix[:3, :3].T, self.matrix[:3, 3]
        directions = rays.directions @ axes
        if kind is DepthKind.RAY:
            # Sheared axes change lengths, and Cycles measures this depth in the world.
            directions = unit(directions)
        center = None if rays.center is None else rays.center @ axes + position
        return Rays(rays.origins @ axes + position, directions, center)

    def project(self, points: ArrayLike) -> Array:
        """Return the pixels, shape (..., 2), that see world-space ``points``, shape (..., 3).

        NaN where no pixel does.
        """
        to_camera = np.linalg.inv(self.matrix[:3, :3]).T
        return self.lens.project((as_vectors(points, 3) - self.matrix[:3, 3]) @ to_camera)

    def resized(self, width: int, height: int) -> Camera:
        """Return the same camera over an image of another size."""
        return Camera(self.lens.resized(width, height), self.matrix)

    def cropped(self, left: int, top: int, width: int, height: int) -> Camera:
        """Return the same camera over a window of its image."""
        return Camera(self.lens.cropped(left, top, width, height), self.matrix)


def from_opencv_extrinsics(world_to_camera: ArrayLike) -> Array:
    """Convert OpenCV's extrinsics to Blender's camera-to-world matrix.

    Parameters
    ----------
    world_to_camera : array_like, shape (4, 4) or (3, 4)
        ``[R | t]`` as in OpenCV's documentation of ``solvePnP`` and ``calibrateCamera``: it maps
        world points to camera space with +X right, +Y down, +Z forward.

    Returns
    -------
    ndarray, shape (4, 4), float64
        Camera to world, for a camera space of +X right, +Y up, -Z forward.

    Raises
    ------
    CameraError
        The matrix is not a rotation and a translation.
    """
    given = np.asarray(world_to_camera, np.float64)
    if given.shape == (3, 4):
        given = np.vstack([given, [0.0, 0.0, 0.0, 1.0]])
    matrix = _checked_matrix(given)
    rotation = matrix[:3, :3]
    with np.errstate(over="ignore", invalid="ignore"):
        error = np.abs(rotation @ rotation.T - np.eye(3)).max()
    if not error <= _AXES_TOLERANCE or np.linalg.det(rotation) < 0.0:  # NaN is no rotation
        raise CameraError(
            "The extrinsics are not a rotation (their axes are scaled, sheared, or mirrored), "
            "expected [R | t] as from OpenCV's solvePnP: remove the scale, and turn a rotation "
            "vector into a matrix with cv2.Rodrigues first."
        )
    inverse = np.eye(4)
    inverse[:3, :3] = rotation.T
    inverse[:3, 3] = -rotation.T @ matrix[:3, 3]
    result: Array = inverse @ _OPENCV_TO_BLENDER
    return result


def opencv_extrinsics(camera_to_world: ArrayLike) -> Array:
    """Convert Blender's camera-to-world matrix to OpenCV's ``[R | t]``, shape (3, 4).

    The inverse of :func:`from_opencv_extrinsics`.

    Raises
    ------
    CameraError
        The matrix is not of the shape (4, 4), not finite, or not affine.
    """
    extrinsics: Array = _OPENCV_TO_BLENDER @ np.linalg.inv(_checked_matrix(camera_to_world))
    return extrinsics[:3]


def as_vectors(values: ArrayLike, size: int) -> Array:
    """Return ``values`` as float64 of shape (..., size), or raise :class:`CameraError`."""
    vectors = np.asarray(values, np.float64)
    if vectors.ndim == 0 or vectors.shape[-1] != size:
        raise CameraError(
            f"The coordinates have shape {vectors.shape}, expected (..., {size}): "
            f"give {size} numbers for each."
        )
    return vectors


def _checked_matrix(values: ArrayLike) -> Array:
    try:
        matrix = np.array(values, np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise CameraError(
            "The camera matrix is not made of numbers, expected 4 rows of 4: check the matrix."
        ) from error
    if matrix.shape != (4, 4):
        raise CameraError(
            f"The camera matrix has shape {matrix.shape}, expected (4, 4): give 4 rows of 4."
        )
    if not np.isfinite(matrix).all():
        raise CameraError(
            "The camera matrix holds NaN or infinity, expected finite numbers: check the "
            "camera's transform."
        )
    if np.abs(matrix[3] - [0.0, 0.0, 0.0, 1.0]).max() > _AXES_TOLERANCE:
        raise CameraError(
            f"The camera matrix has the last row {_listed(matrix[3])}, expected 0, 0, 0, 1: "
            "transpose it if its translation is there."
        )
    return matrix


def _listed(numbers: Array) -> str:
    return ", ".join(f"{number:.6g}" for number in numbers)
