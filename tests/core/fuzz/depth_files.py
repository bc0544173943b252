"""Depth in files of other kinds than OpenEXR; pixels of PNG, TIFF and HDR are Blender's to read."""

from __future__ import annotations

import io
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from core import DepthEncoding, DepthKind, ValueKind, read_depth, read_info
from core.errors import DepthError, FileError
from core.files.info import FileFormat
from tests.core.fuzz.exr_files import assert_depth
from tests.core.fuzz.mutation import Sample
from tests.image_files import write_hdr, write_pfm, write_png, write_tiff

CODES = np.arange(1, 13 * 17 + 1, dtype=np.uint16).reshape(13, 17) * 200
ENCODINGS = (
    DepthEncoding(unit=0.001),
    DepthEncoding(ValueKind.INVERSE, unit=1.0),
    DepthEncoding(ValueKind.DISPARITY, offset=3.0, baseline=0.1, focal=500.0),
    DepthEncoding(ValueKind.NORMALIZED, -1.0, 1.0, near=0.5, far=9.0),
)
OF_BLENDER = (FileFormat.PNG, FileFormat.TIFF, FileFormat.HDR)


def samples() -> list[Sample]:
    floats = (CODES / 1000.0).astype(np.float32)
    color = np.repeat(CODES[..., None], 3, axis=2)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a"
        found = [
            _sample(write, path, pixels)
            for write, pixels in (
                *((write_png, CODES), (write_png, color), (write_tiff, CODES), (write_tiff, color)),
                *((write_tiff, floats), (write_hdr, floats), (write_pfm, floats)),
                *((write_tiff, floats.astype(np.float64)), (write_tiff, floats.astype(np.float16))),
            )
        ]
    for dtype in (np.uint16, np.int16, np.uint32, np.float16, np.float32, np.float64):
        content = _npy(CODES.astype(dtype))
        found.append(Sample("depth.npy", content, 128))
        found.append(Sample("depth.npz", content, 128, _archive))
        found.append(Sample("depth.npz", _archive(content)))
    return found


def _sample(write: Callable[[Path, np.ndarray], Path], path: Path, pixels: np.ndarray) -> Sample:
    return Sample("depth.bin", write(path, pixels).read_bytes(), 256)


def _npy(array: np.ndarray) -> bytes:
    content = io.BytesIO()
    np.save(content, array)
    return content.getvalue()


def _archive(content: bytes) -> bytes:
    """An archive that is whole, so that what it holds is reached."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("depth.npy", content)
        file.writestr("K.npy", _npy(np.eye(3)))
    return archive.getvalue()


def read(path: Path) -> None:
    info = read_info(path)
    error: DepthError | None = None
    for encoding in ENCODINGS:
        try:
            depth = read_depth(info, kind=DepthKind.PLANAR, encoding=encoding)
        except DepthError as caught:
            error = caught
        else:
            assert_depth(depth)
    is_left_to_blender = getattr(info, "format", None) in OF_BLENDER and type(error) is FileError
    if error is not None and not is_left_to_blender:
        raise error
