"""PFM images: a header of three lines, and floats in rows from the bottom.

Source of the format: https://www.pauldebevec.com/Research/HDR/PFM/
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from ..errors import FileError
from .headers import damaged

Array = NDArray[Any]

_HEADER = re.compile(
    rb"P([Ff])\r?\n(?:#[^\n]*\n)*(\d{1,9})\s+(\d{1,9})\r?\n(-?[0-9][0-9.eE+-]*)\r?\n"
)


@dataclass(frozen=True)
class PfmHeader:
    """Size in pixels, channels, the type of a number, and where the numbers begin.

    The sign of the third line says the order of the bytes. Programs disagree on what its size means
    (in the Middlebury stereo files it is 1/255, and not a factor), so it is not applied.
    """

    width: int
    height: int
    channels: int
    dtype: np.dtype[Any]
    start: int


def pfm_header(file: BinaryIO, path: str) -> PfmHeader:
    """Read the header of a PFM image.

    Raises
    ------
    FileError
        It is damaged.
    """
    file.seek(0)
    found = _HEADER.match(file.read(1 << 12))
    if found is None or not int(found[2]) * int(found[3]):
        raise damaged(path)
    dtype = np.dtype("<f4" if found[4].startswith(b"-") else ">f4")
    channels = 3 if found[1] == b"F" else 1
    return PfmHeader(int(found[2]), int(found[3]), channels, dtype, found.end())


def read_pfm(file: BinaryIO, path: str) -> Array:
    """Read pixels, shape (H, W) or (H, W, 3), float32, rows from the top.

    Raises
    ------
    FileError
        The image is damaged or truncated.
    """
    header = pfm_header(file, path)
    count = header.width * header.height * header.channels
    file.seek(0, 2)
    if file.tell() < header.start + 4 * count:
        raise FileError(
            f"{path} is truncated: it ends after {file.tell()} bytes, within its pixels; save or "
            "copy it again."
        )
    file.seek(header.start)
    numbers = np.frombuffer(file.read(4 * count), header.dtype)
    shape = (header.height, header.width, header.channels)
    rows = numbers.reshape(shape[: 2 if header.channels == 1 else 3])[::-1]
    return np.ascontiguousarray(rows, np.float32)
