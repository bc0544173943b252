"""Panoramic lenses, against directions worked out by hand, and their inverses."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from core.cameras.camera import Camera, Lens
from core.cameras.fisheye import FisheyeEquidistant, FisheyeEquisolid, FisheyePolynomial, MirrorBall
from core.cameras.intrinsics import Intrinsics, Perspective
from core.cameras.panorama import CentralCylindrical, CubeFace, Equirectangular, Frame, Panorama
from core.cameras.stereo import SphericalStereo
from core.depth.image import DepthKind
from core.errors import CameraError

PLANAR, RAY = DepthKind.PLANAR, DepthKind.RAY
FRAME = Frame(400, 200)
LEFT, RIGHT, UP, BACK = (-1, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1)
FORWARD = (0, 0, -1)
HALF = math.sqrt(0.5)


def direction(lens: Lens, pixel: tuple[float, float]) -> np.ndarray:
    return lens.rays(pixel, RAY).directions


@pytest.mark.parametrize(
    ("lens", "pixel", "expected"),
    [
        (Equirectangular(FRAME), (200, 100), FORWARD),
        (Equirectangular(FRAME), (100, 100), LEFT),
        (Equirectangular(FRAME), (300, 100), RIGHT),
        (Equirectangular(FRAME), (400, 100), BACK),
        (Equirectangular(FRAME), (200, 0), UP),
        (Equirectangular(FRAME, 0.0, math.pi, 0.0, math.pi / 2), (0, 200), FORWARD),
        (Equirectangular(FRAME, 0.0, math.pi, 0.0, math.pi / 2), (200, 200), RIGHT),
        (Equirectangular(FRAME, 0.0, math.pi, 0.0, math.pi / 2), (200, 100), (HALF, HALF, 0)),
        # A quarter of the width to the right is a quarter turn.
        (Equirectangular(FRAME.shifted(0.25, 0.0)), (200, 100), RIGHT),
        (Equirectangular(FRAME.shifted(0.0, 0.25)), (200, 100), (0, HALF, -HALF)),
        (CubeFace(FRAME), (200, 100), FORWARD),
        (CubeFace(FRAME), (400, 100), (HALF, 0, -HALF)),
        (CubeFace(FRAME), (200, 0), (0, HALF, -HALF)),
        (CentralCylindrical(FRAME), (300, 100), RIGHT),
        (CentralCylindrical(FRAME), (200, 0), (0, HALF, -HALF)),
        (FisheyeEquidistant(FRAME), (200, 100), FORWARD),
        (FisheyeEquidistant(FRAME), (400, 100), RIGHT),
        (FisheyeEquidistant(FRAME), (200, 0), UP),
        (FisheyeEquidistant(FRAME), (100, 100), (-HALF, 0, -HALF)),
        (FisheyeEquidistant(FRAME, fov=2 * math.pi), (400, 100), BACK),
        # 15 mm to the side of a 15 mm lens: 2 asin(1/2) is 60 degrees.
        (
            FisheyeEquisolid(FRAME, 60.0, 30.0, math.pi, 15.0),
            (300, 100),
            (math.sqrt(0.75), 0, -0.5),
        ),
        (FisheyeEquisolid(FRAME, 60.0, 30.0, math.pi, 15.0), (200, 0), (0, math.sqrt(0.75), -0.5)),
        # 10 mm at 0.05 radians for each is half a radian.
        (
            FisheyePolynomial(FRAME, 20.0, 10.0, math.pi, k1=-0.05),
            (400, 100),
            (math.sin(0.5), 0, -math.cos(0.5)),
        ),
        (
            FisheyePolynomial(FRAME, 20.0, 10.0, math.pi, k1=0.05),
            (400, 100),
            (-math.sin(0.5), 0, -math.cos(0.5)),
        ),
        (MirrorBall(FRAME), (200, 100), FORWARD),
        # The normal there leans by 45 degrees, so the reflection by 90.
        (MirrorBall(FRAME), (200 + 200 * HALF, 100), RIGHT),
        (MirrorBall(FRAME), (200, 100 - 100 * HALF), UP),
    ],
)
def test_directions(
    lens: Panorama, pixel: tuple[float, float], expected: tuple[float, float, float]
) -> None:
    np.testing.assert_allclose(direction(lens, pixel), expected, atol=1e-12)


CIRCLES: list[Callable[[Frame], Panorama]] = [
    FisheyeEquidistant,
    MirrorBall,
    lambda frame: FisheyeEquisolid(frame, 40.0, 20.0, math.pi, 10.0),
    lambda frame: FisheyePolynomial(frame, 40.0, 20.0, math.pi, 0.0, -0.1, -0.003, 1e-5, -1e-6),
]
EVERYWHERE: list[Callable[[Frame], Panorama]] = [
    Equirectangular,
    lambda frame: Equirectangular(frame, -2.0, 3.0, -0.7, 1.4),
    lambda frame: Equirectangular(frame, 2.0, -3.0, 0.9, -0.4),
    CubeFace,
    CentralCylindrical,
    lambda frame: CentralCylindrical(frame, 3.0, -1.0, 0.5, -2.0),
]


@pytest.mark.parametrize("make", CIRCLES + EVERYWHERE)
def test_project_inverts_rays(make: Callable[[Frame], Panorama]) -> None:
    rng = np.random.default_rng(21)
    for _ in range(10):
        width, height = rng.integers(20, 4000, 2)
        shift = rng.uniform(-0.1, 0.1, 2) * (1, 0)
        whole = make(Frame(width, height).shifted(*shift))
        lens = whole.cropped(width // 5, height // 7, width // 2, height // 2)
        pixels = rng.uniform((0.0, 0.0), (width // 2, height // 2), (400, 2))
        rays = lens.rays(pixels, RAY)
        inside = np.isfinite(rays.directions[:, 0])
        assert inside.mean() > 0.5
        np.testing.assert_allclose(np.linalg.norm(rays.directions[inside], axis=-1), 1.0)
        back = lens.project(rays.at(rng.uniform(0.01, 100.0, 400)))
        np.testing.assert_allclose(back[inside], pixels[inside], rtol=0.0, atol=1e-6)


@pytest.mark.parametrize("make", CIRCLES)
def test_nothing_is_seen_outside_the_circle(make: Callable[[Frame], Panorama]) -> None:
    lens = make(FRAME)
    assert np.isnan(direction(lens, (1.0, 1.0))).all()
    pixels = np.random.default_rng(22).uniform((0, 0), (400, 200), (2000, 2))
    rays = lens.rays(pixels, RAY)
    inside = np.isfinite(rays.directions[:, 0])
    assert 0.3 < inside.mean() < 0.9
    np.testing.assert_allclose(lens.project(rays.at(2.0))[inside], pixels[inside], atol=1e-6)
    assert np.isnan(lens.project((0.0, 0.0, 1.0))).all()


def test_polynomial_fisheye_finds_the_first_radius() -> None:
    # The angle 0.1 r - 0.0025 r^2 turns back at r = 20, where it is 1.
    lens = FisheyePolynomial(Frame(800, 800), 80.0, 80.0, math.pi, k1=-0.1, k2=0.0025)
    inner, outer = (400 + 10 * 10.0, 400.0), (400 + 30 * 10.0, 400.0)
    np.testing.assert_allclose(direction(lens, inner), direction(lens, outer), atol=1e-12)
    np.testing.assert_allclose(lens.project(direction(lens, outer)), inner, atol=1e-6)
    assert np.isnan(lens.project((math.sin(1.1), 0.0, -math.cos(1.1)))).all()


def test_polynomial_of_blenders_default_coefficients() -> None:
    default = (-1.1735143712967577e-05, -0.019988736953434998, -3.3525322965709173e-06)
    lens = FisheyePolynomial(
        Frame(500, 400),
        36.0,
        28.8,
        math.pi,
        *default,
        3.099275275886036e-06,
        -2.6064646454854524e-08,
    )
    pixels = np.random.default_rng(23).uniform((0, 0), (500, 400), (1000, 2))
    np.testing.assert_allclose(
        lens.project(lens.rays(pixels, RAY).directions), pixels, rtol=0.0, atol=1e-6
    )
    # r = 18 mm: k0 + k1 r + k2 r^2 + k3 r^3 + k4 r^4, worked out by hand.
    np.testing.assert_allclose(
        np.arctan2(*direction(lens, (500.0, 200.0))[[0, 2]] * (1, -1)), 0.345558, atol=1e-5
    )


def test_equirectangular_goes_round() -> None:
    lens = Equirectangular(FRAME.shifted(0.3, 0.0))
    pixels = np.array([(1.0, 100.0), (399.0, 100.0), (200.0, 30.0)])
    np.testing.assert_allclose(lens.project(direction(lens, pixels)), pixels, atol=1e-9)


def test_equirectangular_past_the_pole() -> None:
    # The lens looks up by a quarter of the height: the image's upper quarter is past the pole,
    # and straight up, then behind, is a place that a narrow window can see there only.
    lens = Equirectangular(FRAME.shifted(0.0, 0.25)).cropped(150, 0, 100, 200)
    past = np.array([(50.0, 10.0), (20.0, 30.0)])
    np.testing.assert_allclose(direction(lens, past)[0], (0, math.cos(0.628318531), 0.587785252))
    np.testing.assert_allclose(lens.project(direction(lens, past)), past, atol=1e-9)


@pytest.mark.parametrize("make", CIRCLES + EVERYWHERE)
def test_planar_rays_go_forward_or_nowhere(make: Callable[[Frame], Panorama]) -> None:
    lens = make(FRAME)
    pixels = np.random.default_rng(24).uniform((0, 0), (400, 200), (500, 2))
    ray, planar = lens.rays(pixels, RAY).directions, lens.rays(pixels, PLANAR).directions
    ahead = ray[:, 2] < 0.0
    np.testing.assert_array_equal(np.isfinite(planar[:, 0]), ahead)
    np.testing.assert_allclose(planar[ahead], ray[ahead] / -ray[ahead, 2:])


@pytest.mark.parametrize("make", CIRCLES + EVERYWHERE)
def test_resizing_and_cropping_keep_the_view(make: Callable[[Frame], Panorama]) -> None:
    lens = make(FRAME)
    pixels = np.random.default_rng(25).uniform((0, 0), (100, 50), (50, 2))
    twice = lens.resized(800, 100)
    assert (twice.width, twice.height) == (800, 100)
    np.testing.assert_allclose(direction(twice, pixels * (2.0, 0.5)), direction(lens, pixels))
    window = lens.cropped(150, 80, 100, 50)
    assert (window.width, window.height) == (100, 50)
    np.testing.assert_allclose(
        direction(window, pixels), direction(lens, pixels + np.array([150, 80]))
    )


@pytest.mark.parametrize("make", CIRCLES + EVERYWHERE)
def test_shapes_and_keys(make: Callable[[Frame], Panorama]) -> None:
    lens = make(FRAME)
    assert not lens.is_affine(RAY)
    assert not lens.is_affine(PLANAR)
    assert hash(lens) == hash(make(FRAME))
    for shape in [(), (0,), (3,), (2, 3)]:
        assert lens.rays(np.full((*shape, 2), 100.0), RAY).directions.shape == (*shape, 3)
        assert lens.project(np.full((*shape, 3), -1.0)).shape == (*shape, 2)
    assert np.isnan(lens.project((0.0, 0.0, 0.0))).all()


def stereo_lenses() -> list[SphericalStereo]:
    lenses: list[Lens] = [
        Equirectangular(FRAME),
        FisheyeEquidistant(FRAME, fov=4.0),
        Perspective(Intrinsics(200.0, 180.0, 190.0, 90.0, 400, 200)),
    ]
    return [
        SphericalStereo(lens, offset, convergence, *merge, up)
        for lens in lenses
        for offset in (-0.03, 0.2)
        for convergence in (math.inf, 1.9)
        for merge in ((math.inf, math.inf), (0.5, 1.1))
        for up in ((0.0, 1.0, 0.0), (0.48, 0.6, -0.64))
    ]


@pytest.mark.parametrize("lens", stereo_lenses())
def test_spherical_stereo_inverts(lens: SphericalStereo) -> None:
    rng = np.random.default_rng(26)
    pixels = rng.uniform((0, 0), (400, 200), (300, 2))
    rays = lens.rays(pixels, RAY)
    seen = np.isfinite(rays.directions[:, 0])
    assert seen.sum() > 100
    depth = rng.uniform(0.5, 50.0, 300)
    points = rays.at(depth)
    np.testing.assert_allclose(np.linalg.norm(points[seen], axis=-1), depth[seen])
    np.testing.assert_allclose(lens.project(points)[seen], pixels[seen], rtol=0.0, atol=1e-6)


def test_spherical_stereo_by_hand() -> None:
    # Looking forward, the right eye is to the right; both look at the point 2 ahead.
    eye = SphericalStereo(Equirectangular(FRAME), 0.5, 2.0)
    rays = eye.rays((200.0, 100.0), RAY)
    np.testing.assert_allclose(rays.origins, (0.5, 0.0, 0.0), atol=1e-12)
    np.testing.assert_allclose(rays.at(2.0), (0.0, 0.0, -2.0), atol=1e-12)
    parallel = SphericalStereo(Equirectangular(FRAME), 0.6).rays((200.0, 100.0), RAY)
    np.testing.assert_allclose(parallel.directions, (0.0, 0.0, -1.0), atol=1e-12)
    # Depth counts from between the eyes: 0.6, 0.8, 1.
    np.testing.assert_allclose(parallel.at(1.0), (0.6, 0.0, -0.8), atol=1e-12)


def test_spherical_stereo_merges_toward_the_poles() -> None:
    # Elevations of 45, 60 and 75 degrees; the offset fades from 45 to 75.
    eye = SphericalStereo(Equirectangular(FRAME), 0.5, math.inf, math.pi / 4, math.pi * 5 / 12)
    rows = [100 - 50.0, 100 - 200 / 3, 100 - 250 / 3 - 1e-6]
    origins = eye.rays([(200.0, row) for row in rows], RAY).origins
    np.testing.assert_allclose(origins[:, 0], (0.5, 0.5 * HALF, 0.0), atol=1e-6)


def test_spherical_stereo_planar_depth_counts_from_the_camera() -> None:
    lens = Perspective(Intrinsics(200.0, 180.0, 190.0, 90.0, 400, 200))
    eye = SphericalStereo(lens, 0.3, 2.5, up=(0.48, 0.6, -0.64))
    pixels = np.random.default_rng(27).uniform((0, 0), (400, 200), (50, 2))
    rays = eye.rays(pixels, PLANAR)
    points = rays.at(np.full(50, 7.0))
    np.testing.assert_allclose(points[:, 2], -7.0)
    np.testing.assert_allclose(eye.project(points), pixels, rtol=0.0, atol=1e-6)
    placed = Camera(eye, np.eye(4)).rays(pixels, PLANAR)
    np.testing.assert_allclose(placed.at(np.full(50, 7.0)), points)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Frame(0, 5), "image size is 0 x 5"),
        (lambda: Frame(5, 5, left=math.nan), "left is nan.*finite"),
        (lambda: Equirectangular(FRAME, 1.0, 1.0), "longitude runs from 1 to 1"),
        (lambda: Equirectangular(FRAME, latitude_min=math.inf), "latitude_min is inf"),
        (lambda: CentralCylindrical(FRAME, 0.0, 1.0, 2.0, 2.0), "height runs from 2 to 2"),
        (lambda: FisheyeEquidistant(FRAME, 0.0), "field of view is 0.0.*above zero"),
        (lambda: FisheyeEquisolid(FRAME, 36.0, -1.0, 3.0, 10.0), "sensor_height is -1.0"),
        (lambda: FisheyeEquisolid(FRAME, 36.0, 24.0, 3.0, math.nan), "focal length is nan"),
        (lambda: FisheyePolynomial(FRAME, 36.0, 24.0, 3.0), "K1 to K4 are all zero"),
        (lambda: FisheyePolynomial(FRAME, 36.0, 24.0, 3.0, k2=math.inf), "k2 is inf"),
        (lambda: SphericalStereo(Equirectangular(FRAME), math.nan), "offset is nan"),
        (lambda: SphericalStereo(Equirectangular(FRAME), 0.1, 0.0), "convergence distance is 0"),
    ],
)
def test_bad_lenses(make: Callable[[], object], message: str) -> None:
    with pytest.raises(CameraError, match=message):
        make()
