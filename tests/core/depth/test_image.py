"""Depth images: which values are distances, and which arrays are no depth."""

import numpy as np
import pytest

from core.depth.image import DepthImage, DepthKind, Window
from core.errors import DepthError, SizeError


def image(values, dtype=np.float32, **options):
    return DepthImage.from_array(np.array([values], dtype), DepthKind.PLANAR, **options)


def test_float_mask_keeps_finite_positive_distances_below_no_hit():
    below = np.nextafter(np.float32(9.9999e9), np.float32(0))
    values = [1e-30, 5.0, below, 1e10, 1e11, np.inf, -np.inf, np.nan, 0.0, -0.0, -3.0]
    assert image(values).valid.tolist() == [[True] * 3 + [False] * 8]


def test_no_hit_may_have_been_rounded():
    assert not image([1e10 * (1 - 2.0**-20)]).valid.any()
    assert image([9.9e9]).valid.all()


def test_half_and_unsigned_types_have_their_own_no_hit():
    assert image([1.0, 65472, 65504, np.inf], np.float16).valid.tolist() == [
        [True, True, False, False]
    ]
    unsigned = image([0, 1, 2**31, 2**32 - 1], np.uint32)
    assert unsigned.valid.tolist() == [[False, True, True, False]]
    assert unsigned.values.dtype == np.float32
    assert unsigned.pixel_type == "uint"


def test_converted_values_keep_the_type_they_were_stored_as():
    assert image([1.0, 65504], pixel_type="half").valid.tolist() == [[True, False]]
    assert image([1.0, 65504]).valid.tolist() == [[True, True]]


def test_float64_beyond_float32_is_no_hit():
    depth = image([1.0, 1e300], np.float64)
    assert depth.valid.tolist() == [[True, False]]
    assert depth.values.dtype == np.float32


def test_arrays_are_kept_not_copied_where_they_can_be():
    array = np.ones((3, 4), np.float32)
    assert DepthImage.from_array(array, DepthKind.RAY).values is array
    turned = DepthImage.from_array(array.T, DepthKind.RAY)
    assert turned.values.flags.c_contiguous
    assert turned.size == (3, 4)


def test_window_and_size():
    array = np.ones((3, 4), np.float32)
    window = Window(-1, 2, 4, 3)
    depth = DepthImage.from_array(array, DepthKind.RAY, window=window, size=(10, 20))
    assert (depth.window, depth.size) == (window, (10, 20))
    with pytest.raises(SizeError, match=r"4 x 3 pixels but its window 5 x 3"):
        DepthImage.from_array(array, DepthKind.RAY, window=Window(0, 0, 5, 3))


@pytest.mark.parametrize("shape", [(4,), (2, 2, 3), (0, 4)])
def test_shapes_that_are_no_image(shape):
    with pytest.raises(SizeError, match="one value for each pixel"):
        DepthImage.from_array(np.ones(shape, np.float32), DepthKind.PLANAR)


@pytest.mark.parametrize("dtype", [np.uint8, np.int8, np.int16])
def test_pictures_of_depth_are_refused(dtype):
    with pytest.raises(DepthError, match=r"picture of the depth.*OpenEXR"):
        image([1, 2], dtype)


def test_integers_of_16_bits_need_a_unit():
    with pytest.raises(DepthError, match=r"whose unit nothing says; pass an encoding"):
        image([1, 2], np.uint16)


@pytest.mark.parametrize("dtype", [bool, complex, object])
def test_other_types_are_refused(dtype):
    with pytest.raises(DepthError, match="distances as float32 are needed"):
        image([1, 2], dtype)


def test_within_leaves_out_the_background_at_the_clip_end():
    depth = image([0.05, 0.1, 50.0, 99.99999, 100.0, 100.0025, 1e10])
    assert depth.within(0.1, 100.0).valid.tolist() == [
        [False, True, True, True, False, False, False]
    ]
    assert depth.within(far=60).valid.tolist() == [[True] * 3 + [False] * 4]
    assert depth.within(near=60).valid.tolist() == [[False] * 3 + [True] * 3 + [False]]
    assert depth.within(0.1, 100.0).values is depth.values
    assert depth.valid.tolist() == [[True] * 6 + [False]]


@pytest.mark.parametrize(
    ("near", "far", "background"),
    [
        (0.1, 100, 99.99771),
        (0.1, 100, 100.0025),
        (0.01, 100, 99.978645),
        (0.01, 1000, 1000.5496),
        (0.5, 50, 49.999897),
        (0.001, 1000, 1057.0322),
    ],
)
def test_the_far_plane_of_a_depth_buffer_is_left_out(near, far, background):
    # Values of EEVEE in Blender 4.3 for pixels that saw nothing.
    depth = image([background, 5.0, background, far * 0.9])
    assert depth.without_far_plane(near, far).valid.tolist() == [[False, True, False, True]]
    assert depth.without_far_plane(near, far).values is depth.values


def test_surfaces_before_the_far_plane_are_kept():
    for values in ([5.0, 99.99, 99.99], [5.0, 99.998, 99.999]):  # far enough; no two alike
        assert image(values).without_far_plane(0.1, 100).valid.all()
    assert not image([1e10, 1e10]).without_far_plane(0.1, 100).valid.any()


def test_within_keeps_surfaces_on_the_near_plane():
    near = np.float32(0.3)
    assert image([np.nextafter(near, np.float32(0))]).within(near=0.3).valid.all()


@pytest.mark.parametrize(("near", "far"), [(2, 1), (1, 1), (np.nan, 1), (0, np.nan)])
def test_within_needs_a_range(near, far):
    with pytest.raises(DepthError, match="depth range"):
        image([1.0]).within(near, far)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0.0, 0.5, 1.0], True),
        ([0.2, 0.99999994], True),  # the division of a Normalize node may round
        ([0.2, 0.9], False),  # a close-up in meters
        ([0.2, 0.9, 1e10], False),
        ([0.5, 1.5], False),
        ([-1.0, 1.0], False),
        ([np.nan, 1.0], False),
        ([1.0, 1.0], False),  # a wall
    ],
)
def test_normalized_depth_is_recognized(values, expected):
    assert image(values).looks_normalized() is expected
