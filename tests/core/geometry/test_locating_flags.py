"""The flags, depth, and precision of single picks, on depth images of a few pixels."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.cameras import fisheye, panorama
from core.cameras.camera import Camera
from core.cameras.intrinsics import Intrinsics, Orthographic, Perspective
from core.depth.image import DepthImage, DepthKind
from core.errors import DepthError, SizeError
from core.geometry.locating import Flag, locate

PLANAR, RAY = DepthKind.PLANAR, DepthKind.RAY
WIDTH, HEIGHT = 160, 120
FRAME = panorama.Frame(WIDTH, HEIGHT)
STEP = np.full((8, 8), 2.0, np.float32)
STEP[:, 4:] = 5.0
SMALL = Camera(Perspective(Intrinsics(100.0, 100.0, 4.0, 4.0, 8, 8)), np.eye(4))


def depths_at(values: np.ndarray, *pixels: tuple[float, float]) -> tuple[list[float], list[int]]:
    located = locate(DepthImage.from_array(values, PLANAR), SMALL, pixels)
    return located.depth.tolist(), located.flags.tolist()


def test_on_a_step_a_pick_has_the_depth_of_its_pixel() -> None:
    depth, flags = depths_at(STEP, (3.9, 3.2), (4.1, 3.2), (3.5, 3.2), (4.5, 3.2), (3.4, 3.2))
    assert depth == pytest.approx([2.0, 5.0, 2.0, 5.0, 2.0])
    assert flags == [Flag.EDGE, Flag.EDGE, Flag.EDGE, Flag.NONE, Flag.NONE]


@pytest.mark.parametrize("width", [1, 2])
def test_a_thin_rod_keeps_its_depth(width: int) -> None:
    values = np.full((8, 8), 5.0, np.float32)
    values[:, 3 : 3 + width] = 2.0
    depth, flags = depths_at(values, (3.01, 4.0), (2.8 + width, 4.0), (2.99, 4.0))
    assert depth == [2.0, 2.0, 5.0]
    assert flags == [Flag.EDGE] * 3


def test_beside_nothing_a_pick_has_the_depth_of_its_pixel() -> None:
    values = STEP.copy()
    values[:, 4:] = 1e10
    depth, flags = depths_at(values, (3.9, 3.2), (4.1, 3.2), (3.4, 3.2))
    assert depth == pytest.approx([2.0, np.nan, 2.0], nan_ok=True)
    assert flags == [Flag.EDGE, Flag.NO_HIT, Flag.NONE]


def test_a_corner_of_another_surface_makes_an_edge() -> None:
    values = np.full((8, 8), 2.0, np.float32)
    values[4:, 4:] = 2.5
    assert depths_at(values, (3.6, 3.6), (4.4, 4.4)) == ([2.0, 2.5], [Flag.EDGE] * 2)


def test_a_step_of_less_than_half_a_pixel_is_within_the_uncertainty() -> None:
    values = np.where(STEP == 2.0, np.float32(2.0), np.float32(2.009))  # of a pixel's 0.02
    located = locate(DepthImage.from_array(values, PLANAR), SMALL, [(4.0, 4.0)])
    assert located.flags == [Flag.NONE]
    assert 2.0 < located.depth[0] < 2.009
    assert located.uncertainty[0] > 0.009


def test_flags_outside() -> None:
    outside = [(-1e-9, 4.0), (4.0, 8.0 + 1e-9), (np.nan, 4.0), (np.inf, 4.0), (4.0, -1e300)]
    border = [(0.0, 0.0), (8.0, 8.0), (8.0, 4.0)]
    depth, flags = depths_at(STEP, *outside, *border)
    assert np.isnan(depth[:5]).all()
    assert depth[5:] == [2.0, 5.0, 5.0]
    assert flags == [Flag.OUTSIDE] * 5 + [Flag.EDGE] * 3


@pytest.mark.parametrize("shape", [(1, 1), (1, 8), (8, 1), (2, 2), (3, 5)])
def test_images_too_small_to_find_surfaces(shape: tuple[int, int]) -> None:
    height, width = shape
    camera = Camera(Perspective(Intrinsics(9.0, 9.0, 0.5, 0.5, width, height)), np.eye(4))
    image = DepthImage.from_array(np.full(shape, 3.0, np.float32), PLANAR)
    located = locate(image, camera, [(0.6, 0.6), (width - 0.1, height - 0.1)])
    assert located.depth.tolist() == [3.0, 3.0]
    assert located.flags.tolist() == [Flag.EDGE, Flag.EDGE]


def test_outside_the_lens_circle_nothing_is_hit() -> None:
    camera = Camera(fisheye.FisheyeEquidistant(FRAME, 3.0), np.eye(4))
    image = DepthImage.from_array(np.full((HEIGHT, WIDTH), 4.0, np.float32), RAY)
    located = locate(image, camera, [(1.0, 1.0), (80.0, 60.0)])
    assert located.flags.tolist() == [Flag.NO_HIT, Flag.NONE]
    assert np.isnan(located.points[0]).all()
    assert np.isfinite(located.uncertainty[1])


def test_footprint_is_the_size_of_a_pixel() -> None:
    located = locate(DepthImage.from_array(STEP, PLANAR), SMALL, [(4.5, 4.0), (2.5, 4.0)])
    np.testing.assert_allclose(located.footprint, [0.05, 0.02], rtol=1e-3)
    image = DepthImage.from_array(np.full((HEIGHT, WIDTH), 4.0, np.float32), RAY)
    sphere = locate(
        image, Camera(panorama.Equirectangular(FRAME), np.eye(4)), [(80.0, 60.0), (80.0, 10.0)]
    )
    # Longitudes are 2 pi / 160 apart at the equator, latitudes pi / 120 everywhere.
    np.testing.assert_allclose(
        sphere.footprint, np.array([np.pi / 80, np.pi / 120]) * 4.0, rtol=1e-6
    )
    lens = Orthographic(Intrinsics(12.0, 13.0, 83.0, 57.0, WIDTH, HEIGHT))
    flat = DepthImage.from_array(image.values, PLANAR)
    located = locate(flat, Camera(lens, np.eye(4)), [(80.0, 60.0)])
    np.testing.assert_allclose(located.footprint, 1.0 / 12.0)


@pytest.mark.parametrize(
    ("pixel_type", "distance", "half_spacing"),
    [
        ("half", 10.0, 2.0**-8),
        ("half", 1000.0, 0.25),
        ("half", 65000.0, 16.0),
        ("float", 10.0, 2.0**-21),
        ("float", 1e9, 32.0),
        ("uint", 10.0, 0.5),
        ("uint", 2.0**26, 4.0),
    ],
)
def test_precision_is_half_the_stored_spacing(
    pixel_type: str, distance: float, half_spacing: float
) -> None:
    values = np.full((8, 8), distance, np.float32)
    image = DepthImage.from_array(values, PLANAR, pixel_type=pixel_type)
    located = locate(image, SMALL, [(4.0, 4.0), (7.0, 4.0)])
    # The second ray leans by 3 / 100.
    np.testing.assert_allclose(
        located.precision, np.array([1.0, np.hypot(1.0, 0.03)]) * half_spacing, rtol=1e-6
    )
    np.testing.assert_allclose(
        located.uncertainty, np.hypot(located.footprint / 2.0, located.precision)
    )


def test_no_picks() -> None:
    for none in (np.empty((0, 2)), []):
        located = locate(DepthImage.from_array(STEP, PLANAR), SMALL, none)
        assert located.points.shape == (0, 3)
        assert located.flags.dtype == np.uint8


def test_nothing_seen_at_all() -> None:
    image = DepthImage.from_array(np.full((8, 8), 1e10, np.float32), PLANAR)
    assert locate(image, SMALL, [(4.0, 4.0)]).flags.tolist() == [Flag.NO_HIT]


def test_wrong_sizes() -> None:
    image = DepthImage.from_array(STEP, PLANAR)
    with pytest.raises(SizeError, match="8 x 8 pixels and the camera's image 16 x 8"):
        locate(image, SMALL.resized(16, 8), [(4.0, 4.0)])
    with pytest.raises(SizeError, match=r"shape \(2,\), expected \(N, 2\)"):
        locate(image, SMALL, (4.0, 4.0))
    with pytest.raises(DepthError, match=r"shape \(1, 3\)"):
        locate(image, SMALL, [(4.0, 4.0, 1.0)])


def test_values_that_mean_nothing_are_never_read() -> None:
    values = STEP.copy()
    values[2, 2] = np.nan
    image = DepthImage.from_array(values, PLANAR)
    image = replace(image, valid=image.valid & (np.arange(8) != 1))
    pixels = np.stack(np.meshgrid(np.arange(0.1, 8.0, 0.2), np.arange(0.1, 8.0, 0.2)), -1)
    located = locate(image, SMALL, pixels.reshape(-1, 2))
    found = located.flags <= Flag.EDGE
    assert set(np.round(located.depth[found], 6)) == {2.0, 5.0}
