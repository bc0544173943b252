"""Cameras: a lens, which turns pixels into rays and back, and where it stands in the world."""

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
    """Rays of pixels; :meth:`at` gives their points.

    Attributes
    ----------
    origins, directions : ndarray, shape (..., 3), float64
        Scaled for one :class:`DepthKind`: for PLANAR the direction's Z is -1 in camera space, for
        RAY its length is 1. NaN where the pixel sees nothing (outside the lens circle).
    center : ndarray, shape (3,), or None
        Where RAY depth is measured from, if that is not the rays' origins: Cycles writes the
        distance to the middle between the eyes for a spherical stereo panorama.
    """

    origins: Array
    directions: Array
    center: Array | None = None

    def at(self, depth: ArrayLike) -> Array:
        """Points at ``depth``, shape (...), as an array of shape (..., 3), float64.

        A point is ``origins + depth * directions`` unless there is a :attr:`center`: then it is
        where the ray leaves the sphere of that radius, NaN if it never enters it.
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
    """Camera-space half of a camera: pixels to rays and back.

    Pixels are continuous image coordinates (x right, y down) of the image; camera space is
    +X right, +Y up, -Z forward. Lenses are frozen dataclasses of plain numbers, so that they can
    serve as keys.
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
        """Rays in camera space through ``pixels``, shape (..., 2)."""

    @abc.abstractmethod
    def project(self, points: ArrayLike) -> Array:
        """Pixels, shape (..., 2), that see camera-space ``points``; NaN where none does.

        A pixel may lie outside the image.
        """

    @abc.abstractmethod
    def is_affine(self, kind: DepthKind) -> bool:
        """Whether the rays' origins and directions are affine functions of the pixel."""

    @abc.abstractmethod
    def resized(self, width: int, height: int) -> Self:
        """The same lens over an image of another size."""

    @abc.abstractmethod
    def cropped(self, left: int, top: int, width: int, height: int) -> Self:
        """The same lens seen through a window of the image, given in pixels from its upper left."""


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
        If the matrix is no such matrix.
    """

    lens: Lens
    matrix: Array

    def __post_init__(self) -> None:
        """Check the matrix and keep a private copy of it."""
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
        """Rays in world space through ``pixels``, shape (..., 2), scaled for depth of ``kind``."""
        return self.to_world(self.lens.rays(pixels, kind), kind)

    def to_world(self, rays: Rays, kind: DepthKind) -> Rays:
        """Rays in world space that are given in camera space, both scaled for depth of ``kind``."""
        axes, position = self.matrix[:3, :3].T, self.matrix[:3, 3]
        directions = rays.directions @ axes
        if kind is DepthKind.RAY:
            # Sheared axes do not keep lengths, and Cycles measures this depth in the world.
            directions = unit(directions)
        center = None if rays.center is None else rays.center @ axes + position
        return Rays(rays.origins @ axes + position, directions, center)

    def project(self, points: ArrayLike) -> Array:
        """Pixels, shape (..., 2), that see world ``points``, shape (..., 3); NaN for none."""
        to_camera = np.linalg.inv(self.matrix[:3, :3]).T
        return self.lens.project((as_vectors(points, 3) - self.matrix[:3, 3]) @ to_camera)

    def resized(self, width: int, height: int) -> Camera:
        """The same camera over an image of another size."""
        return Camera(self.lens.resized(width, height), self.matrix)

    def cropped(self, left: int, top: int, width: int, height: int) -> Camera:
        """The same camera seen through a window of its image."""
        return Camera(self.lens.cropped(left, top, width, height), self.matrix)


def from_opencv_extrinsics(world_to_camera: ArrayLike) -> Array:
    """Blender's camera-to-world matrix for the extrinsics of OpenCV.

    Parameters
    ----------
    world_to_camera : array_like, shape (4, 4) or (3, 4)
        ``[R | t]`` as in OpenCV's documentation of ``solvePnP`` and ``calibrateCamera``: it turns
        world points into camera space with +X right, +Y down, +Z forward.

    Returns
    -------
    ndarray, shape (4, 4), float64
        Camera to world, for a camera space of +X right, +Y up, -Z forward.

    Raises
    ------
    CameraError
        If the matrix is not a rotation and a translation.
    """
    given = np.asarray(world_to_camera, np.float64)
    if given.shape == (3, 4):
        given = np.vstack([given, [0.0, 0.0, 0.0, 1.0]])
    matrix = _checked_matrix(given)
    rotation = matrix[:3, :3]
    error = np.abs(rotation @ rotation.T - np.eye(3)).max()
    if error > _AXES_TOLERANCE or np.linalg.det(rotation) < 0.0:
        raise CameraError(
            "The extrinsics hold no rotation (their axes are scaled, sheared or mirrored), "
            "expected [R | t] as from OpenCV's solvePnP: remove the scale, and turn a rotation "
            "vector into a matrix with cv2.Rodrigues first."
        )
    inverse = np.eye(4)
    inverse[:3, :3] = rotation.T
    inverse[:3, 3] = -rotation.T @ matrix[:3, 3]
    result: Array = inverse @ _OPENCV_TO_BLENDER
    return result


def opencv_extrinsics(camera_to_world: ArrayLike) -> Array:
    """``[R | t]``, shape (3, 4), of Blender's camera-to-world matrix.

    The inverse of :func:`from_opencv_extrinsics`.

    Raises
    ------
    CameraError
        If the argument is no such matrix.
    """
    extrinsics: Array = _OPENCV_TO_BLENDER @ np.linalg.inv(_checked_matrix(camera_to_world))
    return extrinsics[:3]


def as_vectors(values: ArrayLike, size: int) -> Array:
    """``values`` as float64 of shape (..., size), or :class:`CameraError`."""
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
    except (TypeError, ValueError) as error:
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
            "transpose it if its translation stands there."
        )
    return matrix


def _listed(numbers: Array) -> str:
    return ", ".join(f"{number:.6g}" for number in numbers)
