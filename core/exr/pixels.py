"""Pixels of OpenEXR files: chosen channels of one part, complete or not at all."""

from __future__ import annotations

import contextlib
import ctypes
import os
import struct
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from ..errors import FileError
from .header import LONG_NAMES, MAGIC, TILED, Header, Part

Array = NDArray[Any]

DTYPES = {"half": np.float16, "float": np.float32, "uint": np.uint32}


def read_channels(
    file: BinaryIO, path: str, header: Header, number: int, names: Sequence[str]
) -> list[Array]:
    """Read channels of one part.

    Parameters
    ----------
    file : binary file
    path : str
        Path of the file.
    header : Header
    number : int
        Number of the part.
    names : sequence of str
        Names of its channels.

    Returns
    -------
    list of ndarray, shape (H, W), float16, float32 or uint32
        Pixels of each channel over the data window, rows from the top, in the file's own type. Of
        several mip levels, the full resolution is read.

    Raises
    ------
    FileError
        A channel is subsampled, the pixels do not fit into memory, some of them are missing or
        damaged, or the copy of a part cannot be written.
    """
    part = header.parts[number]
    channels = {channel.name: channel for channel in part.channels}
    for name in names:
        if channels[name].sampling != (1, 1):
            x, y = channels[name].sampling
            raise FileError(
                f"Channel {name} of {path} holds one value for {x} x {y} pixels, but one for each"
                " is needed; save the file without subsampling (as RGB, not luminance and chroma)."
            )
    dtypes = [np.dtype(DTYPES[channels[name].pixel_type]) for name in names]
    _check_memory(path, part, sum(dtype.itemsize for dtype in dtypes))
    tables = _read_tables(file, path, header)
    if header.multi_part:
        with _copy_of_part(file, path, header, number, tables[number]) as copy:
            pixels = _decode(copy, path, names)
    else:
        pixels = _decode(path, path, names)
    shape = (part.data_window.height, part.data_window.width)
    try:
        return [
            np.frombuffer(raw, dtype).reshape(shape)
            for raw, dtype in zip(pixels, dtypes, strict=True)
        ]
    except ValueError as error:
        raise FileError(f"{path} changed while it was read; read it again.") from error


def _decode(source: str, path: str, names: Sequence[str]) -> list[bytes]:
    """Decode channels of the first part of the file `source`; errors name the file `path`."""
    # Imported on first use, so that enabling the extension does not load a compiled library.
    try:
        import OpenEXR
    except ModuleNotFoundError as error:
        raise FileError(
            "Python's OpenEXR package is missing, which Blender gets with the extension; outside "
            "Blender, install it with: pip install OpenEXR"
        ) from error

    try:
        with _all_cores(OpenEXR):
            pixels: list[bytes] = OpenEXR.InputFile(os.fsencode(source)).channels(list(names))
    except (OSError, TypeError, ValueError, OverflowError) as error:
        raise FileError(
            f"The pixels of {path} are damaged ({error}); render or copy it again."
        ) from error
    return pixels


_decoding = threading.Lock()
"""Held while a file is decoded, because the number of threads belongs to the whole process."""


@contextlib.contextmanager
def _all_cores(library: Any) -> Iterator[None]:
    """Let OpenEXR use all cores, and leave no idle threads behind in Blender."""
    with _decoding:
        before = library.global_thread_count()
        library.set_global_thread_count(max(before, os.cpu_count() or 1))
        try:
            yield
        finally:
            library.set_global_thread_count(before)


def _check_memory(path: str, part: Part, bytes_per_pixel: int) -> None:
    """Refuse pixels that cannot fit: as stored, once more as float32, and one byte of a mask."""
    window = part.data_window
    needed = window.width * window.height * (2 * bytes_per_pixel + 1)
    available = _available_memory()
    if needed > available:
        raise FileError(
            f"{path} has {window.width} x {window.height} pixels, which take {needed / 2**30:.1f}"
            f" GiB of memory, but {available / 2**30:.1f} GiB are available; render it smaller, or"
            " render the file again if its size is wrong."
        )


def _available_memory() -> int:
    """Bytes that can be allocated, or the size of the memory where the system says no more."""
    if sys.platform == "win32":
        status = (ctypes.c_uint64 * 8)()
        # MEMORYSTATUSEX: two fields of 32 bits, dwLength first, then seven of 64 bits, of which
        # ullAvailPhys is the second.
        status[0] = ctypes.sizeof(status)
        ctypes.windll.kernel32.GlobalMemoryStatusEx(status)
        return int(status[2])
    with (
        contextlib.suppress(OSError, StopIteration),
        open("/proc/meminfo", encoding="ascii") as info,
    ):
        line = next(line for line in info if line.startswith("MemAvailable"))
        return int(line.split()[1]) * 1024
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def _read_tables(file: BinaryIO, path: str, header: Header) -> list[Array]:
    """Read the offsets of every part's chunks; raises FileError unless all chunks are there."""
    count = sum(part.chunk_count for part in header.parts)
    file.seek(header.tables_at)
    end = header.tables_at + 8 * count
    if end > header.file_size:
        raise _truncated(path, header)
    offsets = np.frombuffer(file.read(8 * count), "<u8")
    if len(offsets) < count:
        raise _truncated(path, header)
    missing = int(np.count_nonzero(offsets < end))
    if missing:
        raise FileError(
            f"{path} is incomplete: {missing} of its {count} blocks of pixels were never written;"
            " render it again, or wait until the render has ended."
        )
    tables = np.split(offsets, np.cumsum([part.chunk_count for part in header.parts])[:-1])
    # Chunks follow each other, so the file is complete if the chunk that begins last is.
    last = int(np.argmax([table.max() for table in tables]))
    if header.parts[last].deep:
        whole = bool(tables[last].max() < header.file_size)
    else:
        start, _, length = _chunk(file, path, header, header.parts[last], int(tables[last].max()))
        whole = start + length <= header.file_size
    if not whole:
        raise _truncated(path, header)
    return tables


def _truncated(path: str, header: Header) -> FileError:
    return FileError(
        f"{path} is truncated: it ends after {header.file_size} bytes, within its pixels; render"
        " or copy it again."
    )


def _chunk(
    file: BinaryIO, path: str, header: Header, part: Part, offset: int
) -> tuple[int, bytes, int]:
    """Offset of a chunk's data, the chunk's coordinates as stored, and the data's length."""
    number_size = 4 if header.multi_part else 0
    coordinates_size = 16 if part.tiles else 4
    size = number_size + coordinates_size + 4
    if offset + size > header.file_size:
        raise _truncated(path, header)
    file.seek(offset)
    leader = file.read(size)
    if len(leader) < size:
        raise _truncated(path, header)
    (length,) = struct.unpack_from("<i", leader, size - 4)
    if length < 0:
        raise FileError(f"The pixels of {path} are damaged; render or copy it again.")
    if offset + size + length > header.file_size:
        raise _truncated(path, header)
    return offset + size, leader[number_size : size - 4], length


@contextlib.contextmanager
def _copy_of_part(
    file: BinaryIO, path: str, header: Header, number: int, table: Array
) -> Iterator[str]:
    """Path of a temporary file that holds one part alone, so that the others are not decoded.

    It is a file because `OpenEXR.InputFile` (3.5.3) cannot read from memory: what it copies from a
    stream that cannot seek is never freed, and a stream that can seek is read by OpenEXR's threads
    without Python's lock, which crashes Python 3.12 and later.

    Raises
    ------
    FileError
        The copy cannot be written.
    """
    with contextlib.ExitStack() as stack:
        try:
            folder = stack.enter_context(
                tempfile.TemporaryDirectory(
                    prefix="reconstruct_from_depth_", ignore_cleanup_errors=True
                )
            )
            copy = os.path.join(folder, "part.exr")
            with open(copy, "wb") as target:
                _write_part(target, file, path, header, number, table)
        except OSError as error:
            raise FileError(
                f"{path} has several parts, and the one to read cannot be copied to the folder for"
                f" temporary files ({error}); free space on that disk, or set TMPDIR to another"
                " folder."
            ) from error
        yield copy


def _write_part(
    target: BinaryIO, file: BinaryIO, path: str, header: Header, number: int, table: Array
) -> None:
    """Write one part of a file as a file of its own.

    Source of the layouts: https://openexr.com/en/latest/OpenEXRFileLayout.html
    """
    part = header.parts[number]
    flags = 2 | header.flags & LONG_NAMES | (TILED if part.tiles else 0)
    table_at = target.write(MAGIC + struct.pack("<I", flags) + part.raw)
    offsets = np.empty(len(table), "<u8")
    target.write(offsets.tobytes())
    for index, offset in enumerate(table):
        offsets[index] = target.tell()
        _, coordinates, length = _chunk(file, path, header, part, int(offset))
        target.write(coordinates + struct.pack("<i", length))
        target.write(file.read(length))
    target.seek(table_at)
    target.write(offsets.tobytes())
