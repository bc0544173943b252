"""The layers that regions need, in files that OpenEXR's own library writes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import OpenEXR
import pytest

from core.errors import LayerError
from core.exr import reader as exr
from core.exr.layers import FileInfo, Layer
from core.exr.regions import RegionKind, RegionLayer, region_layer

SHAPE = (32, 32)
INDICES = [RegionKind.OBJECT_INDEX, RegionKind.MATERIAL_INDEX]
IDS = [RegionKind.OBJECT, RegionKind.MATERIAL, RegionKind.ASSET]


def write(
    path: Path, names: list[str], dtype: type = np.float32, **attributes: Any
) -> tuple[FileInfo, Layer]:
    header = {"type": OpenEXR.scanlineimage, **attributes}
    pixels = {name: np.ones(SHAPE, dtype) for name in names}
    OpenEXR.File(header, pixels | {"V.Depth.Z": np.ones(SHAPE, np.float32)}).write(str(path))
    info = exr.read_info(path)
    return info, info.depth_layer("V.Depth")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "regions.exr"


@pytest.mark.parametrize("names", [("IndexOB", "IndexMA"), ("Object Index", "Material Index")])
def test_indices_by_their_names_in_every_blender(path: Path, names: tuple[str, str]) -> None:
    info, depth = write(path, [f"{layer}.{name}.X" for layer in "VW" for name in names])
    for kind, name in zip(INDICES, names, strict=True):
        found = region_layer(kind, info, depth)
        assert isinstance(found, RegionLayer)
        assert (found.layer.label, found.crypto) == (f"V.{name}", None)


def test_ids_with_their_coverage(path: Path) -> None:
    titles = ["CryptoObject", "CryptoMaterial", "CryptoAsset"]
    info, depth = write(path, [f"V.{title}00.{leaf}" for title in titles for leaf in "rgba"])
    for kind, title in zip(IDS, titles, strict=True):
        found = region_layer(kind, info, depth)
        assert found is not None
        assert found.crypto is not None
        assert found.crypto.name == f"V.{title}"
        assert found.layer.channels == (f"V.{title}00.r", f"V.{title}00.g")


def test_other_kinds_need_no_layer(path: Path) -> None:
    info, depth = write(path, [])
    for kind in set(RegionKind) - {*INDICES, *IDS}:
        assert region_layer(kind, info, depth) is None


def test_an_index_layer_that_is_not_there(path: Path) -> None:
    info, depth = write(path, ["W.IndexOB.X"])
    with pytest.raises(LayerError, match=r"no Object Index pass beside V\.Depth; it holds .*Index"):
        region_layer(RegionKind.OBJECT_INDEX, info, depth)


def test_an_index_layer_that_its_codec_changed(path: Path) -> None:
    info, depth = write(path, ["V.IndexOB.X"], np.float16, compression=OpenEXR.B44_COMPRESSION)
    with pytest.raises(LayerError, match=r"V\.IndexOB .* with the codec B44, which changes its va"):
        region_layer(RegionKind.OBJECT_INDEX, info, depth)


def test_an_index_layer_of_other_pixels(path: Path) -> None:
    crop = {"dataWindow": (np.array([1, 0], np.int32), np.array([32, 31], np.int32))}
    parts = [
        OpenEXR.Part({"type": OpenEXR.scanlineimage, **attributes}, channels, name)
        for name, attributes, channels in (
            ("V.Depth", {}, {"V.Depth.Z": np.ones(SHAPE, np.float32)}),
            ("V.IndexMA", crop, {"V.IndexMA.X": np.ones(SHAPE, np.float32)}),
        )
    ]
    OpenEXR.File(parts).write(str(path))
    info = exr.read_info(path)
    with pytest.raises(LayerError, match=r"V\.IndexMA .* covers other pixels than V\.Depth"):
        region_layer(RegionKind.MATERIAL_INDEX, info, info.depth_layer())
