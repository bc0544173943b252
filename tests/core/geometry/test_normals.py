"""Normals of images whose true surface is known by formula."""

from __future__ import annotations

import math

import numpy as np
import pytest

from core.cameras.camera import Camera, Lens
from core.cameras.intrinsics import Intrinsics, Orthographic, Perspective
from core.cameras.panorama import CentralCylindrical, Equirectangular, Frame
from core.cameras.viewpoint import Viewpoint
from core.depth.image import DepthImage, DepthKind
from core.depth.thinning import thin
from core.geometry.backprojection import backproject
from core.geometry.normals import normals_of

WIDTH, HEIGHT = 80, 60
INTRINSICS = Intrinsics(72.0, 72.0, 38.0, 32.0, WIDTH, HEIGHT)
FRAME = Frame(WIDTH, HEIGHT)
PLANAR: list[Lens] = [Perspective(INTRINSICS), Orthographic(INTRINSICS)]
CENTRAL: list[Lens] = [PLANAR[0], Equirectangular(FRAME), CentralCylindrical(FRAME)]
MATRIX = np.diag([-1.0, 1.0, 1.0, 1.0])
MATRIX[:3, :3] = np.linalg.qr(np.random.default_rng(3).normal(size=(3, 3)))[0] @ MATRIX[:3, :3]
MATRIX[:3, 3] = (4.0, -7.0, 2.0)


def rays_of(camera: Camera) -> tuple[np.ndarray, np.ndarray]:
    columns, rows = np.meshgrid(np.arange(WIDTH) + 0.5, np.arange(HEIGHT) + 0.5)
    rays = camera.rays(np.stack([columns, rows], axis=-1), DepthKind.RAY)
    return rays.origins, rays.directions


def normals_and_points(
    camera: Camera, values: np.ndarray, stride: int = 1
) -> tuple[np.ndarray, np.ndarray]:
    """The normals of an image, and its points."""
    depth = thin(DepthImage.from_array(values, DepthKind.RAY), stride)
    cloud = backproject(depth, camera)
    normals = normals_of(cloud, Viewpoint.of(camera))
    assert normals.dtype == np.float32
    assert normals.shape == cloud.points.shape
    assert np.allclose(np.linalg.norm(normals, axis=1), 1.0, atol=1e-5)
    return normals, cloud.points


def degrees(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    cosine = np.sum(first * second, axis=-1)
    return np.degrees(np.arctan2(np.linalg.norm(np.cross(first, second), axis=-1), cosine))


def plane(camera: Camera, tilt: float, offset: float) -> tuple[np.ndarray, np.ndarray]:
    """Depth of a plane that is tilted by so many degrees, and its normal."""
    angle = math.radians(tilt)
    normal = camera.matrix[:3, :3] @ (math.sin(angle) * 0.6, math.sin(angle) * 0.8, math.cos(angle))
    origins, directions = rays_of(camera)
    with np.errstate(divide="ignore"):
        depth = (-offset - (origins - camera.matrix[:3, 3]) @ normal) / (directions @ normal)
    return np.where((depth > 0.0) & (depth < 100.0), depth, np.inf), normal


@pytest.mark.parametrize("tilt", [0.0, 45.0, 80.0, 88.0])
@pytest.mark.parametrize("lens", PLANAR, ids=lambda lens: type(lens).__name__)
def test_planes(lens: Lens, tilt: float) -> None:
    camera = Camera(lens, MATRIX)
    values, normal = plane(camera, tilt, 3.0)
    normals, _ = normals_and_points(camera, values)
    assert len(normals) > 1000
    inner = np.isfinite(values)
    assert inner.sum() == len(normals)
    assert np.mean(degrees(normals, normal) < 0.2) > 0.99


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("lens", CENTRAL, ids=lambda lens: type(lens).__name__)
def test_inside_a_ball(lens: Lens, stride: int) -> None:
    """Seen from its middle, so that every normal points back at the camera."""
    camera = Camera(lens, MATRIX)
    normals, points = normals_and_points(camera, np.full((HEIGHT, WIDTH), 5.0), stride)
    wrong = degrees(normals, (camera.matrix[:3, 3] - points) / 5.0)
    wrong = wrong.reshape(HEIGHT // stride, WIDTH // stride)
    assert wrong[1:-1, 1:-1].max() < 0.05
    assert wrong.max() < 3.1  # half a pixel, as there is nothing beyond the border


@pytest.mark.parametrize("lens", CENTRAL[1:], ids=lambda lens: type(lens).__name__)
def test_whole_turns_have_no_border_at_the_sides(lens: Lens) -> None:
    camera = Camera(lens, MATRIX)
    normals, points = normals_and_points(camera, np.full((HEIGHT, WIDTH), 5.0))
    wrong = degrees(normals, (camera.matrix[:3, 3] - points) / 5.0).reshape(HEIGHT, WIDTH)
    assert wrong[1:-1].max() < 0.05


def test_a_ball_before_a_wall() -> None:
    camera = Camera(Perspective(INTRINSICS), np.eye(4))
    _, directions = rays_of(camera)
    center, radius = np.array([0.3, 0.1, -6.0]), 2.0
    half = directions @ center
    root = half**2 - center @ center + radius**2
    ball = half - np.sqrt(np.maximum(root, 0.0))
    values = np.where(root > 0.0, ball, -9.0 / directions[..., 2])
    normals, points = normals_and_points(camera, values)
    on_ball = (root > 0.0).reshape(-1)
    true = np.where(on_ball[:, None], (points - center) / radius, (0.0, 0.0, 1.0))
    wrong = degrees(normals, true)
    assert wrong[~on_ball].max() < 0.1
    facing = np.sum(true * -directions.reshape(-1, 3), axis=1)
    assert wrong[on_ball & (facing > 0.5)].max() < 1.0
    assert np.median(wrong[on_ball]) < 0.2
    assert np.sum(normals * directions.reshape(-1, 3), axis=1).max() < 0.0


def test_normals_of_thin_things_point_at_the_camera() -> None:
    camera = Camera(Orthographic(INTRINSICS), np.eye(4))
    values = np.full((HEIGHT, WIDTH), np.inf)
    rows = np.arange(10, 50)
    values[10:50, 20] = 5.0 + rows / INTRINSICS.fx  # a rod that leans away by 45 degrees
    values[30, 60] = 5.0
    normals, points = normals_and_points(camera, values)
    lone = points[:, 0] > 0.2
    assert lone.sum() == 1
    assert np.allclose(normals[lone], (0.0, 0.0, 1.0))
    assert degrees(normals[~lone], np.array([0.0, -math.sqrt(0.5), math.sqrt(0.5)])).max() < 0.05


def test_points_at_the_viewpoint_have_none() -> None:
    """So far from the origin, such a depth is 0 in float32."""
    matrix = np.eye(4)
    matrix[:3, 3] = 1e6
    camera = Camera(Perspective(INTRINSICS), matrix)
    depth = DepthImage.from_array(np.full((HEIGHT, WIDTH), 1e-3), DepthKind.PLANAR)
    normals = normals_of(backproject(depth, camera), Viewpoint.of(camera))
    assert (normals == 0.0).all()
