"""Sizes of one aspect, against what renderers and programs for pictures do to a size."""

from __future__ import annotations

from fractions import Fraction

import pytest

from core.support.aspect import same_aspect

SIZES = [(1920, 1080), (1999, 1333), (101, 67), (1080, 1920), (640, 480), (4096, 1716)]


@pytest.mark.parametrize("size", SIZES)
def test_all_percentages_of_a_render_are_of_its_aspect(size: tuple[int, int]) -> None:
    for percent in range(1, 300):
        cut = tuple(side * percent // 100 for side in size)
        assert same_aspect(size, cut)
        assert same_aspect(cut, size)


@pytest.mark.parametrize("size", SIZES)
def test_rounded_sizes_are_of_the_aspect_of_the_original(size: tuple[int, int]) -> None:
    for percent in range(1, 300):
        rounded = tuple(int(Fraction(side * percent, 100) + Fraction(1, 2)) for side in size)
        assert same_aspect(size, rounded)
        assert same_aspect(rounded, size)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ((1920, 1080), (1920, 1200)), ((1920, 1080), (640, 480)), ((1920, 1080), (1080, 1920)),
        ((1920, 1080), (1998, 1080)), ((1920, 1080), (160, 80)), ((1920, 1080), (32, 16)),
        ((1920, 1080), (16, 8)), ((1920, 1080), (4096, 2160)), ((1920, 1074), (3840, 2160)),
        ((64, 48), (62, 48)), ((64, 48), (64, 46)), ((64, 48), (64, 49)),
    ],
)  # fmt: skip
def test_other_aspects_are_distinguished(one: tuple[int, int], other: tuple[int, int]) -> None:
    assert not same_aspect(one, other)
    assert not same_aspect(other, one)
