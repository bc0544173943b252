"""The rays of a lens, remembered: one grid for every pose, and points as exact as without it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from core.cameras.camera import Camera, Lens
from core.cameras.fisheye import FisheyeEquidistant
from core.cameras.intrinsics import Intrinsics, Perspective
from core.cameras.panorama import CubeFace, Equirectangular, Frame
from core.cameras.stereo import SphericalStereo
from core.depth.image import DepthImage, DepthKind, Window
from core.geometry import ray_grid as module
from core.geometry.backprojection import backproject
from core.geometry.ray_grid import ray_grid
from core.support.caching import CACHES
from tests.core.geometry.locate_scenes import random_rotation

(CACHE,) = [each for each in CACHES if each.name == "Rays of the last lens"]
PLANAR, RAY = DepthKind.PLANAR, DepthKind.RAY
WIDTH, HEIGHT = 320, 160
IMAGE = Window(0, 0, WIDTH, HEIGHT)
FRAME = Frame(WIDTH, HEIGHT)
SPHERE = Equirectangular(FRAME)
PINHOLE = Perspective(Intrinsics(200.0, 180.0, 150.0, 90.0, WIDTH, HEIGHT))


@pytest.fixture(autouse=True)
def _empty_cache() -> Iterator[None]:
    CACHE.clear()
    yield
    CACHE.clear()


def depth_of(kind: DepthKind, seed: int = 0) -> DepthImage:
    values = np.random.default_rng(seed).uniform(0.5, 30.0, (HEIGHT, WIDTH))
    return DepthImage.from_array(values.astype(np.float32), kind)


def matrix_of(seed: int, axes: str = "turned") -> np.ndarray:
    rng, matrix = np.random.default_rng(seed), np.eye(4)
    turn = random_rotation(rng)
    matrix[:3, :3], matrix[:3, 3] = turn, rng.uniform(-9.0, 9.0, 3)
    if axes == "mirrored":
        matrix[:3, 0] *= -1.0
    elif axes == "sheared":  # as under a scaled parent
        scaled = np.diag((1.0, 2.0, 0.5)) @ turn
        matrix[:3, :3] = scaled / np.linalg.norm(scaled, axis=0)
    return matrix


def assert_close(points: np.ndarray, expected: np.ndarray, matrix: np.ndarray) -> None:
    """Within 1e-6 of the distance, and the rounding of float32 coordinates."""
    errors = np.linalg.norm(points - expected, axis=-1)
    distances = np.linalg.norm(expected - matrix[:3, 3], axis=-1)
    rounding = np.spacing(np.abs(expected).max(axis=-1).astype(np.float32))
    assert (errors <= 3e-7 * distances + rounding).all()


def test_a_moving_panorama_makes_one_grid(monkeypatch: pytest.MonkeyPatch) -> None:
    """Points of two poses, against the formula of the lens written out in float64."""
    made = []
    make = module._make
    monkeypatch.setattr(module, "_make", lambda *key: made.append(key) or make(*key))
    longitude, latitude = np.meshgrid(
        ((np.arange(WIDTH) + 0.5) / WIDTH - 0.5) * 2.0 * np.pi,
        (0.5 - (np.arange(HEIGHT) + 0.5) / HEIGHT) * np.pi,
    )
    level = np.cos(latitude)
    directions = np.stack(
        [level * np.sin(longitude), np.sin(latitude), -level * np.cos(longitude)], axis=-1
    ).reshape(-1, 3)
    for seed in (1, 2):
        depth, matrix = depth_of(RAY, seed), matrix_of(seed)
        in_camera = directions * depth.values.reshape(-1, 1).astype(np.float64)
        expected = in_camera @ matrix[:3, :3].T + matrix[:3, 3]
        assert_close(backproject(depth, Camera(SPHERE, matrix)).points, expected, matrix)
    assert made == [(SPHERE, RAY, IMAGE)]


@pytest.mark.parametrize("axes", ["turned", "mirrored", "sheared"])
@pytest.mark.parametrize(
    ("lens", "kind"),
    [
        (SPHERE, RAY),
        (FisheyeEquidistant(FRAME, fov=3.0), RAY),
        (CubeFace(FRAME), PLANAR),
        (SphericalStereo(SPHERE, 0.1, 3.0, 0.5, 1.0), RAY),
        (SphericalStereo(PINHOLE, 0.1, 3.0), PLANAR),
    ],
)
def test_every_matrix_gives_the_points_of_its_own_rays(
    lens: Lens, kind: DepthKind, axes: str
) -> None:
    depth, camera = depth_of(kind), Camera(lens, matrix_of(3, axes))
    cloud = backproject(depth, camera)
    distance = cloud.selection.take(depth.values)
    expected = camera.rays(cloud.selection.pixels() + 0.5, kind).at(distance)
    assert_close(cloud.points, expected, camera.matrix)
    away = cloud.points - camera.matrix[:3, 3]
    if kind is RAY:  # which Cycles measures in the world, whatever the axes
        np.testing.assert_allclose(np.linalg.norm(away, axis=1), distance, rtol=1e-5)
    else:
        in_camera = np.linalg.solve(camera.matrix[:3, :3], away.T)
        np.testing.assert_allclose(-in_camera[2], distance, rtol=1e-5)


def test_axes_rounded_to_float32_are_as_good_as_exact_ones() -> None:
    """Blender's matrices are: their axes are neither of length 1 nor at right angles exactly."""
    depth = depth_of(RAY)
    for seed in range(20):
        matrix = matrix_of(seed)
        matrix[:3, :3] = matrix[:3, :3].astype(np.float32)
        camera = Camera(SPHERE, matrix)
        cloud = backproject(depth, camera)
        rays = camera.rays(cloud.selection.pixels() + 0.5, RAY)
        assert_close(cloud.points, rays.at(cloud.selection.take(depth.values)), matrix)


def test_the_next_lens_takes_the_place_of_the_last() -> None:
    assert CACHE.nbytes == 0
    first = ray_grid(SPHERE, RAY, IMAGE)
    assert ray_grid(Equirectangular(FRAME), RAY, IMAGE) is first
    assert CACHE.nbytes == first.nbytes == (3 * 4 + 1) * WIDTH * HEIGHT
    others = ((CubeFace(FRAME), RAY, IMAGE), (CubeFace(FRAME), PLANAR, IMAGE),
              (CubeFace(FRAME), PLANAR, Window(1, 0, WIDTH, HEIGHT)))  # fmt: skip
    for key in others:
        held = ray_grid(*key)
        assert held is not first
        assert ray_grid(*key) is held
        assert CACHE.nbytes == held.nbytes
    assert ray_grid(SPHERE, RAY, IMAGE) is not first


def test_origins_count_where_rays_start_beside_the_camera() -> None:
    stereo = ray_grid(SphericalStereo(SPHERE, 0.1), RAY, IMAGE)
    assert stereo.origins is not None
    assert CACHE.nbytes == (2 * 3 * 4 + 1) * WIDTH * HEIGHT + 3 * 8
    CACHE.clear()
    assert CACHE.nbytes == 0
    assert ray_grid(SphericalStereo(SPHERE, 0.1), RAY, IMAGE) is not stereo
