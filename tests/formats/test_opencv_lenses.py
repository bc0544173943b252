"""Lenses with distortion against OpenCV, and cameras that OpenCV, COLMAP and ROS programs write."""

import json

import cv2
import numpy as np
import pycolmap
import pytest

from core.cameras.camera import Camera, from_opencv_extrinsics
from core.cameras.files import read_camera, read_cameras
from core.cameras.intrinsics import Intrinsics, Perspective
from core.cameras.opencv import OpenCVFisheye, OpenCVPerspective
from core.depth.image import DepthKind

WIDTH, HEIGHT = 640, 480
TO_OPENCV = np.array([1.0, -1.0, -1.0])
NO_TURN = np.zeros(3)
UNTIL_EXACT = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 500, 1e-15)

PERSPECTIVE = {
    "4 coefficients": (-0.28, 0.07, 2e-4, -3e-4),
    "5 coefficients": (-0.3, 0.1, 1e-3, 2e-3, -0.02),
    "8 coefficients": (0.5, -2.0, 1e-3, 2e-3, 1.5, 0.4, -1.9, 1.2),
    "strong barrel": (-0.6, 0.3, 0.01, -0.01),
    "strong pincushion": (0.8, 0.5, 0.02, 0.03, 0.3),
}
FISHEYE = {
    "none": (0.0, 0.0, 0.0, 0.0),
    "usual": (-0.02, 7e-3, 2e-4, -3e-4),
    "strong": (0.2, -0.05, 0.02, -5e-3),
    "barrel": (-0.1, 2e-3, 0.0, 0.0),
}


def intrinsics(focal):
    return Intrinsics(focal, focal * 1.02, 330.25, 250.75, WIDTH, HEIGHT)


def opencv_matrix(lens):
    k = lens.intrinsics.matrix
    k[:2, 2] -= 0.5
    return k


def pixels():
    columns, rows = np.meshgrid(np.arange(WIDTH), np.arange(HEIGHT))
    return np.stack([columns, rows], -1).reshape(-1, 2)[::7] + 0.5


@pytest.mark.parametrize("dist", PERSPECTIVE.values(), ids=PERSPECTIVE)
def test_perspective_rays_are_those_of_undistort_points(dist):
    lens = OpenCVPerspective(intrinsics(700.0), *dist)
    found = lens.rays(pixels(), DepthKind.PLANAR).directions * TO_OPENCV
    k, given = opencv_matrix(lens), (pixels() - 0.5)[:, None]
    args = (given, k, np.array(dist), None, None, UNTIL_EXACT)
    expected = cv2.undistortPointsIter(*args)[:, 0]
    # OpenCV iterates where it need not converge: what counts is whether it came to the pixel.
    points = np.concatenate([expected, np.ones((len(expected), 1))], 1)
    again, _ = cv2.projectPoints(points[:, None], NO_TURN, NO_TURN, k, np.array(dist))
    converged = np.abs(again[:, 0] + 0.5 - pixels()).max(1) < 1e-6
    assert converged.mean() > 0.9
    assert np.abs((found[:, :2] - expected)[converged]).max() * 700.0 < 1e-6
    assert np.isfinite(found).all()


@pytest.mark.parametrize("focal", [700.0, 200.0])
@pytest.mark.parametrize("dist", PERSPECTIVE.values(), ids=PERSPECTIVE)
def test_perspective_projects_as_project_points(dist, focal):
    lens = OpenCVPerspective(intrinsics(focal), *dist)
    rng = np.random.default_rng(1)
    points = rng.uniform((-2, -2, -9), (2, 2, -1), (2000, 3))
    found = lens.project(points)
    expected, _ = cv2.projectPoints(
        (points * TO_OPENCV)[:, None], NO_TURN, NO_TURN, opencv_matrix(lens), np.array(dist)
    )
    seen = np.isfinite(found[:, 0])
    assert seen.mean() > 0.5
    assert np.abs(found - expected[:, 0] - 0.5)[seen].max() < 1e-9


@pytest.mark.parametrize("focal", [700.0, 200.0])
@pytest.mark.parametrize("dist", PERSPECTIVE.values(), ids=PERSPECTIVE)
def test_every_ray_goes_back_through_project_points(dist, focal):
    """Where `undistortPoints` itself gives up, too."""
    lens = OpenCVPerspective(intrinsics(focal), *dist)
    found = lens.rays(pixels(), DepthKind.RAY).directions
    seen = np.isfinite(found[:, 0])
    assert seen.mean() > 0.3
    points = (found[seen] * TO_OPENCV)[:, None]
    again, _ = cv2.projectPoints(points, NO_TURN, NO_TURN, opencv_matrix(lens), np.array(dist))
    assert np.abs(again[:, 0] + 0.5 - pixels()[seen]).max() < 1e-6


@pytest.mark.parametrize("dist", FISHEYE.values(), ids=FISHEYE)
def test_fisheye_rays_are_those_of_undistort_points(dist):
    lens = OpenCVFisheye(intrinsics(300.0), *dist)
    found = lens.rays(pixels(), DepthKind.PLANAR).directions * TO_OPENCV
    given = (pixels() - 0.5)[:, None]
    criteria = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 100, 1e-15)
    expected = cv2.fisheye.undistortPoints(
        given, opencv_matrix(lens), np.array(dist), criteria=criteria
    )[:, 0]
    # It writes -1000000 where it gave up, and takes no radius beyond pi / 2.
    radius = np.hypot(*((pixels() - [330.25, 250.75]) / [300.0, 306.0]).T)
    good = (expected[:, 0] > -1e5) & (radius < np.pi / 2 - 1e-6) & np.isfinite(found[:, 0])
    assert good.mean() > 0.8
    scale = 1.0 + np.sum(expected[good] ** 2, 1)  # a pixel's share of the plane grows like this
    assert (np.abs((found[:, :2] - expected)[good]).max(1) / scale).max() * 300.0 < 1e-6


@pytest.mark.parametrize("dist", FISHEYE.values(), ids=FISHEYE)
def test_fisheye_projects_as_project_points(dist):
    lens = OpenCVFisheye(intrinsics(300.0), *dist)
    rng = np.random.default_rng(2)
    points = rng.uniform((-4, -4, -5), (4, 4, -0.1), (2000, 3))
    found = lens.project(points)
    expected, _ = cv2.fisheye.projectPoints(
        (points * TO_OPENCV)[:, None], NO_TURN, NO_TURN, opencv_matrix(lens), np.array(dist)
    )
    seen = np.isfinite(found[:, 0])
    assert seen.mean() > 0.8
    assert np.abs(found - expected[:, 0] - 0.5)[seen].max() < 1e-9


ROTATION_VECTOR, TRANSLATION = np.array([0.4, -1.1, 0.7]), np.array([0.3, -0.2, 6.0])
K = np.array([[812.5, 0.0, 321.0625], [0.0, 808.3, 243.7], [0.0, 0.0, 1.0]])


def assert_hits(camera, dist, project=cv2.projectPoints):
    points = np.random.default_rng(3).uniform(-1.5, 1.5, (200, 1, 3))
    expected, _ = project(points, ROTATION_VECTOR, TRANSLATION, K, np.array(dist))
    assert np.abs(camera.project(points[:, 0]) - expected[:, 0] - 0.5).max() < 1e-7
    assert (camera.lens.width, camera.lens.height) == (WIDTH, HEIGHT)


@pytest.mark.parametrize("extension", ["yml", "yaml", "json"])
@pytest.mark.parametrize("turn", [ROTATION_VECTOR, cv2.Rodrigues(ROTATION_VECTOR)[0]])
def test_files_that_opencv_stores(tmp_path, extension, turn):
    """By names of its calibration sample, and a pose as `solvePnP` gives it."""
    path, dist = tmp_path / f"camera.{extension}", (-0.26, 0.09, 1e-3, -2e-3, 0.01)
    storage = cv2.FileStorage(str(path), cv2.FILE_STORAGE_WRITE)
    storage.write("calibration_time", "Tue 06 Oct 2020 10:29:15 UTC")
    storage.write("image_width", WIDTH)
    storage.write("image_height", HEIGHT)
    storage.write("aspect_ratio", 1.0)
    storage.write("flags", 2)
    storage.write("fisheye_model", 0)
    storage.write("camera_matrix", K)
    storage.write("distortion_coefficients", np.array([dist]).T)
    storage.write("avg_reprojection_error", 3.1e-1)
    storage.write("rvec" if turn.size == 3 else "R", turn)
    storage.write("tvec", TRANSLATION)
    storage.release()
    (found,) = read_cameras(path)
    assert (found.has_pose, found.notes) == (True, ())
    assert found.camera.lens.coefficients == (*dist, 0.0, 0.0, 0.0)
    assert_hits(found.camera, dist)


def test_a_fisheye_that_opencv_stores(tmp_path):
    path, dist = tmp_path / "camera.yml", (-0.02, 7e-3, 2e-4, -3e-4)
    storage = cv2.FileStorage(str(path), cv2.FILE_STORAGE_WRITE)
    storage.startWriteStruct("image_size", cv2.FileNode_SEQ)
    storage.write("", WIDTH)
    storage.write("", HEIGHT)
    storage.endWriteStruct()
    storage.write("fisheye_model", 1)
    storage.write("K", K)
    storage.write("D", np.array(dist))
    storage.write("rvec", ROTATION_VECTOR)
    storage.write("tvec", TRANSLATION)
    storage.release()
    assert_hits(read_camera(path), dist, cv2.fisheye.projectPoints)


MODELS = {
    "SIMPLE_PINHOLE": (812.5, 321.5, 244.25),
    "PINHOLE": (812.5, 808.25, 321.5, 244.25),
    "SIMPLE_RADIAL": (812.5, 321.5, 244.25, -0.11),
    "RADIAL": (812.5, 321.5, 244.25, -0.11, 0.03),
    "OPENCV": (812.5, 808.25, 321.5, 244.25, -0.11, 0.03, 1e-3, -2e-3),
    "FULL_OPENCV": (812.5, 808.25, 321.5, 244.25, -0.11, 0.03, 1e-3, -2e-3, 0.1, 0.2, -0.1, 0.05),
    "SIMPLE_RADIAL_FISHEYE": (412.5, 321.5, 244.25, -0.05),
    "RADIAL_FISHEYE": (412.5, 321.5, 244.25, -0.05, 0.01),
    "OPENCV_FISHEYE": (412.5, 408.25, 321.5, 244.25, -0.02, 7e-3, 2e-4, -3e-4),
}


def model_of(cameras):
    """A reconstruction with an image for each of some cameras, in different poses."""
    model = pycolmap.Reconstruction()
    for number, camera in enumerate(cameras, 1):
        camera.camera_id = number
        model.add_camera_with_trivial_rig(camera)
        turn = pycolmap.Rotation3d(np.array([0.1 * number, -0.2, 0.3]))
        pose = pycolmap.Rigid3d(turn, np.array([0.1, 0.2 * number, 5.0]))
        image = pycolmap.Image(name=f"sub/image {number}.png", camera_id=number, image_id=number)
        if number == 2:
            image.points2D = pycolmap.Point2DList([pycolmap.Point2D([1.0, 2.0])])
        model.add_image_with_trivial_frame(image, pose)
    return model


def test_every_camera_of_a_colmap_model(tmp_path):
    cameras = [
        pycolmap.Camera(model=name, width=WIDTH, height=HEIGHT, params=params)
        for name, params in MODELS.items()
    ]
    model = model_of(cameras)
    model.write_text(str(tmp_path))
    for number, name in enumerate(MODELS, 1):
        camera = read_camera(tmp_path, f"image {number}.png")
        image = model.images[number]
        points = np.random.default_rng(number).uniform(-1.5, 1.5, (100, 3))
        expected = np.array([image.project_point(point) for point in points])
        assert np.abs(camera.project(points) - expected).max() < 1e-6, name
    assert len(read_cameras(tmp_path / "images.txt")) == len(MODELS)
    assert isinstance(read_camera(tmp_path, "image 2").lens, Perspective)


def test_a_camera_as_ros_writes_it(tmp_path):
    """The layout of ``camera_calibration_parsers``."""
    path, dist = tmp_path / "head.yaml", (-0.26, 0.09, 1e-3, -2e-3, 0.0)
    lines = [
        f"image_width: {WIDTH}",
        f"image_height: {HEIGHT}",
        "camera_name: head_camera",
        "camera_matrix:",
        "  rows: 3",
        "  cols: 3",
        f"  data: [{', '.join(map(repr, K.ravel().tolist()))}]",
        "distortion_model: plumb_bob",
        "distortion_coefficients:",
        "  rows: 1",
        "  cols: 5",
        f"  data: [{', '.join(map(repr, dist))}]",
    ]
    path.write_text("\n".join(lines))
    (found,) = read_cameras(path)
    assert not found.has_pose
    pose = np.hstack([cv2.Rodrigues(ROTATION_VECTOR)[0], TRANSLATION[:, None]])
    assert_hits(Camera(found.camera.lens, from_opencv_extrinsics(pose)), dist)


def test_a_fisheye_of_nerfstudio_projects_as_opencv(tmp_path):
    """Of a public data set's transforms.json, with its first frame's matrix."""
    matrix = [
        [-0.26158849303844106, -0.8965367094800792, 0.3574820119453693, -0.11984101942726101],
        [0.37512293872636713, -0.4356981026911965, -0.8181992082021559, 1.9008481279034606],
        [0.8892998601715962, -0.07993179508758282, 0.4502850950596254, 2.424635560783771],
        [0.0, 0.0, 0.0, 1.0],
    ]
    dist = (0.03043790735329894, 0.0061196008572857, 0.00038586603990351746, 0.00011164845901249717)
    data = {
        "fl_x": 1072.8693761775846,
        "fl_y": 1070.1267507916234,
        "cx": 1488.8211961695372,
        "cy": 997.9610849764456,
        "w": 3008,
        "h": 2000,
        "camera_model": "OPENCV_FISHEYE",
        **dict(zip(("k1", "k2", "k3", "k4"), dist, strict=True)),
        "frames": [{"file_path": "images/frame_00130.jpg", "transform_matrix": matrix}],
    }
    path = tmp_path / "transforms.json"
    path.write_text(json.dumps(data))
    camera = read_camera(path, "frame_00130")
    to_camera = np.linalg.inv(matrix)
    local = np.random.default_rng(4).uniform((-3, -3, -4), (3, 3, -0.5), (100, 3))
    k = np.array([[data["fl_x"], 0, data["cx"]], [0, data["fl_y"], data["cy"]], [0, 0, 1]])
    expected, _ = cv2.fisheye.projectPoints(
        (local * TO_OPENCV)[:, None], NO_TURN, NO_TURN, k, np.array(dist)
    )
    world = (local - to_camera[:3, 3]) @ np.linalg.inv(to_camera[:3, :3]).T
    assert np.abs(camera.project(world) - expected[:, 0]).max() < 1e-6
