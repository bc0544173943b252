"""Which pixels filters by regions, masks, indices, and boxes leave."""

from __future__ import annotations

import numpy as np
import pytest

from core.cameras.camera import Camera
from core.cameras.intrinsics import Intrinsics, Perspective
from core.depth.filters import where_equal, within_bounds, within_mask, within_window
from core.depth.image import DepthImage, DepthKind, Window
from core.errors import DepthError, SizeError
from core.geometry.backprojection import backproject
from tests.core.geometry.locate_scenes import posed, random_rotation

PLANAR = DepthKind.PLANAR
WIDTH, HEIGHT = 40, 30
COLUMN, ROW = np.meshgrid(np.arange(WIDTH), np.arange(HEIGHT))


@pytest.fixture
def depth():
    values = np.random.default_rng(0).uniform(2.0, 9.0, (HEIGHT, WIDTH)).astype(np.float32)
    values[3:7, 10:20] = 1e10
    return DepthImage.from_array(values, PLANAR)


def windowed(depth: DepthImage, window: Window) -> DepthImage:
    """The depth of a data window, which may reach beyond the image; the depth is 1 there."""
    values = np.ones((window.height, window.width), np.float32)
    column, row = COLUMN - window.x, ROW - window.y
    inside = (column >= 0) & (column < window.width) & (row >= 0) & (row < window.height)
    values[row[inside], column[inside]] = depth.values[inside]
    return DepthImage.from_array(values, PLANAR, window=window, size=depth.size)


def valid_in_image(depth: DepthImage) -> np.ndarray:
    """Which pixels of the image are left; none are left outside it."""
    valid = np.zeros((HEIGHT + 20, WIDTH + 20), bool)
    x, y = depth.window.x + 10, depth.window.y + 10
    valid[y : y + depth.window.height, x : x + depth.window.width] = depth.valid
    assert not valid[:10].any()
    assert not valid[-10:].any()
    assert not valid[:, :10].any()
    assert not valid[:, -10:].any()
    return valid[10:-10, 10:-10]


WINDOWS = [
    Window(0, 0, WIDTH, HEIGHT),
    Window(5, 4, 20, 10),
    Window(-3, -2, 50, 40),
    Window(-3, 10, 20, 25),
]


def stored(depth: DepthImage, window: Window) -> np.ndarray:
    column, row = COLUMN - window.x, ROW - window.y
    inside = (column >= 0) & (column < window.width) & (row >= 0) & (row < window.height)
    return depth.valid & inside


@pytest.mark.parametrize("window", WINDOWS)
def test_box_in_pixels(depth, window):
    left = within_window(windowed(depth, window), Window(8, 2, 12, 9))
    expected = (COLUMN >= 8) & (COLUMN < 20) & (ROW >= 2) & (ROW < 11)
    np.testing.assert_array_equal(valid_in_image(left), stored(depth, window) & expected)


@pytest.mark.parametrize(
    "box", [Window(40, 0, 5, 5), Window(0, -9, 5, 9), Window(3, 3, 0, 5), Window(3, 3, 5, -2)]
)
def test_box_beside_the_image(depth, box):
    with pytest.raises(SizeError, match="holds no pixel of the depth, which has 40 x 30"):
        within_window(depth, box)


@pytest.mark.parametrize("dtype", [bool, np.float32, np.float64])
@pytest.mark.parametrize("window", WINDOWS)
def test_mask(depth, window, dtype):
    mask = np.random.default_rng(1).random((HEIGHT, WIDTH))
    given = mask >= 0.5 if dtype is bool else mask.astype(dtype)
    left = within_mask(windowed(depth, window), given)
    np.testing.assert_array_equal(valid_in_image(left), stored(depth, window) & (mask >= 0.5))


def test_mask_of_another_size(depth):
    with pytest.raises(SizeError, match=r"mask has 30 x 40 pixels and the image 40 x 30; resize"):
        within_mask(depth, np.ones((WIDTH, HEIGHT), bool))


@pytest.mark.parametrize("dtype", [np.float32, np.uint32])
def test_index(depth, dtype):
    index = (COLUMN // 7).astype(dtype)
    np.testing.assert_array_equal(
        where_equal(depth, index, 2).valid, depth.valid & (COLUMN // 7 == 2)
    )
    with pytest.raises(SizeError, match="40 x 30 pixels and the layer to filter by 40 x 29"):
        where_equal(depth, index[1:], 2)


def test_bounds_turned_scaled_and_mirrored(depth):
    """As by solving for each point's coordinates along the axes of the box."""
    camera = posed(Perspective(Intrinsics(40.0, 40.0, 20.0, 15.0, WIDTH, HEIGHT)), 3)
    cloud = backproject(depth, camera)
    middle = np.median(cloud.points, axis=0)
    for seed, sides in enumerate([(4.0, 3.0, 5.0), (-6.0, 2.0, 9.0)]):
        axes = random_rotation(np.random.default_rng(seed)) * sides
        axes[:, 0] += 0.3 * axes[:, 1]  # sheared, as by a scaled parent
        box = np.eye(4)
        box[:3, :3], box[:3, 3] = axes, middle - axes @ [0.5, 0.5, 0.5]
        left = within_bounds(depth, cloud, box)
        place = np.linalg.solve(axes, (cloud.points - box[:3, 3]).T.astype(np.float64)).T
        expected = ((place >= 0.0) & (place <= 1.0)).all(axis=1)
        assert 20 < expected.sum() < len(expected) - 20
        beside_a_face = (np.abs(np.abs(place - 0.5) - 0.5) < 2e-4).any(axis=1)
        agrees = left.valid[cloud.selection.mask] == expected
        assert (agrees | beside_a_face).all()
        assert beside_a_face.sum() < 10
        assert not left.valid[~cloud.selection.mask].any()


def test_points_on_the_faces_of_the_box_are_in_it():
    """A cube contains the points on its faces, although they were rounded."""
    depth = DepthImage.from_array(np.full((HEIGHT, WIDTH), 7.1, np.float32), PLANAR)
    camera = Camera(Perspective(Intrinsics(40.0, 40.0, 20.0, 15.0, WIDTH, HEIGHT)), np.eye(4))
    box = np.diag([20.0, 20.0, 2.0, 1.0])
    box[:3, 3] = (-10.0, -10.0, -9.1)
    assert within_bounds(depth, backproject(depth, camera), box).valid.all()


def test_flat_bounds(depth):
    camera = posed(Perspective(Intrinsics(40.0, 40.0, 20.0, 15.0, WIDTH, HEIGHT)), 3)
    cloud = backproject(depth, camera)
    with pytest.raises(DepthError, match=r"flat: its sides are 2, 2, 0; choose an object that has"):
        within_bounds(depth, cloud, np.diag([2.0, 2.0, 0.0, 1.0]))
    sheared = np.eye(4)
    sheared[:3, 2] = sheared[:3, 1]
    with pytest.raises(DepthError, match="flat"):
        within_bounds(depth, cloud, sheared)
