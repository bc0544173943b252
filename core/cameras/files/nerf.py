"""``transforms.json`` of NeRF programs: original NeRF, instant-ngp, nerfstudio.

As documented at https://docs.nerf.studio/quickstart/data_conventions.html: camera axes are as here,
+X right, +Y up, -Z forward, and the center of the first pixel is (0.5, 0.5). What the file says for
all frames, a frame may say for itself.
"""

from __future__ import annotations

import math
from collections import ChainMap
from typing import Any

import numpy as np

from ...errors import CameraError
from ..camera import Camera, Lens
from ..intrinsics import Intrinsics
from .described_camera import DescribedCamera
from .opencv_terms import fisheye, perspective
from .values import Fields, array, number, shown, whole

_PERSPECTIVE = ("", "SIMPLE_PINHOLE", "PINHOLE", "SIMPLE_RADIAL", "RADIAL", "OPENCV")
_FISHEYE = "OPENCV_FISHEYE"


def is_nerf(data: Fields) -> bool:
    """Whether a JSON lists frames."""
    return "frames" in data


def read_nerf(data: Fields, size: tuple[int, int] | None) -> tuple[DescribedCamera, ...]:
    """Cameras of all frames.

    Parameters
    ----------
    data : mapping
    size : tuple of int, optional
        Width and height, for a file without them, as that of the original NeRF.

    Raises
    ------
    CameraError
        A frame lacks something, has a value that no camera has, or a lens that is unknown here.
    """
    frames = data["frames"]
    if not isinstance(frames, list) or not frames or not all(isinstance(f, dict) for f in frames):
        raise CameraError(
            f"The file's frames are {shown(frames)}, expected a list of at least one object: "
            "write the file again."
        )
    return tuple(_read_frame(ChainMap(frame, dict(data)), size) for frame in frames)


def _read_frame(values: ChainMap[str, Any], size: tuple[int, int] | None) -> DescribedCamera:
    image = str(values.get("file_path", ""))
    matrix = array(values.get("transform_matrix"), f"The transform_matrix of '{image}'")
    if matrix.shape == (3, 4):
        matrix = np.vstack([matrix, [0.0, 0.0, 0.0, 1.0]])
    lens, notes = _lens(values, size)
    return DescribedCamera(Camera(lens, matrix), image=image, notes=notes)


def _lens(values: ChainMap[str, Any], size: tuple[int, int] | None) -> tuple[Lens, tuple[str, ...]]:
    """The lens, and what was assumed of it."""
    if values.get("w") is None and values.get("h") is None and size is not None:
        width, height = size
    elif values.get("w") is None or values.get("h") is None:
        raise CameraError(
            "The file has no image size (w and h), which a camera needs: add it, or give it."
        )
    else:
        width, height = whole(values["w"], "The image's w"), whole(values["h"], "The image's h")
    fx = _focal_length(values, "x", width)
    fy = fx if fx is not None and values.get("fl_y") is None else _focal_length(values, "y", height)
    if fx is None or fy is None:
        raise CameraError(
            "The file has no focal length, expected fl_x or camera_angle_x: write the file again."
        )
    middle = {"cx": width / 2.0, "cy": height / 2.0}
    notes: tuple[str, ...] = ()
    if values.get("cx") is None or values.get("cy") is None:
        notes = ("The file has no principal point (cx and cy): took the image's middle.",)
    cx, cy = (number(values.get(name, middle[name]), f"The file's {name}") for name in middle)
    return _distorted(values, Intrinsics(fx, fy, cx, cy, width, height)), notes


def _focal_length(values: ChainMap[str, Any], axis: str, size: int) -> float | None:
    """In pixels, from itself or from the angle that the image sees along an axis."""
    if values.get(f"fl_{axis}") is not None:
        return number(values[f"fl_{axis}"], f"The file's fl_{axis}")
    if values.get(f"camera_angle_{axis}") is None:
        return None
    angle = number(values[f"camera_angle_{axis}"], f"The file's camera_angle_{axis}")
    if not 0.0 < angle < math.pi:
        raise CameraError(
            f"The file's camera_angle_{axis} is {angle:g}, expected radians between 0 and pi: "
            "correct the file."
        )
    return size / 2.0 / math.tan(angle / 2.0)


def _distorted(values: ChainMap[str, Any], intrinsics: Intrinsics) -> Lens:
    named = values.get("camera_model")
    model = _FISHEYE if named is None and values.get("is_fisheye") else str(named or "")
    k1, k2, k3, k4, p1, p2 = (
        number(values.get(name, 0.0), f"The file's {name}")
        for name in ("k1", "k2", "k3", "k4", "p1", "p2")
    )
    if model == _FISHEYE:
        return fisheye(intrinsics, k1, k2, k3, k4)
    if model not in _PERSPECTIVE:
        known = ", ".join([*_PERSPECTIVE[1:], _FISHEYE])
        raise CameraError(
            f"The file's camera_model is {shown(named)}, expected one of {known}: undistort the "
            "images, or write the file with another model."
        )
    if k4:
        raise CameraError(
            f"The file's k4 is {k4:g} for a perspective camera, of which programs make different "
            "things; expected 0: calibrate with k1, k2, k3, p1, and p2 alone."
        )
    return perspective(intrinsics, k1, k2, p1, p2, k3)
