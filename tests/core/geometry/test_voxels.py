"""Voxels against a dictionary that is filled point by point."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest

from core.errors import DepthError
from core.geometry.voxels import voxels_of


def slowly(points: np.ndarray, size: float) -> dict[tuple[int, ...], list[int]]:
    cells: dict[tuple[int, ...], list[int]] = {}
    for index, point in enumerate(points.tolist()):
        cells.setdefault(tuple(math.floor(each / size + 0.5) for each in point), []).append(index)
    return cells


def cloud(how: str) -> np.ndarray:
    rng = np.random.default_rng(2)
    if how == "in runs":
        return np.repeat(rng.uniform(-3.0, 3.0, (300, 3)), 9, axis=0).astype(np.float32)
    if how == "far apart":
        return np.concatenate((rng.random((900, 3)), rng.random((900, 3)) + 2e3)).astype(np.float32)
    return rng.uniform(-1.0, 2.0, (3000, 3)).astype(np.float32)


@pytest.mark.parametrize("size", [0.01, 0.1, 0.37, 50.0])
@pytest.mark.parametrize("how", ["at random", "in runs", "far apart"])
def test_one_point_a_voxel(how, size):
    points = cloud(how)
    values = np.random.default_rng(3).random((len(points), 4), np.float32)
    pixels = np.arange(2 * len(points), dtype=np.int32).reshape(-1, 2)
    cells = slowly(points, size)
    voxels = voxels_of(points, size)
    # A dictionary keeps the order in which keys came first.
    np.testing.assert_array_equal(voxels.first, [members[0] for members in cells.values()])
    for number, members in enumerate(cells.values()):
        assert (voxels.cell[members] == number).all()
    for floats in (points, values, values[:, 0]):
        means = [floats[members].astype(np.float64).mean(axis=0) for members in cells.values()]
        reduced = voxels.reduce(floats)
        assert reduced.dtype == np.float32
        np.testing.assert_allclose(reduced, means, rtol=2e-7)
    np.testing.assert_array_equal(voxels.reduce(pixels), pixels[voxels.first])
    assert voxels.reduce(pixels).dtype == np.int32


def test_runs_and_order_change_nothing():
    """The sort of numbers and the sort of indices give the same voxels, in any order of points."""
    points = cloud("at random")
    fine = voxels_of(points, 3.1 / 2**17)  # 51 bits, which leaves no room for the index
    assert len(fine.first) == len(points)
    spread = np.concatenate((points, points + np.float32(1e-7), [[3e3, 3e3, 3e3]]))
    size = 3e3 / 2**17
    cells = slowly(spread.astype(np.float32), size)
    voxels = voxels_of(spread.astype(np.float32), size)
    np.testing.assert_array_equal(voxels.first, [members[0] for members in cells.values()])
    turned = voxels_of(np.ascontiguousarray(points[::-1]), 0.1)
    straight = voxels_of(points, 0.1)
    assert len(turned.first) == len(straight.first)
    same = turned.cell[::-1][straight.first]
    np.testing.assert_array_equal(same[straight.cell], turned.cell[::-1])


def test_a_cell_is_centered_on_the_origin_of_the_world():
    points = np.float32([[-0.6, 0.1, 0.1], [-0.4, 0.1, 0.1], [0.4, -0.1, 0.1], [0.6, 0.1, 0.1]])
    np.testing.assert_array_equal(voxels_of(points, 1.0).cell, [0, 1, 1, 2])


def test_a_floor_through_the_origin_is_one_layer():
    floor = cloud("at random")
    floor[:, 2] = np.random.default_rng(4).normal(scale=1e-7, size=len(floor))
    voxels = voxels_of(floor, 0.1)
    assert len(voxels.first) == len(slowly(floor * np.float32([1, 1, 0]), 0.1))


def test_no_points():
    voxels = voxels_of(np.zeros((0, 3), np.float32), 1.0)
    assert voxels.reduce(np.zeros((0, 3), np.float32)).shape == (0, 3)
    assert voxels.reduce(np.zeros(0, np.int32)).shape == (0,)


def test_means_of_many_points_do_not_drift():
    points = np.full((1 << 20, 3), 0.1, np.float32)
    np.testing.assert_array_equal(voxels_of(points, 1.0).reduce(points), points[:1])


@pytest.mark.parametrize("size", [0.0, -1.0, math.inf, math.nan])
def test_no_size(size):
    with pytest.raises(DepthError, match=r"voxel size is .* more than 0"):
        voxels_of(np.zeros((2, 3), np.float32), size)


def test_more_voxels_than_numbers():
    points = np.float32([[0, 0, 0], [1e4, 2e4, 3e4]])
    with pytest.raises(DepthError, match=r"span 1e\+04 x 2e\+04 x 3e\+04, .* size to 0\.088 or"):
        voxels_of(points, 0.01)
    assert len(voxels_of(points, 0.088).first) == 2


def test_the_size_that_an_error_names_is_enough_for_flat_clouds():
    points = np.float32([[0, 0, 0], [1e4, 2e4, 0]])
    with pytest.raises(DepthError, match="raise the voxel size") as error:
        voxels_of(points, 1e-6)
    least = float(str(error.value).partition(" size to ")[2].split()[0])
    assert len(voxels_of(points, least).first) == 2
    with pytest.raises(DepthError, match="raise the voxel size"):
        voxels_of(points, 0.9 * least)
    with pytest.raises(DepthError, match="raise the voxel size"):
        voxels_of(points, 5e-324)


def test_points_that_are_no_points():
    for bad in (np.inf, np.nan):
        with pytest.raises(DepthError, match="infinite or not a number"):
            voxels_of(np.float32([[0, 0, 0], [1, bad, 1]]), 1.0)


def test_all_clouds_have_the_same_voxels():
    """Two clouds are in the voxels of their union, although neither begins where that does."""
    near, far = cloud("at random"), cloud("in runs") + np.float32(0.4)
    union = np.concatenate((near, far))
    for size in (0.01, 0.1, 0.37, 50.0):
        together = voxels_of(union, size).cell
        for alone, part in ((near, together[: len(near)]), (far, together[len(near) :])):
            voxels = voxels_of(alone, size)
            np.testing.assert_array_equal(part, part[voxels.first][voxels.cell])
            assert len(np.unique(part)) == len(voxels.first)


def test_voxels_are_those_of_exact_arithmetic_and_not_those_of_float32():
    points = np.zeros((20_000, 3), np.float32)
    points[:, 0] = np.random.default_rng(5).uniform(-80.0, 80.0, len(points))
    size, half, exact_size = 0.001, Fraction(1, 2), Fraction(0.001)
    exact = [math.floor(Fraction(x) / exact_size + half) for x in points[:, 0].tolist()]
    _, first, cell = np.unique(exact, return_index=True, return_inverse=True)
    voxels = voxels_of(points, size)
    np.testing.assert_array_equal(np.sort(voxels.first), np.sort(first))
    np.testing.assert_array_equal(voxels.cell, voxels.cell[first][cell])
    single = np.floor(points[:, 0] / np.float32(size) + np.float32(0.5)).astype(np.int64)
    assert 0.001 < np.mean(single != exact) < 0.05
