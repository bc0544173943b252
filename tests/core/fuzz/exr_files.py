"""EXR files in the layouts of Blender and of other programs, and reading them in every way."""

from __future__ import annotations

import contextlib
import itertools
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import OpenEXR

from core import DepthKind, camera_of_file, read_depth, read_info
from core.errors import DepthError
from core.exr import reader
from core.files.reader import read_layers
from tests.core.fuzz.mutation import Sample

COMPRESSIONS = ("NO", "RLE", "ZIPS", "ZIP", "PIZ", "PXR24", "B44", "B44A", "DWAA", "DWAB")
STORAGES = (OpenEXR.scanlineimage, OpenEXR.tiledimage)
TYPES = (np.float32, np.float16, np.uint32)
SIZE = (20, 24)
BLENDER = (
    ("ViewLayer.Combined", "RGBA"), ("ViewLayer.Depth", "Z"), ("ViewLayer.Position", "XYZ"),
    ("ViewLayer.Normal", "XYZ"), ("ViewLayer.CryptoObject00", "rgba"),
)  # fmt: skip
MATRICES = {
    "worldToCamera": np.eye(4, dtype=np.float32), "worldToNDC": np.eye(4, dtype=np.float32)
}  # fmt: skip
STAMPS = {"Camera": "Camera", "Frame": "007", "Scene": "Scene", "File": "a.blend", "Lens": "50.00"}


def samples() -> list[Sample]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.exr"
        return [_sample(path, file) for file in [*_single(), *_layered()]]


def _sample(path: Path, file: OpenEXR.File) -> Sample:
    file.write(str(path))
    with open(path, "rb") as opened:
        tables_at = reader.read_header(opened, str(path)).tables_at
    return Sample("depth.exr", path.read_bytes(), tables_at + 64)


def _pixels(names: list[str], dtype: type = np.float32, size: tuple[int, int] = SIZE) -> dict:
    random = np.random.default_rng(len(names))
    return {name: random.uniform(1, 9, size).astype(dtype) for name in names}


def _header(compression: str, storage: Any = OpenEXR.scanlineimage, **others: Any) -> dict:
    header = {"type": storage, "compression": getattr(OpenEXR, f"{compression}_COMPRESSION")}
    if storage == OpenEXR.tiledimage:
        header["tiles"] = OpenEXR.TileDescription()
        header["tiles"].xSize = header["tiles"].ySize = 16
    return {**header, **others}


def _single() -> list[OpenEXR.File]:
    """One depth channel, in every compression, storage, and type."""
    files = [
        OpenEXR.File(_header(compression, storage, **STAMPS), _pixels(["Z"], dtype))
        for compression, storage, dtype in itertools.product(COMPRESSIONS, STORAGES, TYPES)
    ]
    window = (np.array([5, -3], np.int32), np.array([28, 16], np.int32))
    display = (np.array([0, 0], np.int32), np.array([39, 29], np.int32))
    windows = {"dataWindow": window, "displayWindow": display}
    files.append(OpenEXR.File(_header("ZIP", **windows, **MATRICES), _pixels(["Z"])))
    files.append(OpenEXR.File(_header("ZIP"), _pixels(["R", "G", "B", "A"])))
    return files


def _layered() -> list[OpenEXR.File]:
    """Passes in one part (Blender to 4.5), a part each (from 5.0), and views in both ways."""
    channels = [f"{name}.{leaf}" for name, leaves in BLENDER for leaf in leaves]
    files = [
        OpenEXR.File(_header(compression, **STAMPS, **MATRICES), _pixels(channels))
        for compression in COMPRESSIONS
    ]
    for compression in ("ZIP", "PIZ", "DWAA"):
        parts = [
            OpenEXR.Part(_header(compression), _pixels([f"{name}.{leaf}" for leaf in leaves]), name)
            for name, leaves in BLENDER
        ]
        files.append(OpenEXR.File(parts))
    views = [
        OpenEXR.Part(
            _header("ZIP", view=view), _pixels(["ViewLayer.Depth.Z"]), f"ViewLayer.Depth-{view}"
        )
        for view in ("left", "right")
    ]
    names = [f"ViewLayer.Depth.{view}.Z" for view in ("left", "right")]
    files.append(OpenEXR.File(views))
    files.append(OpenEXR.File(_header("ZIP", multiView=["left", "right"]), _pixels(names)))
    return files


def read(path: Path) -> None:
    """Read all that a file says; what fails must fail with an error of the core."""
    reader.clear_cache()
    info = read_info(path)
    with contextlib.suppress(DepthError):
        camera_of_file(path)
    for layer in info.layers:
        with contextlib.suppress(DepthError):
            for pixels in read_layers(info, [layer]):
                assert pixels.shape[:2] == (layer.window.height, layer.window.width)
    depth = read_depth(info, info.depth_layer(), kind=DepthKind.PLANAR)
    assert_depth(depth)


def assert_depth(depth: Any) -> None:
    """Values of a valid pixel are distances."""
    assert depth.values.shape == depth.valid.shape
    values = depth.values[depth.valid]
    assert np.isfinite(values).all()
    assert (values > 0.0).all()
