"""Flying pixels in resized depth, counted against surfaces that have a formula."""

from __future__ import annotations

import functools

import numpy as np
import pytest

from core.cameras.camera import Camera, Lens
from core.cameras.fisheye import FisheyeEquidistant
from core.cameras.intrinsics import Intrinsics, Orthographic, Perspective
from core.cameras.panorama import Equirectangular, Frame
from core.depth.flying import without_flying_pixels
from core.depth.image import DepthImage, DepthKind, Window
from core.errors import SizeError
from core.geometry.backprojection import backproject
from tests.core.geometry.locate_scenes import (
    NO_HIT,
    Patch,
    Rod,
    Sphere,
    Surface,
    distance_to_surfaces,
    random_rotation,
    render,
)

PLANAR, RAY = DepthKind.PLANAR, DepthKind.RAY
WIDTH, HEIGHT = 160, 120
WALL = Patch((0.0, 12.0, 0.0), (30.0, 0.0, 0.0), (0.0, 0.0, 30.0))
FLOOR = Patch((0.0, 50.0, 0.0), (60.0, 0.0, 0.0), (0.0, 60.0, 0.0))


def leaves() -> list[Surface]:
    rng = np.random.default_rng(1)
    found: list[Surface] = []
    for _ in range(150):
        axes, size = random_rotation(rng), rng.uniform(0.05, 0.25)
        place = rng.uniform((-3.0, 4.0, -1.0), (3.0, 9.0, 4.0))
        found.append(Patch(tuple(place), tuple(axes[0] * size), tuple(axes[1] * size / 2.0)))
    return found


SCENES: dict[str, list[Surface]] = {
    "sphere before a wall": [Sphere((0.0, 5.0, 1.5), 1.2), WALL],
    "spheres before the sky": [Sphere((0.0, 5.0, 1.5), 1.2), Sphere((2.0, 8.0, 2.5), 0.7), FLOOR],
    "thin rods": [
        *(
            Rod((x, 5.0 + x, 0.0), (x / 4.0, 0.1, 1.0), 0.02 + x / 200.0)
            for x in (-2.0, -1.0, 0.0, 1.0, 2.0)
        ),
        WALL,
    ],
    "grazing floor": [
        Patch((0.0, 400.0, 0.0), (600.0, 0.0, 0.0), (0.0, 410.0, 0.0)),
        Rod((1.0, 8.0, 0.0), (0.0, 0.0, 1.0), 0.05),
    ],
    "foliage": [*leaves(), WALL],
}


def camera_of(lens: Lens) -> Camera:
    matrix = np.array([[1.0, 0, 0, 0], [0, 0, -1, 0], [0, 1, 0, 1.5], [0, 0, 0, 1]])
    return Camera(lens, matrix)


def pinhole(width: int, height: int) -> Camera:
    return camera_of(
        Perspective(Intrinsics(width, width, width / 2.0, height / 2.0, width, height))
    )


def stored(depth: DepthImage) -> np.ndarray:
    return np.where(depth.valid, depth.values, NO_HIT).astype(np.float64)


def doubled(values: np.ndarray) -> np.ndarray:
    """Twice as large along the first axis, bilinearly: 1/4 and 3/4 of two neighbors."""
    beside = np.concatenate((values[:1], values, values[-1:]))
    lower = 0.25 * beside[:-2] + 0.75 * values
    upper = 0.75 * values + 0.25 * beside[2:]
    return np.stack((lower, upper), axis=1).reshape(-1, *values.shape[1:])


@functools.cache
def resized(name: str, how: str) -> DepthImage:
    """Depth as other programs leave it behind."""
    if how == "as rendered":
        values = stored(render(SCENES[name], pinhole(WIDTH, HEIGHT), PLANAR))
    elif how == "halved":
        values = stored(render(SCENES[name], pinhole(2 * WIDTH, 2 * HEIGHT), PLANAR))
        values = values.reshape(HEIGHT, 2, WIDTH, 2).mean(axis=(1, 3))
    else:
        values = stored(render(SCENES[name], pinhole(WIDTH // 2, HEIGHT // 2), PLANAR))
        values = doubled(doubled(values).T).T
    return DepthImage.from_array(values.astype(np.float32), PLANAR)


def in_the_air(name: str, depth: DepthImage) -> np.ndarray:
    """Distance of each pixel's point from the nearest surface, in footprints; NaN for none."""
    cloud = backproject(depth, pinhole(WIDTH, HEIGHT))
    distance = np.full(depth.values.shape, np.nan)
    distance[cloud.selection.mask] = distance_to_surfaces(
        SCENES[name], cloud.points.astype(np.float64)
    )
    return distance / (depth.values / WIDTH)


def removed(depth: DepthImage, camera: Camera | None = None) -> np.ndarray:
    left = without_flying_pixels(depth, camera or pinhole(WIDTH, HEIGHT))
    assert left.values is depth.values
    assert not (left.valid & ~depth.valid).any()
    return depth.valid & ~left.valid


@pytest.mark.parametrize("name", SCENES)
def test_what_was_rendered_stays(name):
    """Samples of surfaces stay, except for a few of those one pixel wide in foliage."""
    depth = resized(name, "as rendered")
    most = 0.004 if name == "foliage" else 0.0002
    assert np.count_nonzero(removed(depth)) <= most * np.count_nonzero(depth.valid)


@pytest.mark.parametrize("how", ["halved", "doubled"])
@pytest.mark.parametrize("name", SCENES)
def test_what_flies_is_removed(name, how):
    """Most of what flies is found, and less of it where rods and leaves are a pixel wide.

    What flies beyond any camera's clip end does not count.
    """
    depth = resized(name, how)
    distance, gone = in_the_air(name, depth), removed(depth)
    flying, right = (distance > 2.0) & (depth.values < 1000.0), distance <= 0.5
    least = 0.5 if name in ("thin rods", "foliage") else 0.7 if how == "doubled" else 0.9
    assert np.count_nonzero(gone & flying) >= least * np.count_nonzero(flying)
    most = 0.004
    assert np.count_nonzero(gone & right) <= most * np.count_nonzero(right)


def counts(depth: DepthImage, name: str, gone: np.ndarray) -> np.ndarray:
    """What flies and is found, what flies, what is right and removed."""
    distance = in_the_air(name, depth)
    flying = (distance > 2.0) & (depth.values < 1000.0)
    return np.array([(gone & flying).sum(), flying.sum(), (gone & (distance <= 0.5)).sum()])


def by_threshold(depth: DepthImage, ratio: float) -> np.ndarray:
    """What a fixed threshold removes: steps on by more than a ratio of depth, on both sides."""
    values, gone = np.where(depth.valid, depth.values, 1e9), np.zeros_like(depth.valid)
    for axis in (0, 1):
        along, found = np.moveaxis(values, axis, 0), np.moveaxis(gone, axis, 0)
        step = np.diff(along, axis=0)
        far = np.abs(step) > ratio * np.minimum(along[1:], along[:-1])
        found[1:-1] |= far[1:] & far[:-1] & (step[1:] * step[:-1] > 0.0)
    return gone & depth.valid


def test_no_fixed_threshold_does_as_well():
    """Each threshold finds fewer, or removes ten times as many that are right."""
    cases = [(name, resized(name, how)) for name in SCENES for how in ("halved", "doubled")]
    found, flying, wrongly = sum(counts(depth, name, removed(depth)) for name, depth in cases)
    assert found > 0.7 * flying
    for ratio in (0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2, 0.5):
        theirs = sum(counts(depth, name, by_threshold(depth, ratio)) for name, depth in cases)
        assert theirs[0] < found or theirs[2] > 10 * wrongly


def step(values: list[float], lens: Lens) -> DepthImage:
    """Nine values in the middle of each row, the outer ones going on to the borders."""
    row = np.pad(np.float32(values), (46, 45), mode="edge")
    kind = RAY if isinstance(lens, Equirectangular) else PLANAR
    return DepthImage.from_array(np.tile(row, (50, 1)), kind)


LENSES = {
    "perspective": Perspective(Intrinsics(100.0, 100.0, 50.0, 25.0, 100, 50)),
    "orthographic": Orthographic(Intrinsics(1.0, 1.0, 50.0, 25.0, 100, 50)),
    "equirectangular": Equirectangular(Frame(100, 50)),
}


def assert_only_the_middle(gone: np.ndarray) -> None:
    np.testing.assert_array_equal(gone, np.tile(np.arange(100) == 50, (50, 1)))


@pytest.mark.parametrize("lens", LENSES.values(), ids=LENSES)
def test_one_between_two_surfaces(lens):
    depth = step([10, 10, 10, 10, 60, 110, 110, 110, 110], lens)
    assert_only_the_middle(removed(depth, camera_of(lens)))


@pytest.mark.parametrize("lens", LENSES.values(), ids=LENSES)
@pytest.mark.parametrize(
    "values",
    [
        [110, 110, 110, 110, 10, 110, 110, 110, 110],  # a rod
        [10, 10, 10, 10, 110, 110, 110, 110, 110],  # an edge
        [10, 10, 10, 10, 110, 10, 10, 10, 10],  # a gap
        [10, 10, 10, 10, 1e10, 1e10, 1e10, 1e10, 1e10],  # an edge before the sky
        [10, 10, 10, 10, 10.4, 10.8, 10.8, 10.8, 10.8],  # a chamfer
        [10, 10, 10, 60, np.nan, 60, 110, 110, 110],  # nobody knows what is between
    ],
)
def test_none_between_two_surfaces(lens, values):
    assert not removed(step(values, lens), camera_of(lens)).any()


@pytest.mark.parametrize("lens", LENSES.values(), ids=LENSES)
def test_between_a_surface_and_the_sky(lens):
    depth = step([10, 10, 10, 10, 2.5e9, 1e10, 1e10, 1e10, 1e10], lens)
    assert_only_the_middle(removed(depth, camera_of(lens)))


def test_steep_plane_stays_in_every_kind_of_depth():
    """A floor that recedes by many footprints a pixel, in half precision too."""
    rows = np.arange(1.0, 121.0)[:, None] * np.ones((1, WIDTH))
    values = 1000.0 / rows[::-1]
    for array in (values.astype(np.float32), values.astype(np.float16)):
        assert not removed(DepthImage.from_array(array, PLANAR)).any()
    lens = Orthographic(Intrinsics(1.0, 1.0, WIDTH / 2.0, HEIGHT / 2.0, WIDTH, HEIGHT))
    linear = np.float32(30.0) * rows.astype(np.float32)
    assert not removed(DepthImage.from_array(linear, PLANAR), camera_of(lens)).any()


def test_window_and_blocks(monkeypatch):
    """The same samples fly in a window of the image, however the work is divided."""
    depth = resized("foliage", "halved")
    whole = removed(depth)
    monkeypatch.setattr("core.depth.flying._BLOCK_PIXELS", 7 * WIDTH)
    np.testing.assert_array_equal(removed(depth), whole)
    window = Window(20, 10, 100, 80)
    inside = np.s_[10:90, 20:120]
    values = np.where(depth.valid, depth.values, NO_HIT)[inside]
    cropped = DepthImage.from_array(values, PLANAR, window=window, size=depth.size)
    inner = np.s_[8:-8, 8:-8]
    np.testing.assert_array_equal(removed(cropped)[inner], whole[inside][inner])


@pytest.mark.parametrize("shape", [(1, 1), (1, 7), (2, 2), (7, 1)])
def test_tiny_images(shape):
    depth = DepthImage.from_array(np.ones(shape, np.float32), PLANAR)
    assert not removed(depth, pinhole(shape[1], shape[0])).any()


def test_beyond_a_lens_circle_nothing_is_removed_by_accident():
    lens = FisheyeEquidistant(Frame(WIDTH, HEIGHT), 3.0)
    depth = DepthImage.from_array(np.full((HEIGHT, WIDTH), 5.0, np.float32), RAY)
    assert not removed(depth, camera_of(lens)).any()


def test_wrong_size():
    with pytest.raises(SizeError, match="160 x 120 pixels and the camera's image 80 x 60"):
        removed(resized("foliage", "halved"), pinhole(80, 60))
