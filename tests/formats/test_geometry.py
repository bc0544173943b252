"""Exported geometry and cameras, read by other tools."""

import ctypes
import json
import math
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import cv2
import libusb_package
import numpy as np
import pycolmap
import pytest
import trimesh
from plyfile import PlyData

from core.cameras.camera import Camera
from core.cameras.fisheye import FisheyeEquidistant
from core.cameras.intrinsics import Intrinsics, Perspective
from core.cameras.opencv import OpenCVFisheye, OpenCVPerspective
from core.cameras.panorama import Frame
from core.depth.image import DepthKind
from core.export.cameras import CameraRecord, camera_texts, replacing_texts
from core.export.formats import CameraFormat, GeometryFormat
from core.export.geometry import Geometry, write_geometry

ctypes.CDLL(str(libusb_package.get_library_path()))  # Open3D needs it, and few systems have it
import open3d as o3d  # noqa: E402

COUNT = 350 * 201
"""More points than one block."""


@pytest.fixture(scope="module")
def cloud():
    rng = np.random.default_rng(1)
    normals = rng.normal(size=(COUNT, 3))
    return Geometry(
        points=(rng.normal(size=(COUNT, 3)) * [1e-3, 1, 1e4]).astype(np.float32),
        colors=rng.uniform(-0.1, 1.2, (COUNT, 4)).astype(np.float32),
        normals=(normals / np.linalg.norm(normals, axis=1)[:, None]).astype(np.float32),
        attributes={
            "depth": rng.uniform(1, 9, COUNT).astype(np.float32),
            "pixel": rng.integers(0, 4000, (COUNT, 2)).astype(np.int32),
            "Object Index": rng.integers(-(2**31), 2**31, COUNT).astype(np.int32),
            "edge": rng.random(COUNT) < 0.5,
        },
    )


@pytest.fixture(scope="module")
def surface(cloud):
    """A grid in which a triangle replaces some of the quads."""
    rows, columns = np.indices((200, 349), np.int32)
    first = (rows * 350 + columns).reshape(-1, 1)
    quads = first + np.array([0, 350, 351, 1], np.int32)
    points = np.stack([np.arange(COUNT) % 350, np.arange(COUNT) // 350, np.ones(COUNT)], 1)
    points = points.astype(np.float32)
    return replace(
        cloud, points=points, quads=quads[:-9], triangles=quads[-9:, :3], uv=points[:, :2] / 350
    )


def written(folder, geometry, form=GeometryFormat.PLY):
    path = folder / f"geometry{form.value.suffix}"
    write_geometry(path, geometry, form)
    return str(path)


def srgb(linear):
    """The curve of IEC 61966-2-1, in doubles."""
    values = np.clip(np.asarray(linear, float), 0, 1)
    return 255 * np.where(values < 0.0031308, 12.92 * values, 1.055 * values ** (1 / 2.4) - 0.055)


def test_plyfile_reads_all_of_a_cloud(tmp_path, cloud):
    vertex = PlyData.read(written(tmp_path, cloud))["vertex"]
    assert [prop.name for prop in vertex.properties] == [
        *("x", "y", "z", "nx", "ny", "nz", "red", "green", "blue", "alpha", "scalar_depth"),
        *("scalar_pixel_x", "scalar_pixel_y", "scalar_Object_Index", "scalar_edge", "quality"),
    ]
    np.testing.assert_array_equal(np.stack([vertex[name] for name in "xyz"], 1), cloud.points)
    names = ("nx", "ny", "nz")
    np.testing.assert_array_equal(np.stack([vertex[name] for name in names], 1), cloud.normals)
    found = np.stack([vertex[name] for name in ("red", "green", "blue")], 1)
    assert np.abs(found - srgb(cloud.colors[:, :3])).max() < 0.501
    assert np.abs(vertex["alpha"] - 255 * np.clip(cloud.colors[:, 3], 0, 1)).max() < 0.501
    for name, values in (
        ("depth", cloud.attributes["depth"]),
        ("pixel_x", cloud.attributes["pixel"][:, 0]),
        ("pixel_y", cloud.attributes["pixel"][:, 1]),
        ("Object_Index", cloud.attributes["Object Index"]),
        ("edge", cloud.attributes["edge"]),
    ):
        np.testing.assert_array_equal(vertex[f"scalar_{name}"], values)


def test_plyfile_reads_the_faces(tmp_path, surface):
    data = PlyData.read(written(tmp_path, surface))
    found = sorted(map(tuple, np.stack(data["face"]["vertex_indices"])))
    halves = np.concatenate([surface.quads[:, [0, 1, 2]], surface.quads[:, [0, 2, 3]]])
    assert found == sorted(map(tuple, np.concatenate([halves, surface.triangles])))
    np.testing.assert_array_equal(np.stack([data["vertex"][n] for n in "st"], 1), surface.uv)


def test_quads_alone_stay_quads(tmp_path, surface):
    quads = replace(surface, triangles=surface.triangles[:0], uv=None)
    path = written(tmp_path, quads)
    np.testing.assert_array_equal(
        np.stack(PlyData.read(path)["face"]["vertex_indices"]), surface.quads
    )
    mesh = trimesh.load(path, process=False)
    assert len(mesh.faces) == 2 * len(surface.quads)
    colors = mesh.visual.vertex_colors[:, :3]
    assert np.abs(colors - srgb(surface.colors[:, :3])).max() < 0.501


def test_open3d_reads_a_cloud(tmp_path, cloud):
    path = written(tmp_path, cloud)
    legacy = o3d.io.read_point_cloud(path)
    np.testing.assert_array_equal(np.asarray(legacy.points, np.float32), cloud.points)
    np.testing.assert_array_equal(np.asarray(legacy.normals, np.float32), cloud.normals)
    assert np.abs(255 * np.asarray(legacy.colors) - srgb(cloud.colors[:, :3])).max() < 0.501
    tensor = o3d.t.io.read_point_cloud(path).point
    np.testing.assert_array_equal(tensor.positions.numpy(), cloud.points)
    found = tensor["scalar_depth"].numpy()
    np.testing.assert_array_equal(found.ravel(), cloud.attributes["depth"])
    found = tensor["scalar_Object_Index"].numpy()
    np.testing.assert_array_equal(found.ravel(), cloud.attributes["Object Index"])


def test_open3d_reads_a_surface(tmp_path, surface):
    mesh = o3d.io.read_triangle_mesh(written(tmp_path, surface))
    np.testing.assert_array_equal(np.asarray(mesh.vertices, np.float32), surface.points)
    assert len(mesh.triangles) == 2 * len(surface.quads) + len(surface.triangles)


IN_MESHLAB = """
import sys, numpy, pymeshlab
meshes = pymeshlab.MeshSet()
meshes.load_new_mesh(sys.argv[1])
found = meshes.current_mesh()
numpy.savez(sys.argv[2], points=found.vertex_matrix(), normals=found.vertex_normal_matrix(),
            colors=found.vertex_color_matrix(), scalar=found.vertex_scalar_array(),
            faces=found.face_matrix(), has_uv=found.has_vertex_tex_coord())
"""
"""A program of its own, because its Qt conflicts with that of labelme."""


def in_meshlab(folder, geometry):
    result = folder / "meshlab.npz"
    path = written(folder, geometry)
    subprocess.run([sys.executable, "-c", IN_MESHLAB, path, result], check=True)
    return np.load(result)


def test_meshlab_reads_a_cloud(tmp_path, cloud):
    found = in_meshlab(tmp_path, cloud)
    np.testing.assert_array_equal(found["points"].astype(np.float32), cloud.points)
    np.testing.assert_array_equal(found["normals"].astype(np.float32), cloud.normals)
    np.testing.assert_array_equal(found["scalar"].astype(np.float32), cloud.attributes["depth"])
    assert np.abs(255 * found["colors"][:, :3] - srgb(cloud.colors[:, :3])).max() < 0.501


def test_meshlab_reads_a_surface(tmp_path, surface):
    found = in_meshlab(tmp_path, surface)
    assert len(found["faces"]) == 2 * len(surface.quads) + len(surface.triangles)
    assert found["has_uv"]


def test_trimesh_reads_a_surface(tmp_path, surface):
    mesh = trimesh.load(written(tmp_path, surface), process=False)
    np.testing.assert_array_equal(mesh.vertices.astype(np.float32), surface.points)
    assert len(mesh.faces) == 2 * len(surface.quads) + len(surface.triangles)
    np.testing.assert_allclose(mesh.visual.uv, surface.uv, atol=1e-6)
    assert mesh.area == pytest.approx(len(surface.quads) + len(surface.triangles) / 2)
    assert mesh.face_normals[:, 2].max() < 0  # clockwise from above, as they were made


def test_open3d_and_trimesh_read_text(tmp_path, cloud):
    path = written(tmp_path, cloud, GeometryFormat.XYZ)
    found = o3d.io.read_point_cloud(path)
    np.testing.assert_array_equal(np.asarray(found.points, np.float32), cloud.points)
    found = trimesh.load(path)
    np.testing.assert_array_equal(found.vertices.astype(np.float32), cloud.points)
    assert np.abs(found.colors[:, :3] - srgb(cloud.colors[:, :3])).max() < 0.501


def rotation(x, y, z):
    return cv2.Rodrigues(np.array([x, y, z], float))[0]


def camera(lens):
    matrix = np.eye(4)
    matrix[:3, :3] = rotation(1.1, -0.4, 2.0)
    matrix[:3, 3] = 3, -6, 2.5
    return Camera(lens, matrix.astype(np.float32))


PINHOLE = camera(Perspective(Intrinsics(4200.0, 3500.0, 2100.25, 900.5, 3840, 2160)))
FISHEYE = camera(FisheyeEquidistant(Frame(1000, 800, -0.05, 0.95, 0.1, 1.0), fov=math.pi))
CALIBRATED = Intrinsics(700.0, 714.0, 330.25, 250.75, 640, 480)
BROWN = camera(OpenCVPerspective(CALIBRATED, -0.28, 0.07, 2e-3, -3e-3))
BROWN_K3 = camera(OpenCVPerspective(CALIBRATED, -0.3, 0.1, 1e-3, 2e-3, -0.02))
RATIONAL = camera(OpenCVPerspective(CALIBRATED, 0.5, -2.0, 1e-3, 2e-3, 1.5, 0.4, -1.9, 1.2))
KANNALA_BRANDT = camera(OpenCVFisheye(CALIBRATED, -0.02, 7e-3, 2e-4, -3e-4))
VIEWS = pytest.mark.parametrize(
    "view",
    [PINHOLE, FISHEYE, BROWN, BROWN_K3, RATIONAL, KANNALA_BRANDT],
    ids=["perspective", "fisheye", "brown", "brown with k3", "rational", "kannala-brandt"],
)


def seen(view):
    """World points and the pixels that see them, which tests of the cameras prove."""
    rng = np.random.default_rng(3)
    size = view.lens.width, view.lens.height
    pixels = rng.uniform(0, 1, (500, 2)) * size
    points = view.rays(pixels, DepthKind.RAY).at(rng.uniform(1, 50, 500))
    good = np.isfinite(points[:, 0])
    return points[good], pixels[good]


def files(folder, view, form):
    path = folder / "my room.ply"
    texts = camera_texts(path, CameraRecord(view, str(folder / "my render.exr")), form)
    with replacing_texts(folder, texts):
        pass
    return [folder / name for name in texts]


def assert_hits(found, pixels):
    assert len(pixels) > 300
    assert np.abs(found - pixels).max() < 0.01


@VIEWS
def test_opencv_projects_points_onto_their_pixels(tmp_path, view):
    (path,) = files(tmp_path, view, CameraFormat.OPENCV)
    data = json.loads(path.read_text())
    k, dist, turn, t = (np.array(data[name]) for name in ("K", "dist", "R", "t"))
    points, pixels = seen(view)
    if data["model"] == "fisheye":
        found, _ = cv2.fisheye.projectPoints(points[:, None], cv2.Rodrigues(turn)[0], t, k, dist)
    else:
        found, _ = cv2.projectPoints(points[:, None], cv2.Rodrigues(turn)[0], t, k, dist)
    assert_hits(found[:, 0] + 0.5, pixels)  # OpenCV's first pixel has its center at 0, 0
    assert (data["width"], data["height"]) == (view.lens.width, view.lens.height)
    assert data["image"] == "my render.exr"


@VIEWS
def test_colmap_projects_points_onto_their_pixels(tmp_path, view):
    folder = files(tmp_path, view, CameraFormat.COLMAP)[0].parent
    model = pycolmap.Reconstruction(str(folder))
    (image,) = model.images.values()
    assert image.name == "my_render.exr"
    found_camera = model.cameras[image.camera_id]
    assert (found_camera.width, found_camera.height) == (view.lens.width, view.lens.height)
    points, pixels = seen(view)
    found = [image.project_point(point) for point in points]
    assert_hits(np.array(found), pixels)
    assert found_camera.model.name == COLMAP_MODELS.get(view, "OPENCV_FISHEYE")


COLMAP_MODELS = {
    PINHOLE: "PINHOLE", BROWN: "OPENCV", BROWN_K3: "FULL_OPENCV", RATIONAL: "FULL_OPENCV"
}  # fmt: skip


def test_nerf_frames_hit_their_pixels(tmp_path):
    """By the arithmetic of its documentation: x right, y up, looking along -z, K by fl and c."""
    (path,) = files(tmp_path, PINHOLE, CameraFormat.NERF)
    data = json.loads(path.read_text())
    points, pixels = seen(PINHOLE)
    (frame,) = data["frames"]
    assert (path.parent / frame["file_path"]).parent == Path(tmp_path)
    to_camera = np.linalg.inv(frame["transform_matrix"])
    x, y, z = (points @ to_camera[:3, :3].T + to_camera[:3, 3]).T
    found = [data["fl_x"] * x / -z + data["cx"], -data["fl_y"] * y / -z + data["cy"]]
    assert_hits(np.stack(found, 1), pixels)
    assert math.tan(data["camera_angle_x"] / 2) * data["fl_x"] == pytest.approx(data["w"] / 2)


def test_nerf_fisheyes_hit_their_pixels(tmp_path):
    """By the equations of OpenCV's fisheye, which its documentation refers to."""
    (path,) = files(tmp_path, FISHEYE, CameraFormat.NERF)
    data = json.loads(path.read_text())
    assert data["camera_model"] == "OPENCV_FISHEYE"
    points, pixels = seen(FISHEYE)
    to_camera = np.linalg.inv(data["frames"][0]["transform_matrix"])
    x, y, z = (points @ to_camera[:3, :3].T + to_camera[:3, 3]).T
    angle, side = np.arctan2(np.hypot(x, y), -z), np.hypot(x, y)
    found = [
        data["fl_x"] * angle * x / side + data["cx"],
        data["fl_y"] * angle * -y / side + data["cy"],
    ]
    assert_hits(np.stack(found, 1), pixels)


@pytest.mark.parametrize("view", [BROWN, BROWN_K3, KANNALA_BRANDT], ids=["brown", "k3", "fisheye"])
def test_nerf_distortion_hits_its_pixels(tmp_path, view):
    """By OpenCV's functions, whose coefficients its documentation refers to."""
    (path,) = files(tmp_path, view, CameraFormat.NERF)
    data = json.loads(path.read_text())
    is_fisheye = data["camera_model"] == "OPENCV_FISHEYE"
    assert is_fisheye or data["camera_model"] == "OPENCV"
    names = ("k1", "k2", "k3", "k4") if is_fisheye else ("k1", "k2", "p1", "p2", "k3")
    k = np.array([[data["fl_x"], 0, data["cx"]], [0, data["fl_y"], data["cy"]], [0, 0, 1]])
    points, pixels = seen(view)
    to_camera = np.linalg.inv(data["frames"][0]["transform_matrix"])
    local = (points @ to_camera[:3, :3].T + to_camera[:3, 3]) * [1, -1, -1]
    project = cv2.fisheye.projectPoints if is_fisheye else cv2.projectPoints
    dist = np.array([data[name] for name in names])
    found, _ = project(local[:, None], np.zeros(3), np.zeros(3), k, dist)
    assert_hits(found[:, 0], pixels)
