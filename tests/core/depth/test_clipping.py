"""Clip ranges against the pinhole formula, written out in float64."""

from __future__ import annotations

import numpy as np
import pytest

from core.cameras.camera import Camera
from core.cameras.intrinsics import Intrinsics, Orthographic, Perspective
from core.cameras.panorama import Equirectangular, Frame
from core.depth.clipping import ClipRange, within_clip
from core.depth.image import DepthImage, DepthKind, Window
from core.errors import DepthError

PLANAR, RAY = DepthKind.PLANAR, DepthKind.RAY
WIDTH, HEIGHT = 90, 70
WHOLE = Window(0, 0, WIDTH, HEIGHT)
OVERSCAN = Window(-7, 4, WIDTH, HEIGHT)
INTRINSICS = Intrinsics(50.0, 45.0, 40.0, 37.0, WIDTH, HEIGHT)


def camera_of(lens: object) -> Camera:
    """A camera with any pose, on which the range does not depend."""
    matrix = np.eye(4)
    matrix[:3, 3] = (5.0, -6.0, 7.0)
    return Camera(lens, matrix)


PINHOLE = camera_of(Perspective(INTRINSICS))


def ray_per_planar(window: Window) -> np.ndarray:
    """Length of (X, Y, 1) through each pixel's center, for a pinhole."""
    x = np.arange(window.width) + window.x + 0.5
    y = (np.arange(window.height) + window.y + 0.5)[:, None]
    return np.sqrt(1.0 + ((x - 40.0) / 50.0) ** 2 + ((y - 37.0) / 45.0) ** 2)


def random_depth(kind: DepthKind, window: Window = WHOLE) -> DepthImage:
    values = np.random.default_rng(0).uniform(0.5, 30.0, (HEIGHT, WIDTH)).astype(np.float32)
    values[5:9, 20:40] = 1e10
    return DepthImage.from_array(values, kind, window=window, size=(WIDTH, HEIGHT))


@pytest.mark.parametrize("window", [WHOLE, OVERSCAN])
@pytest.mark.parametrize("kinds", [(RAY, PLANAR), (PLANAR, RAY)])
def test_a_range_of_another_kind_than_the_depth(
    kinds: tuple[DepthKind, DepthKind], window: Window
) -> None:
    depth = random_depth(kinds[0], window)
    factors = ray_per_planar(window)
    measured = depth.values / factors if kinds[1] is PLANAR else depth.values * factors
    inside = (measured >= 4.0) & (measured < 18.0)
    left = within_clip(depth, ClipRange(4.0, 18.0, kinds[1], False), PINHOLE)
    in_doubt = np.minimum(np.abs(measured - 4.0), np.abs(measured - 18.0)) < 1e-5
    assert in_doubt.sum() < 5
    np.testing.assert_array_equal(left.valid[~in_doubt], (inside & depth.valid)[~in_doubt])
    own_kind = (depth.values >= 4.0) & (depth.values < 18.0) & depth.valid
    assert np.count_nonzero(left.valid != own_kind) > 500
    assert left.values is depth.values
    assert (left.kind, left.window) == (depth.kind, depth.window)


@pytest.mark.parametrize("kind", DepthKind)
@pytest.mark.parametrize("camera", [None, PINHOLE])
def test_a_range_of_the_same_kind(camera: Camera | None, kind: DepthKind) -> None:
    depth = random_depth(kind)
    left = within_clip(depth, ClipRange(4.0, 18.0, kind, False), camera)
    expected = (depth.values >= 4.0) & (depth.values < 18.0)
    np.testing.assert_array_equal(left.valid, expected)


def test_without_a_camera_depth_counts_as_of_the_ranges_kind() -> None:
    depth = random_depth(RAY)
    left = within_clip(depth, ClipRange(4.0, 18.0, PLANAR, False), None)
    np.testing.assert_array_equal(left.valid, (depth.values >= 4.0) & (depth.values < 18.0))


def test_parallel_rays_have_one_depth() -> None:
    depth = random_depth(RAY)
    camera = camera_of(Orthographic(INTRINSICS))
    left = within_clip(depth, ClipRange(4.0, 18.0, PLANAR, False), camera)
    np.testing.assert_array_equal(left.valid, (depth.values >= 4.0) & (depth.values < 18.0))


def test_planar_depth_behind_a_panorama_is_in_no_range() -> None:
    """Half of its rays do not go forward, so that no planar depth lies on them."""
    depth = DepthImage.from_array(np.full((HEIGHT, WIDTH), 3.0, np.float32), PLANAR)
    camera = camera_of(Equirectangular(Frame(WIDTH, HEIGHT)))
    left = within_clip(depth, ClipRange(1e-3, 1e9, RAY, False), camera)
    longitude = ((np.arange(WIDTH) + 0.5) / WIDTH - 0.5) * 360.0
    np.testing.assert_array_equal(left.valid, np.tile(np.abs(longitude) < 90.0, (HEIGHT, 1)))


def test_the_far_plane_is_left_out_where_an_engine_leaves_it() -> None:
    """As EEVEE in Blender 4.3 rounds it: just inside the range, in all pixels that saw nothing."""
    values = random_depth(PLANAR).values.copy()
    background = values == 1e10
    values[background] = 99.99771
    depth = DepthImage.from_array(values, PLANAR)
    for leaves_far_plane in (False, True):
        left = within_clip(depth, ClipRange(0.1, 100.0, PLANAR, leaves_far_plane), PINHOLE)
        np.testing.assert_array_equal(left.valid, ~background | (not leaves_far_plane))


def test_a_range_without_extent() -> None:
    with pytest.raises(DepthError, match=r"starts at 5\.0 and ends at 5\.0"):
        within_clip(random_depth(PLANAR), ClipRange(5.0, 5.0, PLANAR, False), None)
