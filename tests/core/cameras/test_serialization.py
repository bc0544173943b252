"""Stored cameras are read back the same, and what is not a camera is refused."""

from __future__ import annotations

import copy
import json
import math
from typing import Any

import numpy as np
import pytest

from core.cameras import fisheye, panorama
from core.cameras.camera import Camera, Lens
from core.cameras.intrinsics import Intrinsics, Orthographic, Perspective
from core.cameras.opencv import OpenCVFisheye, OpenCVPerspective
from core.cameras.serialization import camera_from_data, camera_to_data
from core.cameras.stereo import SphericalStereo
from core.errors import CameraError

INTRINSICS = Intrinsics(1234.5678901234567, 0.1 + 0.2, -17.3, 1e-300, 3840, 2160)
FRAME = panorama.Frame(400, 200, 0.1, 1.0 / 3.0, -0.7, 1.1)
EQUIRECTANGULAR = panorama.Equirectangular(FRAME, -1.0, 2.5, -1.1, 1.0)
LENSES: list[Lens] = [
    Perspective(INTRINSICS),
    Orthographic(INTRINSICS),
    EQUIRECTANGULAR,
    panorama.CentralCylindrical(FRAME, -2.0, 1.5, -0.3, 0.7),
    panorama.CubeFace(FRAME),
    fisheye.FisheyeEquidistant(FRAME, 4.0),
    fisheye.FisheyeEquisolid(FRAME, 36.0, 23.9, 3.5, 12.1),
    fisheye.FisheyePolynomial(FRAME, 36.0, 24.0, 3.0, 0.002, 0.06, 1e-3, -1e-5, 1e-7),
    fisheye.MirrorBall(FRAME),
    OpenCVPerspective(INTRINSICS, 0.5, -2.0, 1e-3, 2e-3, 1.0 / 3.0, 0.4, -1.9, 1.2),
    OpenCVFisheye(INTRINSICS, -0.02, 7e-3, 2e-4, 1.0 / 3.0),
    SphericalStereo(EQUIRECTANGULAR, -0.03),
    SphericalStereo(Perspective(INTRINSICS), 0.03, 1.95, 0.5, 1.0, (0.6, 0.8, 0.0)),
]


def posed(lens: Lens) -> Camera:
    rng = np.random.default_rng(3)
    matrix = np.eye(4)
    matrix[:3, :3], _ = np.linalg.qr(rng.normal(size=(3, 3)))
    matrix[:3, 3] = rng.normal(size=3) * 1e3
    return Camera(lens, matrix)


def leaves(cls: type[Lens]) -> set[type[Lens]]:
    below = [sub for sub in cls.__subclasses__() if sub.__module__.startswith("core.")]
    return set().union(*(leaves(sub) for sub in below)) if below else {cls}


def test_every_lens_is_tried() -> None:
    assert {type(lens) for lens in LENSES} == leaves(Lens)  # type: ignore[type-abstract]


@pytest.mark.parametrize("lens", LENSES, ids=lambda lens: type(lens).__name__)
def test_round_trip_through_strict_json_loses_nothing(lens: Lens) -> None:
    camera = posed(lens)
    text = json.dumps(camera_to_data(camera), allow_nan=False)
    back = camera_from_data(json.loads(text))
    assert back.lens == lens
    assert back.matrix.tobytes() == camera.matrix.tobytes()
    assert json.dumps(camera_to_data(back)) == text


DATA = camera_to_data(posed(SphericalStereo(Perspective(INTRINSICS), 0.03)))


def test_golden_data() -> None:
    """Data in today's files must stay readable: a change here calls for a new version."""
    lens = DATA["lens"]
    assert DATA["version"] == 1
    assert lens == {
        "type": "SphericalStereo",
        "lens": {
            "type": "Perspective",
            "intrinsics": {
                "type": "Intrinsics",
                "fx": 1234.5678901234567,
                "fy": 0.30000000000000004,
                "cx": -17.3,
                "cy": 1e-300,
                "width": 3840,
                "height": 2160,
            },
        },
        "offset": 0.03,
        "convergence": "inf",
        "merge_from": "inf",
        "merge_to": "inf",
        "up": [0.0, 1.0, 0.0],
    }


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("version", 2, "has the version 2, expected 1: update the extension"),
        ("matrix", [[1.0]], r"shape \(1, 1\), expected \(4, 4\)"),
        ("matrix", "abc", "not made of numbers"),
        ("lens", 3, "stored lens is 3, expected named fields"),
        ("lens.type", "Pinhole", "lens's type is Pinhole, expected one of Perspective, Ortho"),
        ("lens.type", "Frame", "lens's type is Frame, expected one of Perspective, Ortho"),
        ("lens.type", ["Frame"], "lens's type is .*, expected one of Perspective, Ortho"),
        ("lens.shift", 1.0, "fields is .*shift, expected convergence, lens"),
        ("lens.offset", "far", "offset is far, expected a number"),
        ("lens.offset", True, "offset is True, expected a number"),
        ("lens.offset", "inf", "expected a finite number"),
        ("lens.convergence", math.nan, "convergence is nan, expected a number"),
        ("lens.up", [0.0, 1.0], "expected 3 numbers"),
        ("lens.up", [0.0, 1.0, None], "up is None, expected a number"),
        ("lens.lens.intrinsics.width", 3840.5, "width is 3840.5, expected a whole number"),
        ("lens.lens.intrinsics.width", 0, "image size is 0 x 2160"),
        ("lens.lens.intrinsics.type", "Frame", "expected one of Intrinsics"),
    ],
)
def test_what_is_no_camera_is_refused(path: str, value: object, message: str) -> None:
    data: Any = copy.deepcopy(DATA)
    *parents, last = path.split(".")
    inner = data
    for parent in parents:
        inner = inner[parent]
    inner[last] = value
    with pytest.raises(CameraError, match=message):
        camera_from_data(data)


@pytest.mark.parametrize("missing", ["version", "lens", "matrix"])
def test_incomplete_data_is_refused(missing: str) -> None:
    data = {key: value for key, value in DATA.items() if key != missing}
    with pytest.raises(CameraError, match="store the camera again"):
        camera_from_data(data)


@pytest.mark.parametrize("data", [None, [], "camera", {}])
def test_other_data_is_refused(data: object) -> None:
    with pytest.raises(CameraError, match="store the camera again"):
        camera_from_data(data)


def test_unknown_lenses_are_refused() -> None:
    class Perspective(panorama.CubeFace):
        pass

    with pytest.raises(CameraError, match="holds a Perspective"):
        camera_to_data(posed(Perspective(FRAME)))
