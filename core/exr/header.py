"""Headers of OpenEXR files, read without their pixels.

The OpenEXR package gives the type of a channel only together with its pixels, and reads all parts
of a file or none. This module reads what is needed to choose a layer and its part first, and to
refuse damaged and oversized files before memory is allocated for them.

Source of the format: https://openexr.com/en/latest/OpenEXRFileLayout.html
"""

from __future__ import annotations

import os
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import BinaryIO

from ..depth.image import PixelType, Window
from ..errors import FileError

MAGIC = b"\x76\x2f\x31\x01"
TILED, LONG_NAMES, DEEP, MULTI_PART = 0x200, 0x400, 0x800, 0x1000

PIXEL_TYPES: tuple[PixelType, ...] = ("uint", "half", "float")
LINES_PER_CHUNK = (1, 1, 1, 16, 32, 16, 32, 32, 32, 256, 256, 32, 256, 1)
"""Scan lines in a chunk, by the number of the codec: NONE, RLE, ZIPS, ZIP, PIZ, PXR24, B44, B44A,
DWAA, DWAB, HTJ2K256, HTJ2K32, LJ2K, ZSTD."""

Matrix = tuple[tuple[float, ...], ...]
"""Four rows of four numbers, as they stand in the file: OpenEXR multiplies row vectors by them."""
MATRIX_FORMATS = {"m44f": "<16f", "m44d": "<16d"}

MAX_HEADER = 64 << 20
MAX_COORDINATE = 1 << 30


@dataclass(frozen=True)
class Channel:
    """One channel of a part: its name in the file, the type of its pixels, and its subsampling."""

    name: str
    pixel_type: PixelType
    sampling: tuple[int, int]


@dataclass(frozen=True)
class Part:
    """Header of one part.

    Attributes
    ----------
    name, view : str
        Empty where the file does not give them.
    views : tuple of str
        Stereo views from the `multiView` attribute, which the names of channels mention.
    channels : tuple of Channel
        Channels in the order of the file.
    data_window, display_window : Window
        Pixels that the part stores, and those of the whole image.
    compression : int
        Number of the codec.
    tiles : tuple of int or None
        Width and height of a tile; None where the pixels are stored in scan lines.
    deep : bool
        Whether a pixel may hold several samples.
    strings : mapping of str to str
        All attributes that are strings.
    matrices : mapping of str to Matrix
        All attributes that are 4x4 matrices of floats or doubles.
    chunk_count : int
        Number of entries in the table of chunks, at least those of the first mip level.
    first_level_chunks : int
        Number of chunks that hold the full resolution.
    raw : bytes
        All attributes, as they stand in the file.
    """

    name: str
    view: str
    views: tuple[str, ...]
    channels: tuple[Channel, ...]
    data_window: Window
    display_window: Window
    compression: int
    tiles: tuple[int, int] | None
    deep: bool
    strings: Mapping[str, str]
    matrices: Mapping[str, Matrix]
    chunk_count: int
    first_level_chunks: int
    raw: bytes


@dataclass(frozen=True)
class Header:
    """Headers of all parts of a file, and the offset at which the tables of their chunks begin."""

    flags: int
    parts: tuple[Part, ...]
    tables_at: int
    file_size: int

    @property
    def multi_part(self) -> bool:
        """Whether the file is multi-part, so that each chunk begins with the number of its part."""
        return bool(self.flags & MULTI_PART)


def read_header(file: BinaryIO, path: str) -> Header:
    """Read the header of an OpenEXR file.

    Parameters
    ----------
    file : binary file
        Positioned at its beginning, which must be `MAGIC`.
    path : str
        Path for messages.

    Raises
    ------
    FileError
        The header is of another version, truncated or damaged.
    """
    size = os.fstat(file.fileno()).st_size
    reader = _Reader(file, path, size)
    reader.take(len(MAGIC))
    (flags,) = struct.unpack("<I", reader.take(4))
    if flags & 0xFF != 2:
        raise FileError(
            f"{path} is an OpenEXR file of version {flags & 0xFF}, but only version 2 is known;"
            " save it with a current program."
        )
    multi_part = bool(flags & MULTI_PART)
    parts = []
    while not multi_part or reader.peek() != b"\0":
        parts.append(_read_part(reader, flags))
        if not multi_part:
            break
    if multi_part:
        reader.take(1)
    if not parts:
        raise reader.damaged("it has no parts")
    return Header(flags, tuple(parts), reader.position, size)


class _Reader:
    """Sequential access to a header of unknown length, with errors where bytes are missing."""

    def __init__(self, file: BinaryIO, path: str, size: int) -> None:
        self.position = 0
        self._file = file
        self._path = path
        self._size = size
        self._buffer = b""

    def damaged(self, what: str) -> FileError:
        return FileError(
            f"The header of {self._path} is damaged: {what}; render or save the file again."
        )

    def _need(self, end: int) -> None:
        if end > MAX_HEADER:
            raise self.damaged(f"it is longer than {MAX_HEADER >> 20} MiB")
        if end > len(self._buffer):
            # Most headers have a few kilobytes. Doubling keeps the cost of long ones linear.
            more = max(end, 2 * len(self._buffer), 1 << 14) - len(self._buffer)
            self._buffer += self._file.read(more)
        if end > len(self._buffer):
            raise FileError(
                f"{self._path} is truncated: it ends after {self._size} bytes, within its header;"
                " render or copy it again."
            )

    def take(self, count: int) -> bytes:
        if count < 0:
            raise self.damaged("an attribute has a negative size")
        self._need(self.position + count)
        self.position += count
        return self._buffer[self.position - count : self.position]

    def peek(self) -> bytes:
        self._need(self.position + 1)
        return self._buffer[self.position : self.position + 1]

    def text(self) -> str:
        """Read a name that ends in a zero byte."""
        end = -1
        while end < 0:
            end = self._buffer.find(b"\0", self.position, self.position + 256)
            if end < 0 and len(self._buffer) >= self.position + 256:
                raise self.damaged("a name is longer than 255 characters")
            if end < 0:
                self._need(len(self._buffer) + 1)
        start, self.position = self.position, end + 1
        return _decode(self._buffer[start:end])

    def since(self, start: int) -> bytes:
        return self._buffer[start : self.position]


def _decode(raw: bytes) -> str:
    # Not with lone surrogates: OpenEXR's Python functions crash on strings that are not UTF-8.
    return raw.decode("utf-8", "replace")


def _read_part(reader: _Reader, flags: int) -> Part:
    start = reader.position
    attributes: dict[str, tuple[str, bytes]] = {}
    while reader.peek() != b"\0":
        name = reader.text()
        kind = reader.text()
        (length,) = struct.unpack("<i", reader.take(4))
        attributes[name] = (kind, reader.take(length))
    reader.take(1)
    try:
        return _part(attributes, flags, reader.since(start))
    except KeyError as missing:
        raise reader.damaged(f"it has no {missing.args[0]} attribute") from None
    except (struct.error, IndexError):
        raise reader.damaged("an attribute has the wrong size") from None
    except ValueError as error:
        raise reader.damaged(str(error)) from None


def _part(attributes: Mapping[str, tuple[str, bytes]], flags: int, raw: bytes) -> Part:
    values = {name: value for name, (_, value) in attributes.items()}
    strings = {
        name: _decode(value) for name, (kind, value) in attributes.items() if kind == "string"
    }
    matrices = {
        name: _matrix(kind, value)
        for name, (kind, value) in attributes.items()
        if kind in MATRIX_FORMATS
    }
    storage = strings.get("type", "")
    tiled = storage in ("tiledimage", "deeptile") or (not storage and bool(flags & TILED))
    data_window = _window(values["dataWindow"], "data window")
    compression = values["compression"][0]
    if compression >= len(LINES_PER_CHUNK):
        raise ValueError(f"its compression, number {compression}, is unknown")
    tiles = None
    chunks = -(-data_window.height // LINES_PER_CHUNK[compression])
    if tiled:
        tile_width, tile_height = struct.unpack_from("<II", values["tiles"])
        if not (0 < tile_width < MAX_COORDINATE and 0 < tile_height < MAX_COORDINATE):
            raise ValueError(f"its tiles have the size {tile_width} x {tile_height}")
        tiles = (tile_width, tile_height)
        chunks = -(-data_window.width // tile_width) * -(-data_window.height // tile_height)
    chunk_count = chunks
    if "chunkCount" in values:
        (chunk_count,) = struct.unpack_from("<i", values["chunkCount"])
    if chunk_count < chunks:
        raise ValueError(f"it announces {chunk_count} of {chunks} blocks of pixels")
    return Part(
        name=strings.get("name", ""),
        view=strings.get("view", ""),
        views=_string_vector(values.get("multiView", b"")),
        channels=_channels(values["channels"]),
        data_window=data_window,
        display_window=_window(values["displayWindow"], "display window"),
        compression=compression,
        tiles=tiles,
        deep=storage.startswith("deep") or (not storage and bool(flags & DEEP)),
        strings=strings,
        matrices=matrices,
        chunk_count=chunk_count,
        first_level_chunks=chunks,
        raw=raw,
    )


def _window(raw: bytes, what: str) -> Window:
    x_min, y_min, x_max, y_max = struct.unpack("<4i", raw)
    if (
        x_max < x_min
        or y_max < y_min
        or max(map(abs, (x_min, y_min, x_max, y_max))) > MAX_COORDINATE
    ):
        raise ValueError(f"its {what} goes from ({x_min}, {y_min}) to ({x_max}, {y_max})")
    return Window(x_min, y_min, x_max - x_min + 1, y_max - y_min + 1)


def _matrix(kind: str, raw: bytes) -> Matrix:
    numbers = struct.unpack(MATRIX_FORMATS[kind], raw)
    return tuple(numbers[row : row + 4] for row in range(0, 16, 4))


def _channels(raw: bytes) -> tuple[Channel, ...]:
    channels = []
    at = 0
    while raw[at] != 0:
        end = raw.find(b"\0", at)
        if end < 0:
            raise ValueError("its list of channels is broken")
        kind, _, x_sampling, y_sampling = struct.unpack_from("<iIii", raw, end + 1)
        if not 0 <= kind < len(PIXEL_TYPES):
            raise ValueError(f"a channel has the unknown pixel type {kind}")
        sampling = (x_sampling, y_sampling)
        channels.append(Channel(_decode(raw[at:end]), PIXEL_TYPES[kind], sampling))
        at = end + 1 + 16
    return tuple(channels)


def _string_vector(raw: bytes) -> tuple[str, ...]:
    strings = []
    at = 0
    while at < len(raw):
        (length,) = struct.unpack_from("<i", raw, at)
        if length < 0 or at + 4 + length > len(raw):
            raise ValueError("its list of views is broken")
        strings.append(_decode(raw[at + 4 : at + 4 + length]))
        at += 4 + length
    return tuple(strings)
