"""From headers to layers: which channels of a file belong together, and to which view."""

from __future__ import annotations

from ..depth.image import PixelType
from .header import Header, Matrix, Part
from .layers import FileInfo, Layer, leaf_of

_FAMILIES = (("R", "G", "B", "A"), ("Y", "RY", "BY", "A"), ("U", "V", "A"), ("X", "Y", "Z", "W"))
_REQUIRED = ({"R", "G", "B"}, {"Y", "RY", "BY"}, {"U", "V"}, {"X", "Y"})
"""Channels that together make one layer, and those of them that the layer must have."""

_LOSSY_ON_HALF = {6: "B44", 7: "B44A"}
_LOSSY_ON_FLOAT = {5: "PXR24"}
_LOSSY_ON_COLOR = {8: "DWAA", 9: "DWAB", 12: "LJ2K"}


def info_from_header(path: str, header: Header) -> FileInfo:
    """Group the channels of all parts that are not deep into layers."""
    views: dict[str, None] = {}
    layers: list[Layer] = []
    attributes: dict[str, str] = {}
    matrices: dict[str, dict[str, Matrix]] = {}
    for number, part in enumerate(header.parts):
        for name, value in part.strings.items():
            if name not in ("name", "type", "view"):
                attributes.setdefault(name, value)
        # A part of several views says one thing of them: that of its first view, its default one.
        view = part.views[0] if part.views else part.view
        for name, matrix in part.matrices.items():
            matrices.setdefault(view, {}).setdefault(name, matrix)
        if not part.deep:
            layers += _layers(part, number, header)
            views.update(dict.fromkeys((*part.views, *filter(None, [part.view]))))
    first = header.parts[0]
    return FileInfo(path, tuple(layers), tuple(views), first.display_window, attributes, matrices)


def _layers(part: Part, number: int, header: Header) -> list[Layer]:
    groups: dict[tuple[str, str], dict[str, str]] = {}
    for channel in part.channels:
        name, view = _name_and_view(channel.name, part, header)
        groups.setdefault((name, view), {})[leaf_of(channel.name)] = channel.name
    types = {channel.name: channel.pixel_type for channel in part.channels}
    layers = []
    for (name, view), channels in groups.items():
        families = _families(list(channels))
        for family in families:
            leaves = "".join(family)
            label = name if name and len(families) == 1 else f"{name}.{leaves}".lstrip(".")
            members = tuple(channels[leaf] for leaf in family)
            pixel_types = {types[one] for one in members}
            widest: PixelType = "float" if "float" in pixel_types else types[members[0]]
            codec = _lossy_codec(part.compression, leaves, pixel_types)
            layers.append(
                Layer(name, view, members, number, widest, part.data_window, label, codec)
            )
    return layers


def _name_and_view(channel: str, part: Part, header: Header) -> tuple[str, str]:
    """Layer and view of a channel.

    Source of the rule for one part with several views: OpenEXR's "Storing Multi-View Images in
    OpenEXR Files": the view is the last component but one, and channels without a layer belong to
    the first view. Blender up to 4.5 names the only view of a file in ``multiView`` alone, not in
    the channels.
    """
    name, _, _ = channel.rpartition(".")
    if part.views:
        rest, _, last = name.rpartition(".")
        if last in part.views:
            return rest, last
        return name, "" if name and len(part.views) > 1 else part.views[0]
    if not name and header.multi_part:
        name = part.name
        if part.view and name.endswith(part.view):
            name = name.removesuffix(part.view).rstrip("-._")
    return name, part.view


def _families(leaves: list[str]) -> list[tuple[str, ...]]:
    """Divide the channels that share a name into those that make one layer each."""
    by_upper = {leaf.upper(): leaf for leaf in leaves}
    families: list[tuple[str, ...]] = []
    for family, required in zip(_FAMILIES, _REQUIRED, strict=True):
        if required <= set(by_upper):
            families.append(tuple(by_upper.pop(one) for one in family if one in by_upper))
    grouped = {leaf for family in families for leaf in family}
    return families + [(leaf,) for leaf in leaves if leaf not in grouped]


def _lossy_codec(compression: int, leaves: str, types: set[PixelType]) -> str:
    """Name of the codec if it changes the values of these channels, or an empty string.

    DWA and LJ2K treat channels as colors by their names, and B44 and B44A all half floats. Measured
    with DWA: an error of 0.3 at distances up to 60, and 65248 in place of 1e10. PXR24 rounds floats
    to 24 bits, by 2**-16 of their value at most.
    """
    if compression in _LOSSY_ON_HALF and "half" in types:
        return _LOSSY_ON_HALF[compression]
    if compression in _LOSSY_ON_FLOAT and "float" in types:
        return _LOSSY_ON_FLOAT[compression]
    if compression in _LOSSY_ON_COLOR and leaves.upper() in ("R", "G", "B", "Y", "RGB", "RGBA"):
        return _LOSSY_ON_COLOR[compression]
    return ""
