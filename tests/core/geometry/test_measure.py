"""Measures against figures whose sizes are known."""

from __future__ import annotations

import math

import numpy as np
import pytest

from core.errors import SizeError
from core.geometry.measure import angle, distance, polygon_area, polyline_length


def moved(points: np.ndarray, seed: int) -> np.ndarray:
    """The figure turned at random and a thousand units away, which changes no measure."""
    rng = np.random.default_rng(seed)
    axes, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    return points @ axes.T + rng.uniform(-1000.0, 1000.0, 3)


def test_distance() -> None:
    assert distance((1.0, 2.0, 3.0), (3.0, 5.0, 9.0)) == pytest.approx(7.0, rel=1e-15)


def test_length_goes_along_the_order() -> None:
    corners = np.array([[0, 0, 0], [3, 0, 0], [3, 4, 0], [3, 4, 12]], float)
    assert polyline_length(moved(corners, 0)) == pytest.approx(19.0)
    assert polyline_length(corners[[0, 2, 3]]) == pytest.approx(17.0)


@pytest.mark.parametrize("points", [[], [(1.0, 2.0, 3.0)]])
def test_length_of_less_than_a_line_is_zero(points: list[tuple[float, float, float]]) -> None:
    assert polyline_length(points) == 0.0


@pytest.mark.parametrize("degrees", [1e-7, 0.5, 60.0, 90.0, 135.0, 180.0 - 1e-7, 180.0])
def test_angle_is_exact_also_for_small_and_straight_ones(degrees: float) -> None:
    radians = math.radians(degrees)
    last = (5.0 * math.cos(radians), 5.0 * math.sin(radians), 0.0)
    assert angle((0.3, 0.0, 0.0), (0.0, 0.0, 0.0), last) == pytest.approx(radians, rel=1e-8)


def test_angle_at_a_point_upon_another_is_none() -> None:
    assert math.isnan(angle((1.0, 0.0, 0.0), (1.0, 0.0, 0.0), (0.0, 1.0, 0.0)))


L_SHAPE = np.array([[0, 0, 0], [4, 0, 0], [4, 1, 0], [1, 1, 0], [1, 3, 0], [0, 3, 0]], float)


@pytest.mark.parametrize("seed", range(4))
def test_area_of_a_concave_polygon(seed: int) -> None:
    result = polygon_area(moved(L_SHAPE, seed))
    assert result.area == pytest.approx(6.0)
    assert result.deviation == pytest.approx(0.0, abs=1e-10)


@pytest.mark.parametrize("sides", [3, 7, 1000])
def test_area_of_a_regular_polygon(sides: int) -> None:
    turn = np.arange(sides) * (2.0 * np.pi / sides)
    corners = np.stack([np.cos(turn), np.sin(turn), np.zeros(sides)], axis=-1) * 2.0
    expected = sides / 2.0 * math.sin(2.0 * np.pi / sides) * 4.0
    assert polygon_area(moved(corners, sides)).area == pytest.approx(expected)


def test_deviation_is_the_greatest_distance_from_the_plane() -> None:
    # A square whose corners lean up and down by turns: the plane is z = 0 by symmetry.
    corners = np.array([[1, 1, 0.2], [-1, 1, -0.2], [-1, -1, 0.2], [1, -1, -0.2]])
    result = polygon_area(corners)
    assert result.deviation == pytest.approx(0.2)
    assert result.area == pytest.approx(4.0)
    np.testing.assert_allclose(result.normal, (0.0, 0.0, 1.0), atol=1e-12)


def test_normal_follows_the_order_of_the_corners() -> None:
    np.testing.assert_allclose(polygon_area(L_SHAPE).normal, (0.0, 0.0, 1.0), atol=1e-12)
    np.testing.assert_allclose(polygon_area(L_SHAPE[::-1]).normal, (0.0, 0.0, -1.0), atol=1e-12)


def test_corners_on_a_line_have_no_area() -> None:
    result = polygon_area(moved(np.outer(np.arange(4.0), [1.0, 2.0, 3.0]), 1))
    assert result.area == pytest.approx(0.0, abs=1e-9)
    assert result.deviation == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize("point", [(0.0, 0.0, 0.0), (1e9, -3.0, 2.0)])
def test_corners_on_one_spot_have_no_normal(point: tuple[float, float, float]) -> None:
    result = polygon_area([point] * 3)
    assert (result.area, result.deviation) == (0.0, 0.0)
    assert np.isnan(result.normal).all()


def test_what_is_measured_with_a_missing_point_is_missing() -> None:
    missing, other = (math.nan,) * 3, (1.0, 2.0, 3.0)
    assert math.isnan(distance(missing, other))
    assert math.isnan(angle(other, missing, (0.0, 0.0, 0.0)))
    assert math.isnan(polygon_area([missing, other, (0.0, 0.0, 0.0)]).area)


def test_too_few_corners() -> None:
    with pytest.raises(SizeError, match=r"shape \(2, 3\), expected \(N, 3\) with at least 3"):
        polygon_area(L_SHAPE[:2])


@pytest.mark.parametrize("points", [[(1.0, 2.0), (3.0, 4.0)], [(1.0,), (1.0, 2.0)], "ab"])
def test_what_is_no_points(points: object) -> None:
    with pytest.raises(SizeError, match=r"give x, y and z|expected x, y and z"):
        polyline_length(points)  # type: ignore[arg-type]
