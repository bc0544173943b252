"""Cameras beside exported geometry, and cameras of transformed geometry."""

import json

import numpy as np
import pytest

from core.cameras.camera import Camera, from_opencv_extrinsics, opencv_extrinsics
from core.cameras.fisheye import FisheyeEquidistant, FisheyeEquisolid
from core.cameras.intrinsics import Intrinsics, Orthographic, Perspective
from core.cameras.opencv import OpenCVPerspective
from core.cameras.panorama import Equirectangular, Frame
from core.cameras.serialization import camera_from_data
from core.cameras.stereo import SphericalStereo
from core.depth.image import DepthKind
from core.errors import CameraError, ExportError, FileError
from core.export.camera_transform import transformed_camera
from core.export.cameras import CameraRecord, camera_texts, replacing_texts
from core.export.formats import CameraFormat

INTRINSICS = Intrinsics(900.0, 800.0, 310.0, 250.0, 640, 480)
PINHOLE = Perspective(INTRINSICS)


def turned(lens, place=(3.0, -6.0, 2.5)):
    """A camera that stands somewhere and looks somewhere."""
    matrix = np.eye(4)
    matrix[:3, :3] = np.linalg.qr(np.random.default_rng(4).normal(size=(3, 3)))[0]
    matrix[:3, 0] *= np.linalg.det(matrix[:3, :3])
    matrix[:3, 3] = place
    return Camera(lens, matrix)


def write_files(folder, texts):
    with replacing_texts(folder, texts):
        pass


@pytest.mark.parametrize(
    "lens",
    [PINHOLE, Orthographic(INTRINSICS), Equirectangular(Frame(64, 32))],
    ids=lambda lens: type(lens).__name__,
)
def test_json_holds_every_camera(tmp_path, lens):
    camera = turned(lens)
    path = tmp_path / "room.ply"
    record = CameraRecord(camera, str(tmp_path / "r" / "a.exr"), "Cam", 7)
    write_files(tmp_path, camera_texts(path, record, CameraFormat.JSON))
    data = json.loads((tmp_path / "room_camera.json").read_bytes())
    found = camera_from_data(data["camera"]["lens"])
    assert found.lens == lens
    np.testing.assert_array_equal(found.matrix, camera.matrix)
    assert (data["file_name"], data["frame"], data["camera"]["name"]) == ("r/a.exr", 7, "Cam")
    assert (data["camera"]["intrinsics"] is None) == (lens is not PINHOLE)


def test_colmap_has_three_files_and_an_image_name_without_spaces(tmp_path):
    record = CameraRecord(turned(PINHOLE), "")
    texts = camera_texts(tmp_path / "a.b.ply", record, CameraFormat.COLMAP)
    write_files(tmp_path, texts)
    assert sorted(path.name for path in (tmp_path / "a.b_colmap").iterdir()) == [
        *("cameras.txt", "images.txt", "points3D.txt"),
    ]
    text = (tmp_path / "a.b_colmap" / "cameras.txt").read_text()
    assert text.splitlines()[1] == "1 PINHOLE 640 480 900.0 800.0 310.0 250.0"
    assert texts["a.b_colmap/images.txt"].splitlines()[1].split()[8:] == ["1", "a.b"]


def test_camera_files_appear_together_or_not_at_all(tmp_path):
    texts = {"a.json": "new", "a_colmap/images.txt": "1", "a_colmap/cameras.txt": "2"}
    (tmp_path / "a.json").write_text("old")
    with pytest.raises(ExportError), replacing_texts(tmp_path, texts):
        raise ExportError("The geometry cannot be written.")
    (tmp_path / "b").mkdir()
    with pytest.raises(FileError, match="b: The file cannot be written"):
        write_files(tmp_path, {**texts, "b": "a folder has that name"})
    (tmp_path / "c").write_text("")
    with pytest.raises(FileError, match=r"images\.txt: The file cannot be written"):
        write_files(tmp_path, {"a.json": "new", "c/images.txt": "a file has that folder's name"})
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.json", "b", "c"]
    assert (tmp_path / "a.json").read_text() == "old"
    write_files(tmp_path, texts)
    assert (tmp_path / "a.json").read_text() == "new"
    assert len(list((tmp_path / "a_colmap").iterdir())) == 2


def test_an_image_whose_name_is_not_utf_8_keeps_its_name(tmp_path):
    name = b"caf\xe9.exr"
    record = CameraRecord(turned(PINHOLE), name.decode("utf-8", "surrogateescape"))
    for file_format in CameraFormat:
        write_files(tmp_path, camera_texts(tmp_path / "a.ply", record, file_format))
    assert name in (tmp_path / "a_colmap" / "images.txt").read_bytes()


def mirrored(camera):
    matrix = np.array(camera.matrix)
    matrix[:3, 0] *= -1
    return Camera(camera.lens, matrix)


def sheared(camera, by):
    axes = camera.matrix[:3, :3] @ np.array([[1, by, 0], [0, 1, 0], [0, 0, 1]])
    matrix = np.array(camera.matrix)
    matrix[:3, :3] = axes / np.linalg.norm(axes, axis=0)
    return Camera(camera.lens, matrix)


@pytest.mark.parametrize("form", [CameraFormat.OPENCV, CameraFormat.COLMAP, CameraFormat.NERF])
@pytest.mark.parametrize(
    ("camera", "message"),
    [
        (turned(Orthographic(INTRINSICS)), "kind Orthographic, which .* cannot hold"),
        (turned(Equirectangular(Frame(64, 32))), "kind Equirectangular"),
        (turned(FisheyeEquisolid(Frame(64, 64))), "kind FisheyeEquisolid"),
        (turned(FisheyeEquidistant(Frame(64, 64), fov=3.2)), "Equidistant of 183.346 degrees"),
        (turned(SphericalStereo(Equirectangular(Frame(64, 32)), 0.03)), "kind SphericalStereo"),
        (mirrored(turned(PINHOLE)), "mirrored or sheared"),
        (sheared(turned(PINHOLE), 1e-4), "mirrored or sheared"),
    ],
)
def test_cameras_that_a_format_cannot_hold_are_refused(form, camera, message):
    with pytest.raises(ExportError, match=message):
        camera_texts("a.ply", CameraRecord(camera, ""), form)
    assert camera_texts("a.ply", CameraRecord(camera, ""), CameraFormat.JSON)


def test_nerf_has_no_place_for_the_divisor_of_a_distortion():
    camera = turned(OpenCVPerspective(INTRINSICS, 0.1, 0.0, 0.0, 0.0, 0.0, 0.2))
    with pytest.raises(ExportError, match=r"has k4, k5, and k6, which NeRF's .* cannot hold"):
        camera_texts("a.ply", CameraRecord(camera, ""), CameraFormat.NERF)
    for form in set(CameraFormat) - {CameraFormat.NERF}:
        assert camera_texts("a.ply", CameraRecord(camera, ""), form)


def test_axes_rounded_to_float32_are_a_rotation():
    matrix = turned(PINHOLE).matrix.astype(np.float32)
    for form in CameraFormat:
        assert camera_texts("a.ply", CameraRecord(Camera(PINHOLE, matrix), ""), form)


def test_opencv_extrinsics_are_undone_by_their_inverse():
    matrix = turned(PINHOLE).matrix
    extrinsics = opencv_extrinsics(matrix)
    assert extrinsics.shape == (3, 4)
    np.testing.assert_allclose(from_opencv_extrinsics(extrinsics), matrix, atol=1e-12)
    with pytest.raises(CameraError):
        opencv_extrinsics(np.eye(3))


def seen(camera):
    rng = np.random.default_rng(5)
    pixels = rng.uniform(0, 1, (200, 2)) * (camera.lens.width, camera.lens.height)
    return pixels, camera.rays(pixels, DepthKind.RAY).at(rng.uniform(1, 9, 200))


@pytest.mark.parametrize(
    "camera",
    [turned(PINHOLE), mirrored(turned(PINHOLE)), turned(Equirectangular(Frame(64, 32)))],
    ids=["perspective", "mirrored", "equirectangular"],
)
@pytest.mark.parametrize("scale", [1.0, 0.01, -2.0])
def test_a_transformed_camera_sees_transformed_points_where_they_were(camera, scale):
    matrix = turned(PINHOLE, (1.0, 20.0, -3.0)).matrix @ np.diag([scale, scale, scale, 1.0])
    pixels, points = seen(camera)
    found = transformed_camera(camera, matrix).project(points @ matrix[:3, :3].T + matrix[:3, 3])
    np.testing.assert_allclose(found, pixels, atol=1e-3)


@pytest.mark.parametrize(
    ("lens", "scale"),
    [
        (PINHOLE, (1.0, 1.0, 1.001)),
        (Orthographic(INTRINSICS), (2.0, 2.0, 2.0)),
        (SphericalStereo(Equirectangular(Frame(640, 320)), 0.03), (2.0, 2.0, 2.0)),
        (PINHOLE, (1.0, 1.0, 0.0)),
    ],
)
def test_no_camera_sees_points_after_other_scales(lens, scale):
    with pytest.raises(ExportError, match="clear the object's scale"):
        transformed_camera(turned(lens), np.diag([*scale, 1.0]))
    assert transformed_camera(turned(lens), np.eye(4))
