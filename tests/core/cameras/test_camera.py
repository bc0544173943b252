"""Perspective and orthographic lenses, and cameras of any lens in the world."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from core.cameras.camera import Camera, Rays, from_opencv_extrinsics
from core.cameras.intrinsics import Intrinsics, Orthographic, Perspective
from core.depth.image import DepthKind
from core.errors import CameraError

PLANAR, RAY = DepthKind.PLANAR, DepthKind.RAY


def rotation(seed: int) -> np.ndarray:
    q, r = np.linalg.qr(np.random.default_rng(seed).normal(size=(3, 3)))
    q = q * np.sign(np.diag(r))
    return q * np.sign(np.linalg.det(q))


def pose(seed: int) -> np.ndarray:
    matrix = np.eye(4)
    matrix[:3, :3] = rotation(seed)
    matrix[:3, 3] = np.random.default_rng(seed).uniform(-20.0, 20.0, 3)
    return matrix


def random_intrinsics(rng: np.random.Generator) -> Intrinsics:
    return Intrinsics(
        *rng.uniform(20.0, 4000.0, 2), *rng.uniform(-500.0, 2500.0, 2), *rng.integers(1, 4000, 2)
    )


# Blender's default camera: 50 mm on a 36 mm sensor at 1920 x 1080, so 1920 * 50 / 36 pixels.
FULL_HD = Intrinsics(2666.6666666666665, 2666.6666666666665, 960.0, 540.0, 1920, 1080)


def test_perspective_center_looks_forward() -> None:
    rays = Perspective(FULL_HD).rays((960.0, 540.0), PLANAR)
    assert rays.directions.tolist() == [0.0, 0.0, -1.0]
    assert rays.origins.tolist() == [0.0, 0.0, 0.0]


@pytest.mark.parametrize(
    ("pixel", "x", "y"),
    [((0.0, 540.0), -0.36, 0.0), ((1920.0, 540.0), 0.36, 0.0), ((960.0, 0.0), 0.0, 0.2025)],
)
def test_perspective_edges_are_half_the_sensor(
    pixel: tuple[float, float], x: float, y: float
) -> None:
    # 18 mm of sensor, or 10.125 mm, at a focal length of 50 mm.
    directions = Perspective(FULL_HD).rays(pixel, PLANAR).directions
    np.testing.assert_allclose(directions, (x, y, -1.0), atol=1e-15)


def test_perspective_ray_of_length_one() -> None:
    # 3-4-5: half a sensor of 36 mm over a lens of 24 mm is 3/4.
    lens = Perspective(Intrinsics(1280.0, 1280.0, 960.0, 540.0, 1920, 1080))
    np.testing.assert_allclose(lens.rays((1920.0, 540.0), RAY).directions, (0.6, 0.0, -0.8))


def test_orthographic_rays_are_parallel() -> None:
    # 10 units across 200 pixels.
    lens = Orthographic(Intrinsics(20.0, 20.0, 100.0, 50.0, 200, 100))
    for kind in (PLANAR, RAY):
        rays = lens.rays([(0.0, 0.0), (200.0, 100.0)], kind)
        np.testing.assert_allclose(rays.origins, [(-5.0, 2.5, 0.0), (5.0, -2.5, 0.0)])
        np.testing.assert_array_equal(rays.directions, [(0.0, 0.0, -1.0)] * 2)
        assert lens.is_affine(kind)


def test_perspective_is_affine_for_planar_depth_only() -> None:
    lens = Perspective(FULL_HD)
    assert lens.is_affine(PLANAR)
    assert not lens.is_affine(RAY)


@pytest.mark.parametrize("make", [Perspective, Orthographic])
@pytest.mark.parametrize("kind", [PLANAR, RAY])
def test_project_inverts_rays(make: type[Perspective | Orthographic], kind: DepthKind) -> None:
    rng = np.random.default_rng(11)
    for seed in range(20):
        camera = Camera(make(random_intrinsics(rng)), pose(seed))
        pixels = rng.uniform(-1000.0, 5000.0, (7, 5, 2))
        rays = camera.rays(pixels, kind)
        assert rays.directions.dtype == rays.origins.dtype == np.float64
        seen = camera.project(rays.at(rng.uniform(0.1, 1000.0, (7, 5))))
        np.testing.assert_allclose(seen, pixels, rtol=0.0, atol=1e-6)


def test_planar_depth_is_along_the_camera_axis_and_ray_depth_euclidean() -> None:
    matrix = pose(3)
    camera = Camera(Perspective(FULL_HD), matrix)
    pixels = np.random.default_rng(4).uniform(0.0, 1000.0, (50, 2))
    planar = camera.rays(pixels, PLANAR).at(np.full(50, 7.5)) - matrix[:3, 3]
    np.testing.assert_allclose(planar @ -matrix[:3, 2], 7.5)
    ray = camera.rays(pixels, RAY).at(np.full(50, 7.5)) - matrix[:3, 3]
    np.testing.assert_allclose(np.linalg.norm(ray, axis=-1), 7.5)


def test_perspective_sees_nothing_behind_itself_but_orthographic_does() -> None:
    behind = np.array([[0.1, 0.2, 1.0], [0.1, 0.2, 0.0]])
    assert np.isnan(Perspective(FULL_HD).project(behind)).all()
    assert np.isfinite(Orthographic(FULL_HD).project(behind)).all()


def test_any_leading_shape() -> None:
    camera = Camera(Perspective(FULL_HD), np.eye(4))
    for shape in [(), (0,), (3,), (2, 3, 4)]:
        rays = camera.rays(np.zeros((*shape, 2)), RAY)
        assert rays.origins.shape == rays.directions.shape == (*shape, 3)
        assert camera.project(np.ones((*shape, 3))).shape == (*shape, 2)


def test_resizing_keeps_the_view() -> None:
    pixels = np.random.default_rng(5).uniform(0.0, 1000.0, (30, 2))
    small = Camera(Perspective(FULL_HD), pose(1))
    large = small.resized(3840, 540)
    assert (large.lens.width, large.lens.height) == (3840, 540)
    np.testing.assert_allclose(
        large.rays(pixels * (2.0, 0.5), PLANAR).directions, small.rays(pixels, PLANAR).directions
    )


def test_cropping_keeps_the_view() -> None:
    pixels = np.random.default_rng(6).uniform(0.0, 100.0, (30, 2))
    whole = Camera(Orthographic(FULL_HD), pose(2))
    window = whole.cropped(300, 40, 100, 120)
    assert (window.lens.width, window.lens.height) == (100, 120)
    np.testing.assert_allclose(
        window.rays(pixels, PLANAR).origins,
        whole.rays(pixels + np.array([300, 40]), PLANAR).origins,
    )


def test_agrees_with_opencv_projection() -> None:
    # OpenCV: s (u, v, 1) = K [R | t] (X, Y, Z, 1), (0, 0) being the first pixel's center.
    rng = np.random.default_rng(7)
    k = np.array([[800.0, 0.0, 319.5], [0.0, 820.0, 242.0], [0.0, 0.0, 1.0]])
    extrinsics = np.hstack([rotation(8), [[0.3], [-0.2], [6.0]]])
    points = rng.uniform(-1.0, 1.0, (100, 3))
    s_uv = (k @ extrinsics @ np.vstack([points.T, np.ones(100)])).T
    assert (s_uv[:, 2] > 0.0).all()
    camera = Camera(
        Perspective(Intrinsics.from_opencv(k, 640, 480)), from_opencv_extrinsics(extrinsics)
    )
    expected = s_uv[:, :2] / s_uv[:, 2:] + 0.5
    np.testing.assert_allclose(camera.project(points), expected, rtol=0.0, atol=1e-9)


def test_opencv_identity_looks_along_world_z() -> None:
    camera_to_world = from_opencv_extrinsics(np.eye(4))
    np.testing.assert_array_equal(camera_to_world, np.diag([1.0, -1.0, -1.0, 1.0]))


def test_k_maps_camera_space_as_documented() -> None:
    x, y, z = 0.4, -0.3, -2.0
    s_uv = FULL_HD.matrix @ (x, -y, -z)
    np.testing.assert_allclose(Perspective(FULL_HD).project((x, y, z)), s_uv[:2] / s_uv[2])


def test_lenses_are_keys() -> None:
    numpy_numbers = Intrinsics(*np.array([100.0, 100.0, 32.0, 24.0]), *np.array([64, 48]))
    plain_numbers = Intrinsics(100.0, 100.0, 32.0, 24.0, 64, 48)
    assert {Perspective(numpy_numbers): 1}[Perspective(plain_numbers)] == 1
    assert Perspective(plain_numbers) != Orthographic(plain_numbers)
    assert type(numpy_numbers.width) is int
    assert type(numpy_numbers.fx) is float


def test_camera_copies_its_matrix() -> None:
    given = np.eye(4, dtype=np.float32)
    camera = Camera(Perspective(FULL_HD), given)
    given[0, 3] = 5.0
    assert camera.matrix[0, 3] == 0.0
    assert camera.matrix.dtype == np.float64
    with pytest.raises(ValueError, match="read-only"):
        camera.matrix[0, 3] = 1.0


def test_camera_takes_nested_lists_and_numpy_matrices() -> None:
    lens, matrix = Perspective(FULL_HD), pose(9)
    with pytest.warns(PendingDeprecationWarning):
        old_style = np.matrix(matrix)
    for given in (matrix.tolist(), old_style):
        rays = Camera(lens, given).rays(np.ones((4, 2)), PLANAR)
        assert type(rays.origins) is np.ndarray
        assert rays.origins.shape == (4, 3)


def test_mirrored_and_sheared_axes() -> None:
    sheared = np.eye(4)
    sheared[:3, 1] = (0.6, 0.8, 0.0)
    for matrix in (np.diag([-1.0, 1.0, 1.0, 1.0]), sheared):
        camera = Camera(Perspective(FULL_HD), matrix)
        rays = camera.rays((100.0, 200.0), RAY)
        np.testing.assert_allclose(np.linalg.norm(rays.directions), 1.0)
        np.testing.assert_allclose(camera.project(rays.at(3.0)), (100.0, 200.0))


def test_rays_measured_from_a_center() -> None:
    # From (3, 0, 0) straight up, the sphere of radius 5 around the origin is 4 away.
    rays = Rays(np.array([3.0, 0.0, 0.0]), np.array([0.0, 0.0, 1.0]), np.zeros(3))
    np.testing.assert_allclose(rays.at(5.0), (3.0, 0.0, 4.0))
    assert np.isnan(rays.at(2.0)).all()


@pytest.mark.parametrize("bad", [0.0, -50.0, np.nan, np.inf, "long", None])
@pytest.mark.parametrize("name", ["fx", "fy"])
def test_bad_focal_length(name: str, bad: object) -> None:
    numbers: dict[str, object] = {"fx": 1.0, "fy": 1.0, name: bad}
    with pytest.raises(CameraError, match=f"focal length {name} is .*above zero.*in pixels"):
        Intrinsics(**numbers, cx=0.0, cy=0.0, width=4, height=4)  # type: ignore[arg-type]


@pytest.mark.parametrize("bad", [np.nan, np.inf, "middle"])
def test_bad_principal_point(bad: object) -> None:
    with pytest.raises(CameraError, match=r"principal point's cy is .*finite"):
        Intrinsics(1.0, 1.0, 0.0, bad, 4, 4)  # type: ignore[arg-type]


@pytest.mark.parametrize("size", [(0, 4), (4, -1), (64.5, 48), (64.0, 48), (None, 4), (4, 10**400)])
def test_bad_size(size: tuple[int, int]) -> None:
    with pytest.raises(CameraError, match=r"image size is .* whole numbers of pixels"):
        Intrinsics(1.0, 1.0, 0.0, 0.0, *size)
    with pytest.raises(CameraError, match=r"image size is .* whole numbers of pixels"):
        FULL_HD.resized(*size)


def test_a_focal_length_of_almost_nothing() -> None:
    with pytest.raises(CameraError, match=r"fy is 1e-300 .* no direction can be computed from"):
        Intrinsics(1.0, 1e-300, 0.0, 0.0, 4, 4)
    with pytest.raises(CameraError, match="fx is 1"):
        Intrinsics(10**400, 1.0, 0.0, 0.0, 4, 4)


SCALED = np.diag([2.0, 2.0, 2.0, 1.0])
FLAT = np.array([[1.0, 1, 0, 0], [0, 0, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]])
WITH_NAN = np.diag([1.0, np.nan, 1.0, 1.0])


@pytest.mark.parametrize(
    ("matrix", "message"),
    [
        (np.eye(3), r"shape \(3, 3\), expected \(4, 4\)"),
        (SCALED, "scales its axes by 2, 2, 2.*remove the scale"),
        (FLAT, "lie in one plane"),
        (WITH_NAN, "NaN or infinity"),
        (pose(1).T, "last row .*transpose"),
        ([["a"] * 4] * 4, "not made of numbers"),
        ([[10**400] * 4] * 4, "not made of numbers"),
    ],
)
def test_bad_camera_matrix(matrix: object, message: str) -> None:
    with pytest.raises(CameraError, match=message):
        Camera(Perspective(FULL_HD), matrix)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "matrix", [SCALED, np.diag([1.0, 1.0, -1.0, 1.0]), np.diag([1e300, 1.0, 1.0, 1.0])]
)
def test_extrinsics_without_rotation(matrix: np.ndarray) -> None:
    with pytest.raises(CameraError, match=r"are not a rotation.*cv2\.Rodrigues"):
        from_opencv_extrinsics(matrix)


@pytest.mark.parametrize(
    "k", [np.eye(4), [[1, 0.5, 0], [0, 1, 0], [0, 0, 1]], [[1, 0, 0], [0, 1, 0], [5, 5, 1]]]
)
def test_bad_opencv_matrix(k: object) -> None:
    with pytest.raises(CameraError, match="not of the form"):
        Intrinsics.from_opencv(k, 4, 4)  # type: ignore[arg-type]


def test_coordinates_of_the_wrong_size() -> None:
    camera = Camera(Perspective(FULL_HD), np.eye(4))
    with pytest.raises(CameraError, match=r"shape \(5, 3\), expected \(\.\.\., 2\)"):
        camera.rays(np.zeros((5, 3)), PLANAR)
    with pytest.raises(CameraError, match=r"shape \(2,\), expected \(\.\.\., 3\)"):
        camera.project(np.zeros(2))


@pytest.mark.parametrize("focal_length", [50.0, 85.0])
def test_a_focal_length_in_millimeters_gives_a_warning(focal_length: float) -> None:
    with pytest.warns(UserWarning, match=r"fx = .* in pixels \(millimeters \* image width"):
        Perspective(Intrinsics(focal_length, focal_length, 0.0, 0.0, 1920, 1080))


def test_a_wide_lens_is_not_taken_for_one_in_millimeters() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        Perspective(Intrinsics(1920 * 8 / 36, 1920 * 8 / 36, 960.0, 540.0, 1920, 1080))
