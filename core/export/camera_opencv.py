"""A camera with the matrices of OpenCV's ``projectPoints``, as JSON.

OpenCV's camera space is +X right, +Y down, +Z forward. It counts pixels from the *center* of the
first one, half a pixel from where this product does.
"""

from __future__ import annotations

from ..cameras.camera import opencv_extrinsics
from .camera_models import pinhole_or_fisheye
from .cameras import CameraRecord, indented_json


def opencv_text(record: CameraRecord) -> str:
    """Describe a camera by ``K``, ``dist``, ``R``, and ``t``.

    Raises
    ------
    ExportError
        OpenCV has no model of this camera.
    """
    model = pinhole_or_fisheye(record.camera, "OpenCV")
    extrinsics = opencv_extrinsics(model.camera_to_world)
    i = model.intrinsics
    return indented_json(
        {
            "image": record.image,
            "width": i.width,
            "height": i.height,
            "model": "fisheye" if model.is_fisheye else "pinhole",
            "K": [[i.fx, 0.0, i.cx - 0.5], [0.0, i.fy, i.cy - 0.5], [0.0, 0.0, 1.0]],
            "dist": list(model.dist if model.is_fisheye or any(model.dist[5:]) else model.dist[:5]),
            "R": extrinsics[:3, :3].tolist(),
            "t": extrinsics[:3, 3].tolist(),
        }
    )
