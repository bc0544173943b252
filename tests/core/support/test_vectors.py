"""Vectors of length 1, against Pythagoras' whole numbers and against numpy's norm."""

from __future__ import annotations

import numpy as np
import pytest

from core.support.vectors import dot, lengths, unit

QUADRUPLES = np.array([(1, 2, 2, 3), (2, 3, 6, 7), (4, 4, 7, 9), (6, 6, 7, 11)], float)


def test_lengths_of_pythagorean_quadruples() -> None:
    vectors, expected = QUADRUPLES[:, :3], QUADRUPLES[:, 3]
    np.testing.assert_array_equal(lengths(vectors), expected)
    np.testing.assert_array_equal(lengths(-vectors[0]), expected[0])
    np.testing.assert_array_equal(dot(vectors, [1.0, 0.0, 2.0]), [5.0, 14.0, 18.0, 20.0])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", [(), (0,), (5,), (2, 3, 4)])
def test_unit_vectors_of_any_shape(shape: tuple[int, ...], dtype: type[np.floating]) -> None:
    vectors = np.random.default_rng(0).normal(size=(*shape, 3)).astype(dtype) * dtype(7.0)
    found = unit(vectors)
    assert (found.shape, found.dtype) == (vectors.shape, dtype)
    norms = np.linalg.norm(vectors.astype(np.float64), axis=-1)[..., None]
    np.testing.assert_allclose(found, vectors / norms, rtol=4 * np.finfo(dtype).eps)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_zero_stays_zero_and_nan_does_not_become_a_direction(dtype: type[np.floating]) -> None:
    vectors = np.array([(0, 0, 0), (np.nan, 0, 1), (0, -2, 0), (0, 0, -0.0)], dtype)
    expected = [(0, 0, 0), (np.nan, np.nan, np.nan), (0, -1, 0), (0, 0, 0)]
    np.testing.assert_array_equal(unit(vectors), expected)


def test_short_and_long_vectors() -> None:
    for scale in (1e-18, 1e18):
        np.testing.assert_allclose(unit(np.float32([0.6, 0.0, -0.8]) * np.float32(scale)),
                                   [0.6, 0.0, -0.8], rtol=1e-6)  # fmt: skip
