"""Camera matrices and poses as OpenCV, COLMAP and Blender understand them."""

from __future__ import annotations

import enum
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from .camera import Array, from_opencv_extrinsics
from .intrinsics import Intrinsics

_FLIP = np.diag([1.0, -1.0, -1.0, 1.0])


class Convention(enum.Enum):
    """Where pixels are counted from, and how the axes of a camera lie."""

    OPENCV = "OpenCV"
    """(0, 0) is the center of the first pixel; camera axes are X right, Y down, Z forward."""

    COLMAP = "COLMAP"
    """(0.5, 0.5) is the center of the first pixel; camera axes are as OpenCV's."""

    BLENDER = "Blender"
    """(0.5, 0.5) is the center of the first pixel; camera axes are X right, Y up, -Z forward.

    So are those of NeRF programs, and of this product.
    """


def intrinsics_from(
    matrix: ArrayLike, width: int, height: int, convention: Convention
) -> Intrinsics:
    """Intrinsics of a camera matrix K, shape (3, 3), of some convention.

    Raises
    ------
    CameraError
        K is not of the form [[fx, 0, cx], [0, fy, cy], [0, 0, 1]], or holds values of no camera.
    """
    k = np.asarray(matrix, np.float64)
    found = Intrinsics.from_opencv(k, width, height)
    return found if convention is Convention.OPENCV else replace(found, cx=k[0, 2], cy=k[1, 2])


def camera_to_world(matrix: ArrayLike, convention: Convention, *, is_from_world: bool) -> Array:
    """Camera to world, shape (4, 4), in this product's axes, of a matrix of some convention.

    Parameters
    ----------
    matrix : array_like, shape (4, 4) or (3, 4)
    convention : Convention
    is_from_world : bool
        Whether the matrix takes the world to the camera, as OpenCV's [R | t] does.

    Raises
    ------
    CameraError
        A matrix from the world is not a rotation and a translation.
    """
    given = np.asarray(matrix, np.float64)
    if given.shape == (3, 4):
        given = np.vstack([given, [0.0, 0.0, 0.0, 1.0]])
    is_flipped = convention is not Convention.BLENDER
    if is_from_world:
        return from_opencv_extrinsics(given if is_flipped else _flipped(given))
    return np.array(given @ _FLIP if is_flipped and given.shape == (4, 4) else given)


def _flipped(matrix: Array) -> Array:
    return np.asarray(_FLIP @ matrix if matrix.shape == (4, 4) else matrix)
