"""Headers of PNG, TIFF, and Radiance HDR images: their size, and the type of their pixels.

Blender's loader turns all pixels into floats, and does not say what they were.
"""

from __future__ import annotations

import os
import re
import struct
from dataclasses import dataclass
from typing import BinaryIO

from ..depth.pixel_types import PixelType
from ..errors import FileError


@dataclass(frozen=True)
class ImageHeader:
    """Width and height in pixels, and what the pixels are stored as."""

    width: int
    height: int
    pixel_type: PixelType


_HDR_SIZE = re.compile(rb"\n\n-Y +(\d+) +\+X +(\d+)\n")
_HDR_LONGEST = 1 << 16

_WIDTH, _HEIGHT, _BITS, _PHOTOMETRIC, _ORIENTATION, _SAMPLE_FORMAT = 256, 257, 258, 262, 274, 339
_BLOCKS = ((273, 279), (324, 325))
"""Where strips and tiles begin, and how many bytes they have."""
_MOST_BLOCKS = 1 << 20
_TIFF_TYPES: dict[tuple[int, int], PixelType] = {
    (8, 1): "uint8",
    (16, 1): "uint16",
    (16, 3): "half",
    (32, 3): "float",
    (64, 3): "float",
}
"""By bits and sample format: 1 for unsigned integers, 3 for floats."""


def png_header(file: BinaryIO, path: str) -> ImageHeader:
    """Read the header of a PNG image (https://www.w3.org/TR/png-3/#11IHDR).

    Raises
    ------
    FileError
        It is truncated or damaged.
    """
    file.seek(8)
    raw = file.read(17)
    if len(raw) < 17 or raw[4:8] != b"IHDR":
        raise damaged(path)
    width, height, bits = struct.unpack_from(">IIB", raw, 8)
    return _checked(ImageHeader(width, height, "uint16" if bits == 16 else "uint8"), path)


def hdr_header(file: BinaryIO, path: str) -> ImageHeader:
    """Read the header of a Radiance HDR image with rows from the top.

    Source: https://radsite.lbl.gov/radiance/refer/filefmts.pdf

    Raises
    ------
    FileError
        It is truncated or damaged, or its rows are in another order.
    """
    found = _HDR_SIZE.search(file.read(_HDR_LONGEST))
    if found is None:
        raise FileError(
            f"The header of {path} gives no size with rows from the top (-Y height +X width); save "
            "it again with another program."
        )
    return _checked(ImageHeader(int(found[2]), int(found[1]), "rgbe"), path)


def tiff_header(file: BinaryIO, path: str) -> ImageHeader:
    """Read the header of the first image of a TIFF file.

    Source: TIFF 6.0, https://www.itu.int/itudoc/itu-t/com16/tiff-fx/docs/tiff6.pdf

    Raises
    ------
    FileError
        It is truncated or damaged, or its pixels are of a type that cannot be used.
    """
    tags = _tiff_tags(file, path)
    width, height = tags.get(_WIDTH, (0,))[0], tags.get(_HEIGHT, (0,))[0]
    kinds = set(zip(tags.get(_BITS, (1,)), tags.get(_SAMPLE_FORMAT, (1,)) * 8, strict=False))
    pixel_type = _TIFF_TYPES.get(kinds.pop()) if len(kinds) == 1 else None
    as_they_stand = tags.get(_PHOTOMETRIC, (1,))[0] in (1, 2) and tags.get(_ORIENTATION) in (
        None,
        (1,),
    )
    if pixel_type is None or not as_they_stand:
        raise FileError(
            f"{path} is a TIFF image with pixels of another kind than 16-bit unsigned or 16-, 32- "
            "or 64-bit float, turned, or inverted; save it as 32-bit float, upright."
        )
    for begins, lengths in _BLOCKS:
        ends = map(sum, zip(tags.get(begins, ()), tags.get(lengths, ()), strict=False))
        if max(ends, default=0) > os.path.getsize(path):
            raise damaged(path)  # for which Blender would read zeros
    return _checked(ImageHeader(width, height, pixel_type), path)


def _tiff_tags(file: BinaryIO, path: str) -> dict[int, tuple[int, ...]]:
    """Read the tags of the first image that hold whole numbers of 16 or 32 bits."""
    file.seek(0)
    order = "<" if file.read(4)[:2] == b"II" else ">"
    try:
        file.seek(struct.unpack(f"{order}I", file.read(4))[0])
        (count,) = struct.unpack(f"{order}H", file.read(2))
        entries = file.read(12 * count)
        tags = {}
        for at in range(0, 12 * count, 12):
            tag, kind, number = struct.unpack_from(f"{order}HHI", entries, at)
            letter = {3: "H", 4: "I"}.get(kind)
            if letter is None or not 0 < number <= _MOST_BLOCKS:
                continue
            values = struct.Struct(f"{order}{number}{letter}")
            raw = entries[at + 8 : at + 12]
            if values.size > 4:
                file.seek(struct.unpack(f"{order}I", raw)[0])
                raw = file.read(values.size)
            tags[tag] = values.unpack_from(raw)
    except struct.error:
        raise damaged(path) from None
    return tags


def damaged(path: str) -> FileError:
    """Make the error for a file that is not whole."""
    return FileError(f"{path} is damaged or truncated; save or copy it again.")


def _checked(header: ImageHeader, path: str) -> ImageHeader:
    """Refuse a size that the file cannot hold, whatever its compression."""
    most = os.path.getsize(path) * 10_000  # deflate: up to 1032 times, 8 pixels a byte
    if not 0 < header.width * header.height <= most:
        raise damaged(path)
    return header
