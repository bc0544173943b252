"""A camera as native JSON, which holds every kind of camera exactly."""

from __future__ import annotations

from ..cameras.intrinsics import Perspective
from ..cameras.serialization import camera_to_data
from .cameras import CameraRecord, indented_json


def json_text(record: CameraRecord) -> str:
    """Describe a camera and its image.

    ``lens`` under ``camera`` is what :func:`core.cameras.serialization.camera_from_data` reads.
    ``intrinsics`` are the 3 x 3 matrix K of a perspective camera, null for others.
    """
    lens = record.camera.lens
    matrix = lens.intrinsics.matrix.tolist() if isinstance(lens, Perspective) else None
    return indented_json(
        {
            "format": "reconstruct-from-depth camera",
            "file_name": record.image,
            "width": lens.width,
            "height": lens.height,
            "frame": record.frame,
            "camera": {
                "name": record.name,
                "intrinsics": matrix,
                "camera_to_world": record.camera.matrix.tolist(),
                "lens": camera_to_data(record.camera),
            },
        }
    )
