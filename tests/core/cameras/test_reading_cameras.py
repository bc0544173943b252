"""Cameras read from files: what this product exports, and texts of other programs."""

from __future__ import annotations

import contextlib
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.cameras import fisheye, panorama
from core.cameras.camera import Camera, Lens
from core.cameras.files import choose_camera, parse_cameras, read_camera, read_cameras
from core.cameras.intrinsics import Intrinsics, Orthographic, Perspective
from core.cameras.opencv import OpenCVFisheye, OpenCVPerspective
from core.cameras.serialization import camera_to_data
from core.depth.image import DepthKind
from core.errors import CameraError, FileError
from core.export.cameras import CameraRecord, camera_texts, replacing_texts
from core.export.formats import CameraFormat

INTRINSICS = Intrinsics(1234.5678901234567, 1198.1 + 0.2, 601.3, 333.3, 1280, 720)
SIDE_BY_SIDE = panorama.Frame(1000, 800, -0.05, 0.95, 0.1, 1.0)
PERSPECTIVE = Perspective(INTRINSICS)
FISHEYE = fisheye.FisheyeEquidistant(SIDE_BY_SIDE, fov=math.pi)


def posed(lens: Lens, seed: int = 3) -> Camera:
    rng = np.random.default_rng(seed)
    matrix = np.eye(4)
    turn, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    matrix[:3, :3] = turn * np.sign(np.linalg.det(turn))
    matrix[:3, 3] = rng.normal(size=3) * 10.0
    return Camera(lens, matrix)


def exported(folder: Path, camera: Camera, form: CameraFormat) -> Path:
    record = CameraRecord(camera, str(folder / "a b.exr"), "Cam")
    texts = camera_texts(folder / "room.ply", record, form)
    with replacing_texts(folder, texts):
        pass
    path = folder / next(iter(texts))
    return path.parent if form is CameraFormat.COLMAP else path


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("form", CameraFormat)
def test_what_is_exported_comes_back(tmp_path: Path, form: CameraFormat, seed: int) -> None:
    camera = posed(PERSPECTIVE, seed)
    (found,) = read_cameras(exported(tmp_path, camera, form))
    assert isinstance(found.camera.lens, Perspective)
    for name in ("fx", "fy", "cx", "cy", "width", "height"):
        back, given = (getattr(lens.intrinsics, name) for lens in (found.camera.lens, PERSPECTIVE))
        assert back == pytest.approx(given, rel=1e-12)
    np.testing.assert_allclose(found.camera.matrix, camera.matrix, rtol=0.0, atol=1e-9)
    assert (found.has_pose, found.notes) == (True, ())
    assert found.image == ("a_b.exr" if form is CameraFormat.COLMAP else "a b.exr")
    assert found.name == ("Cam" if form is CameraFormat.JSON else "")


@pytest.mark.parametrize("form", CameraFormat)
@pytest.mark.parametrize(
    "lens",
    [
        OpenCVPerspective(INTRINSICS, -0.28, 0.07, 2e-3, -3e-3, 0.01),
        OpenCVFisheye(INTRINSICS, -0.02, 7e-3, 2e-4, -3e-4),
    ],
    ids=["perspective", "fisheye"],
)
def test_exported_distortion_comes_back(tmp_path: Path, lens: Lens, form: CameraFormat) -> None:
    back = read_camera(exported(tmp_path, posed(lens), form)).lens
    assert type(back) is type(lens)
    assert back.coefficients == lens.coefficients


@pytest.mark.parametrize(
    "form", set(CameraFormat) - {CameraFormat.JSON}, ids=lambda form: form.name
)
def test_an_exported_fisheye_sees_the_same(tmp_path: Path, form: CameraFormat) -> None:
    camera = posed(FISHEYE)
    back = read_camera(exported(tmp_path, camera, form))
    assert isinstance(back.lens, OpenCVFisheye)
    assert (back.lens.width, back.lens.height) == (1000, 800)
    pixels = np.random.default_rng(1).uniform((0, 0), (1000, 800), (500, 2))
    expected = camera.rays(pixels, DepthKind.RAY)
    seen = np.isfinite(expected.directions[:, 0])
    assert seen.mean() > 0.5
    found = back.rays(pixels, DepthKind.RAY)
    np.testing.assert_allclose(found.directions[seen], expected.directions[seen], atol=1e-9)
    np.testing.assert_allclose(found.origins[seen], expected.origins[seen], atol=1e-9)


@pytest.mark.parametrize(
    "lens",
    [
        Orthographic(INTRINSICS),
        panorama.Equirectangular(SIDE_BY_SIDE, -1.0, 2.5),
        fisheye.MirrorBall(SIDE_BY_SIDE),
        OpenCVPerspective(INTRINSICS, -0.28, 0.07, 2e-4, -3e-4),
        OpenCVFisheye(INTRINSICS, -0.02),
    ],
    ids=lambda lens: type(lens).__name__,
)
def test_json_holds_every_lens(tmp_path: Path, lens: Lens) -> None:
    camera = posed(lens)
    for text in (
        exported(tmp_path, camera, CameraFormat.JSON).read_text(),
        json.dumps(camera_to_data(camera)),
    ):
        (found,) = parse_cameras(text)
        assert found.camera.lens == lens
        assert found.camera.matrix.tobytes() == camera.matrix.tobytes()


K = [[800.0, 0.0, 319.5], [0.0, 820.0, 242.0], [0.0, 0.0, 1.0]]
LENS = Perspective(Intrinsics(800.0, 820.0, 320.0, 242.5, 640, 480))
K_ROW = [800.0, 0.0, 319.5, 0.0, 820.0, 242.0, 0.0, 0.0, 1.0]
TURN, PLACE = [[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]], [0.3, -0.2, 6.0]
CALIBRATION: dict[str, Any] = {"K": K, "width": 640, "height": 480}


def opencv(**changes: Any) -> str:
    data = {**CALIBRATION, **changes}
    return json.dumps({name: value for name, value in data.items() if value is not None})


@pytest.mark.parametrize(
    "text",
    [
        opencv(),
        opencv(K=None, camera_matrix=K),
        opencv(K=K_ROW),
        opencv(K={"type_id": "opencv-matrix", "rows": 3, "cols": 3, "dt": "d", "data": K_ROW}),
        opencv(width=None, height=None, image_width=640, image_height=480.0),
        opencv(width=None, height=None, image_size=[640, 480]),
        opencv(dist=[0.0] * 5),
        opencv(dist=[[0.0], [0.0], [0.0], [0.0], [0.0]], model="plumb_bob"),
        opencv(dist=[0.0] * 14),
        "\ufeff" + opencv(),
    ],
)
def test_opencv_json_in_other_words(tmp_path: Path, text: str) -> None:
    path = tmp_path / "camera.json"
    path.write_text(text, encoding="utf-8")
    (found,) = read_cameras(path)
    assert found.camera.lens == LENS
    assert not found.has_pose
    np.testing.assert_array_equal(found.camera.matrix, np.eye(4))


def test_opencv_poses() -> None:
    """OpenCV's x right, y down, z forward; R turns the world a quarter about its z."""
    for pose in (
        {"R": TURN, "t": PLACE},
        {"R": np.ravel(TURN).tolist(), "t": [[v] for v in PLACE]},
        {"rvec": [0.0, 0.0, math.pi / 2], "tvec": PLACE},
        {"R": [0.0, 0.0, math.pi / 2], "T": PLACE},
    ):
        (found,) = parse_cameras(opencv(**pose))
        assert found.has_pose
        # The world's x axis is the image's downward one.
        pixel = found.camera.project([(0.0, 0.0, 0.0), (1.0, 0.0, 0.0)])
        expected = [(320 + 800 * 0.3 / 6, 242.5 - 820 * 0.2 / 6)] * 2
        expected[1] = (expected[1][0], expected[1][1] + 820 / 6)
        np.testing.assert_allclose(pixel, expected)


def test_opencv_distortion() -> None:
    dist = [-0.28, 0.07, 2e-4, -3e-4]
    (found,) = parse_cameras(opencv(dist=dist, model="pinhole"))
    assert found.camera.lens == OpenCVPerspective(LENS.intrinsics, *dist)
    assert found.notes == ()
    (found,) = parse_cameras(opencv(D=dist))
    assert found.camera.lens == OpenCVPerspective(LENS.intrinsics, *dist)
    assert "4 coefficients for the k1, k2, p1, p2 of a perspective lens" in found.notes[0]
    for model in ({"model": "fisheye"}, {"fisheye_model": 1}, {"distortion_model": "equidistant"}):
        (found,) = parse_cameras(opencv(D=dist, **model))
        assert found.camera.lens == OpenCVFisheye(LENS.intrinsics, *dist)
    (found,) = parse_cameras(opencv(dist=[*dist, 0.1, 0.2, 0.3, 0.4], fisheye_model=0))
    assert found.camera.lens == OpenCVPerspective(LENS.intrinsics, *dist, 0.1, 0.2, 0.3, 0.4)


def test_what_is_assumed_is_warned_of(tmp_path: Path) -> None:
    path = tmp_path / "camera.json"
    path.write_text(opencv(D=[-0.28, 0.07, 2e-4, -3e-4]))
    with pytest.warns(UserWarning, match="names no model: took its 4 coefficients"):
        read_camera(path)


def test_a_size_is_taken_where_the_file_has_none() -> None:
    (found,) = parse_cameras(opencv(width=None, height=None), (640, 480))
    assert found.camera.lens == LENS
    (found,) = parse_cameras(opencv(), (3, 4))
    assert found.camera.lens == LENS


YAML = """%YAML:1.0
---
# A calibration
calibration_time: "Tue 06 Oct 2020 10:29:15"
nr_of_frames: 13   # images
image_width: 640
image_height: 480
camera_matrix: !!opencv-matrix
   rows: 3
   cols: 3
   dt: d
   data: [ 8.0e+02, 0., 319.5,
       0., 820., 2.42e+02, 0., 0., 1. ]
"""
PLAIN_YAML = """
image_size: [640, 480]
'K':
- - 800.0
  - 0
  - 319.5
- [0, 820.0,
   242.0]
-
  - 0
  - 0
  - 1
model: pinhole
dist: [0, 0, 0, 0]
nothing:
"""


@pytest.mark.parametrize("text", [YAML, PLAIN_YAML, YAML.replace("\n", "\r\n")])
def test_yaml_of_opencv_and_of_others(text: str) -> None:
    (found,) = parse_cameras(text)
    assert found.camera.lens == LENS


CAMERAS = """# Camera list with one line of data per camera:
#   CAMERA_ID, MODEL, WIDTH, HEIGHT, PARAMS[]
1 SIMPLE_RADIAL 640 480 800 320 242.5 0
7 OPENCV_FISHEYE 640 480 300 310 320 242.5 0.1 0.2 0.3 0.4
"""
IMAGES = """# Image list with two lines of data per image:
1 2 0 0 2 0.3 -0.2 6 1 left/a photo.png
320 240 -1 100 100 5

2 1 0 0 0 0 0 0 7 right/a photo.png

3 1 0 0 0 0 0 0 7 right/b.png
"""


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """The folder of a COLMAP model; an image has no keypoints, and the last one no line of them."""
    (tmp_path / "cameras.txt").write_text(CAMERAS)
    (tmp_path / "images.txt").write_text(IMAGES)
    return tmp_path


def test_colmap_images_are_chosen_by_name(model: Path) -> None:
    names = [each.image for each in read_cameras(model)]
    assert names == ["left/a photo.png", "right/a photo.png", "right/b.png"]
    camera = read_camera(model, "left/a photo.png")
    assert camera.lens == Perspective(Intrinsics(800.0, 800.0, 320.0, 242.5, 640, 480))
    expected = (320 + 800 * 0.3 / 6, 242.5 - 800 * 0.2 / 6)
    np.testing.assert_allclose(camera.project((0.0, 0.0, 0.0)), expected)
    np.testing.assert_allclose(camera.project((1.0, 0, 0)) - expected, (0, 800 / 6), atol=1e-9)
    fish = OpenCVFisheye(Intrinsics(300, 310, 320, 242.5, 640, 480), 0.1, 0.2, 0.3, 0.4)
    for path, image in ((model / "cameras.txt", "b.png"), (model / "images.txt", "right/b")):
        assert read_camera(path, image).lens == fish


@pytest.mark.parametrize(
    ("image", "message"),
    [
        ("", "cameras of 3 images, but no image was named: choose one of 'left/a photo.png', 'rig"),
        ("c.png", "cameras of 3 images, but none called 'c.png': choose one of 'left/a photo.png'"),
        ("hoto.png", "none called 'hoto.png'"),
        (
            "a photo.png",
            "2 images called 'a photo.png', expected one: name it by its path as in 'l",
        ),
    ],
)
def test_images_that_are_not_named_well(model: Path, image: str, message: str) -> None:
    with pytest.raises(CameraError, match=message):
        read_camera(model, image)


def test_long_lists_of_images_are_cut() -> None:
    frames = [{"file_path": f"{i}.png", "transform_matrix": np.eye(4).tolist()} for i in range(9)]
    cameras = parse_cameras(json.dumps({**NERF, "frames": frames}))
    with pytest.raises(CameraError, match=r"choose one of '0.png', .*'4.png', \.\.\.\.$"):
        choose_camera(cameras)


NERF: dict[str, Any] = {
    "fl_x": 800.0,
    "fl_y": 820.0,
    "cx": 320.0,
    "cy": 242.5,
    "w": 640,
    "h": 480.0,
}


def nerf(frame: dict[str, Any] | None = None, **changes: Any) -> str:
    frames = [{"file_path": "./images/a.png", "transform_matrix": np.eye(4).tolist()}]
    frames.append({"file_path": "./images/b.png", **frames[0], **(frame or {})})
    frames[1]["file_path"] = "./images/b.png"
    data = {**NERF, "frames": frames, **changes}
    return json.dumps({name: value for name, value in data.items() if value is not None})


def test_nerf_frames_are_chosen_by_path_and_may_differ() -> None:
    matrix = posed(LENS).matrix[:3].tolist()
    cameras = parse_cameras(nerf({"transform_matrix": matrix, "fl_x": 900.0, "k1": -0.1}))
    assert choose_camera(cameras, "a.png").camera.lens == LENS
    second = choose_camera(cameras, "images/b").camera
    intrinsics = Intrinsics(900.0, 820.0, 320.0, 242.5, 640, 480)
    assert second.lens == OpenCVPerspective(intrinsics, -0.1)
    np.testing.assert_array_equal(second.matrix[:3], matrix)


def test_nerf_models() -> None:
    dist = {"k1": -0.1, "k2": 0.02, "k3": 0.003, "p1": 1e-3, "p2": -2e-3}
    lens = parse_cameras(nerf(camera_model="OPENCV", **dist))[0].camera.lens
    assert lens == OpenCVPerspective(LENS.intrinsics, -0.1, 0.02, 1e-3, -2e-3, 0.003)
    for model in ({"camera_model": "OPENCV_FISHEYE"}, {"is_fisheye": True}):
        lens = parse_cameras(nerf(k1=0.1, k4=0.4, **model))[0].camera.lens
        assert lens == OpenCVFisheye(LENS.intrinsics, 0.1, 0.0, 0.0, 0.4)


def test_nerf_angles_stand_for_focal_lengths() -> None:
    """As in the original data sets, which say neither a size nor a principal point."""
    angle = 2 * math.atan(320.0 / 800.0)
    text = nerf(fl_x=None, fl_y=None, cx=None, cy=None, w=None, h=None, camera_angle_x=angle)
    found = parse_cameras(text, (640, 480))[0]
    lens = found.camera.lens
    assert isinstance(lens, Perspective)
    i = lens.intrinsics
    np.testing.assert_allclose((i.fx, i.fy, i.cx, i.cy), (800, 800, 320, 240))
    assert found.notes == ("The file has no principal point (cx and cy): took the image's middle.",)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "of no known format; expected this extension's JSON, OpenCV's"),
        ("solid cube", "of no known format"),
        ("<?xml version='1.0'?><opencv_storage/>", "is XML, which is not read: write it as .json"),
        ("{", r"JSON is broken at line 1, column 2 \(Expecting property name"),
        ("{}", "holds nothing, which is no camera; expected"),
        ('{"a": 1, "b": 2}', "holds 'a', 'b', which is no camera"),
        ("a: 1\nb: [2]\n", "holds 'a', 'b', which is no camera"),
        ('{"a": ' + "[" * 100_000, "JSON cannot be read"),
        ('{"image": "\\ud800"}', "JSON cannot be read"),
        ("K: [[1, 0, 0], [0, 1, 0", "brackets that do not match"),
        ("K: 1\n    L: 2\n", r"cannot be read at line 2 \(\"L: 2\"\)"),
        ("K: " + "\n- " * 99, "cannot be read at line|camera matrix is"),
        ('{"format": "reconstruct-from-depth camera"}', "stored camera data is None"),
        ('{"format": "reconstruct-from-depth camera", "camera": 3}', "stored camera data is None"),
        (opencv(width=None, height=None), "no image size, which a camera needs"),
        (opencv(width=None), "image's width is missing, expected a finite number"),
        (opencv(width=64.5), "image's width is 64.5, expected a whole number"),
        (opencv(width=10**400), "image's width is 1000.*expected a finite number"),
        (opencv(width=0), "image size is 0 x 480"),
        (opencv(K=[1, 2, 3]), "camera matrix is not of the form"),
        (opencv(K=[[1, 2], [3]]), "camera matrix is .*expected finite numbers"),
        (opencv(K="wide"), 'camera matrix is "wide", expected finite numbers'),
        (opencv(K={"rows": 3, "cols": 3, "data": [1, 2]}), "expected 3 x 3 finite numbers"),
        (opencv(K={"rows": 3}), "camera matrix's cols is missing"),
        (opencv(K=np.transpose(K).tolist()), "not of the form.*transpose it"),
        (opencv(dist=[0.1] * 12), "has 12 coefficients, expected up to 8"),
        (opencv(dist=[0.1] * 5, model="fisheye"), "has 5 coefficients, expected the 4 of OpenCV's"),
        (opencv(dist=[0.1, None]), "distortion is .*expected finite numbers"),
        (opencv(model="omnidirectional"), 'model is "omnidirectional", expected one of pinhole'),
        (opencv(R=TURN), r"half a pose, without a translation \(t or tvec\)"),
        (opencv(tvec=PLACE), r"half a pose, without a rotation \(R or rvec\)"),
        (opencv(R=[1.0, 2.0], t=PLACE), "rotation of 2 numbers and a translation of 3, expected 9"),
        (opencv(R=np.ones((3, 3)).tolist(), t=PLACE), "are not a rotation"),
        (nerf(frames=[]), r"frames are \[\], expected a list of at least one object"),
        (nerf(frames=[3]), r"frames are \[3\], expected a list"),
        (nerf(frames={}), r"frames are \{\}, expected a list"),
        (nerf({"transform_matrix": None}), "transform_matrix of './images/b.png' is missing"),
        (nerf({"transform_matrix": [[1.0]]}), r"shape \(1, 1\), expected \(4, 4\)"),
        (nerf({"transform_matrix": (2 * np.eye(4)).tolist()}), "last row 0, 0, 0, 2"),
        (nerf(w=None), "no image size .w and h."),
        (nerf(fl_x=None, fl_y=None), "no focal length, expected fl_x or camera_angle_x"),
        (nerf(fl_x=None, camera_angle_x=60.0), "camera_angle_x is 60, expected radians between"),
        (nerf(fl_x="long"), 'fl_x is "long", expected a finite number'),
        (nerf(camera_model="EQUIRECTANGULAR"), '"EQUIRECTANGULAR", expected one of SIMPLE_PINHOLE'),
        (nerf(k4=0.1), "k4 is 0.1 for a perspective camera, of which programs make different"),
    ],
)
def test_what_is_no_camera_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(CameraError, match=message):
        parse_cameras(text)
    path = tmp_path / "file"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CameraError, match=f"^{path}: .*{message}"):
        read_camera(path, "b.png")


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("cameras.txt", "1 FOV 640 480 1 2 3 4 5", 'model is "FOV", expected one of SIMPLE_PIN'),
        ("cameras.txt", "1", 'camera model is "", expected one of'),
        ("cameras.txt", "1 PINHOLE 640 480 1 2 3", "PINHOLE, two sizes, and 4 numbers"),
        ("cameras.txt", "1 PINHOLE 640.5 480 1 2 3 4", "expected whole numbers for width"),
        ("cameras.txt", "1 PINHOLE 640 480 1 2 3 four", "expected finite numbers"),
        ("cameras.txt", "2 PINHOLE 640 480 1 2 3 4", "has the camera 1, which cameras.txt does"),
        ("images.txt", "# nothing", "model has no images"),
        ("images.txt", "1 1 0 0 0 0 0 0", "expected an id, 7 numbers, a camera's id, and a name"),
        ("images.txt", "1 1 0 0 nan 0 0 0 1 a.png", "expected finite numbers"),
        ("images.txt", "1 0 0 0 0 0 0 0 1 a.png", "'a.png' has the quaternion 0, 0, 0, 0"),
    ],
)
def test_broken_colmap_models(model: Path, name: str, text: str, message: str) -> None:
    (model / name).write_text(text)
    with pytest.raises(CameraError, match=f"^{model}: .*{message}"):
        read_cameras(model)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"no such\.json: The file cannot be read \(No such file"):
        read_cameras(tmp_path / "no such.json")
    with pytest.raises(CameraError, match=r"folder has no cameras\.txt: choose that of a COLMAP"):
        read_cameras(tmp_path)
    (tmp_path / "cameras.bin").write_bytes(b"\1")
    with pytest.raises(CameraError, match="binary one, expected text: convert it by 'colmap mod"):
        read_cameras(tmp_path)
    path = tmp_path / "render.exr"
    path.write_bytes(b"v\xff/1\1")
    with pytest.raises(FileError, match="is not text, as its byte 1 is not UTF-8"):
        read_cameras(path)


def cut(text: str, rng: np.random.Generator) -> str:
    return text[: rng.integers(len(text))]


def with_a_character_replaced(text: str, rng: np.random.Generator) -> str:
    place = rng.integers(len(text))
    return text[:place] + rng.choice(list("0[]{},:- \n#'\"x.e")) + text[place + 1 :]


def with_a_line_repeated(text: str, rng: np.random.Generator) -> str:
    lines = text.split("\n")
    lines.insert(rng.integers(len(lines) + 1), lines[rng.integers(len(lines))])
    return "\n".join(lines)


@pytest.mark.filterwarnings("ignore:fx = ")
@pytest.mark.parametrize("damage", [cut, with_a_character_replaced, with_a_line_repeated])
def test_damaged_texts_end_in_a_camera_or_an_error(
    damage: Callable[[str, np.random.Generator], str], model: Path
) -> None:
    rng = np.random.default_rng(5)
    texts = [opencv(R=TURN, t=PLACE, dist=[0.1] * 5), nerf(), YAML, PLAIN_YAML]
    texts.append(json.dumps(camera_to_data(posed(PERSPECTIVE))))
    for _ in range(100):
        for text in texts:
            with contextlib.suppress(CameraError):
                assert parse_cameras(damage(text, rng))
        for name, text in (("cameras.txt", CAMERAS), ("images.txt", IMAGES)):
            (model / name).write_text(damage(text, rng))
            with contextlib.suppress(CameraError):
                assert read_cameras(model)
            (model / name).write_text(text)
