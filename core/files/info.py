"""What the header of a file that is not OpenEXR says."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from numpy.typing import NDArray

from ..depth.image import Window
from ..depth.pixel_types import PixelType
from ..exr.layers import FileInfo, Layer

Array = NDArray[Any]


class FileFormat(enum.Enum):
    """Kinds of files that depth is read from, in addition to OpenEXR."""

    PNG = "PNG image"
    TIFF = "TIFF image"
    HDR = "Radiance HDR image"
    PFM = "PFM image"
    NPY = "NumPy array"
    NPZ = "NumPy archive"


_MAGIC = (
    (b"\x89PNG\r\n\x1a\n", FileFormat.PNG),
    (b"II*\0", FileFormat.TIFF),
    (b"MM\0*", FileFormat.TIFF),
    (b"#?RADIANCE", FileFormat.HDR),
    (b"#?RGBE", FileFormat.HDR),
    (b"PF\n", FileFormat.PFM),
    (b"Pf\n", FileFormat.PFM),
    (b"PF\r\n", FileFormat.PFM),
    (b"Pf\r\n", FileFormat.PFM),
    (b"\x93NUMPY", FileFormat.NPY),
    (b"PK\x03\x04", FileFormat.NPZ),
)

_BITS: Mapping[PixelType, str] = {"uint8": "8-bit", "uint16": "16-bit"}


def format_of(start: bytes) -> FileFormat | None:
    """Find the kind of a file by its first 16 bytes; None for OpenEXR and unknown kinds."""
    return next((kind for magic, kind in _MAGIC if start.startswith(magic)), None)


@dataclass(frozen=True)
class ImageInfo(FileInfo):
    """What the header of a file says, in the terms of OpenEXR: each image or array is a layer.

    Attributes
    ----------
    format : FileFormat
    pixels : mapping of str to ndarray, optional
        Pixels by the label of their layer, if they have been read already: of shape (H, W), with
        rows from the top, and integers as integers.
    """

    format: FileFormat
    pixels: Mapping[str, Array] | None = field(default=None, compare=False, repr=False)

    @property
    def title(self) -> str:
        """Kind of the file for messages, such as ``16-bit PNG image``."""
        return f"{_BITS.get(self.layers[0].pixel_type, '')} {self.format.value}".strip()


def image_info(
    path: str,
    file_format: FileFormat,
    size: tuple[int, int],
    pixel_types: Mapping[str, PixelType],
) -> ImageInfo:
    """Make the info of a file whose layers all have the same size.

    Parameters
    ----------
    path : str
    file_format : FileFormat
    size : tuple of int
        Width and height.
    pixel_types : mapping of str to PixelType
        What the numbers of each layer were stored as, by the layer's label.
    """
    window = Window(0, 0, *size)
    layers = tuple(
        # "V" is what OpenEXR files of Blender call a channel of plain values.
        Layer(label, "", ("V",), 0, pixel_type, window, label, "")
        for label, pixel_type in pixel_types.items()
    )
    return ImageInfo(path, layers, (), window, {}, {}, file_format)
