"""Pixels of every codec, pixel type, data window, and layout of EXR files."""

import os

import numpy as np
import OpenEXR
import pytest

from core.depth.image import DepthKind, Window
from core.exr import reader as exr
from core.files.reader import read_depth

LOSSLESS = ["NO", "RLE", "ZIPS", "ZIP", "PIZ", "HTJ2K256", "HTJ2K32"]
LOSSY = {"PXR24": 2.0**-16, "B44": 2.0**-16, "B44A": 2.0**-16, "DWAA": 1e-6, "DWAB": 1e-6}
"""Largest relative error for a float channel called Z: PXR24 keeps 24 bits, B44 and DWA compress
such channels without a loss (OpenEXR's technical introduction)."""

NO_HIT = {np.float16: 65504, np.float32: 1e10, np.uint32: 2**32 - 1}


@pytest.fixture(autouse=True)
def _empty_cache():
    exr.clear_cache()


@pytest.fixture
def path(tmp_path):
    return str(tmp_path / "depth.exr")


def ramp(height=70, width=50, dtype=np.float32):
    values = np.linspace(0.5, 60.0, height * width).reshape(height, width).astype(dtype)
    values[:5] = NO_HIT[dtype]
    return values


def codec(name):
    return getattr(OpenEXR, f"{name}_COMPRESSION")


def write(path, channels, storage=OpenEXR.scanlineimage, compression="ZIP", **attributes):
    header = {"type": storage, "compression": codec(compression), **attributes}
    if storage == OpenEXR.tiledimage:
        header.setdefault("tiles", OpenEXR.TileDescription())
    OpenEXR.File(header, channels).write(path)


def write_parts(path, parts, **options):
    storage = options.pop("storage", OpenEXR.scanlineimage)
    compression = codec(options.pop("compression", "ZIP"))
    made = []
    for name, channels, attributes in parts:
        header = {"type": storage, "compression": compression, "name": name, **attributes}
        if storage == OpenEXR.tiledimage:
            header["tiles"] = OpenEXR.TileDescription()
        made.append(OpenEXR.Part(header, channels, name))
    OpenEXR.File(made).write(path)


def box(x_min, y_min, x_max, y_max):
    return np.array([x_min, y_min], np.int32), np.array([x_max, y_max], np.int32)


def depth(source, *names):
    return read_depth(source, *names, kind=DepthKind.PLANAR)


@pytest.mark.parametrize("multi_part", [False, True])
@pytest.mark.parametrize("storage", [OpenEXR.scanlineimage, OpenEXR.tiledimage])
@pytest.mark.parametrize("compression", [*LOSSLESS, *LOSSY])
def test_codecs(path, compression, storage, multi_part):
    values = ramp()
    beauty = {f"V.Combined.{one}": values * 0.5 for one in "RGBA"}
    if multi_part:
        parts = [("V.Combined", beauty, {}), ("V.Depth", {"V.Depth.Z": values}, {})]
        write_parts(path, parts, storage=storage, compression=compression)
    else:
        write(path, {**beauty, "V.Depth.Z": values}, storage, compression)
    read = depth(path)
    bound = LOSSY.get(compression, 0.0)
    assert np.all(np.abs(read.values - values) <= bound * values)
    assert not read.valid[:5].any()
    assert read.valid[5:].all()


@pytest.mark.parametrize("multi_part", [False, True])
@pytest.mark.parametrize(
    ("dtype", "pixel_type"), [(np.float16, "half"), (np.float32, "float"), (np.uint32, "uint")]
)
def test_pixel_types(path, dtype, pixel_type, multi_part):
    values = ramp(dtype=dtype)
    if multi_part:
        write_parts(path, [("a", {"R": ramp()}, {}), ("Depth", {"Z": values}, {})])
    else:
        write(path, {"Z": values})
    read = depth(path)
    assert read.pixel_type == pixel_type
    assert read.values.dtype == np.float32
    assert np.array_equal(read.values, values.astype(np.float32))
    assert np.array_equal(read.valid, (values > 0) & (np.arange(70)[:, None] >= 5))


def test_color_is_read_in_the_order_of_its_channels(path):
    values = ramp()
    names = {"R": 1.0, "G": 2.0, "B": 3.0, "A": 4.0}
    channels = {f"V.Combined.{name}": values * factor for name, factor in names.items()}
    write(path, {**channels, "V.Depth.Z": values})
    info = exr.read_info(path)
    layer = info.color_layer(info.depth_layer())
    assert layer.label == "V.Combined"
    pixels = exr.read_layer(info, layer)
    assert pixels.shape == (70, 50, 4)
    assert np.array_equal(pixels, values[..., None] * np.float32([1, 2, 3, 4]))


def test_object_indices_stay_exact(path):
    values = np.arange(2**32 - 12, 2**32, dtype=np.uint32).reshape(3, 4)
    write(path, {"id": values})
    info = exr.read_info(path)
    assert np.array_equal(exr.read_layer(info, info.layers[0]), values)


@pytest.mark.parametrize("storage", [OpenEXR.scanlineimage, OpenEXR.tiledimage])
@pytest.mark.parametrize("multi_part", [False, True])
@pytest.mark.parametrize(
    ("data", "display", "expected"),
    [
        ((0, 0, 49, 69), (0, 0, 49, 69), Window(0, 0, 50, 70)),
        ((10, 20, 59, 89), (0, 0, 99, 99), Window(10, 20, 50, 70)),  # a crop
        ((-5, -10, 44, 59), (0, 0, 39, 39), Window(-5, -10, 50, 70)),  # overscan
        ((110, 120, 159, 189), (100, 100, 149, 149), Window(10, 20, 50, 70)),
        ((1000, 0, 1049, 69), (0, 0, 9, 9), Window(1000, 0, 50, 70)),  # outside the image
    ],
)
def test_data_windows(path, data, display, expected, multi_part, storage):
    values = ramp()
    windows = {"dataWindow": box(*data), "displayWindow": box(*display)}
    if multi_part:
        write_parts(path, [("Depth", {"Z": values}, windows)] * 1, storage=storage)
    else:
        write(path, {"Z": values}, storage, **windows)
    read = depth(path)
    assert read.window == expected
    assert read.size == (display[2] - display[0] + 1, display[3] - display[1] + 1)
    assert np.array_equal(read.values, values)


def test_parts_of_different_windows(path):
    parts = [
        ("one.Depth", {"Z": ramp(20, 30)}, {"dataWindow": box(0, 0, 29, 19)}),
        ("two.Depth", {"Z": ramp(10, 40)}, {"dataWindow": box(5, 6, 44, 15)}),
    ]
    display = {"displayWindow": box(0, 0, 49, 49)}
    write_parts(path, [(name, channels, windows | display) for name, channels, windows in parts])
    read = depth(path, "two.Depth")
    assert read.window == Window(5, 6, 40, 10)
    assert np.array_equal(read.values, ramp(10, 40))


def test_decreasing_line_order(path):
    write(path, {"Z": ramp()}, lineOrder=OpenEXR.DECREASING_Y)
    assert np.array_equal(depth(path).values, ramp())


def test_the_first_mip_level_is_read(path):
    oiio = pytest.importorskip("OpenImageIO")
    spec = oiio.ImageSpec(50, 70, 1, "float")
    spec.channelnames = ("Z",)
    image = oiio.ImageBuf(spec)
    image.set_pixels(oiio.ROI(0, 50, 0, 70), ramp()[..., None])
    tiles = oiio.ImageSpec()
    tiles.tile_width = tiles.tile_height = 16
    assert oiio.ImageBufAlgo.make_texture(oiio.MakeTxTexture, image, path, tiles)
    assert oiio.ImageBuf(path).nmiplevels > 1
    assert np.array_equal(depth(path).values, ramp())


def test_another_reader_sees_the_same(path):
    oiio = pytest.importorskip("OpenImageIO")
    values = np.random.default_rng(1).random((70, 50), np.float32)
    parts = [
        ("V.C", {f"V.C.{one}": values * 2 for one in "RGB"}, {}),
        ("V.Depth", {"Z": values}, {}),
    ]
    write_parts(path, parts, compression="PIZ")
    other = oiio.ImageBuf(path, 1, 0).get_pixels(oiio.FLOAT)
    assert np.array_equal(depth(path).values, other[..., 0])


def test_files_of_another_writer(path):
    oiio = pytest.importorskip("OpenImageIO")
    spec = oiio.ImageSpec(50, 70, 5, "float")
    spec.channelnames = ("R", "G", "B", "A", "Z")
    spec.channelformats = ("half", "half", "half", "half", "float")
    image = oiio.ImageBuf(spec)
    pixels = np.repeat(ramp()[..., None], 5, axis=2)
    pixels[..., :4] = np.minimum(pixels[..., :4], 1.0)
    image.set_pixels(oiio.ROI(0, 50, 0, 70), pixels)
    assert image.write(path)
    info = exr.read_info(path)
    assert [layer.label for layer in info.layers] == ["RGBA", "Z"]
    assert [layer.pixel_type for layer in info.layers] == ["half", "float"]
    assert np.array_equal(depth(path).values, ramp())
    color = exr.read_layer(info, info.color_layer(info.depth_layer()))
    assert color.dtype == np.float16
    assert np.array_equal(color, pixels[..., :4].astype(np.float16))


@pytest.mark.parametrize("multi_part", [False, True])
@pytest.mark.parametrize("name", ["Tiefe äöü.exr", "深度 パス.exr", "with space.exr"])
def test_paths_that_are_not_ascii(tmp_path, name, multi_part):
    plain, path = str(tmp_path / "plain.exr"), str(tmp_path / name)
    if multi_part:
        write_parts(plain, [("Depth", {"Z": ramp()}, {})])
    else:
        write(plain, {"Z": ramp()})
    os.rename(plain, path)
    assert np.array_equal(depth(path).values, ramp())


@pytest.mark.skipif(os.name != "posix", reason="file names are bytes on POSIX only")
def test_paths_that_are_not_utf8(tmp_path):
    path = os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.exr")
    write(str(tmp_path / "plain.exr"), {"Z": ramp()})
    try:
        os.rename(tmp_path / "plain.exr", path)
    except OSError:
        pytest.skip("this file system takes UTF-8 names only")
    assert np.array_equal(depth(path).values, ramp())


def test_what_was_read_is_kept_until_the_file_changes(path):
    write(path, {"Z": ramp()})
    first = depth(path).values
    assert depth(path).values is first
    assert not first.flags.writeable
    write(path, {"Z": ramp() * 2})
    os.utime(path, ns=(1, 1))
    assert np.array_equal(depth(path).values, ramp() * 2)
    again = depth(path).values
    exr.clear_cache()
    assert depth(path).values is not again


def test_threads_are_given_back(path):
    before = OpenEXR.global_thread_count()
    write(path, {"Z": ramp()})
    depth(path)
    assert OpenEXR.global_thread_count() == before
