"""A camera as ``transforms.json``, which nerfstudio and instant-ngp read.

Its camera space and its pixels are those of this product. Source of the format:
https://docs.nerf.studio/quickstart/data_conventions.html
"""

from __future__ import annotations

import math

from .camera_models import pinhole_or_fisheye
from .cameras import CameraRecord, indented_json


def nerf_text(record: CameraRecord) -> str:
    """Describe a camera and its image as a data set of one frame.

    Raises
    ------
    ExportError
        The format has no model of this camera.
    """
    model = pinhole_or_fisheye(record.camera, "NeRF's transforms.json")
    i = model.intrinsics
    return indented_json(
        {
            "camera_model": "OPENCV_FISHEYE" if model.is_fisheye else "PINHOLE",
            **({} if model.is_fisheye else {"camera_angle_x": 2 * math.atan(i.width / (2 * i.fx))}),
            "fl_x": i.fx,
            "fl_y": i.fy,
            "cx": i.cx,
            "cy": i.cy,
            "w": i.width,
            "h": i.height,
            **dict.fromkeys(("k1", "k2", "k3", "k4") if model.is_fisheye else (), 0.0),
            "frames": [
                {"file_path": record.image, "transform_matrix": model.camera_to_world.tolist()},
            ],
        }
    )
