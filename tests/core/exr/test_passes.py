"""Passes in files that OpenEXR's own library writes, and what points keep of each."""

from __future__ import annotations

import json

import numpy as np
import OpenEXR
import pytest

from core.errors import LayerError
from core.exr import reader as exr
from core.exr.passes import (
    PassKind,
    attributes_of,
    choose_passes,
    passes_beside,
    split_names,
    values_at,
)
from core.geometry.backprojection import Selection

SHAPE = (3, 4)
BOX = 0xE5E9B0DB


def ramp(start=0.0):
    return np.arange(12, dtype=np.float32).reshape(SHAPE) + np.float32(start)


def write(path, pixels, **attributes):
    header = {"type": OpenEXR.scanlineimage, "compression": OpenEXR.ZIP_COMPRESSION, **attributes}
    pixels.setdefault("V.Depth.Z", np.ones(SHAPE, np.float32))
    OpenEXR.File(header, pixels).write(str(path))
    info = exr.read_info(path)
    return info, info.depth_layer("V.Depth")


def layer(name, leaves, start=0.0):
    return {f"V.{name}.{leaf}": ramp(start + 100 * i) for i, leaf in enumerate(leaves)}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "passes.exr"


def value(info, depth, name, mask):
    (one,) = choose_passes(info, depth, [name])
    return values_at(one, exr.read_layer(info, one.layer), Selection(mask, depth.window))


def test_passes_are_named_without_the_view_layer_of_the_depth(path):
    pixels = {
        **layer("Combined", "RGBA"), **layer("Normal", "XYZ"), **layer("IndexOB", "X"),
        "W.Combined.R": ramp(), "W.Combined.G": ramp(), "W.Combined.B": ramp(),
        "W.Mist.Z": ramp(),
    }  # fmt: skip
    info, depth = write(path, pixels)
    names = [one.name for one in passes_beside(info, depth)]
    assert sorted(names) == ["Combined", "IndexOB", "Normal", "W.Combined", "W.Mist"]
    (by_label,) = choose_passes(info, depth, ["V.Normal"])
    assert by_label.name == "Normal"
    assert [one.name for one in choose_passes(info, depth, ["Normal", "V.Normal"])] == ["Normal"]


@pytest.mark.parametrize(
    ("name", "leaves", "kind", "dtype", "width"),
    [
        ("DiffCol", "RGB", PassKind.COLOR, np.float32, 4),
        ("tint", "RGBA", PassKind.COLOR, np.float32, 4),
        ("Mist", "Z", PassKind.PLAIN, np.float32, None),
        ("UV", "UVA", PassKind.PLAIN, np.float32, 2),
        ("Vector", "XYZW", PassKind.PLAIN, np.float32, 4),
        ("Motion", "XY", PassKind.PLAIN, np.float32, 2),
        ("Normal", "XYZ", PassKind.NORMAL, np.float32, 3),
        ("Denoising Normal", "XYZ", PassKind.PLAIN, np.float32, 3),
        ("Material Index", "X", PassKind.INDEX, np.int32, None),
        ("IndexOB", "X", PassKind.INDEX, np.int32, None),
    ],
)
def test_what_a_pass_becomes(path, name, leaves, kind, dtype, width):
    pixels = layer(name, leaves, start=1.0)
    info, depth = write(path, dict(pixels))
    mask = np.zeros(SHAPE, bool)
    mask[1, 2] = mask[2, 0] = True
    (one,) = choose_passes(info, depth, [name])
    found = value(info, depth, name, mask)
    assert (one.kind, one.attribute, found.dtype) == (kind, name, dtype)
    expected = np.stack([pixels[f"V.{name}.{leaf}"][mask] for leaf in leaves], axis=-1)
    if kind is PassKind.NORMAL:
        expected = expected / np.sqrt((expected**2).sum(axis=1))[:, None]
    if kind is PassKind.COLOR and len(leaves) == 3:
        expected = np.insert(expected, 3, 1.0, axis=1)
    np.testing.assert_allclose(found, expected[:, :width] if width else expected[:, 0], rtol=1e-6)


def test_where_there_is_no_normal_it_is_zero_and_no_index_is_nan(path):
    pixels = {f"V.Normal.{leaf}": np.zeros(SHAPE, np.float32) for leaf in "XYZ"}
    pixels["V.Normal.Y"][0, 0] = np.nan
    pixels["V.IndexMA.X"] = np.full(SHAPE, np.nan, np.float32)
    pixels["V.IndexOB.X"] = np.full(SHAPE, 3e9, np.float32)
    pixels["V.Id.X"] = np.full(SHAPE, 2**32 - 2, np.uint32)
    info, depth = write(path, pixels)
    everything = np.ones(SHAPE, bool)
    assert (value(info, depth, "Normal", everything) == 0).all()
    assert (value(info, depth, "IndexMA", everything) == 0).all()
    assert (value(info, depth, "IndexOB", everything) == 2**31 - 128).all()
    assert (value(info, depth, "Id", everything) == -2).all()


def test_whole_numbers_that_no_attribute_holds_become_floats(path):
    pixels = {
        f"V.{name}.{leaf}": np.full(SHAPE, 7, np.uint32)
        for name, leaves in (("rgb", "RGB"), ("three", "XYZ"), ("two", "XY"))
        for leaf in leaves
    }
    info, depth = write(path, pixels)
    for name, dtype, width in (
        ("rgb", np.float32, 4),
        ("three", np.float32, 3),
        ("two", np.int32, 2),
    ):
        found = value(info, depth, name, np.ones(SHAPE, bool))
        assert (found.dtype, found.shape[1]) == (dtype, width)
        assert (found[:, :3] == 7).all()


def test_names_that_mean_something_else_are_changed(path):
    pixels = {**layer("color", "RGB"), **layer("depth_error", "X"), **layer("Color", "RGB")}
    long = 40 * "ä"
    pixels |= {**layer(".hidden", "X"), **layer(long, "X")}
    info, depth = write(path, pixels)
    attributes = {one.name: one.attribute for one in passes_beside(info, depth)}
    assert attributes == {
        "color": "color Pass", "depth_error": "depth_error Pass", "Color": "Color Pass",
        ".hidden": "hidden Pass", long: long[:29],
    }  # fmt: skip


def test_the_color_beside_depth_is_combined_whatever_its_name(path):
    info, depth = write(path, {"R": ramp(), "G": ramp(), "B": ramp()})
    (one,) = choose_passes(info, depth, ["Combined"])
    assert (one.layer.channels, one.attribute) == (("R", "G", "B"), "Color")


def test_combined_may_be_missing_and_nothing_else(path):
    info, depth = write(path, {**layer("Mist", "Z"), **layer("Normal", "XYZ")})
    assert choose_passes(info, depth, ["Combined"]) == ()
    assert [one.name for one in choose_passes(info, depth, ["Mist", "Combined"])] == ["Mist"]
    with pytest.raises(LayerError, match=r"has no pass Mits beside V.Depth; it has Mist, Normal"):
        choose_passes(info, depth, ["Mist", "Mits"])


def test_a_cryptomatte_is_one_pass_with_its_names(path):
    ids = np.array([0, BOX, BOX ^ 5], np.uint32)[np.arange(12).reshape(SHAPE) % 3]
    covered = np.where(ids > 0, 0.75, 0.0).astype(np.float32)
    zero = np.zeros(SHAPE, np.float32)
    pixels = {
        f"V.CryptoObject0{rank}.{leaf}": zero for rank in range(3) for leaf in "rgba"
    } | {"V.CryptoObject00.r": ids.view(np.float32), "V.CryptoObject00.g": covered}  # fmt: skip
    manifest = {"Box": f"{BOX:08x}", "Elsewhere": "0badcafe"}
    metadata = {
        "cryptomatte/542cafa/name": "V.CryptoObject",
        "cryptomatte/542cafa/manifest": json.dumps(manifest),
    }
    info, depth = write(path, pixels, **metadata)
    (one,) = passes_beside(info, depth)
    assert (one.name, one.kind) == ("CryptoObject", PassKind.CRYPTOMATTE)
    found = value(info, depth, "CryptoObject", np.ones(SHAPE, bool))
    np.testing.assert_array_equal(found, ids.view(np.int32).ravel())
    assert one.names_of(found) == {BOX - 2**32: "Box"}


def test_a_number_that_its_codec_changed_is_refused(path):
    half = {"compression": OpenEXR.B44_COMPRESSION}
    pixels = {"V.Mist.Z": ramp().astype(np.float16), "V.Normal.X": ramp().astype(np.float16)}
    info, depth = write(path, pixels, **half)
    with pytest.raises(LayerError, match=r"V.Mist in .* was saved with the codec B44"):
        choose_passes(info, depth, ["Mist"])


def test_four_plain_numbers_are_two_attributes_and_a_color_is_one(path):
    info, depth = write(path, {**layer("Vector", "XYZW"), **layer("tint", "RGBA")})
    for name, expected in (("Vector", ["Vector.XY", "Vector.ZW"]), ("tint", ["tint"])):
        values = value(info, depth, name, np.ones(SHAPE, bool))
        (one,) = choose_passes(info, depth, [name])
        found = attributes_of(one, values)
        assert list(found) == expected
        np.testing.assert_array_equal(np.hstack(list(found.values())), values)


def test_names_are_separated_by_commas():
    assert split_names(" Combined, Diffuse Color,,Combined ") == ("Combined", "Diffuse Color")
    assert split_names("") == ()
