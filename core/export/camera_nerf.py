"""A camera as ``transforms.json``, which nerfstudio and instant-ngp read.

Its camera space and its pixels are those of this product. Source of the format:
https://docs.nerf.studio/quickstart/data_conventions.html
"""

from __future__ import annotations

import math

from ..errors import ExportError
from .camera_models import PinholeOrFisheye, pinhole_or_fisheye
from .cameras import CameraRecord, indented_json


def nerf_text(record: CameraRecord) -> str:
    """Describe a camera and its image as a data set of one frame.

    Raises
    ------
    ExportError
        The format has no model of this camera; of a pinhole's distortion, it has k1, k2, k3, p1,
        and p2.
    """
    model = pinhole_or_fisheye(record.camera, "NeRF's transforms.json")
    i = model.intrinsics
    return indented_json(
        {
            "camera_model": _camera_model(model),
            **({} if model.is_fisheye else {"camera_angle_x": 2 * math.atan(i.width / (2 * i.fx))}),
            "fl_x": i.fx,
            "fl_y": i.fy,
            "cx": i.cx,
            "cy": i.cy,
            "w": i.width,
            "h": i.height,
            **_distortion(model),
            "frames": [
                {"file_path": record.image, "transform_matrix": model.camera_to_world.tolist()},
            ],
        }
    )


def _camera_model(model: PinholeOrFisheye) -> str:
    if model.is_fisheye:
        return "OPENCV_FISHEYE"
    return "OPENCV" if model.has_distortion else "PINHOLE"


def _distortion(model: PinholeOrFisheye) -> dict[str, float]:
    if model.is_fisheye:
        return dict(zip(("k1", "k2", "k3", "k4"), model.dist, strict=True))
    if not model.has_distortion:
        return {}
    k1, k2, p1, p2, k3, *divisor = model.dist
    if any(divisor):
        raise ExportError(
            "The camera's distortion has k4, k5, and k6, which NeRF's transforms.json cannot hold; "
            "expected k1, k2, k3, p1, and p2 alone: export the camera for OpenCV or COLMAP."
        )
    return {"k1": k1, "k2": k2, "k3": k3, "p1": p1, "p2": p2}
