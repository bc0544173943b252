"""Errors of depth against what rounding and sampling elsewhere in the pixel really do."""

from __future__ import annotations

import numpy as np
import pytest

from core.cameras.camera import Camera
from core.cameras.intrinsics import Intrinsics, Orthographic, Perspective
from core.depth.image import DepthImage, DepthKind, Window
from core.depth.precision import depth_error, share_coarser_than_pixels, spacing

PLANAR = DepthKind.PLANAR
WIDTH, HEIGHT = 60, 50


def plane(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Depth of a steep plane, seen orthographically."""
    return 20.0 + 0.3 * x - 0.2 * y


X, Y = np.meshgrid(np.arange(WIDTH) + 0.5, np.arange(HEIGHT) + 0.5)


def test_bounds_what_the_pixel_may_hold():
    """Samples anywhere in the pixel, rounded as a file rounds, are off by up to the error."""
    for pixel_type, dtype in (("float", np.float32), ("half", np.float16)):
        depth = DepthImage.from_array(plane(X, Y).astype(dtype), PLANAR)
        assert depth.pixel_type == pixel_type
        error = depth_error(depth)
        assert error.dtype == np.float32
        worst = np.zeros((HEIGHT, WIDTH))
        rng = np.random.default_rng(0)
        for _ in range(300):
            x, y = rng.uniform(-0.5, 0.5, (2, HEIGHT, WIDTH))
            sampled = plane(X + x, Y + y).astype(dtype).astype(np.float64)
            worst = np.maximum(worst, np.abs(sampled - plane(X, Y)))
        rounding = 2.0 * np.spacing(plane(X, Y).astype(dtype)).astype(np.float64)
        assert (worst <= error + rounding).all()
        assert (worst >= 0.8 * error - rounding).all()


@pytest.mark.parametrize("value", [0.7, 3.0, 9.99, 1000.0, 65000.0])
def test_facing_wall_has_half_a_spacing(value):
    """As by trying which floats round to the same number."""
    for dtype in (np.float16, np.float32):
        depth = DepthImage.from_array(np.full((3, 4), value, dtype), PLANAR)
        stored = dtype(value)
        gap = np.float64(np.nextafter(stored, dtype(0.0))) - np.float64(stored)
        np.testing.assert_allclose(depth_error(depth), abs(gap) / 2.0, rtol=1e-6)


def test_integers():
    depth = DepthImage.from_array(np.full((3, 4), 7, np.uint32), PLANAR)
    np.testing.assert_array_equal(depth_error(depth), 0.5)
    assert spacing(np.array([2.0**26]), "uint") == 8.0


def test_edges_are_no_slopes():
    values = np.full((5, 9), 2.0, np.float32)
    values[:, 4:] = 50.0
    values[:, 8] = np.inf
    error = depth_error(DepthImage.from_array(values, PLANAR))
    assert error[:, :8].max() < 1e-5
    alone = np.full((1, 1), 2.0, np.float32)
    assert depth_error(DepthImage.from_array(alone, PLANAR)) < 1e-6


def test_blocks(monkeypatch):
    rng = np.random.default_rng(1)
    depth = DepthImage.from_array(rng.uniform(1, 9, (HEIGHT, WIDTH)).astype(np.float32), PLANAR)
    whole = depth_error(depth)
    monkeypatch.setattr("core.depth.precision._BLOCK_PIXELS", 3 * WIDTH)
    np.testing.assert_array_equal(depth_error(depth), whole)


def test_half_limits_what_many_pixels_see():
    """Half has a spacing of 1/128 from 8 to 16; a pixel here is depth / focal length wide."""
    for focal, expected in ((500.0, 0.0), (2000.0, 1.0)):
        lens = Perspective(Intrinsics(focal, focal, WIDTH / 2, HEIGHT / 2, WIDTH, HEIGHT))
        camera = Camera(lens, np.eye(4))
        for dtype, share in ((np.float16, expected), (np.float32, 0.0)):
            depth = DepthImage.from_array(np.full((HEIGHT, WIDTH), 10, dtype), PLANAR)
            assert share_coarser_than_pixels(depth, camera) == share


def test_share_of_the_pixels():
    """Half a picture beyond 1024, where half counts in ones; each pixel is 0.75 wide."""
    lens = Orthographic(Intrinsics(1 / 0.75, 1 / 0.75, 10.0, 10.0, 100, 80))
    values = np.full((40, 50), 1000.0, np.float16)
    values[:20] = 1100.0
    values[:10] = np.inf
    depth = DepthImage.from_array(values, PLANAR, window=Window(20, 10, 50, 40), size=(100, 80))
    camera = Camera(lens, np.eye(4))
    assert share_coarser_than_pixels(depth, camera) == pytest.approx(1 / 3)
    nothing = DepthImage.from_array(np.full((80, 100), np.inf, np.float16), PLANAR)
    assert share_coarser_than_pixels(nothing, camera) == 0.0
