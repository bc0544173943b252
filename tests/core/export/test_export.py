"""Exported files, read back by numpy alone, and what cannot be exported."""

import json
import os
from dataclasses import replace

import numpy as np
import pytest

from core.cameras.camera import Camera, from_opencv_extrinsics, opencv_extrinsics
from core.cameras.fisheye import FisheyeEquidistant, FisheyeEquisolid
from core.cameras.intrinsics import Intrinsics, Orthographic, Perspective
from core.cameras.panorama import Equirectangular, Frame
from core.cameras.serialization import camera_from_data
from core.cameras.stereo import SphericalStereo
from core.depth.image import DepthKind
from core.errors import CameraError, ExportError, FileError
from core.export import (
    CameraFormat,
    Geometry,
    GeometryFormat,
    View,
    camera_files,
    moved,
    write_files,
    write_geometry,
)

POINTS = np.array([[0.1, -2.0, 3.5], [1e-7, 12345.678, 0], [-0.0, 1e30, 1]], np.float32)
INTRINSICS = Intrinsics(900.0, 800.0, 310.0, 250.0, 640, 480)
PINHOLE = Perspective(INTRINSICS)


def written(folder, geometry, form):
    path = folder / "points"
    write_geometry(path, geometry, form)
    return path


def turned(lens, place=(3.0, -6.0, 2.5)):
    """A camera that stands somewhere and looks somewhere."""
    matrix = np.eye(4)
    matrix[:3, :3] = np.linalg.qr(np.random.default_rng(4).normal(size=(3, 3)))[0]
    matrix[:3, 0] *= np.linalg.det(matrix[:3, :3])
    matrix[:3, 3] = place
    return Camera(lens, matrix)


def test_npz_holds_the_arrays(tmp_path):
    geometry = Geometry(
        POINTS,
        colors=POINTS / 2,
        attributes={
            "depth": POINTS[:, 0],
            "file": np.arange(3),
            "points": np.eye(3, 2),
            "Object Index": np.arange(3, dtype=np.int32),
        },
        quads=np.array([[0, 1, 2, 0]], np.int32),
    )
    found = np.load(written(tmp_path, geometry, GeometryFormat.NPZ))
    expected = {
        "points": POINTS,
        "colors": POINTS / 2,
        "quads": geometry.quads,
        "depth": POINTS[:, 0],
        "file_2": np.arange(3),
        "points_2": np.eye(3, 2),
        "Object Index": np.arange(3),
    }
    assert set(found.files) == set(expected)
    for name, values in expected.items():
        np.testing.assert_array_equal(found[name], values)
    assert found["Object Index"].dtype == np.int32


def test_text_gives_every_float_back(tmp_path):
    bits = np.random.default_rng(0).integers(0, 2**32, 300_000, dtype=np.uint32)
    values = bits.view(np.float32)
    values = values[np.isfinite(values)]
    edges = [0, -0.0, 1e-45, 3.4028235e38, -3.4028235e38, 9.9999999e9, 1000, 999.99994, 1.17549e-38]
    values[: len(edges)] = edges
    points = np.resize(values, (len(values) // 3, 3))
    path = written(tmp_path, Geometry(points), GeometryFormat.XYZ)
    found = np.array(path.read_text().split(), np.float64).astype(np.float32)
    np.testing.assert_array_equal(found.reshape(-1, 3), points)


def test_text_has_bytes_for_colors(tmp_path):
    colors = np.array([[0, 0.5, 1], [2, -1, np.nan], [0.0001, 0.001, 0.01]], np.float32)
    path = written(tmp_path, Geometry(POINTS, colors=colors), GeometryFormat.XYZ)
    assert path.read_text().splitlines() == [
        "1.00000001e-01 -2.00000000e+00 3.50000000e+00 0 188 255",
        "1.00000001e-07 1.23456777e+04 0.00000000e+00 255 0 0",
        "0.00000000e+00 1.00000002e+30 1.00000000e+00 0 3 25",
    ]


def test_ply_names_attributes_of_any_kind(tmp_path):
    attributes = {
        "a b": np.arange(3, dtype=np.int64),
        "a_b": np.array([True, False, True]),
        "höhe": np.arange(3, dtype=np.float16),
        "five": np.zeros((3, 5), np.float32),
    }
    path = written(tmp_path, Geometry(POINTS, attributes=attributes), GeometryFormat.PLY)
    header, _, body = path.read_bytes().partition(b"end_header\n")
    assert header.decode("ascii").splitlines() == [
        "ply",
        "format binary_little_endian 1.0",
        "element vertex 3",
        *(f"property float {name}" for name in "xyz"),
        "property double scalar_a_b",
        "property uchar scalar_a_b_2",
        "property float scalar_h_he",
        *(f"property float scalar_five_{number}" for number in range(5)),
    ]
    assert len(body) == 3 * (12 + 8 + 1 + 4 + 20)


def test_names_of_ids_go_along(tmp_path):
    names = {number: f"Würfel {number}" for number in range(-1000, 1000, 7)}
    geometry = Geometry(
        POINTS,
        attributes={"a b": POINTS[:, 0], "a_b": np.arange(3, dtype=np.int32)},
        names={"a_b": names},
    )
    found = np.load(written(tmp_path, geometry, GeometryFormat.NPZ))
    assert dict(zip(found["a_b ids"].tolist(), found["a_b names"].tolist(), strict=True)) == names
    header = written(tmp_path, geometry, GeometryFormat.PLY).read_bytes().split(b"end_header\n")[0]
    prefix = "comment names scalar_a_b_2 "
    lines = [each for each in header.decode("ascii").splitlines() if each.startswith("comment")]
    assert max(map(len, lines)) < 1024
    text = "".join(each.removeprefix(prefix) for each in lines)
    assert json.loads(text) == {str(number): name for number, name in names.items()}


def test_a_moved_surface_keeps_its_front():
    quads = np.array([[0, 1, 2, 3]], np.int32)
    points = np.array([[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]], np.float32)
    up = np.tile(np.array([[0, 0, 1]], np.float32), (4, 1))
    surface = Geometry(points, normals=up, quads=quads)
    assert surface.transformed(np.eye(4)) is surface
    matrix = np.array([[-2, 0, 1, 5], [0, 3, 0, 6], [0, 1, 4, 7], [0, 0, 0, 1.0]])
    found = surface.transformed(matrix)
    np.testing.assert_allclose(found.points, [[5, 6, 7], [3, 6, 7], [3, 9, 8], [5, 9, 8]])
    a, b, c, _ = found.points[found.quads[0]]
    normal = np.cross(b - a, c - a)
    np.testing.assert_allclose(found.normals[0], normal / np.linalg.norm(normal), atol=1e-6)
    assert found.points.dtype == found.normals.dtype == np.float32
    with pytest.raises(ExportError, match="scale is 0 on some axis"):
        surface.transformed(np.diag([1.0, 0.0, 1.0, 1.0]))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"points": POINTS[:0]}, "no points to export"),
        ({"points": POINTS[:, :2]}, r"points has shape \(3, 2\), expected \(N, 3\)"),
        ({"points": POINTS / np.float32("inf") * np.nan}, "not finite"),
        ({"colors": POINTS[:2]}, r"colors has shape \(2, 3\), expected \(3, 3\) or \(3, 4\)"),
        ({"attributes": {"depth": POINTS[:2, 0]}}, r"depth has shape \(2,\), expected \(3,\)"),
        ({"triangles": np.array([[0, 1, 3]])}, "triangles name points from 0 to 3, expected 0 to"),
    ],
)
def test_geometry_that_does_not_fit_is_refused(change, message):
    with pytest.raises(ExportError, match=message):
        replace(Geometry(POINTS), **change)


@pytest.mark.parametrize("form", GeometryFormat)
def test_a_failed_export_leaves_the_old_file(tmp_path, monkeypatch, form):
    path = written(tmp_path, Geometry(POINTS), form)
    before = path.read_bytes()

    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(FileError, match=r"cannot be written \(No space left"):
        write_geometry(path, Geometry(POINTS[:1]), form)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]
    with pytest.raises(FileError, match="choose a folder that exists"):
        write_geometry(tmp_path / "missing" / "a.ply", Geometry(POINTS), form)


@pytest.mark.parametrize(
    "lens",
    [PINHOLE, Orthographic(INTRINSICS), Equirectangular(Frame(64, 32))],
    ids=lambda lens: type(lens).__name__,
)
def test_json_holds_every_camera(tmp_path, lens):
    camera = turned(lens)
    path = tmp_path / "room.ply"
    files = camera_files(
        path, View(camera, str(tmp_path / "r" / "a.exr"), "Cam", 7), CameraFormat.JSON
    )
    write_files(files)
    data = json.loads((tmp_path / "room_camera.json").read_bytes())
    found = camera_from_data(data["camera"]["lens"])
    assert found.lens == lens
    np.testing.assert_array_equal(found.matrix, camera.matrix)
    assert (data["file_name"], data["frame"], data["camera"]["name"]) == ("r/a.exr", 7, "Cam")
    assert (data["camera"]["intrinsics"] is None) == (lens is not PINHOLE)


def test_colmap_takes_three_files_and_a_name_of_one_word(tmp_path):
    files = camera_files(tmp_path / "a.b.ply", View(turned(PINHOLE), ""), CameraFormat.COLMAP)
    write_files(files)
    assert sorted(path.name for path in (tmp_path / "a.b_colmap").iterdir()) == [
        *("cameras.txt", "images.txt", "points3D.txt"),
    ]
    text = (tmp_path / "a.b_colmap" / "cameras.txt").read_text()
    assert text.splitlines()[1] == "1 PINHOLE 640 480 900.0 800.0 310.0 250.0"
    (path,) = (path for path in files if path.name == "images.txt")
    assert files[path].splitlines()[1].split()[8:] == ["1", "a.b"]


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
        camera_files("a.ply", View(camera, ""), form)
    assert camera_files("a.ply", View(camera, ""), CameraFormat.JSON)


def test_axes_rounded_to_float32_are_a_rotation():
    matrix = turned(PINHOLE).matrix.astype(np.float32)
    for form in CameraFormat:
        assert camera_files("a.ply", View(Camera(PINHOLE, matrix), ""), form)


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
def test_a_moved_camera_sees_moved_points_where_they_were(camera, scale):
    matrix = turned(PINHOLE, (1.0, 20.0, -3.0)).matrix @ np.diag([scale, scale, scale, 1.0])
    pixels, points = seen(camera)
    found = moved(camera, matrix).project(points @ matrix[:3, :3].T + matrix[:3, 3])
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
def test_no_camera_sees_points_that_are_scaled_otherwise(lens, scale):
    with pytest.raises(ExportError, match="clear the object's scale"):
        moved(turned(lens), np.diag([*scale, 1.0]))
    assert moved(turned(lens), np.eye(4))
