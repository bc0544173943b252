"""Read pixels of PNG, TIFF, and Radiance HDR images with Blender's image loader."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import replace

import bpy
import numpy as np

from ...core.depth.gray import gray_channel
from ...core.depth.pixel_types import PixelType
from ...core.errors import FileError
from ...core.exr.layers import FileInfo, Layer
from ...core.files.info import FileFormat, ImageInfo
from ..typed import size_in_pixels

_LOADED = (FileFormat.PNG, FileFormat.TIFF, FileFormat.HDR)

_INTEGERS: dict[PixelType, type[np.unsignedinteger]] = {"uint8": np.uint8, "uint16": np.uint16}


def with_pixels(info: FileInfo) -> FileInfo:
    """Add the pixels of an image that the core has no reader for.

    This has to be done before a thread reads the rest, because only the main thread may use
    Blender's data.

    Raises
    ------
    FileError, LayerError
        Blender cannot read the image, or it is a color image.
    """
    if not isinstance(info, ImageInfo) or info.format not in _LOADED:
        return info
    (layer,) = info.layers
    return replace(info, pixels={layer.label: _pixels(info, layer)})


def _pixels(info: ImageInfo, layer: Layer) -> np.ndarray:
    width, height = layer.window.width, layer.window.height
    with _loaded(info.path) as image:
        if size_in_pixels(image) != (width, height) or not image.channels:
            raise FileError(
                f"{info.path} is a {info.title} that Blender cannot read; save it again, or as "
                "OpenEXR."
            )
        values = np.empty(width * height * image.channels, np.float32)
        image.pixels.foreach_get(values)
    rows = values.reshape(height, width, -1)[::-1]
    numbers = gray_channel(rows, info.path, layer.label)
    integers = _INTEGERS.get(layer.pixel_type)
    if integers is None:
        return numbers
    # Blender divides by the largest integer. Rounding restores every integer, as a test shows.
    return np.rint(numbers * np.float32(np.iinfo(integers).max)).astype(integers)


@contextlib.contextmanager
def _loaded(path: str) -> Iterator[bpy.types.Image]:
    """Load the image while the body runs, with the numbers as the file stores them."""
    try:
        image = bpy.data.images.load(path)
    except RuntimeError as error:
        raise FileError(f"Blender cannot read {path}: {str(error).strip()}") from error
    try:
        image.colorspace_settings.name = "Non-Color"  # type: ignore[assignment]  # from OCIO
        image.alpha_mode = "CHANNEL_PACKED"  # other modes multiply the numbers by alpha
        yield image
    finally:
        bpy.data.images.remove(image)
