"""Reading OpenEXR files: what they hold, the pixels of their layers, and their depth."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from ..depth.encoding import DepthEncoding
from ..depth.gray import gray_channel
from ..depth.image import DepthImage, DepthKind, Window
from ..errors import FileError
from ..support.caching import ArrayCache
from ..support.opening import opened
from .grouping import info_from_header
from .header import MAGIC, Header, read_header
from .layers import FileInfo, Layer
from .pixels import DTYPES, read_channels

__all__ = [
    "FileInfo",
    "Layer",
    "clear_cache",
    "drop_cached",
    "read_info",
    "read_layer",
    "read_layers",
]

Array = NDArray[Any]
Path = str | os.PathLike[str]

CACHE_BYTES = 1 << 30
"""Limit of the memory that the layers read last may take."""

_cache: ArrayCache[Array] = ArrayCache("Decoded EXR layers", CACHE_BYTES)
"""Layers by absolute path, version of the file, number of the part, and channels."""

_LOOKALIKES = (
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"II*\0", "a TIFF image"),
    (b"MM\0*", "a TIFF image"),
    (b"#?RADIANCE", "a Radiance HDR image"),
    (b"#?RGBE", "a Radiance HDR image"),
    (b"BM", "a BMP image"),
    (b"RIFF", "a WebP image or a video"),
    (b"\x93NUMPY", "a NumPy array"),
    (b"BLENDER", "a .blend file"),
    (b"PF\n", "a PFM image"),
    (b"Pf\n", "a PFM image"),
)
_LOSSY = ("JPEG", "BMP", "WebP", ".blend")
"""Of those, what can hold no distances; the others are read by `core.files`."""


def read_info(path: Path) -> FileInfo:
    """Read what an OpenEXR file holds, from its headers alone.

    Raises
    ------
    FileError
        The file is missing, unreadable, not an OpenEXR file, truncated, or damaged, or all of its
        parts are deep.
    """
    name = os.fspath(path)
    with opened(name) as file:
        header = _header(file, name)
    return info_from_header(name, header)


def read_layer(info: FileInfo, layer: Layer) -> Array:
    """Read the pixels of a layer over its data window, rows from the top.

    The layers read last stay in memory; a file that has changed since is read again.

    Returns
    -------
    ndarray, shape (H, W) for one channel or (H, W, C) for several (each contiguous), read-only
        float16, float32 or uint32, as `layer.pixel_type` says.

    Raises
    ------
    FileError
        `read_info` would raise it; the pixels are incomplete, damaged, or too many for the memory;
        a channel is subsampled; or the file has changed since `info` was read or while its pixels
        were read.
    """
    return read_layers(info, [layer])[0]


def read_layers(info: FileInfo, layers: Sequence[Layer]) -> list[Array]:
    """Read several layers as `read_layer` does, decoding each part of the file once."""
    with opened(info.path) as file:
        version = _version(file.fileno())
        keys = [
            (os.path.abspath(info.path), version, layer.part, layer.channels) for layer in layers
        ]
        found = {key: pixels for key in keys if (pixels := _cache.get(key)) is not None}
        missing = [layer for key, layer in zip(keys, layers, strict=True) if key not in found]
        try:
            channels = _read_missing(file, info, missing) if missing else {}
        except FileError:
            _check_unchanged(file, info.path, version)  # then it is not the file that is damaged
            raise
        _check_unchanged(file, info.path, version)
    for key, layer in zip(keys, layers, strict=True):
        if key not in found:
            pixels = _joined([channels[layer.part, name] for name in layer.channels], layer)
            pixels.flags.writeable = False
            _cache.put(key, pixels)
            found[key] = pixels
    return [found[key] for key in keys]


def _check_unchanged(file: BinaryIO, path: str, version: tuple[int, int]) -> None:
    if not _version(file.fileno()) == version == _version(path):
        raise FileError(f"{path} changed while it was read; wait for it and read it again.")


def _read_missing(
    file: BinaryIO, info: FileInfo, layers: Sequence[Layer]
) -> dict[tuple[int, str], Array]:
    """Read the channels of the layers, by part and name; each part is decoded once."""
    header = _header(file, info.path)
    wanted: dict[int, dict[str, None]] = {}
    for layer in layers:
        part = header.parts[layer.part] if layer.part < len(header.parts) else None
        if (
            part is None
            or (part.data_window, part.display_window) != (layer.window, info.display_window)
            or not set(layer.channels) <= {channel.name for channel in part.channels}
        ):
            raise FileError(f"{info.path} has changed and holds other images; choose it again.")
        wanted.setdefault(layer.part, {}).update(dict.fromkeys(layer.channels))
    return {
        (part, name): pixels
        for part, names in wanted.items()
        for name, pixels in zip(
            names, read_channels(file, info.path, header, part, list(names)), strict=True
        )
    }


def depth_of_layer(
    info: FileInfo,
    layer: Layer,
    pixels: Array,
    kind: DepthKind,
    encoding: DepthEncoding | None = None,
) -> DepthImage:
    """Depth image of a layer's pixels.

    Parameters
    ----------
    info : FileInfo
    layer : Layer
    pixels : ndarray, shape (H, W) or (H, W, C)
        As `read_layer` reads them.
    kind : DepthKind
    encoding : DepthEncoding, optional
        What the numbers stand for, if they are not distances in scene units.

    Raises
    ------
    LayerError
        There are several channels, and they differ.
    """
    if pixels.ndim == 3:
        pixels = gray_channel(pixels, info.path, layer.label)
    image = info.display_window
    return DepthImage.from_array(
        pixels,
        kind,
        window=Window(
            layer.window.x - image.x, layer.window.y - image.y, pixels.shape[1], pixels.shape[0]
        ),
        size=(image.width, image.height),
        pixel_type=layer.pixel_type,
        encoding=encoding,
    )


def drop_cached(path: Path) -> None:
    """Free the memory of the layers of one file, which is about to be deleted."""
    _cache.remove(lambda key: key[0] == os.path.abspath(path))


def clear_cache() -> None:
    """Free the memory of all layers that were read."""
    _cache.clear()


def _version(file: str | int) -> tuple[int, int]:
    status = os.stat(file)
    return status.st_size, status.st_mtime_ns


def _header(file: BinaryIO, path: str) -> Header:
    _check_magic(file.read(16), path)
    file.seek(0)
    header = read_header(file, path)
    if all(part.deep for part in header.parts):
        raise FileError(
            f"{path} is a deep image, which has many depths in a pixel; save a flat one with a"
            " Depth pass."
        )
    return header


def _check_magic(start: bytes, path: str) -> None:
    if not start:
        raise FileError(f"{path} is empty; render or save it again.")
    if start.startswith(MAGIC):
        return
    for magic, name in _LOOKALIKES:
        if start.startswith(magic) and any(each in name for each in _LOSSY):
            raise FileError(
                f"{path} is {name}, not an OpenEXR file. Such a picture of the depth has lost the"
                " distances; save the Depth pass as OpenEXR (float) instead."
            )
        if start.startswith(magic):
            raise FileError(
                f"{path} is {name}, not an OpenEXR file; read it with core.read_depth, and say by "
                "an encoding what its numbers stand for."
            )
    raise FileError(
        f"{path} is not an OpenEXR file; choose the .exr file that holds the Depth pass."
    )


def _joined(channels: list[Array], layer: Layer) -> Array:
    if len(channels) == 1:
        return channels[0]
    dtype = DTYPES[layer.pixel_type]
    planes = np.stack([np.asarray(channel, dtype) for channel in channels])
    return np.moveaxis(planes, 0, -1)
