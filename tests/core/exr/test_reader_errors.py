"""EXR files that are missing, damaged, or something else are refused in one sentence."""

import os
import pathlib
import struct

import numpy as np
import OpenEXR
import pytest

from core.depth.image import DepthKind
from core.errors import FileError
from core.exr import pixels as exr_pixels
from core.exr import reader as exr
from core.files.reader import read_depth

CODECS = ["NO", "RLE", "ZIPS", "ZIP", "PIZ", "PXR24", "B44", "DWAA", "DWAB", "HTJ2K32"]


@pytest.fixture(autouse=True)
def _empty_cache():
    exr.clear_cache()


@pytest.fixture
def path(tmp_path):
    return str(tmp_path / "depth.exr")


def read(path):
    return read_depth(exr.read_info(path), kind=DepthKind.PLANAR)


def refused(path, message):
    with pytest.raises(FileError, match=message) as caught:
        read(path)
    assert str(path) in str(caught.value)


def values(height=40, width=30):
    return np.linspace(1, 9, height * width, dtype=np.float32).reshape(height, width)


def write(path, storage=OpenEXR.scanlineimage, compression="ZIP", **channels):
    header = {"type": storage, "compression": getattr(OpenEXR, f"{compression}_COMPRESSION")}
    if storage == OpenEXR.tiledimage:
        header["tiles"] = OpenEXR.TileDescription()
    OpenEXR.File(header, channels or {"Z": values()}).write(path)
    return pathlib.Path(path).read_bytes()


def write_parts(path, compression="ZIP"):
    header = {
        "type": OpenEXR.scanlineimage,
        "compression": getattr(OpenEXR, f"{compression}_COMPRESSION"),
    }
    color = {name: values() for name in "RGB"}
    parts = [
        OpenEXR.Part(dict(header), {"Z": values()}, "Depth"),
        OpenEXR.Part(dict(header), color, "rgb"),
    ]
    OpenEXR.File(parts).write(path)
    return pathlib.Path(path).read_bytes()


def put(path, content):
    pathlib.Path(path).write_bytes(content)
    exr.clear_cache()


def attribute(content, name, kind):
    """Where the value of an attribute begins."""
    start = name.encode() + b"\0" + kind.encode() + b"\0"
    return content.index(start) + len(start) + 4


def tables_at(path):
    with open(path, "rb") as file:
        return exr.read_header(file, path).tables_at


def test_missing_file(path):
    refused(path, "does not exist; render it, or choose another file")


def test_folder(tmp_path):
    refused(tmp_path, "is a folder; choose the file with the depth")


def test_impossible_name():
    with pytest.raises(FileError, match="not the name of a file"):
        read("a\0b.exr")


def test_empty_file(path):
    put(path, b"")
    refused(path, "is empty")


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may read every file")
def test_unreadable_file(path):
    write(path)
    os.chmod(path, 0)
    refused(path, "may not be read")


@pytest.mark.parametrize(
    ("start", "name"),
    [
        (b"\xff\xd8\xff\xe0", "a JPEG image"),
        (b"BM", "a BMP image"),
    ],
)
def test_pictures_without_distances(path, start, name):
    put(path, start + bytes(100))
    refused(path, f"is {name}, not an OpenEXR file.*lost the distances; save the Depth pass as")


@pytest.mark.parametrize(
    ("start", "name"),
    [
        (b"\x89PNG\r\n\x1a\n", "a PNG image"),
        (b"II*\0", "a TIFF image"),
        (b"MM\0*", "a TIFF image"),
        (b"#?RADIANCE\n", "a Radiance HDR image"),
    ],
)
def test_other_images(path, start, name):
    put(path, start + bytes(100))
    refused(path, f"is {name}, not an OpenEXR file; read it with core.read_depth, and say by an")


@pytest.mark.parametrize("content", [b"x", b"hello, this is no image", bytes(1000)])
def test_other_files(path, content):
    put(path, content)
    refused(path, "is not an OpenEXR file")


def test_future_version(path):
    content = bytearray(write(path))
    content[4] = 3
    put(path, content)
    refused(path, "version 3, but only version 2 is known")


def test_unknown_compression(path):
    content = bytearray(write(path))
    content[attribute(content, "compression", "compression")] = 77
    put(path, content)
    refused(path, "compression, number 77, is unknown")


@pytest.mark.parametrize("storage", [OpenEXR.scanlineimage, OpenEXR.tiledimage])
@pytest.mark.parametrize("compression", CODECS)
def test_truncation_at_any_length(path, compression, storage):
    content = write(path, storage, compression)
    lengths = {
        *np.linspace(1, len(content) - 1, 60, dtype=int),
        *range(len(content) - 9, len(content)),
    }
    for length in sorted(lengths):
        put(path, content[:length])
        refused(path, "is truncated|is not an OpenEXR file")


@pytest.mark.parametrize("compression", CODECS)
def test_truncation_of_multi_part_files(path, compression):
    content = write_parts(path, compression)
    for length in np.linspace(8, len(content) - 1, 60, dtype=int):
        put(path, content[:length])
        refused(path, "is truncated")


@pytest.mark.parametrize("multi_part", [False, True])
def test_blocks_that_were_never_written(path, multi_part):
    """An interrupted render leaves zeros in the table of blocks."""
    content = bytearray((write_parts if multi_part else write)(path))
    table = tables_at(path)
    content[table + 8 : table + 16] = bytes(8)
    put(path, content)
    refused(path, r"is incomplete: 1 of its \d+ blocks of pixels were never written")


@pytest.mark.parametrize("multi_part", [False, True])
def test_damaged_pixels(path, multi_part):
    content = bytearray((write_parts if multi_part else write)(path))
    table = tables_at(path)
    (first,) = struct.unpack_from("<Q", content, table)
    content[first + 20 : first + 40] = bytes(20)
    put(path, content)
    refused(path, "pixels of .* are damaged")


def test_deep_files(path):
    samples = np.empty((2, 2), object)
    samples.fill(np.ones(3, np.float32))
    header = {"type": OpenEXR.deepscanline, "compression": OpenEXR.ZIPS_COMPRESSION}
    OpenEXR.File(header, {"Z": samples}).write(path)
    refused(path, "is a deep image")


def test_flat_depth_next_to_deep(path):
    samples = np.empty((2, 2), object)
    samples.fill(np.ones(3, np.float32))
    deep = {"type": OpenEXR.deepscanline, "compression": OpenEXR.ZIPS_COMPRESSION}
    parts = [
        OpenEXR.Part(deep, {"Z": samples}, "deep"),
        OpenEXR.Part({"type": OpenEXR.scanlineimage}, {"Z": values(2, 2)}, "Depth"),
    ]
    OpenEXR.File(parts).write(path)
    assert np.array_equal(read(path).values, values(2, 2))


def test_subsampled_channels(path):
    content = bytearray(write(path))
    at = attribute(content, "channels", "chlist")
    struct.pack_into("<ii", content, at + len("Z\0") + 8, 2, 2)
    put(path, content)
    refused(path, r"Channel Z .* one value for 2 x 2 pixels")


def test_claimed_size_is_refused_before_anything_is_allocated(path):
    content = bytearray(write(path))
    for name in ("dataWindow", "displayWindow"):
        struct.pack_into("<4i", content, attribute(content, name, "box2i"), 0, 0, 99999, 99999)
    put(path, content)
    refused(path, "GiB of memory|truncated")


@pytest.mark.parametrize("box", [(0, 0, -1, 5), (0, 0, 2**31 - 1, 5), (-(2**31), 0, 1, 5)])
def test_windows_that_cannot_be(path, box):
    content = bytearray(write(path))
    struct.pack_into("<4i", content, attribute(content, "dataWindow", "box2i"), *box)
    put(path, content)
    refused(path, "its data window goes from")


def test_too_large_for_the_memory(path, monkeypatch):
    write(path)
    monkeypatch.setattr(exr_pixels, "_available_memory", lambda: 1000)
    refused(path, r"30 x 40 pixels, which take .* GiB of memory, but .* are available")


def test_available_memory_is_plausible():
    assert 2**26 < exr_pixels._available_memory() < 2**46


def test_a_file_that_changes_while_it_is_read(path, monkeypatch):
    write(path)
    original = exr.read_channels

    def read_channels(*arguments):
        os.utime(path, ns=(1, 1))
        return original(*arguments)

    monkeypatch.setattr(exr, "read_channels", read_channels)
    refused(path, "changed while it was read")
    monkeypatch.undo()
    assert np.array_equal(read(path).values, values())


def test_a_file_replaced_by_one_without_the_layer(path):
    write(path)
    info = exr.read_info(path)
    write(path, V=values())
    with pytest.raises(FileError, match="has changed and holds other images"):
        read_depth(info, kind=DepthKind.PLANAR)


def test_a_chunk_that_claims_more_than_the_file_has(path):
    """Nothing is allocated for it."""
    content = bytearray(write_parts(path))
    (first,) = struct.unpack_from("<Q", content, tables_at(path))
    struct.pack_into("<i", content, first + 8, 2**31 - 1)
    put(path, content)
    refused(path, "is truncated")
