"""Files of cameras in every format that is read."""

from __future__ import annotations

import json
import warnings
from pathlib import Path

import numpy as np

from core import DepthKind, read_cameras
from core.cameras.camera import Camera
from core.cameras.fisheye import FisheyeEquidistant
from core.cameras.intrinsics import Intrinsics, Perspective
from core.cameras.opencv import OpenCVFisheye, OpenCVPerspective
from core.cameras.panorama import Equirectangular, Frame
from core.cameras.stereo import SphericalStereo
from core.errors import ExportError
from core.export.cameras import CameraRecord, camera_texts
from core.export.formats import CameraFormat
from tests.core.fuzz.mutation import Sample

INTRINSICS = Intrinsics(900.0, 800.0, 310.0, 250.0, 640, 480)
LENSES = (
    Perspective(INTRINSICS),
    OpenCVPerspective(INTRINSICS, -0.28, 0.07, 2e-3, -3e-3, 0.01),
    OpenCVFisheye(INTRINSICS, -0.02, 7e-3, 2e-4, -3e-4),
    FisheyeEquidistant(Frame(64, 64), fov=3.0),
    Equirectangular(Frame(64, 32)),
    SphericalStereo(Perspective(INTRINSICS), 0.03),
)
YAML = """%YAML:1.0
---
image_width: 640
image_height: 480
fisheye_model: 0
camera_matrix: !!opencv-matrix
   rows: 3
   cols: 3
   dt: d
   data: [ 812.5, 0., 321.0625, 0., 808.3, 243.7, 0., 0., 1. ]
distortion_coefficients: !!opencv-matrix
   rows: 5
   cols: 1
   dt: d
   data: [ -2.6e-01, 9.0e-02, 1.0e-03, -2.0e-03, 1.0e-02 ]
rvec: [0.4, -1.1, 0.7]
tvec: [0.3, -0.2, 6.0]
"""
FRAMES = {
    "camera_angle_x": 0.7,
    "w": 64,
    "h": 48,
    "frames": [
        {"file_path": f"./{name}", "transform_matrix": np.eye(4).tolist(), "k1": 0.01}
        for name in "abc"
    ],
}


def samples() -> list[Sample]:
    found = [Sample("a.yml", YAML.encode()), Sample("a.json", json.dumps(FRAMES).encode())]
    for lens in LENSES:
        for form in CameraFormat:
            try:
                texts = camera_texts("a.ply", CameraRecord(Camera(lens, np.eye(4)), ""), form)
            except ExportError:
                continue
            found += _samples({Path(name).name: text.encode() for name, text in texts.items()})
    return found


def _samples(files: dict[str, bytes]) -> list[Sample]:
    """Each file damaged, beside the others."""
    return [
        Sample(name, content, beside={other: files[other] for other in files if other != name})
        for name, content in files.items()
        if content
    ]


def read(path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        cameras = read_cameras(path)
        assert cameras
        for each in cameras:
            lens = each.camera.lens
            assert min(lens.width, lens.height) > 0
            assert np.isfinite(each.camera.matrix).all()
            rays = each.camera.rays(np.array([[0.5, 0.5]]), DepthKind.RAY)
            assert rays.directions.shape == (1, 3)
