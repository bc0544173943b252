"""Pixels of PNG, TIFF, and Radiance HDR images, read by Blender's loader."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import replace

import bpy
import numpy as np

from ...core.depth.gray import gray_channel
from ...core.depth.pixel_types import PixelType
from ...core.errors import FileError
from ...core.exr.layers import ExrInfo, Layer
from ...core.files.info import FileFormat, ImageInfo

_LOADED = (FileFormat.PNG, FileFormat.TIFF, FileFormat.HDR)

_INTEGERS: dict[PixelType, type[np.unsignedinteger]] = {"uint8": np.uint8, "uint16": np.uint16}


def with_pixels(info: ExrInfo) -> ExrInfo:
    """Add the pixels of an image that the core cannot read.

    This must be done before a thread reads the rest, because Blender's data must not be used in
    other threads than Blender's.

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
        if tuple(image.size) != (width, height) or not image.channels:
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
    # Blender divides by the largest. The nearest whole number is exact: a test tries all of them.
    return np.rint(numbers * np.float32(np.iinfo(integers).max)).astype(integers)


@contextlib.contextmanager
def _loaded(path: str) -> Iterator[bpy.types.Image]:
    """Load an image for a while, with its numbers unchanged."""
    try:
        image = bpy.data.images.load(path)
    except RuntimeError as error:
        raise FileError(f"Blender cannot read {path}: {str(error).strip()}") from error
    try:
        image.colorspace_settings.name = "Non-Color"
        image.alpha_mode = "CHANNEL_PACKED"  # other modes multiply the numbers by alpha
        yield image
    finally:
        bpy.data.images.remove(image)
