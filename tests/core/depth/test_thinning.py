"""Thinned images: which pixels are left, and the stride that they were thinned by."""

from __future__ import annotations

import numpy as np
import pytest

from core.depth.image import DepthImage, DepthKind
from core.depth.thinning import stride_of, thin
from core.errors import DepthError

WIDTH, HEIGHT = 640, 360


def random_depth(seed: int) -> DepthImage:
    rng = np.random.default_rng(seed)
    values = rng.uniform(0.5, 30.0, (HEIGHT, WIDTH)).astype(np.float32)
    values[rng.random((HEIGHT, WIDTH)) < 0.2] = 1e10
    return DepthImage.from_array(values, DepthKind.PLANAR)


def test_a_stride_keeps_every_nth_pixel_of_every_nth_row() -> None:
    depth = random_depth(8)
    thinned = thin(depth, stride=7)
    rows, columns = np.nonzero(thinned.valid)
    assert set(rows % 7) == {0} == set(columns % 7)
    assert thinned.valid.sum() == depth.valid[::7, ::7].sum()
    assert thinned.values is depth.values


@pytest.mark.parametrize("most", [1, 10, 999, 10_000, 10**9])
def test_a_maximum_number_of_points_is_kept_by_the_smallest_stride(most: int) -> None:
    depth = random_depth(9)
    count = thin(depth, 1, most).valid.sum()
    assert 0 < count <= most
    smallest = next(
        stride for stride in range(1, WIDTH + 1) if depth.valid[::stride, ::stride].sum() <= most
    )
    assert count == depth.valid[::smallest, ::smallest].sum()


def test_a_stride_below_one_is_refused() -> None:
    with pytest.raises(DepthError, match=r"stride is 0 .* at least 1"):
        thin(random_depth(10), 0)


@pytest.mark.parametrize("stride", [1, 2, 7, 40])
def test_the_stride_of_a_thinned_image_is_found(stride: int) -> None:
    assert stride_of(thin(random_depth(11), stride).valid) == stride


def test_a_few_pixels_have_the_greatest_stride_that_fits() -> None:
    mask = np.zeros((HEIGHT, WIDTH), bool)
    assert stride_of(mask) == 1
    mask[0, 0] = True
    assert stride_of(mask) == 1
    mask[12, 30] = True
    assert stride_of(mask) == 6
    mask[12, 31] = True
    assert stride_of(mask) == 1
