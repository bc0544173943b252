"""The curve of sRGB against values of IEC 61966-2-1 worked out by hand, and its inverse."""

from __future__ import annotations

import numpy as np
import pytest

from core.support.srgb import srgb_bytes, to_srgb


def to_linear(encoded: np.ndarray) -> np.ndarray:
    """The inverse, as the standard writes it."""
    return np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)


@pytest.mark.parametrize(
    ("linear", "expected"),
    [(0.0, 0.0), (0.001, 0.01292), (0.18, 0.461356), (0.5, 0.735357), (1.0, 1.0), (-0.5, -6.46)],
)
def test_known_values(linear: float, expected: float) -> None:
    assert to_srgb(np.array(linear)) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_inverse(dtype: type[np.floating]) -> None:
    linear = np.linspace(0.0, 4.0, 3000).reshape(-1, 3).astype(dtype)
    encoded = to_srgb(linear)
    assert (encoded.dtype, encoded.shape) == (dtype, linear.shape)
    # The standard's two pieces meet to 3e-8 of each other.
    np.testing.assert_allclose(to_linear(encoded), linear, rtol=1e-5, atol=1e-7)


def test_nan_stays_nan() -> None:
    assert np.isnan(to_srgb(np.array([np.nan]))).all()


def test_bytes_are_clipped() -> None:
    linear = [-1.0, 0.0, np.nan, 0.0003035, 0.18, 0.5, 1.0, 7.0, np.inf]
    assert srgb_bytes(linear).tolist() == [0, 0, 0, 1, 118, 188, 255, 255, 255]
    assert srgb_bytes(0.5).shape == ()


def test_every_byte_is_the_nearest() -> None:
    bytes_ = np.arange(256)
    np.testing.assert_array_equal(srgb_bytes(to_linear(bytes_ / 255.0)), bytes_)
    between = to_linear((bytes_[:-1] + 0.49) / 255.0), to_linear((bytes_[:-1] + 0.51) / 255.0)
    np.testing.assert_array_equal(srgb_bytes(between[0]), bytes_[:-1])
    np.testing.assert_array_equal(srgb_bytes(between[1]), bytes_[1:])
