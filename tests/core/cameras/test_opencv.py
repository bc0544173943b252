"""Lenses with OpenCV's distortion, against published values, the documented formula, and a plane.

``tests/formats/test_opencv_lenses.py`` compares them with OpenCV itself.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from core.cameras.camera import Camera, Lens
from core.cameras.intrinsics import Intrinsics
from core.cameras.opencv import OpenCVFisheye, OpenCVPerspective
from core.depth.image import DepthImage, DepthKind
from core.errors import CameraError
from core.geometry.backprojection import backproject

PLANAR, RAY = DepthKind.PLANAR, DepthKind.RAY
INTRINSICS = Intrinsics(200.0, 205.0, 83.0, 62.0, 160, 120)
WIDE = Intrinsics(53.0, 51.0, 83.0, 62.0, 160, 120)

MODERATE = (-0.28, 0.07, 2e-4, -3e-4)
RATIONAL = (0.5, -2.0, 1e-3, 2e-3, 1.5, 0.4, -1.9, 1.2)
PINCUSHION = (0.4, 0.3, 0.05, 0.05, 0.2)
BARREL = (-0.5, 0.1, 0.02, -0.03)
LENSES: list[Lens] = [
    *(OpenCVPerspective(INTRINSICS, *dist) for dist in (MODERATE, RATIONAL, PINCUSHION, BARREL)),
    *(OpenCVPerspective(WIDE, *dist) for dist in (MODERATE, RATIONAL, PINCUSHION)),
    OpenCVFisheye(INTRINSICS, -0.02, 7e-3, 2e-4, -3e-4),
    OpenCVFisheye(WIDE, 0.1, -0.01, 2e-3, -3e-4),
]


def centers(lens: Lens) -> np.ndarray:
    columns, rows = np.meshgrid(np.arange(lens.width) + 0.5, np.arange(lens.height) + 0.5)
    return np.stack([columns, rows], axis=-1)


def test_published_undistorted_points() -> None:
    """Of Kornia's tests of ``undistort_points``, which says that OpenCV made them."""
    k = [[1731.5, 0.0, 622.89], [0.0, 1732.0, 535.37], [0.0, 0.0, 1.0]]
    intrinsics = Intrinsics.from_opencv(k, 1280, 1024)
    lens = OpenCVPerspective(intrinsics, -0.1007, 0.2650, -0.0018, 0.0007, -0.2597)
    given = np.array([(1028.0374, 788.7520), (1025.1218, 716.8726), (1022.1792, 645.1857)])
    expected = [(1030.5992, 790.65533), (1027.3059, 718.10020), (1024.0700, 645.90600)]
    plane = lens.rays(given + 0.5, PLANAR).directions[:, :2]
    np.testing.assert_allclose(intrinsics.pixels(plane) - 0.5, expected, rtol=0.0, atol=2e-4)


def test_documented_formula() -> None:
    """One point, worked out term by term as the documentation of ``calib3d`` writes it."""
    k1, k2, p1, p2, k3, k4, k5, k6 = RATIONAL
    x, y = 0.3, -0.2
    r2 = 0.13
    radial = (1 + k1 * r2 + k2 * r2**2 + k3 * r2**3) / (1 + k4 * r2 + k5 * r2**2 + k6 * r2**3)
    u = 200 * (x * radial + 2 * p1 * x * y + p2 * (r2 + 2 * x * x)) + 83
    v = 205 * (y * radial + p1 * (r2 + 2 * y * y) + 2 * p2 * x * y) + 62
    lens = OpenCVPerspective(INTRINSICS, *RATIONAL)
    np.testing.assert_allclose(lens.project((2 * x, -2 * y, -2.0)), (u, v), rtol=1e-14)


def test_fisheye_angles_by_hand() -> None:
    lens = OpenCVFisheye(INTRINSICS, 0.1, 0.0, 0.0, 0.0)
    angle = 0.6
    radius = angle + 0.1 * angle**3
    expected = (math.sin(angle), 0.0, -math.cos(angle))
    direction = lens.rays((83.0 + 200.0 * radius, 62.0), RAY).directions
    np.testing.assert_allclose(direction, expected, atol=1e-15)
    up = lens.rays((83.0, 62.0 - 205.0 * radius), RAY).directions
    np.testing.assert_allclose(up, (0.0, math.sin(angle), -math.cos(angle)), atol=1e-15)


@pytest.mark.parametrize("kind", [PLANAR, RAY])
@pytest.mark.parametrize("lens", LENSES)
def test_project_inverts_rays(lens: Lens, kind: DepthKind) -> None:
    pixels = centers(lens)
    rays = lens.rays(pixels, kind)
    seen = np.isfinite(rays.directions[..., 0])
    assert seen.mean() > 0.5
    depth = np.random.default_rng(1).uniform(0.1, 100.0, seen.shape)
    back = lens.project(rays.at(depth))
    np.testing.assert_allclose(back[seen], pixels[seen], rtol=0.0, atol=1e-6)
    assert np.isnan(back[~seen]).all()


def test_random_distortions_have_their_inverse_up_to_the_fold() -> None:
    rng = np.random.default_rng(2)
    spread = np.array([0.3, 0.2, 0.01, 0.01, 0.1, 0.2, 0.1, 0.05])
    for _ in range(30):
        lens = OpenCVPerspective(INTRINSICS, *(rng.normal(size=8) * spread))
        points = np.concatenate([rng.uniform(-1.5, 1.5, (400, 2)), -np.ones((400, 1))], axis=1)
        pixels = lens.project(points)
        seen = np.isfinite(pixels[:, 0])
        back = lens.rays(pixels, PLANAR).directions
        np.testing.assert_array_equal(np.isfinite(back[:, 0]), seen)
        again = lens.project(back)
        np.testing.assert_allclose(again[seen], pixels[seen], rtol=0.0, atol=1e-6)
        # At the very fold a pixel hardly moves with its direction, which float64 then leaves open.
        assert np.percentile(np.abs(back - points)[seen], 99) < 1e-7


def test_barrel_distortion_ends_where_it_folds_back() -> None:
    # r (1 - r^2 / 3) rises up to r = 1, where it is 2 / 3.
    lens = OpenCVPerspective(INTRINSICS, -1.0 / 3.0)
    radii = np.array([0.0, 0.5, 0.999, 1.001, 1.5, 2.0, 100.0])
    points = np.stack([radii, np.zeros(7), -np.ones(7)], axis=1)
    seen = np.array([True, True, True, False, False, False, False])
    np.testing.assert_array_equal(np.isfinite(lens.project(points)[:, 0]), seen)
    edge = 83.0 + 200.0 * 2.0 / 3.0
    pixels = [(edge - 1e-3, 62.0), (edge + 1e-3, 62.0), (1e6, 62.0)]
    found = lens.rays(pixels, RAY).directions
    np.testing.assert_array_equal(np.isfinite(found[:, 0]), [True, False, False])


def test_rational_distortion_ends_at_its_pole() -> None:
    lens = OpenCVPerspective(INTRINSICS, k4=-1.0)  # r / (1 - r^2)
    points = [(0.99, 0.0, -1.0), (1.01, 0.0, -1.0), (3.0, 0.0, -1.0)]
    pixels = lens.project(points)
    np.testing.assert_allclose(pixels[0], (83.0 + 200.0 * 0.99 / (1.0 - 0.99**2), 62.0))
    assert np.isnan(pixels[1:]).all()
    np.testing.assert_allclose(lens.rays(pixels[0], PLANAR).directions, points[0], atol=1e-12)


def test_tangential_distortion_folds_on_one_side() -> None:
    # Along y = 0, x' = x + 3 p2 x^2 turns back at x = -1 / (6 p2) = -2.
    lens = OpenCVPerspective(INTRINSICS, p2=1.0 / 12.0)
    places = np.array([-30.0, -6.0, -2.01, -1.99, 1.99, 2.01, 30.0])
    points = np.stack([places, np.zeros(7), -np.ones(7)], axis=1)
    seen = np.array([False, False, False, True, True, True, True])
    np.testing.assert_array_equal(np.isfinite(lens.project(points)[:, 0]), seen)


def test_fisheye_ends_where_it_folds_back_and_sees_behind_itself() -> None:
    # a (1 - a^2 / 12) rises up to an angle of 2.
    lens = OpenCVFisheye(INTRINSICS, -1.0 / 12.0)
    angles = np.array([0.0, 1.0, 1.9, 1.99, 2.01, 3.0])
    points = np.stack([np.sin(angles), np.zeros(6), -np.cos(angles)], axis=1)
    pixels = lens.project(points)
    seen = np.array([True, True, True, True, False, False])
    np.testing.assert_array_equal(np.isfinite(pixels[:, 0]), seen)
    np.testing.assert_allclose(lens.rays(pixels[:4], RAY).directions, points[:4], atol=1e-9)
    # Planar depth has no place for what is beside or behind the camera.
    planar = lens.rays(pixels[:4], PLANAR).directions
    np.testing.assert_array_equal(np.isfinite(planar[:, 0]), [True, True, False, False])
    beyond = 83.0 + 200.0 * 2.0 * (1.0 - 4.0 / 12.0) + 0.01
    assert np.isnan(lens.rays((beyond, 62.0), RAY).directions).all()
    whole = OpenCVFisheye(INTRINSICS)
    assert np.isfinite(whole.project((1e-9, 0.0, 1.0))).all()
    assert np.isnan(whole.rays((83.0 + 200.0 * 3.15, 62.0), RAY).directions).all()


@pytest.mark.parametrize("lens", LENSES)
def test_no_distortion_at_the_center(lens: Lens) -> None:
    for kind in (PLANAR, RAY):
        rays = lens.rays((83.0, 62.0), kind)
        np.testing.assert_allclose(rays.directions, (0.0, 0.0, -1.0), atol=1e-15)
        assert not rays.origins.any()
    assert lens.project((0.0, 0.0, -3.0)).tolist() == [83.0, 62.0]


@pytest.mark.parametrize("lens", LENSES)
def test_what_is_no_place_is_seen_nowhere(lens: Lens) -> None:
    nowhere = [(0.0, 0.0, 0.0), (math.nan, 0.0, -1.0), (math.inf, math.nan, -1.0)]
    assert np.isnan(lens.project(nowhere)).all()
    pixels = [(math.nan, 3.0), (math.inf, 3.0), (-1e300, 1e300)]
    assert np.isnan(lens.rays(pixels, RAY).directions).all()


def test_perspective_sees_nothing_behind_itself() -> None:
    lens = OpenCVPerspective(INTRINSICS, *MODERATE)
    assert np.isnan(lens.project([(0.1, 0.2, 1.0), (0.1, 0.2, 0.0)])).all()


@pytest.mark.parametrize("lens", LENSES)
def test_resizing_and_cropping_keep_the_view(lens: Lens) -> None:
    pixels = np.random.default_rng(3).uniform((50, 40), (80, 60), (50, 2))
    expected = lens.rays(pixels, RAY).directions
    twice = lens.resized(320, 60)
    assert (twice.width, twice.height) == (320, 60)
    found = twice.rays(pixels * (2.0, 0.5), RAY).directions
    np.testing.assert_allclose(found, expected, atol=1e-12)
    window = lens.cropped(50, 40, 30, 20)
    assert (window.width, window.height) == (30, 20)
    found = window.rays(pixels - np.array([50, 40]), RAY).directions
    np.testing.assert_allclose(found, expected, atol=1e-12)


@pytest.mark.parametrize("lens", LENSES)
def test_shapes_and_keys(lens: Lens) -> None:
    assert {lens: 1}[lens.resized(lens.width, lens.height)] == 1
    assert not lens.is_affine(PLANAR)
    assert not lens.is_affine(RAY)
    for shape in [(), (0,), (3,), (2, 3)]:
        assert lens.rays(np.full((*shape, 2), 70.0), RAY).directions.shape == (*shape, 3)
        assert lens.project(np.full((*shape, 3), -1.0)).shape == (*shape, 2)


def test_lenses_of_numpy_numbers_are_the_same_keys() -> None:
    plain = OpenCVPerspective(INTRINSICS, *MODERATE)
    numpy_numbers = OpenCVPerspective(INTRINSICS, *np.array(MODERATE))
    assert {numpy_numbers: 1}[plain] == 1
    assert type(numpy_numbers.k1) is float
    assert plain.coefficients == (*MODERATE, 0.0, 0.0, 0.0, 0.0)


@pytest.mark.parametrize("lens", LENSES)
@pytest.mark.parametrize("kind", [PLANAR, RAY])
def test_depth_of_a_plane_is_that_plane_again(lens: Lens, kind: DepthKind) -> None:
    """The plane n . p = d in camera space, whose depth along each ray is d / (n . direction)."""
    matrix = np.eye(4)
    matrix[:3, :3], _ = np.linalg.qr(np.random.default_rng(4).normal(size=(3, 3)))
    matrix[:3, 3] = 3.0, -6.0, 2.5
    normal, distance = np.array([0.3, -0.2, -0.9]), 4.0
    with np.errstate(invalid="ignore", divide="ignore"):
        depth = distance / (lens.rays(centers(lens), kind).directions @ normal)
    valid = (depth > 0.0) & (depth < 100.0)
    assert valid.mean() > 0.5
    image = DepthImage.from_array(np.where(valid, depth, 0.0).astype(np.float32), kind)
    cloud = backproject(image, Camera(lens, matrix))
    assert len(cloud.points) == valid.sum()
    local = (cloud.points - matrix[:3, 3]) @ matrix[:3, :3]
    reach = np.linalg.norm(local, axis=1)
    assert (np.abs(local @ normal - distance) / reach).max() < 1e-6
    # And each point is seen by the pixel that it came from.
    pixels = lens.project(local.astype(np.float64))
    assert np.abs(pixels - (cloud.selection.pixels() + 0.5)).max() < 0.01


@pytest.mark.parametrize("lens", [OpenCVPerspective, OpenCVFisheye])
@pytest.mark.parametrize("bad", [math.nan, math.inf, "strong", None])
def test_bad_coefficients(lens: type[OpenCVPerspective | OpenCVFisheye], bad: object) -> None:
    with pytest.raises(CameraError, match=r"distortion's k2 is .*expected a finite number"):
        lens(INTRINSICS, k2=bad)  # type: ignore[arg-type]


def test_a_focal_length_in_millimeters_is_warned_of() -> None:
    with pytest.warns(UserWarning, match=r"fx = .* in pixels \(millimeters \* image width"):
        OpenCVPerspective(Intrinsics(50.0, 50.0, 960.0, 540.0, 1920, 1080), -0.1)


@pytest.mark.parametrize("k4", [1e308, 1e-320])
def test_fisheye_coefficients_that_no_lens_has(k4):
    with pytest.raises(CameraError, match="of sizes that no lens has"):
        OpenCVFisheye(Intrinsics(300.0, 300.0, 320.0, 240.0, 640, 480), 0.1, 0.0, 0.0, k4)
