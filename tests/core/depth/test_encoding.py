"""Depth that is not plain distance, against values that others published or that are a division."""

from __future__ import annotations

import math

import numpy as np
import pytest

from core import Camera, DepthEncoding, Intrinsics, Perspective, ValueKind, backproject, locate
from core.depth.encoding import METERS
from core.depth.image import DepthImage, DepthKind
from core.depth.precision import depth_error, spacing
from core.errors import DepthError


def decoded(values, dtype=np.float32, pixel_type="float", **encoding):
    array = np.array([values], dtype)
    return DepthEncoding(**encoding).decode(array, pixel_type)[0]


def image(values, dtype=np.float32, **encoding):
    array = np.array([values], dtype)
    return DepthImage.from_array(array, DepthKind.PLANAR, encoding=DepthEncoding(**encoding))


def test_units_of_the_field():
    """TUM RGB-D: "a pixel value of 5000 corresponds to 1 meter, 10000 to 2", and 0 to none."""
    depth = image([0, 5000, 10000, 65535], np.uint16, unit=METERS["TUM"])
    assert depth.valid.tolist() == [[False, True, True, False]]
    assert depth.values[0, 1:3].tolist() == [1.0, 2.0]
    depth = image([0, 1, 1000, 65534, 65535], np.uint16, unit=METERS["MILLIMETERS"])  # ROS
    assert depth.valid.tolist() == [[False, True, True, True, False]]
    np.testing.assert_array_equal(depth.values[0, 1:4], np.float32([0.001, 1.0, 65.534]))
    assert depth.pixel_type == "uint16"
    assert decoded([250.0], unit=METERS["CENTIMETERS"]) == 2.5
    assert decoded([2.5], unit=METERS["METERS"]) == 2.5


def test_scale_and_offset_come_before_the_unit():
    assert decoded([3.0], scale=2.0, offset=1.0, unit=0.5).tolist() == [3.5]
    assert decoded([-3.0], scale=-1.0).tolist() == [3.0]  # as OpenGL's camera space has it


def test_inverse_is_one_over_the_distance():
    values = decoded([0.5, 4.0, 0.0, 1e-10], kind=ValueKind.INVERSE)
    assert values[:2].tolist() == [2.0, 0.25]
    depth = image([0.5, 0.0, 1e-10, -1.0, np.nan, np.inf], kind=ValueKind.INVERSE)
    assert depth.valid.tolist() == [[True] + [False] * 5]
    assert decoded([50.0], kind=ValueKind.INVERSE, scale=0.01) == 2.0  # 100 / z
    assert decoded([0.5], kind=ValueKind.INVERSE, unit=0.001) == np.float32(0.002)


def test_disparity_as_kornia_has_it():
    """kornia, tests/geometry/test_depth.py, TestDepthFromDisparity: 2 at 1, 1 and at 0.5, 100."""
    disparity = {"kind": ValueKind.DISPARITY}
    assert decoded([2.0], baseline=1.0, focal=1.0, **disparity) == 0.5
    assert decoded([2.0], baseline=0.5, focal=100.0, **disparity) == 25.0
    # There a disparity of 0 is 5e9 (kornia#4272); it is none.
    assert math.isnan(decoded([0.0], baseline=0.5, focal=100.0, **disparity)[0])


def test_disparity_has_the_offset_of_middlebury():
    """Z = baseline * f / (d + doffs), with numbers of the scene "Adirondack"."""
    values = decoded(
        [60.0, np.inf],
        kind=ValueKind.DISPARITY, baseline=176.252, focal=4161.221, offset=209.059,
    )  # fmt: skip
    assert values[0] == pytest.approx(176.252 * 4161.221 / 269.059, rel=1e-7)
    assert math.isnan(values[1])


def test_normalized_goes_from_near_to_far_and_ends_before_both():
    values = decoded([0.0, 0.25, 1.0, 1.5, -0.5], kind=ValueKind.NORMALIZED, near=2.0, far=10.0)
    np.testing.assert_array_equal(values, [np.nan, 4.0, np.inf, np.inf, np.nan])
    inverted = decoded(
        [0.25], kind=ValueKind.NORMALIZED, near=2.0, far=10.0, scale=-1.0, offset=1.0
    )
    assert inverted == 8.0


@pytest.mark.parametrize(
    ("pixel_type", "dtype"), [("uint8", np.uint8), ("uint16", np.uint16), ("uint", np.uint32)]
)
def test_normalized_integers_are_parts_of_the_largest_which_is_far_or_beyond(pixel_type, dtype):
    """As a float of 1 is, so that a picture means the same in either format."""
    largest = int(np.iinfo(dtype).max)
    stored, range_ = [0, largest // 5, largest], {"near": 0.0, "far": 10.0}
    values = decoded(stored, dtype, pixel_type, kind=ValueKind.NORMALIZED, **range_)
    np.testing.assert_allclose(values, [np.nan, 2.0, np.inf])
    inverted = {"scale": -1.0, "offset": 1.0, **range_}  # near is white: the largest is near
    values = decoded(stored, dtype, pixel_type, kind=ValueKind.NORMALIZED, **inverted)
    np.testing.assert_allclose(values, [np.nan, 8.0, np.nan])


@pytest.mark.parametrize("kind", [ValueKind.DISTANCE, ValueKind.INVERSE, ValueKind.DISPARITY])
def test_the_largest_of_16_bits_is_what_a_sensor_could_not_measure(kind):
    numbers = {"baseline": 0.1, "focal": 500.0, "unit": 0.001}
    assert math.isnan(decoded([65535], np.uint16, "uint16", kind=kind, **numbers)[0])


@pytest.mark.parametrize(
    ("pixel_type", "dtype", "none"),
    [
        ("float", np.float32, [0.0, np.nan, -np.inf]),
        ("half", np.float16, [0.0, np.nan]),
        ("uint16", np.uint16, [0, 65535]),
        ("uint8", np.uint8, [0, 255]),
        ("uint", np.uint32, [0]),
    ],
)
def test_codes_of_no_depth_stay_so_whatever_the_offset(pixel_type, dtype, none):
    values = decoded([*none, 3], dtype, pixel_type, offset=7.0)
    assert np.isnan(values[:-1]).all()
    assert values[-1] == 10.0


@pytest.mark.parametrize(
    ("pixel_type", "none"),
    [
        ("float", 1e10), ("float", np.inf), ("half", 65504.0), ("rgbe", 9999220736.0),
        ("uint", 2**32 - 1),
    ],
)  # fmt: skip
def test_what_saw_nothing_still_does(pixel_type, none):
    """It identifies flying pixels before the sky."""
    assert decoded([none], np.float64, pixel_type, unit=0.001).tolist() == [np.inf]


def test_arithmetic_is_double_precision_over_all_blocks():
    codes = np.arange(1 << 18, dtype=np.uint32).reshape(512, 512)
    values = DepthEncoding(unit=1 / 5000, offset=0.1).decode(codes, "uint")
    expected = ((codes.astype(np.longdouble) + np.longdouble(0.1)) / 5000).astype(np.float32)
    assert np.abs(values - expected)[codes > 0].max() <= np.spacing(np.float32(64))
    assert np.mean(values[codes > 0] == expected[codes > 0]) > 0.9999
    assert np.isnan(values[0, 0])


@pytest.mark.parametrize(
    ("encoding", "message"),
    [
        ({"scale": 0.0}, "scale of the depth values is 0"),
        ({"scale": math.inf}, "scale of the depth values is inf"),
        ({"offset": math.nan}, "offset of the depth values is nan"),
        ({"unit": 0.0}, "unit of the depth values is 0"),
        ({"unit": -1.0}, "unit of the depth values is -1"),
        ({"kind": ValueKind.NORMALIZED}, "goes from 0 to 0, expected a near"),
        ({"kind": ValueKind.NORMALIZED, "near": 5.0, "far": 5.0}, "goes from 5 to 5"),
        ({"kind": ValueKind.NORMALIZED, "near": -1.0, "far": 5.0}, "goes from -1 to 5"),
        ({"kind": ValueKind.NORMALIZED, "far": math.inf}, "goes from 0 to inf"),
        ({"kind": ValueKind.DISPARITY}, "baseline is 0"),
        ({"kind": ValueKind.DISPARITY, "baseline": 1.0, "focal": 0.0}, "focal length is 0"),
    ],
)
def test_what_cannot_be_is_refused(encoding, message):
    with pytest.raises(DepthError, match=message):
        DepthEncoding(**encoding)


def test_disparity_without_a_focal_length_is_refused():
    with pytest.raises(DepthError, match="needs the focal length in pixels"):
        image([1.0], kind=ValueKind.DISPARITY, baseline=1.0)


ENCODINGS = [
    {"unit": 0.001},
    {"unit": 1 / 5000, "offset": 12.0},
    {"kind": ValueKind.INVERSE, "scale": 1e-4},
    {"kind": ValueKind.DISPARITY, "baseline": 0.1, "focal": 500.0, "scale": 1 / 256},
    {"kind": ValueKind.NORMALIZED, "near": 1.0, "far": 20.0},
    {"kind": ValueKind.NORMALIZED, "near": 1.0, "far": 20.0, "scale": -1.0, "offset": 1.0},
]


@pytest.mark.parametrize("options", ENCODINGS)
def test_spacing_is_the_step_to_the_next_code(options):
    """Found by decoding the codes on both sides."""
    encoding = DepthEncoding(**options)
    codes = np.array([[700, 5000, 40000]], np.uint16)
    exact = encoding.decode(codes, "uint16")
    two = np.uint16(2)
    around = [encoding.decode(each, "uint16").astype(float) for each in (codes + two, codes - two)]
    expected = np.abs(around[0] - around[1])[0] / 4
    np.testing.assert_allclose(encoding.spacing(exact, "uint16")[0], expected, rtol=1e-3, atol=2e-6)


@pytest.mark.parametrize("options", ENCODINGS)
def test_a_plane_stays_within_the_uncertainty_of_its_codes(options):
    """Depth is encoded here, with rounding to codes; points must lie on the plane that far."""
    encoding = DepthEncoding(**options)
    column = np.linspace(2.0, 6.0, 64)
    truth = np.repeat(column[None], 48, 0)
    codes = {
        ValueKind.DISTANCE: lambda: truth / encoding.unit,
        ValueKind.INVERSE: lambda: 1.0 / truth,
        ValueKind.DISPARITY: lambda: 50.0 / truth,
        ValueKind.NORMALIZED: lambda: (truth - 1.0) / 19.0,
    }[encoding.kind]()
    codes = (codes - encoding.offset) / encoding.scale
    full = 65535 if encoding.kind is ValueKind.NORMALIZED else 1
    stored = np.rint(codes * full).astype(np.uint16)
    depth = DepthImage.from_array(stored, DepthKind.PLANAR, encoding=encoding)
    half = spacing(depth.values, "uint16", encoding) / 2.0
    assert (np.abs(depth.values - truth) <= 1.001 * half).all()
    assert (depth_error(depth) >= 0.999 * half).all()
    camera = Camera(Perspective(Intrinsics(60.0, 60.0, 32.0, 24.0, 64, 48)), np.eye(4))
    found = locate(depth, camera, [(20.5, 20.5)])
    assert abs(found.depth[0] - truth[20, 20]) <= found.precision[0] * 1.2 + 1e-6


def test_points_as_open3d_has_them():
    """Open3D, cpp/tests/t/geometry/PointCloud.cpp, CreateFromRGBDImage.

    Its pixel (0, 0) has its center at (0, 0), ours at (0.5, 0.5); its y points down, ours up. That
    test compares the sorted numbers; tests/formats compares points with Open3D itself.
    """
    codes = np.array([[1000, 0], [1000, 1000]], np.uint16)
    encoding = DepthEncoding(unit=1 / 1000.0)
    depth = DepthImage.from_array(codes, DepthKind.PLANAR, encoding=encoding).within(far=3.0)
    camera = Camera(Perspective(Intrinsics(10, 10, 1.5, 1.5, 2, 2)), np.eye(4))
    points = backproject(depth, camera).points * [1, -1, -1]
    published = np.sort([-0.1, -0.1, 1.0, 0.0, -0.1, 1.0, 0.0, 0.0, 1.0])
    np.testing.assert_allclose(np.sort(points, axis=None), published, atol=1e-7)
