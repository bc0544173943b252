"""Reading depth from files of any kind; `core.exr.reader` reads those that are OpenEXR."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from typing import Any

from numpy.typing import NDArray

from ..depth.encoding import DepthEncoding
from ..depth.gray import gray_channel
from ..depth.image import DepthImage, DepthKind
from ..errors import FileError
from ..exr import reader as exr
from ..exr.layers import FileInfo, Layer
from ..support.opening import opened
from .checks import check_distances, check_explained, check_not_normalized
from .headers import hdr_header, png_header, tiff_header
from .info import FileFormat, ImageInfo, format_of, image_info
from .numpy_arrays import ArrayHeader, npy_header, npz_headers, read_npy, read_npz
from .pfm import pfm_header, read_pfm

Array = NDArray[Any]
Path = str | os.PathLike[str]


def read_info(path: Path) -> FileInfo:
    """Read what a file holds, from its header. The first bytes decide what kind of file it is.

    Raises
    ------
    FileError
        The file is missing, unreadable, truncated, damaged, or of no kind that holds depth.
    """
    name = os.fspath(path)
    with opened(name) as file:
        found = format_of(file.read(16))
        if found in _HEADERS:
            file.seek(0)
            header = _HEADERS[found](file, name)
            size = header.width, header.height
            return image_info(name, found, size, {found.name: header.pixel_type})
        if found is FileFormat.PFM:
            pfm = pfm_header(file, name)
            return image_info(name, found, (pfm.width, pfm.height), {found.name: "float"})
    if found is FileFormat.NPY:
        return _info_of_arrays(name, found, {found.name: npy_header(name)})
    if found is FileFormat.NPZ:
        return _info_of_arrays(name, found, npz_headers(name))
    return exr.read_info(name)


_HEADERS = {
    FileFormat.PNG: png_header,
    FileFormat.TIFF: tiff_header,
    FileFormat.HDR: hdr_header,
}


def _info_of_arrays(path: str, found: FileFormat, headers: Mapping[str, ArrayHeader]) -> ImageInfo:
    """Choose the largest arrays, of those called depth if there are any."""
    images = {name: each for name, each in headers.items() if each.pixel_type is not None}
    if not images:
        listing = ", ".join(f"{name} {each.shape} {each.dtype}" for name, each in headers.items())
        raise FileError(
            f"{path} holds {listing or 'no array'}, but numbers of the shape (height, width) are "
            "needed; save the depth alone, as one number for each pixel."
        )
    named = {name: each for name, each in images.items() if "depth" in name.lower()}
    candidates = (named or images).values()
    height, width = max((each.shape[:2] for each in candidates), key=math.prod)
    pixel_types = {
        name: each.pixel_type
        for name, each in images.items()
        if each.pixel_type is not None and each.shape[:2] == (height, width)
    }
    return image_info(path, found, (width, height), pixel_types)


def read_layers(info: FileInfo, layers: Sequence[Layer]) -> list[Array]:
    """Read the pixels of several layers, rows from the top.

    Returns
    -------
    list of ndarray
        As `core.exr.reader.read_layers` returns them for OpenEXR; otherwise of shape (H, W).

    Raises
    ------
    FileError, LayerError
        The pixels are missing, damaged, or of a color image; the file has changed; or the core has
        no reader for files of this kind, which Blender reads.
    """
    if not isinstance(info, ImageInfo):
        return exr.read_layers(info, layers)
    if info.pixels is not None:
        return [info.pixels[layer.label] for layer in layers]
    pixels = [_read_image(info, layer) for layer in layers]
    for each, layer in zip(pixels, layers, strict=True):
        if each.shape != (layer.window.height, layer.window.width):
            raise FileError(f"{info.path} has changed and holds other images; choose it again.")
    return pixels


def _read_image(info: ImageInfo, layer: Layer) -> Array:
    if info.format is FileFormat.NPY:
        return read_npy(info.path)
    if info.format is FileFormat.NPZ:
        return read_npz(info.path, layer.label)
    if info.format is FileFormat.PFM:
        with opened(info.path) as file:
            pixels = read_pfm(file, info.path)
        return gray_channel(pixels, info.path, layer.label) if pixels.ndim == 3 else pixels
    raise FileError(
        f"{info.path} is a {info.title}, which is read inside Blender; elsewhere, read it with "
        "another library, and pass the array to DepthImage.from_array with an encoding."
    )


def read_depth(
    path_or_info: Path | FileInfo,
    layer: str | Layer = "",
    view: str = "",
    *,
    kind: DepthKind,
    encoding: DepthEncoding | None = None,
    allow_any_depth: bool = False,
) -> DepthImage:
    """Read the depth of one view.

    Parameters
    ----------
    path_or_info : path or FileInfo
    layer : str or Layer
        Layer to read, or what `FileInfo.depth_layer` accepts as its name.
    view : str
        Stereo view, as `FileInfo.depth_layer` accepts it.
    kind : DepthKind
        Whether depth was measured along the camera's axis or along the ray, which files do not say.
    encoding : DepthEncoding, optional
        What the numbers stand for. Only for OpenEXR it may be None, for distances in scene units.
    allow_any_depth : bool
        Whether to accept what looks like a picture of depth.

    Returns
    -------
    DepthImage
        Its values may be read-only.

    Raises
    ------
    DepthError
        The numbers are not explained, or are not distances, as `core.files.checks` finds.
    FileError, LayerError
        `read_info`, `FileInfo.depth_layer` or `read_layers` raised it, or the channels of an
        R, G, B layer differ somewhere, so that it is not depth.
    """
    info = path_or_info if isinstance(path_or_info, FileInfo) else read_info(path_or_info)
    chosen = layer if isinstance(layer, Layer) else info.depth_layer(layer, view)
    check_explained(info, encoding, kind)
    check_distances(info, chosen, allow_any_depth)
    pixels = read_layers(info, [chosen])[0]
    return checked_depth(info, chosen, pixels, kind, encoding, allow_any_depth)


def checked_depth(
    info: FileInfo,
    layer: Layer,
    pixels: Array,
    kind: DepthKind,
    encoding: DepthEncoding | None,
    allow_any_depth: bool,
) -> DepthImage:
    """Make a depth image of pixels that `read_layers` has read, unless they are not distances.

    The parameters and errors are those of `read_depth`.
    """
    check_not_normalized(info, layer, pixels, encoding, allow_any_depth)
    if encoding is not None and encoding.changes_nothing(layer.pixel_type):
        encoding = None  # which spares a copy
    return exr.depth_of_layer(info, layer, pixels, kind, encoding)
