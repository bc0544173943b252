"""Calibrations by OpenCV: a camera matrix with distortion, and a pose where there is one.

Names are those of OpenCV's documentation, its calibration samples, ROS, and this product's export;
OpenCV's own ``FileStorage`` writes matrices as ``rows``, ``cols`` and ``data``.
"""

from __future__ import annotations

import math

import numpy as np

from ...errors import CameraError
from ..camera import Array, Camera, Lens
from ..intrinsics import Intrinsics
from .described_camera import DescribedCamera
from .opencv_terms import fisheye, opencv_pose, perspective
from .values import Fields, array, number, shown, whole

_MATRIX = ("K", "camera_matrix", "cameraMatrix", "Camera_Matrix", "mtx")
_DISTORTION = (
    *("dist", "D", "distortion_coefficients", "Distortion_Coefficients", "distCoeffs"),
    *("dist_coeffs", "dist_coeff", "distortion"),
)
_WIDTH = ("width", "image_width", "image_Width")
_HEIGHT = ("height", "image_height", "image_Height")
_SIZE = ("image_size", "imageSize", "size", "resolution")
_ROTATION = ("R", "rvec", "rotation")
_TRANSLATION = ("t", "tvec", "T", "translation")
_MODEL = ("model", "distortion_model", "camera_model")
_IMAGE = ("image", "file_name")

_PERSPECTIVE = ("", "pinhole", "perspective", "plumb_bob", "rational_polynomial", "radtan", "none")
_FISHEYE = ("fisheye", "equidistant")


def is_opencv(data: Fields) -> bool:
    """Whether the data has a camera matrix by a name that OpenCV gives it."""
    return any(name in data for name in _MATRIX)


def read_opencv(data: Fields, size: tuple[int, int] | None) -> tuple[DescribedCamera, ...]:
    """The camera of a calibration.

    Parameters
    ----------
    data : mapping
    size : tuple of int, optional
        Width and height, for a file without them.

    Raises
    ------
    CameraError
        Something is missing or no camera's, or the distortion is of more terms than are known.
    """
    width, height = _image_size(data, size)
    matrix = array(_value(data, _MATRIX), "The camera matrix")
    matrix = matrix.reshape(3, 3) if matrix.size == 9 else matrix
    lens, notes = _lens(data, Intrinsics.from_opencv(matrix, width, height))
    pose = _pose(data)
    camera = Camera(lens, np.eye(4) if pose is None else pose)
    image = _value(data, _IMAGE)
    name = str(image) if isinstance(image, str) else ""
    return (DescribedCamera(camera, pose is not None, name, notes=notes),)


def _value(data: Fields, names: tuple[str, ...]) -> object:
    return next((data[name] for name in names if data.get(name) is not None), None)


def _image_size(data: Fields, size: tuple[int, int] | None) -> tuple[int, int]:
    both = _value(data, _SIZE)
    width, height = _value(data, _WIDTH), _value(data, _HEIGHT)
    if width is None and isinstance(both, list) and len(both) == 2:
        width, height = both
    if width is None and height is None:
        if size is None:
            raise CameraError(
                "The file has no image size, which a camera needs: add width and height to it, or "
                "give them."
            )
        return size
    return whole(width, "The image's width"), whole(height, "The image's height")


def _lens(data: Fields, intrinsics: Intrinsics) -> tuple[Lens, tuple[str, ...]]:
    """The lens, and what was assumed of it."""
    given = _value(data, _DISTORTION)
    numbers = () if given is None else array(given, "The distortion").ravel().tolist()
    model = _model(data)
    notes: tuple[str, ...] = ()
    if model == "fisheye":
        if len(numbers) > 4 and any(numbers[4:]):
            raise _too_many(numbers, "the 4 of OpenCV's fisheye")
        return fisheye(intrinsics, *numbers[:4]), notes
    if len(numbers) > 8 and any(numbers[8:]):
        raise _too_many(numbers, "up to 8 (thin prisms and tilted sensors are unknown here)")
    if not model and len(numbers) == 4 and any(numbers):
        notes = (
            "The file names no model: took its 4 coefficients for the k1, k2, p1, p2 of a "
            "perspective lens.",
        )
    return perspective(intrinsics, *numbers[:8]), notes


def _model(data: Fields) -> str:
    """``fisheye``, ``perspective``, or nothing where the file names none."""
    if "fisheye_model" in data:  # in OpenCV's calibration sample
        is_fisheye = number(data["fisheye_model"], "The file's fisheye_model") != 0.0
        return "fisheye" if is_fisheye else "perspective"
    named = _value(data, _MODEL)
    name = "" if named is None else str(named).lower()
    if name in _FISHEYE:
        return "fisheye"
    if name not in _PERSPECTIVE:
        known = ", ".join([*_PERSPECTIVE[1:], *_FISHEYE])
        raise CameraError(
            f"The camera's model is {shown(named)}, expected one of {known}: calibrate with one "
            "of these."
        )
    return "perspective" if name else ""


def _too_many(numbers: list[float], expected: str) -> CameraError:
    return CameraError(
        f"The distortion has {len(numbers)} coefficients, expected {expected}: calibrate with "
        "fewer."
    )


def _pose(data: Fields) -> Array | None:
    """Camera to world, shape (4, 4), if the file has it."""
    rotation, translation = _value(data, _ROTATION), _value(data, _TRANSLATION)
    if rotation is None and translation is None:
        return None
    if rotation is None or translation is None:
        missing = "rotation (R or rvec)" if rotation is None else "translation (t or tvec)"
        raise CameraError(f"The file has half a pose, without a {missing}: add it, or remove both.")
    turn, place = array(rotation, "The rotation"), array(translation, "The translation")
    if turn.size not in (3, 9) or place.size != 3:
        raise CameraError(
            f"The pose has a rotation of {turn.size} numbers and a translation of {place.size}, "
            "expected 9 (R) or 3 (rvec), and 3: correct the file."
        )
    matrix = turn.reshape(3, 3) if turn.size == 9 else _rodrigues(turn.ravel())
    return opencv_pose(matrix, place.ravel())


def _rodrigues(vector: Array) -> Array:
    """Rotation matrix of a rotation vector, by the formula documented at ``cv2.Rodrigues``."""
    angle = math.hypot(*vector)
    if angle == 0.0:
        return np.eye(3)
    x, y, z = vector / angle
    across = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    result: Array = np.eye(3) + np.sin(angle) * across + (1.0 - np.cos(angle)) * across @ across
    return result
