"""Back-projection against the pinhole formula, written out by hand, and against single rays."""

from __future__ import annotations

import numpy as np
import pytest

from core.cameras.camera import Camera
from core.cameras.fisheye import FisheyeEquidistant
from core.cameras.intrinsics import Intrinsics, Orthographic, Perspective
from core.cameras.panorama import CubeFace, Equirectangular, Frame
from core.depth.image import DepthImage, DepthKind, Window
from core.errors import DepthError, SizeError
from core.geometry.backprojection import backproject

WIDTH, HEIGHT = 640, 360
PERSPECTIVE = Perspective(Intrinsics(500.0, 520.0, 311.0, 190.0, WIDTH, HEIGHT))
LENSES = (
    PERSPECTIVE,
    Orthographic(Intrinsics(80.0, 90.0, 311.0, 190.0, WIDTH, HEIGHT)),
    Equirectangular(
        Frame(WIDTH, HEIGHT),
        longitude_min=-3.0,
        longitude_max=3.1,
        latitude_min=-1.5,
        latitude_max=1.4,
    ),
    FisheyeEquidistant(Frame(WIDTH, HEIGHT), fov=3.0),
    CubeFace(Frame(WIDTH, HEIGHT)),
)


def random_pose(seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    axes, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    matrix = np.eye(4)
    matrix[:3, :3] = axes * np.linalg.det(axes)
    matrix[:3, 3] = rng.uniform(-9.0, 9.0, 3)
    return matrix


def random_depth(seed: int, kind: DepthKind, hole: float = 0.2) -> DepthImage:
    rng = np.random.default_rng(seed)
    values = rng.uniform(0.5, 30.0, (HEIGHT, WIDTH)).astype(np.float32)
    values[rng.random((HEIGHT, WIDTH)) < hole] = 1e10
    return DepthImage.from_array(values, kind)


def test_a_pixel_seen_by_a_known_camera_lies_where_the_formula_says() -> None:
    # Szeliski, Computer Vision (2nd ed.), 2.1.4: x = fx X / Z + cx, with Y down and Z forward;
    # camera space here has Y up and Z backward.
    values = np.full((HEIGHT, WIDTH), 1e10, np.float32)
    values[40, 561] = 4.0
    camera = Camera(PERSPECTIVE, [[1, 0, 0, 10], [0, 0, -1, 20], [0, 1, 0, 30], [0, 0, 0, 1]])
    cloud = backproject(DepthImage.from_array(values, DepthKind.PLANAR), camera)
    right, up = 4.0 * (561.5 - 311.0) / 500.0, -4.0 * (40.5 - 190.0) / 520.0
    # The matrix turns camera Y into world Z, and camera Z into world -Y: it looks along +Y.
    np.testing.assert_allclose(cloud.points, [[10 + right, 20 + 4.0, 30 + up]], rtol=1e-6)
    assert cloud.selection.pixels().tolist() == [[561, 40]]
    assert cloud.points.dtype == np.float32
    assert cloud.points.flags.c_contiguous


@pytest.mark.parametrize("kind", DepthKind)
@pytest.mark.parametrize("lens", LENSES, ids=lambda lens: type(lens).__name__)
def test_every_point_lies_on_the_ray_of_its_pixel(lens: object, kind: DepthKind) -> None:
    depth = random_depth(1, kind)
    camera = Camera(lens, random_pose(2))
    cloud = backproject(depth, camera)
    rays = camera.rays(cloud.selection.pixels() + 0.5, kind)
    expected = rays.at(cloud.selection.take(depth.values))
    assert len(cloud.points) > 1000
    errors = np.linalg.norm(cloud.points - expected, axis=1)
    distances = np.linalg.norm(expected - camera.matrix[:3, 3], axis=1)
    assert (errors <= 3e-7 * distances + 3e-5).all()


@pytest.mark.parametrize("lens", LENSES, ids=lambda lens: type(lens).__name__)
def test_only_valid_pixels_with_a_ray_give_points_in_row_order(lens: object) -> None:
    depth = random_depth(3, DepthKind.RAY)
    cloud = backproject(depth, Camera(lens, random_pose(4)))
    pixels = cloud.selection.pixels()
    assert np.isfinite(cloud.points).all()
    assert depth.valid[pixels[:, 1], pixels[:, 0]].all()
    assert (np.diff(pixels[:, 1] * WIDTH + pixels[:, 0]) > 0).all()
    seen = np.isfinite(lens.rays(np.argwhere(depth.valid)[:, ::-1] + 0.5, DepthKind.RAY).directions)
    assert len(pixels) == seen.all(axis=-1).sum()


def test_planar_and_ray_depth_of_one_surface_give_the_same_points() -> None:
    planar = random_depth(5, DepthKind.PLANAR, hole=0.0)
    rows, columns = np.indices((HEIGHT, WIDTH)) + 0.5
    stretch = np.sqrt(1 + ((columns - 311) / 500) ** 2 + ((rows - 190) / 520) ** 2)
    ray = DepthImage.from_array(planar.values * stretch, DepthKind.RAY)
    camera = Camera(PERSPECTIVE, random_pose(6))
    np.testing.assert_allclose(
        backproject(planar, camera).points, backproject(ray, camera).points, atol=1e-5
    )


def test_a_data_window_places_its_pixels_in_the_image() -> None:
    window = Window(-20, 35, WIDTH, HEIGHT)
    values = random_depth(7, DepthKind.PLANAR).values
    depth = DepthImage.from_array(values, DepthKind.PLANAR, window=window, size=(WIDTH, HEIGHT))
    camera = Camera(PERSPECTIVE, np.eye(4))
    cloud = backproject(depth, camera)
    assert cloud.selection.pixels().min(axis=0).tolist() == [-20, 35]
    np.testing.assert_allclose(
        camera.project(cloud.points), cloud.selection.pixels() + 0.5, atol=1e-3
    )


def test_a_camera_of_another_size_is_refused() -> None:
    depth = DepthImage.from_array(np.ones((4, 5), np.float32), DepthKind.PLANAR)
    with pytest.raises(SizeError, match=r"5 x 4 pixels .* 640 x 360; .* resize the camera"):
        backproject(depth, Camera(PERSPECTIVE, np.eye(4)))


def test_a_plain_array_is_refused_with_the_way_to_make_a_depth_image() -> None:
    with pytest.raises(DepthError, match=r"type ndarray.*DepthImage\.from_array"):
        backproject(np.ones((HEIGHT, WIDTH)), Camera(PERSPECTIVE, np.eye(4)))


def test_no_valid_pixel_gives_no_points() -> None:
    values = np.zeros((HEIGHT, WIDTH), np.float32)
    cloud = backproject(
        DepthImage.from_array(values, DepthKind.PLANAR), Camera(PERSPECTIVE, np.eye(4))
    )
    assert cloud.points.shape == (0, 3)
    assert cloud.selection.pixels().shape == (0, 2)
