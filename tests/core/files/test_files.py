"""Depth from NPY, NPZ, and PFM files, headers of pictures, and what is refused."""

from __future__ import annotations

import contextlib
import re
import struct
from random import Random

import numpy as np
import OpenEXR
import pytest

from core import (
    Camera,
    DepthEncoding,
    DepthKind,
    Intrinsics,
    Output,
    Perspective,
    ReconstructionOptions,
    ValueKind,
    read_depth,
    read_info,
    reconstruct_file,
)
from core.cameras.panorama import Equirectangular, Frame
from core.errors import CameraError, DepthError, FileError, LayerError
from core.files.info import FileFormat, ImageInfo
from core.pipeline.choose_layers import choose_layers
from tests.image_files import write_hdr, write_pfm, write_png, write_tiff

WIDTH, HEIGHT = 24, 16
METERS = DepthEncoding(unit=1.0)
PLANAR = {"kind": DepthKind.PLANAR}
CAMERA = Camera(Perspective(Intrinsics(20.0, 20.0, 12.0, 8.0, WIDTH, HEIGHT)), np.eye(4))
DEPTH = np.linspace(2.0, 5.0, WIDTH * HEIGHT, dtype=np.float32).reshape(HEIGHT, WIDTH)


def exr(path, header=None, **channels):
    header = {"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage} | (
        header or {}
    )
    OpenEXR.File(header, channels).write(str(path))
    return path


def texts(made):
    return tuple(note.text for note in made.notes)


def refused(error, message, call, *arguments, **options):
    with pytest.raises(error, match=message) as caught:
        call(*arguments, **options)
    assert re.fullmatch(r"[^\n]+\.", str(caught.value))


# Arrays


@pytest.mark.parametrize(
    "dtype", [np.float16, np.float32, np.float64, np.uint16, np.uint32, np.int16]
)
def test_npy_holds_numbers_of_any_type(tmp_path, dtype):
    stored = (DEPTH * 100).astype(dtype)
    np.save(tmp_path / "depth.npy", stored)
    depth = read_depth(tmp_path / "depth.npy", encoding=DepthEncoding(unit=0.01), **PLANAR)
    np.testing.assert_allclose(depth.values, stored.astype(float) / 100, rtol=1e-7)
    assert depth.valid.all()


@pytest.mark.parametrize("order", ["C", "F"])
def test_npy_of_one_channel_and_any_order(tmp_path, order):
    np.save(tmp_path / "depth.npy", np.asarray(DEPTH[..., None], order=order))
    depth = read_depth(tmp_path / "depth.npy", encoding=METERS, **PLANAR)
    np.testing.assert_array_equal(depth.values, DEPTH)
    assert depth.size == (WIDTH, HEIGHT)


def test_npz_has_the_array_called_depth(tmp_path):
    path = tmp_path / "frame.npz"
    np.savez_compressed(path, color=DEPTH * 0, depth=DEPTH, K=np.eye(3), pose=np.eye(4), name="a")
    info = read_info(path)
    assert [each.label for each in info.layers] == ["color", "depth"]
    assert [each.label for each in info.depth_layers()] == ["depth"]
    np.testing.assert_array_equal(read_depth(info, encoding=METERS, **PLANAR).values, DEPTH)
    other = read_depth(path, "color", encoding=METERS, **PLANAR)
    assert not other.valid.any()


def test_npz_with_several_arrays_needs_a_choice(tmp_path):
    np.savez(tmp_path / "frame.npz", first=DEPTH, second=DEPTH)
    refused(LayerError, "several layers that may be depth: first, second; choose one",
            read_depth, tmp_path / "frame.npz", encoding=METERS, **PLANAR)  # fmt: skip


@pytest.mark.parametrize("array", [np.eye(3)[None, None], np.ones((4, 5, 3)), np.zeros((0, 4)),
                                   np.ones((4, 4), bool), np.ones((4, 4), complex)])  # fmt: skip
def test_arrays_that_are_no_image(tmp_path, array):
    np.save(tmp_path / "depth.npy", array)
    refused(FileError, r"shape \(height, width\) are needed", read_info, tmp_path / "depth.npy")


def test_nothing_is_unpickled(tmp_path):
    np.save(tmp_path / "depth.npy", np.array([[1, None]], object), allow_pickle=True)
    refused(FileError, "cannot be read as an array of numbers", read_info, tmp_path / "depth.npy")
    np.savez(tmp_path / "depth.npz", depth=np.array([[1, None]], object), allow_pickle=True)
    refused(FileError, r"shape \(height, width\) are needed", read_info, tmp_path / "depth.npz")


@pytest.mark.parametrize(
    "save",
    [
        np.save,
        lambda path, array: np.savez(path, depth=array),
        lambda path, array: np.savez_compressed(path, depth=array),
    ],
)
@pytest.mark.parametrize("part", [0.05, 0.3, 0.6, 0.9, 0.99])
def test_truncated_arrays(tmp_path, save, part):
    path = tmp_path / ("depth.npy" if save is np.save else "depth.npz")
    save(path, DEPTH)
    content = path.read_bytes()
    path.write_bytes(content[: int(part * len(content))])
    refused(FileError, "cannot be read as an array", read_depth, path, encoding=METERS, **PLANAR)


def test_a_zip_that_holds_no_arrays(tmp_path):
    (tmp_path / "a.npz").write_bytes(b"PK\x03\x04" + bytes(100))
    refused(FileError, "cannot be read as an array of numbers", read_info, tmp_path / "a.npz")


def test_a_file_that_changed_is_not_mixed_up(tmp_path):
    np.save(tmp_path / "depth.npy", DEPTH)
    info = read_info(tmp_path / "depth.npy")
    np.save(tmp_path / "depth.npy", DEPTH[:-1])
    refused(FileError, "has changed", read_depth, info, encoding=METERS, **PLANAR)


# PFM


@pytest.mark.parametrize("scale", ["-1.0", "1.0", "-0.003922"])
def test_pfm_is_upright_in_both_orders_of_bytes(tmp_path, scale):
    stored = DEPTH.copy()
    stored[0, :4] = np.inf, np.nan, 0.0, -1.0
    depth = read_depth(write_pfm(tmp_path / "d.pfm", stored, scale), encoding=METERS, **PLANAR)
    np.testing.assert_array_equal(depth.values[depth.valid], DEPTH.ravel()[4:])
    assert np.count_nonzero(~depth.valid) == 4


def test_pfm_with_three_channels_is_gray(tmp_path):
    path = write_pfm(tmp_path / "d.pfm", np.stack([DEPTH] * 3, -1))
    np.testing.assert_array_equal(read_depth(path, encoding=METERS, **PLANAR).values, DEPTH)
    path = write_pfm(tmp_path / "d.pfm", np.stack([DEPTH, DEPTH, DEPTH + 1], -1))
    refused(LayerError, "looks like a color image", read_depth, path, encoding=METERS, **PLANAR)


def test_damaged_pfm(tmp_path):
    path = write_pfm(tmp_path / "d.pfm", DEPTH)
    path.write_bytes(path.read_bytes()[:-1])
    refused(FileError, "is truncated", read_depth, path, encoding=METERS, **PLANAR)
    for header in (b"Pf\n0 4\n-1\n", b"Pf\n-4 4\n-1\n", b"Pf\nx\n", b"Pf\n4 4\n"):
        path.write_bytes(header + bytes(400))
        refused(FileError, "damaged", read_info, path)


# Pictures: their headers, as their pixels are Blender's to read


def info_of(path):
    info = read_info(path)
    assert isinstance(info, ImageInfo)
    return (
        info.format,
        info.layers[0].pixel_type,
        info.display_window.width,
        info.display_window.height,
    )


CODES = np.arange(WIDTH * HEIGHT).reshape(HEIGHT, WIDTH).astype(np.uint16)


def test_headers_of_png(tmp_path):
    size = WIDTH, HEIGHT
    assert info_of(write_png(tmp_path / "a", CODES)) == (FileFormat.PNG, "uint16", *size)
    low = CODES.astype(np.uint8)
    assert info_of(write_png(tmp_path / "a", low)) == (FileFormat.PNG, "uint8", *size)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("samples", [1, 2, 3, 4])
@pytest.mark.parametrize(
    ("dtype", "pixel_type"),
    [(np.uint8, "uint8"), (np.uint16, "uint16"), (np.float16, "half"), (np.float32, "float"),
     (np.float64, "float")],
)  # fmt: skip
def test_headers_of_tiff(tmp_path, order, samples, dtype, pixel_type):
    pixels = np.zeros((HEIGHT, WIDTH, samples), dtype)
    path = write_tiff(tmp_path / "a", pixels, order)
    assert info_of(path) == (FileFormat.TIFF, pixel_type, WIDTH, HEIGHT)


@pytest.mark.parametrize(
    ("dtype", "options"),
    [
        (np.uint32, {}),
        (np.int16, {}),
        (np.float32, {"orientation": 3}),
        (np.uint16, {"photometric": 0}),
    ],
)
def test_tiff_of_other_kinds(tmp_path, dtype, options):
    path = write_tiff(tmp_path / "a", np.zeros((HEIGHT, WIDTH), dtype), **options)
    refused(FileError, "is a TIFF image with pixels of another kind", read_info, path)


def test_truncated_tiff(tmp_path):
    """Blender would read zeros."""
    path = write_tiff(tmp_path / "a", CODES)
    path.write_bytes(path.read_bytes()[:-1])
    refused(FileError, "is damaged or truncated", read_info, path)


def test_headers_of_hdr(tmp_path):
    path = write_hdr(tmp_path / "a.hdr", DEPTH)
    assert info_of(path) == (FileFormat.HDR, "rgbe", WIDTH, HEIGHT)
    path.write_bytes(path.read_bytes().replace(b"-Y", b"+Y"))
    refused(FileError, "gives no size with rows from the top", read_info, path)


@pytest.mark.parametrize("start", [b"\x89PNG\r\n\x1a\n", b"II*\0", b"MM\0*", b"#?RADIANCE\n"])
@pytest.mark.parametrize("length", [0, 3, 12, 30])
def test_truncated_headers(tmp_path, start, length):
    (tmp_path / "a").write_bytes(start + bytes(length))
    with pytest.raises(FileError, match=r"damaged|another kind|no size"):
        read_info(tmp_path / "a")


def test_a_size_that_no_file_of_this_length_has(tmp_path):
    path = write_png(tmp_path / "a", CODES)
    content = bytearray(path.read_bytes())
    content[16:24] = struct.pack(">II", 1 << 30, 1 << 30)
    path.write_bytes(content)
    refused(FileError, "damaged or truncated", read_info, path)


def test_pictures_are_read_inside_blender(tmp_path):
    path = write_png(tmp_path / "a", CODES)
    refused(FileError, "is a 16-bit PNG image, which is read inside Blender", read_depth, path,
            encoding=METERS, **PLANAR)  # fmt: skip


def mutated(content, random):
    """Some bytes overwritten, with values that mean something in headers, or the end cut off."""
    content = bytearray(content)
    for _ in range(random.choice((1, 1, 2, 5))):
        at = random.randrange(min(len(content), random.choice((16, 200, len(content)))))
        content[at : at + 4] = random.choice(
            (b"\0" * 4, b"\xff" * 4, b"\x7f", b"(", random.randbytes(4))
        )
    return bytes(content[: random.choice((len(content), random.randrange(len(content)) + 1))])


@pytest.mark.filterwarnings("ignore:Reading .*:UserWarning")
def test_damaged_files_end_in_depth_or_a_clear_error(tmp_path):
    random = Random(7)
    write_png(tmp_path / "d.png", CODES)
    write_tiff(tmp_path / "d.tif", DEPTH)
    write_hdr(tmp_path / "d.hdr", DEPTH)
    write_pfm(tmp_path / "d.pfm", DEPTH)
    np.save(tmp_path / "d.npy", DEPTH)
    np.savez_compressed(tmp_path / "d.npz", depth=DEPTH, K=np.eye(3))
    contents = [path.read_bytes() for path in sorted(tmp_path.glob("d.*"))]
    for _ in range(600):
        (tmp_path / "m").write_bytes(mutated(random.choice(contents), random))
        with contextlib.suppress(DepthError):
            read_depth(tmp_path / "m", encoding=METERS, **PLANAR)


# Nothing is guessed


@pytest.mark.parametrize(
    ("encoding", "kind", "missing"),
    [
        (None, None, "Depth Values, Unit, and Planar or Ray for Depth"),
        (None, DepthKind.RAY, r"Depth Values and Unit\."),
        (DepthEncoding(), DepthKind.RAY, r"choose Unit\."),
        (DepthEncoding(ValueKind.INVERSE), DepthKind.RAY, r"choose Unit\."),
        (METERS, None, r"choose Planar or Ray for Depth\."),
    ],
)
def test_files_without_a_unit_need_one(tmp_path, encoding, kind, missing):
    np.save(tmp_path / "depth.npy", DEPTH)
    info = read_info(tmp_path / "depth.npy")
    options = ReconstructionOptions(encoding=encoding, depth_kind=kind)
    refused(DepthError, f"NumPy array, which does not say what.*{missing}", choose_layers, info,
            options)  # fmt: skip


def test_what_needs_no_unit_is_accepted(tmp_path):
    np.save(tmp_path / "depth.npy", DEPTH)
    info = read_info(tmp_path / "depth.npy")
    for encoding, kind in (
        (DepthEncoding(ValueKind.NORMALIZED, near=1.0, far=5.0), DepthKind.PLANAR),
        (DepthEncoding(ValueKind.DISPARITY, baseline=0.1), None),
    ):
        options = ReconstructionOptions(encoding=encoding, depth_kind=kind)
        assert choose_layers(info, options).encoding is encoding


# Refusals


NORMALIZED = np.linspace(0.0, 1.0, WIDTH * HEIGHT, dtype=np.float32).reshape(HEIGHT, WIDTH)


@pytest.mark.parametrize("lowest", [0.0, 0.3])
def test_normalized_depth_is_refused(tmp_path, lowest):
    stored = np.maximum(NORMALIZED, np.float32(lowest))
    path = exr(tmp_path / "n.exr", Z=stored)
    said = "Z in .* ends at exactly 1, as normalized depth does.*or check Reconstruct Anyway"
    refused(LayerError, said, read_depth, path, **PLANAR)
    refused(LayerError, said, read_depth, path, encoding=METERS, **PLANAR)
    refused(LayerError, said, reconstruct_file, path, CAMERA,
            ReconstructionOptions(depth_kind=DepthKind.PLANAR))  # fmt: skip
    np.save(tmp_path / "n.npy", stored)
    refused(LayerError, "as normalized depth does", read_depth, tmp_path / "n.npy",
            encoding=DepthEncoding(unit=0.01), **PLANAR)  # fmt: skip


def test_normalized_depth_is_refused_in_colors_too(tmp_path):
    """An alpha of 1 has no part in it, and that R, G and B are equal is no answer."""
    ones = np.ones_like(NORMALIZED)
    path = exr(tmp_path / "n.exr", R=NORMALIZED, G=NORMALIZED, B=NORMALIZED, A=ones)
    refused(LayerError, "as normalized depth does", read_depth, path, **PLANAR)
    near = NORMALIZED * np.float32(0.5)
    path = exr(tmp_path / "n.exr", R=near, G=near, B=near, A=ones)
    assert read_depth(path, **PLANAR).valid.any()


def test_normalized_depth_is_used_on_purpose(tmp_path):
    path = exr(tmp_path / "n.exr", Z=NORMALIZED)
    anyway = ReconstructionOptions(depth_kind=DepthKind.PLANAR, allow_any_depth=True)
    made = reconstruct_file(path, CAMERA, anyway)
    assert texts(made) == (
        "The depth ends at exactly 1, as normalized depth does, which holds no distances: if the "
        "shape is wrong, use the Depth pass as it was rendered.",
    )
    encoding = DepthEncoding(ValueKind.NORMALIZED, near=2.0, far=5.0)
    options = ReconstructionOptions(depth_kind=DepthKind.PLANAR, encoding=encoding)
    made = reconstruct_file(path, CAMERA, options)
    np.testing.assert_allclose(made.attributes["depth"], DEPTH.ravel()[1:-1], rtol=1e-6)
    assert made.notes == ()
    assert read_depth(path, allow_any_depth=True, **PLANAR).values.max() == 1.0


@pytest.mark.parametrize("name", ["srgb_rec709_display", "srgb_rec709_scene", "g24_rec709_display",
                                  "pq_rec2020_display"])  # fmt: skip
def test_colors_of_a_display_are_refused(tmp_path, name):
    path = exr(tmp_path / "s.exr", {"colorInteropID": name}, R=DEPTH, G=DEPTH, B=DEPTH)
    refused(FileError, f"colors for a display \\({name}\\).*or check Reconstruct Anyway",
            read_depth, path, **PLANAR)  # fmt: skip
    assert read_depth(path, allow_any_depth=True, **PLANAR).valid.all()


@pytest.mark.parametrize("name", ["data", "lin_rec709_scene", "unknown"])
def test_data_and_linear_colors_are_not_refused(tmp_path, name):
    path = exr(tmp_path / "s.exr", {"colorInteropID": name}, R=DEPTH, G=DEPTH, B=DEPTH)
    made = reconstruct_file(path, CAMERA, ReconstructionOptions(depth_kind=DepthKind.PLANAR))
    assert texts(made) == ("RGB was used as depth, as its R, G, and B are equal.",)


def test_that_a_file_may_hold_srgb_is_said(tmp_path):
    path = exr(tmp_path / "s.exr", R=DEPTH, G=DEPTH, B=DEPTH)
    made = reconstruct_file(path, CAMERA, ReconstructionOptions(depth_kind=DepthKind.PLANAR))
    assert "does not say whether they are distances or sRGB colors" in made.notes[0].text
    assert made.notes[0].is_warning


def test_8_bits_are_refused(tmp_path):
    path = write_png(tmp_path / "a.png", CODES.astype(np.uint8))
    said = "is an 8-bit PNG image. Such a picture of the depth has lost the distances; save the"
    with pytest.raises(FileError, match=f"{said}.*or check Reconstruct Anyway"):
        read_depth(path, encoding=METERS, **PLANAR)
    np.save(tmp_path / "a.npy", np.full((HEIGHT, WIDTH), 7, np.uint8))
    with pytest.raises(FileError, match="is an 8-bit NumPy array"):
        read_depth(tmp_path / "a.npy", encoding=METERS, **PLANAR)
    depth = read_depth(tmp_path / "a.npy", encoding=METERS, allow_any_depth=True, **PLANAR)
    assert (depth.values == 7.0).all()


# Disparity, and what follows from coarse codes


def test_disparity_takes_the_focal_length_of_the_lens(tmp_path):
    np.save(tmp_path / "d.npy", (20.0 * 0.25 / DEPTH).astype(np.float32))
    encoding = DepthEncoding(ValueKind.DISPARITY, baseline=0.25)
    options = ReconstructionOptions(depth_kind=DepthKind.PLANAR, encoding=encoding)
    made = reconstruct_file(tmp_path / "d.npy", CAMERA, options)
    np.testing.assert_allclose(made.attributes["depth"], DEPTH.ravel(), rtol=1e-6)


def test_disparity_needs_a_perspective_camera_and_planar_depth(tmp_path):
    np.save(tmp_path / "d.npy", DEPTH)
    encoding = DepthEncoding(ValueKind.DISPARITY, baseline=0.25)
    options = ReconstructionOptions(depth_kind=DepthKind.RAY, encoding=encoding)
    refused(DepthError, "but Depth is Ray; set it to Planar", reconstruct_file,
            tmp_path / "d.npy", CAMERA, options)  # fmt: skip
    options = ReconstructionOptions(depth_kind=DepthKind.PLANAR, encoding=encoding)
    lens = Equirectangular(Frame(WIDTH, HEIGHT))
    refused(CameraError, "this camera is of another type; choose the left camera",
            reconstruct_file, tmp_path / "d.npy", Camera(lens, np.eye(4)), options)  # fmt: skip


def test_a_surface_of_coarse_codes_is_whole(tmp_path):
    """A floor, in steps as wide as three pixels; if they pass for exact, 470 faces are cut."""
    width, height, step = 96, 64, 0.25
    camera = Camera(Perspective(Intrinsics(80.0, 80.0, 48.0, 32.0, width, height)), np.eye(4))
    row = np.arange(height)[:, None] + 0.5
    codes = np.rint(1.0 / (0.05 + 0.4 * row / height) / step + np.zeros(width))
    counts = []
    for stored, unit in ((codes.astype(np.uint16), step), (codes * step, 1.0)):
        np.save(tmp_path / "d.npy", stored)
        options = ReconstructionOptions(
            depth_kind=DepthKind.PLANAR, encoding=DepthEncoding(unit=unit), output=Output.SURFACE
        )
        made = reconstruct_file(tmp_path / "d.npy", camera, options)
        counts.append(len(made.mapped_surface.surface.quads))
        assert bool(made.notes) is (stored.dtype == np.uint16)  # that they are coarse
    assert counts == [95 * 63, 95 * 63 - 470]
