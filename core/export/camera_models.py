"""Cameras as the two models that OpenCV, COLMAP, and nerfstudio share: pinhole and fisheye."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..cameras.camera import Camera
from ..cameras.fisheye import FisheyeEquidistant
from ..cameras.intrinsics import Intrinsics, Perspective
from ..cameras.opencv import OpenCVFisheye, OpenCVPerspective
from ..errors import ExportError
from .camera_transform import TOLERANCE, max_pixel_difference

Array = NDArray[Any]
_MAX_FISHEYE_ANGLE = math.radians(180.001)
"""The equations of OpenCV and COLMAP have no place for points behind the camera."""
_NO_PINHOLE_DISTORTION, _NO_FISHEYE_DISTORTION = (0.0,) * 8, (0.0,) * 4


@dataclass(frozen=True, eq=False)
class PinholeOrFisheye:
    """A camera of a model that the other programs have too.

    Attributes
    ----------
    intrinsics : Intrinsics
        Focal lengths are pixels per radian if the camera is a fisheye, so that the distance from
        the principal point is the angle times the focal length.
    camera_to_world : ndarray, shape (4, 4)
        A rotation and a translation, from a camera space of +X right, +Y up, -Z forward.
    dist : tuple of float
        Coefficients in OpenCV's order: k1, k2, k3, k4 of a fisheye, k1, k2, p1, p2, k3, k4, k5, k6
        of a pinhole.
    """

    intrinsics: Intrinsics
    is_fisheye: bool
    camera_to_world: Array
    dist: tuple[float, ...]

    @property
    def has_distortion(self) -> bool:
        """Whether any coefficient is not 0."""
        return any(self.dist)


def pinhole_or_fisheye(camera: Camera, program: str) -> PinholeOrFisheye:
    """Express a camera as a pinhole or a fisheye, with the distortion of OpenCV's lenses.

    Parameters
    ----------
    program : str
        What the camera is written for, as messages call it.

    Raises
    ------
    ExportError
        The lens is of another kind, the fisheye sees more than 180 degrees, or the camera is
        mirrored or sheared.
    """
    lens = camera.lens
    if isinstance(lens, Perspective):
        pose = _rigid_pose(camera, program)
        return PinholeOrFisheye(lens.intrinsics, False, pose, _NO_PINHOLE_DISTORTION)
    if isinstance(lens, OpenCVPerspective | OpenCVFisheye):
        is_fisheye, pose = isinstance(lens, OpenCVFisheye), _rigid_pose(camera, program)
        return PinholeOrFisheye(lens.intrinsics, is_fisheye, pose, lens.coefficients)
    if isinstance(lens, FisheyeEquidistant) and lens.fov <= _MAX_FISHEYE_ANGLE:
        pose = _rigid_pose(camera, program)
        return PinholeOrFisheye(_fisheye_intrinsics(lens), True, pose, _NO_FISHEYE_DISTORTION)
    kind = type(lens).__name__
    if isinstance(lens, FisheyeEquidistant):
        kind += f" of {math.degrees(lens.fov):.6g} degrees"
    raise ExportError(
        f"The camera is of the kind {kind}, which {program} cannot hold; expected Perspective, "
        "FisheyeEquidistant of up to 180 degrees, or a lens of OpenCV's: export the camera as "
        "JSON, or none."
    )


def _fisheye_intrinsics(lens: FisheyeEquidistant) -> Intrinsics:
    frame = lens.frame
    x_scale = frame.width / (frame.right - frame.left)
    y_scale = frame.height / (frame.top - frame.bottom)
    return Intrinsics(
        fx=x_scale / lens.fov,
        fy=y_scale / lens.fov,
        cx=(0.5 - frame.left) * x_scale,
        cy=(frame.top - 0.5) * y_scale,
        width=frame.width,
        height=frame.height,
    )


def _rigid_pose(camera: Camera, program: str) -> Array:
    """Camera to world, shape (4, 4), with the rotation nearest to the camera's axes.

    That is the orthogonal factor of the polar decomposition (N. Higham, 1986).
    """
    left, _, right = np.linalg.svd(camera.matrix[:3, :3])
    pose: Array = np.array(camera.matrix)
    pose[:3, :3] = left @ right
    is_rotation = np.linalg.det(pose[:3, :3]) > 0.0
    if (
        not is_rotation
        or max_pixel_difference(camera, Camera(camera.lens, pose), np.eye(4)) > TOLERANCE
    ):
        raise ExportError(
            f"The camera is mirrored or sheared, which {program} cannot hold; expected a rotation: "
            "export the camera as JSON, or none, or render without the scale of its parents."
        )
    return pose
