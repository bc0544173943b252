"""Cryptomatte in files that OpenEXR's own library writes, with ids that are known."""

from __future__ import annotations

import json

import numpy as np
import OpenEXR
import pytest

from core.errors import LayerError
from core.exr import reader as exr
from core.exr.cryptomatte import (
    NOTHING,
    cryptomatte_beside,
    cryptomattes,
    strongest_ids,
)

BOX, ROD, FLOOR = 0x32A344A0, 0xE5E9B0DB, 0x4159B52A
IDS = np.array([[[BOX, ROD, FLOOR], [FLOOR, NOTHING, NOTHING]]], np.uint32)
COVERAGE = np.array([[[0.5, 0.25, 0.125], [0.75, 0.0, 0.0]]], np.float32)
MANIFEST = {"Box": f"{BOX:08x}", "Rod": f"{ROD:08x}", "Floor": f"{FLOOR:08x}"}


def channels(name, leaves="rgba"):
    """Three ranks in two layers of pairs; the last pair is empty."""
    ids = np.concatenate((IDS, np.zeros((1, 2, 1), np.uint32)), axis=-1).view(np.float32)
    covered = np.concatenate((COVERAGE, np.zeros((1, 2, 1), np.float32)), axis=-1)
    values = np.stack((ids, covered), axis=-1).reshape(1, 2, 8)
    return {
        f"{name}{rank:02}.{leaf}": np.ascontiguousarray(values[..., 4 * rank + i])
        for rank in (1, 0)
        for i, leaf in enumerate(leaves)
    }


def file_of(path, pixels, manifest="", name="ViewLayer.CryptoObject", **attributes):
    header = {"type": OpenEXR.scanlineimage, **attributes}
    if manifest:
        header["cryptomatte/542cafa/name"] = name
        header["cryptomatte/542cafa/manifest"] = manifest
    pixels["ViewLayer.Depth.Z"] = np.ones((1, 2), np.float32)
    OpenEXR.File(header, pixels).write(str(path))
    info = exr.read_info(path)
    return info, info.depth_layer("ViewLayer.Depth")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "crypto.exr"


def test_strongest(path):
    info, depth = file_of(path, channels("ViewLayer.CryptoObject"), json.dumps(MANIFEST))
    found = cryptomatte_beside(info, depth, "CryptoObject")
    assert found.ids == {"Box": BOX, "Rod": ROD, "Floor": FLOOR}
    ranks = exr.read_layers(info, found.ranks)
    strongest = strongest_ids(ranks[0])
    assert strongest.dtype == np.uint32
    np.testing.assert_array_equal(strongest, [[BOX, FLOOR]])
    assert found.id_of("Floor") == FLOOR


def test_id_without_coverage_is_nothing():
    pixels = np.zeros((1, 2, 4), np.float32)
    pixels[..., 0] = np.array([BOX, ROD], np.uint32).view(np.float32)
    pixels[0, 1, 1] = 0.1
    np.testing.assert_array_equal(strongest_ids(pixels), [[NOTHING, ROD]])


def test_other_renderers_names(path):
    pixels = channels("ViewLayer.crypto_object", "RGBA")
    info, depth = file_of(path, pixels, json.dumps(MANIFEST), "ViewLayer.crypto_object")
    found = cryptomatte_beside(info, depth, "CryptoObject")
    assert found.name == "ViewLayer.crypto_object"
    assert found.id_of("Rod") == ROD


def test_quotes_as_cycles_writes_them(path):
    manifest = f'{{"Plane":"{FLOOR:08x}","Würfel "a", b":"{BOX:08x}","":"{ROD:08x}"}}'
    info, _ = file_of(path, channels("ViewLayer.CryptoObject"), manifest)
    assert cryptomattes(info)[0].ids == {"Plane": FLOOR, 'Würfel "a", b': BOX, "": ROD}


def test_hashes_that_are_no_plain_floats(path):
    manifest = json.dumps({"denormal": "8000000a", "infinite": "7f800000", "nan": "ffc00001"})
    info, _ = file_of(path, channels("ViewLayer.CryptoObject"), manifest)
    ids = cryptomattes(info)[0].ids
    assert ids == {"denormal": 0x8080000A, "infinite": 0x7F000000, "nan": 0xFF400001}
    values = np.array(list(ids.values()), np.uint32).view(np.float32)
    assert np.isfinite(values).all()
    assert (np.abs(values) >= np.finfo(np.float32).tiny).all()


@pytest.mark.parametrize("manifest", ["", "}", "[1]", '{"Box": 3}', '{"Box": "xyz"}'])
def test_no_manifest(path, manifest):
    info, depth = file_of(path, channels("ViewLayer.CryptoObject"), manifest)
    found = cryptomatte_beside(info, depth, "CryptoObject")
    with pytest.raises(LayerError, match=r"no list of names .*so Box cannot be found"):
        found.id_of("Box")


def test_names_that_are_not_there(path):
    info, depth = file_of(path, channels("ViewLayer.CryptoObject"), json.dumps(MANIFEST))
    with pytest.raises(LayerError, match=r"has no Ball; it names Box, Floor, Rod\. Choose"):
        cryptomatte_beside(info, depth, "CryptoObject").id_of("Ball")
    with pytest.raises(LayerError, match=r"no CryptoAsset beside .*it holds ViewLayer.CryptoObj"):
        cryptomatte_beside(info, depth, "CryptoAsset")
    info, depth = file_of(path, {})
    with pytest.raises(LayerError, match="it holds no Cryptomatte at all"):
        cryptomatte_beside(info, depth, "CryptoObject")


def test_ids_that_were_changed(path):
    pixels = {name: np.zeros((1, 2), np.float16) for name in channels("ViewLayer.CryptoObject")}
    info, depth = file_of(path, pixels)
    with pytest.raises(LayerError, match="was saved as 16-bit floats"):
        cryptomatte_beside(info, depth, "CryptoObject")
    for codec in ("DWAA", "PXR24"):
        compression = getattr(OpenEXR, f"{codec}_COMPRESSION")
        pixels = channels("ViewLayer.CryptoObject")
        info, depth = file_of(path, pixels, compression=compression)
        with pytest.raises(LayerError, match=f"was saved with the codec {codec}, which changes"):
            cryptomatte_beside(info, depth, "CryptoObject")
