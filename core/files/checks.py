"""What is refused as depth: files whose numbers are not explained, and pictures of depth."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from ..depth.encoding import DepthEncoding, ValueKind, looks_normalized
from ..depth.image import DepthKind
from ..errors import DepthError, FileError, LayerError
from ..exr.layers import FileInfo, Layer
from ..support.messages import listed
from .info import ImageInfo

Array = NDArray[Any]

_ANYWAY = "or check Reconstruct Anyway (allow_any_depth)"


def check_explained(info: FileInfo, encoding: DepthEncoding | None, kind: DepthKind | None) -> None:
    """Refuse a file that is not OpenEXR until what its numbers stand for is chosen.

    Parameters
    ----------
    info : FileInfo
    encoding : DepthEncoding, optional
        None where it is not chosen.
    kind : DepthKind, optional
        None where it is not chosen. Disparity needs no choice, as it gives planar depth.

    Raises
    ------
    DepthError
        Something is not chosen.
    """
    if isinstance(info, ImageInfo):
        check_chosen(info.path, info.title, encoding, kind)


def check_chosen(
    path: str, title: str, encoding: DepthEncoding | None, kind: DepthKind | None
) -> None:
    """Do the same for a file that is known by its title, such as ``16-bit PNG image``."""
    missing = []
    if encoding is None:
        missing.append("Depth Values")
    if encoding is None or (encoding.needs_unit and encoding.unit is None):
        missing.append("Unit")
    if kind is None and (encoding is None or encoding.kind is not ValueKind.DISPARITY):
        missing.append("Planar or Ray for Depth")
    if missing:
        raise DepthError(
            f"{path} is a {title}, which does not say what its numbers stand for; choose "
            f"{listed(missing)}."
        )


def check_distances(info: FileInfo, layer: Layer, allow_any_depth: bool) -> None:
    """Refuse a layer that is a picture for the eye, by what the file's header says.

    Raises
    ------
    FileError
        The layer has 8 bits, or the file says that its numbers are colors of a display.
    """
    if allow_any_depth:
        return
    if isinstance(info, ImageInfo) and layer.pixel_type == "uint8":
        raise FileError(
            f"{info.path} is an 8-bit {info.format.value}. Such a picture of the depth has lost the"
            f" distances; save the Depth pass as OpenEXR (float) instead, {_ANYWAY}."
        )
    check_color_space(info.path, info.attributes.get(COLOR_SPACE, ""))


COLOR_SPACE = "colorInteropID"
"""Attribute of an OpenEXR file that names the color space; Blender writes it since 5.0.

The names are those of the ASWF's Color Interop Forum: ``data`` is not a color, ``lin_...`` is
linear, and all others have the curve of a display. An image that is saved without the color space
Non-Color is ``srgb_rec709_display``.
"""


def check_color_space(path: str, name: str) -> None:
    """Refuse a color space that has changed the numbers; the name is empty if it is not known.

    Raises
    ------
    FileError
        It is a color space for displays.
    """
    if name and name not in ("data", "unknown") and not name.startswith("lin_"):
        raise FileError(
            f"{path} says that its numbers are colors for a display ({name}), like an image saved "
            f"without the color space Non-Color; save the Depth pass as OpenEXR instead, {_ANYWAY}."
        )


def check_not_normalized(
    info: FileInfo,
    layer: Layer,
    stored: Array,
    encoding: DepthEncoding | None,
    allow_any_depth: bool,
) -> None:
    """Refuse numbers that fill 0..1 up to 1 where distances are expected.

    Raises
    ------
    LayerError
        They do.
    """
    is_plain = encoding is None or encoding.is_plain
    if allow_any_depth or not is_plain or stored.dtype.kind != "f":
        return
    if looks_normalized(stored if stored.ndim == 2 else stored[..., 0]):
        raise LayerError(
            f"{layer.label} in {info.path} ends at exactly 1, as normalized depth does, which holds"
            " no distances; use the Depth pass as it was rendered, set Depth Values to Normalized "
            f"with the distances that 0 and 1 stand for, {_ANYWAY}."
        )


def says_color_space(info: FileInfo) -> bool:
    """Return whether the header shows that the colors are linear, or data.

    Blender up to 4.5 writes the same header for a float image in sRGB and one that is Non-Color;
    its renders and its File Output node, which are linear, name the scene.
    """
    return COLOR_SPACE in info.attributes or "Scene" in info.attributes
