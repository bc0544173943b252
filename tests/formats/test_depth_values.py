"""Depth values and files against Open3D's decoding and other libraries' writers."""

import ctypes

import cv2
import libusb_package
import numpy as np
import pytest
import tifffile

from core import Camera, DepthEncoding, Intrinsics, Perspective, ValueKind, backproject, read_depth
from core.depth.encoding import METERS
from core.depth.image import DepthImage, DepthKind
from core.files.info import ImageInfo
from core.files.reader import read_info

ctypes.CDLL(str(libusb_package.get_library_path()))  # Open3D needs it, and few systems have it
import open3d as o3d  # noqa: E402

WIDTH, HEIGHT = 160, 120
CODES = np.random.default_rng(0).integers(0, 65536, (HEIGHT, WIDTH)).astype(np.uint16)
CODES[0, :5] = 0, 65535, 65534, 1, 3000
METERS_NPY = {"kind": DepthKind.PLANAR, "encoding": DepthEncoding(unit=1.0)}


def decoded(**encoding):
    return DepthImage.from_array(CODES, DepthKind.PLANAR, encoding=DepthEncoding(**encoding))


@pytest.mark.parametrize(
    ("unit", "depth_scale", "depth_trunc"),
    [("MILLIMETERS", 1000.0, 3.0), ("TUM", 5000.0, 4.0), ("MILLIMETERS", 1000.0, 1000.0)],
)
def test_distances_are_open3d_s(unit, depth_scale, depth_trunc):
    """Open3D sets depth from depth_trunc on to 0, which is Far here.

    It keeps 65535 as a distance, which is left out here.
    """
    image = o3d.geometry.Image(CODES)
    pair = o3d.geometry.RGBDImage.create_from_color_and_depth(
        o3d.geometry.Image(np.zeros((HEIGHT, WIDTH, 3), np.uint8)), image,
        depth_scale=depth_scale, depth_trunc=depth_trunc,
    )  # fmt: skip
    theirs = np.asarray(pair.depth)
    ours = decoded(unit=METERS[unit]).within(far=depth_trunc)
    np.testing.assert_array_equal(ours.valid, (theirs > 0) & (CODES != 65535))
    np.testing.assert_allclose(ours.values[ours.valid], theirs[ours.valid], rtol=1.2e-7)


@pytest.mark.parametrize(("depth_scale", "depth_max"), [(1000.0, 3.0), (5000.0, 4.0)])
def test_distances_are_those_of_open3d_s_tensors(depth_scale, depth_max):
    theirs = (
        o3d.t.geometry.Image(o3d.core.Tensor(CODES))
        .clip_transform(depth_scale, 0.0, depth_max, 0.0)
        .as_tensor()
        .numpy()[..., 0]
    )
    ours = decoded(unit=1.0 / depth_scale).within(far=depth_max)
    at_the_end = theirs == depth_max
    np.testing.assert_array_equal(ours.valid, (theirs > 0) & ~at_the_end)
    np.testing.assert_allclose(ours.values[ours.valid], theirs[ours.valid], rtol=1.2e-7)


def test_points_are_open3d_s():
    theirs = o3d.geometry.PointCloud.create_from_depth_image(
        o3d.geometry.Image(CODES),
        o3d.camera.PinholeCameraIntrinsic(WIDTH, HEIGHT, 150.0, 140.0, 79.5, 59.5),
        depth_scale=5000.0,
        depth_trunc=10.0,
    )
    camera = Camera(Perspective(Intrinsics(150.0, 140.0, 80.0, 60.0, WIDTH, HEIGHT)), np.eye(4))
    ours = backproject(decoded(unit=METERS["TUM"]).within(far=10.0), camera).points
    np.testing.assert_allclose(ours * [1, -1, -1], np.asarray(theirs.points), rtol=1e-6, atol=1e-6)


def test_disparity_is_opencv_s():
    """reprojectImageTo3D with the Q of a pair: Z = f B / d."""
    disparity = np.random.default_rng(1).uniform(1, 64, (HEIGHT, WIDTH)).astype(np.float32)
    focal, baseline = 150.0, 0.12
    q = np.array(
        [[1, 0, 0, -80.0], [0, 1, 0, -60.0], [0, 0, 0, focal], [0, 0, 1 / baseline, 0]], np.float64
    )
    theirs = cv2.reprojectImageTo3D(disparity, q)[..., 2]
    encoding = DepthEncoding(ValueKind.DISPARITY, baseline=baseline, focal=focal)
    ours = DepthImage.from_array(disparity, DepthKind.PLANAR, encoding=encoding)
    np.testing.assert_allclose(ours.values, theirs, rtol=3e-7)


@pytest.mark.parametrize("channels", [1, 3])
def test_pfm_of_opencv(tmp_path, channels):
    values = np.random.default_rng(2).uniform(1, 9, (HEIGHT, WIDTH)).astype(np.float32)
    path = str(tmp_path / "depth.pfm")
    cv2.imwrite(path, values if channels == 1 else np.stack([values] * 3, -1))
    np.testing.assert_array_equal(read_depth(path, **METERS_NPY).values, values)


@pytest.mark.parametrize(
    ("dtype", "pixel_type"),
    [(np.uint8, "uint8"), (np.uint16, "uint16"), (np.float16, "half"), (np.float32, "float"),
     (np.float64, "float")],
)  # fmt: skip
@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_headers_of_tifffile_s_images(tmp_path, dtype, pixel_type, order, channels):
    path = tmp_path / "depth.tif"
    values = np.ones((HEIGHT, WIDTH, channels), dtype)
    values = values[..., 0] if channels == 1 else values
    tifffile.imwrite(
        path, values, byteorder=order, photometric="minisblack" if channels == 1 else "rgb"
    )
    assert _header_of(path) == (pixel_type, WIDTH, HEIGHT)


@pytest.mark.parametrize("extension", ["png", "tiff"])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_headers_of_opencv_s_images(tmp_path, extension, dtype, channels):
    path = str(tmp_path / f"depth.{extension}")
    values = np.ones((HEIGHT, WIDTH, channels), dtype)
    cv2.imwrite(path, values[..., 0] if channels == 1 else values)
    assert _header_of(path) == (np.dtype(dtype).name, WIDTH, HEIGHT)


def test_headers_of_opencv_s_hdr(tmp_path):
    path = str(tmp_path / "depth.hdr")
    cv2.imwrite(path, np.ones((HEIGHT, WIDTH, 3), np.float32))
    assert _header_of(path) == ("rgbe", WIDTH, HEIGHT)


def _header_of(path):
    info = read_info(path)
    assert isinstance(info, ImageInfo)
    window = info.display_window
    return info.layers[0].pixel_type, window.width, window.height
