"""Lenses and poses, as OpenCV, COLMAP and NeRF programs describe them alike."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ..camera import Array, Lens, from_opencv_extrinsics
from ..intrinsics import Intrinsics, Perspective
from ..opencv import OpenCVFisheye, OpenCVPerspective


def perspective(intrinsics: Intrinsics, *coefficients: float) -> Lens:
    """Perspective lens with OpenCV's ``distCoeffs``; without distortion the plain one."""
    if any(coefficients):
        return OpenCVPerspective(intrinsics, *coefficients)
    return Perspective(intrinsics)


def fisheye(intrinsics: Intrinsics, *coefficients: float) -> Lens:
    """Fisheye lens with OpenCV's ``D``."""
    return OpenCVFisheye(intrinsics, *coefficients)


def opencv_pose(rotation: ArrayLike, translation: ArrayLike) -> Array:
    """Camera to world, shape (4, 4), of a rotation (3, 3) and a translation (3,) as OpenCV's."""
    columns = np.column_stack(
        [np.asarray(rotation, np.float64), np.asarray(translation, np.float64)]
    )
    return from_opencv_extrinsics(columns)
