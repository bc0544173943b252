"""A camera as a COLMAP model in text files, with one image and no points.

Source of the format: https://colmap.github.io/format.html#text-format
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..cameras.camera import opencv_extrinsics
from .camera_models import PinholeOrFisheye, pinhole_or_fisheye
from .cameras import CameraRecord

Array = NDArray[Any]


def colmap_texts(record: CameraRecord) -> dict[str, str]:
    """Describe a camera by ``cameras.txt``, ``images.txt``, and an empty ``points3D.txt``.

    COLMAP opens no model without a file of points.

    Raises
    ------
    ExportError
        COLMAP has no model of this camera.
    """
    model = pinhole_or_fisheye(record.camera, "COLMAP")
    extrinsics = opencv_extrinsics(model.camera_to_world)
    i = model.intrinsics
    kind, distortion = _model(model)
    pose = (*_quaternion(extrinsics[:3, :3]), *extrinsics[:3, 3].tolist())
    name = re.sub(r"\s", "_", Path(record.image).name)  # a space ends the name for its readers
    return {
        "cameras.txt": _line("# CAMERA_ID, MODEL, WIDTH, HEIGHT, PARAMS[]")
        + _line(1, kind, i.width, i.height, i.fx, i.fy, i.cx, i.cy, *distortion),
        "images.txt": _line("# IMAGE_ID, QW, QX, QY, QZ, TX, TY, TZ, CAMERA_ID, NAME")
        + _line(1, *pose, 1, name)
        + _line(),  # the image's keypoints, of which there are none
        "points3D.txt": "",
    }


def _model(model: PinholeOrFisheye) -> tuple[str, tuple[float, ...]]:
    """COLMAP's name of the smallest model that holds the distortion, and its coefficients.

    They are in OpenCV's order: https://colmap.github.io/cameras.html.
    """
    if model.is_fisheye:
        return "OPENCV_FISHEYE", model.dist
    if any(model.dist[4:]):
        return "FULL_OPENCV", model.dist
    return ("OPENCV", model.dist[:4]) if model.has_distortion else ("PINHOLE", ())


def _quaternion(rotation: Array) -> tuple[float, ...]:
    """Rotation, shape (3, 3), as w, x, y, z with w >= 0.

    It is the eigenvector of the largest eigenvalue of I. Bar-Itzhack's matrix (J. Guidance, 2000).
    """
    r = rotation
    k = np.zeros((4, 4))
    k[:3, :3] = r + r.T - np.trace(r) * np.eye(3)
    k[3, :3] = k[:3, 3] = r[2, 1] - r[1, 2], r[0, 2] - r[2, 0], r[1, 0] - r[0, 1]
    k[3, 3] = np.trace(r)
    x, y, z, w = np.linalg.eigh(k)[1][:, -1].tolist()
    return (w, x, y, z) if w >= 0.0 else (-w, -x, -y, -z)


def _line(*values: object) -> str:
    return " ".join(map(str, values)) + "\n"
