"""Passes: the layers beside depth, and the attributes that points get from them."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import LayerError
from ..geometry.backprojection import Selection
from ..support.vectors import unit
from .cryptomatte import Cryptomatte, cryptomattes, strongest_ids
from .layers import FileInfo, Layer, leaf_of
from .pass_names import COMBINED, NORMAL, PASS_NAMES

Array = NDArray[Any]

COLOR_ATTRIBUTE = "Color"
"""Not `color`, which Cycles reads as the color of a volume: it would render black."""

_RESERVED_ATTRIBUTES = frozenset(
    {"position", "normal", "radius", "id", "color", "temperature", "density", "velocity"}
    | {"material_index", "custom_normal", "sharp_face", "sharp_edge", "crease_vert", "crease_edge"}
    | {"pixel", "depth", COLOR_ATTRIBUTE, "UVMap", "depth_error"}
)
"""Names of attributes that already mean something to Blender, to Cycles, or to this product."""

_LONGEST_NAME = 58
"""Bytes of a name before a suffix is added to it. Blender limits the names of attributes to 63
bytes up to 4.5, and those of custom properties in every version."""

_INT32 = (-(2.0**31), 2.0**31 - 128.0)
"""Least and greatest float32 that fit into 32 bits."""

_INDEX_NAMES = frozenset(
    name.lower() for flag in ("object_index", "material_index") for name in PASS_NAMES[flag]
)


class PassKind(enum.Enum):
    """What the numbers of a pass mean."""

    COLOR = "color"
    """Linear red, green, blue, and opacity."""

    INDEX = "index"
    """Whole numbers that the renderer wrote as floats."""

    CRYPTOMATTE = "cryptomatte"
    """Ids of names with their coverage, the largest coverage first."""

    NORMAL = "normal"
    """World-space directions, which filtering made shorter than 1."""

    PLAIN = "plain"
    """Numbers that are stored as they are."""


@dataclass(frozen=True, eq=False)
class Pass:
    """One pass, and the attribute that points store it in.

    Attributes
    ----------
    name : str
        Name that users choose it by: the label without the view layer of the depth.
    attribute : str
        Name of the attribute.
    layer : Layer
        Layer of the file, with no other channels than the attribute needs.
    kind : PassKind
    ids : mapping of str to int
        Id of each name of a Cryptomatte; empty for other passes, and without a manifest.
    """

    name: str
    attribute: str
    layer: Layer
    kind: PassKind
    ids: Mapping[str, int] = field(default_factory=dict)

    def names_of(self, values: Array) -> dict[int, str]:
        """Names of the ids that occur in what `values_at` returned for a Cryptomatte."""
        present = set(np.unique(values).tolist())
        signed = {_signed(each): name for name, each in self.ids.items()}
        return {each: name for each, name in signed.items() if each in present}


def passes_beside(info: FileInfo, depth: Layer) -> tuple[Pass, ...]:
    """All passes of the same view as `depth`, without depth itself, in the order of the file.

    The color that belongs to the depth is called ``Combined``, whatever the file calls it. The
    several layers of a Cryptomatte make one pass: the name that covers most of each pixel.
    """
    color = info.color_layer(depth)
    ranks = {rank: each for each in cryptomattes(info) for rank in each.ranks}
    passes: dict[str, Pass] = {}
    for layer in info.layers_of_view(depth):
        if layer in ranks:
            made = _cryptomatte(ranks[layer], depth.prefix)
        elif layer == color:
            made = _pass(layer, COMBINED)
        else:
            made = _pass(layer, layer.label.removeprefix(depth.prefix))
        passes.setdefault(made.name, made)
    return tuple(passes.values())


def split_names(text: str) -> tuple[str, ...]:
    """Names in a text that separates them by commas, without repetitions."""
    return tuple(dict.fromkeys(filter(None, map(str.strip, text.split(",")))))


def choose_passes(info: FileInfo, depth: Layer, names: Iterable[str]) -> tuple[Pass, ...]:
    """Choose passes by their names, or by the full labels of their layers.

    ``Combined`` is left out where the file has no color.

    Raises
    ------
    LayerError
        The file has no such pass beside `depth`, it covers other pixels, or its codec changed
        values that must be exact.
    """
    found = passes_beside(info, depth)
    chosen: dict[str, Pass] = {}
    for name in names:
        fitting = [each for each in found if name in (each.name, each.layer.label)]
        if fitting:
            one = fitting[0]
            color, ids = one.kind is PassKind.COLOR, one.kind is PassKind.CRYPTOMATTE
            info.check_beside(one.layer, depth, exact=not color, ids=ids)
            chosen.setdefault(one.name, one)
        elif name != COMBINED:
            listing = ", ".join(each.name for each in found) or "none"
            raise LayerError(
                f"{info.path} has no pass {name} beside {depth.label}; it has {listing}. Choose "
                "one of these, or enable the pass and render again."
            )
    return tuple(chosen.values())


def values_at(one: Pass, pixels: Array, selection: Selection) -> Array:
    """Values of a pass at the selected pixels, as attributes can hold them.

    Parameters
    ----------
    one : Pass
    pixels : ndarray, shape (H, W) or (H, W, C)
        Pixels of the pass's layer, as `core.exr.reader.read_layers` reads them.
    selection : Selection
        N pixels.

    Returns
    -------
    ndarray, shape (N,) or (N, C), int32 or float32
        Colors have four components, the fourth 1 where the file has no A. Normals have the length
        1, or 0 where there is none. One or two unsigned integers of 32 bits become signed ones
        with the same bits. A Cryptomatte gives such an integer: the id of what covers most of the
        pixel, 0 where nothing does.
    """
    values = selection.take(pixels)
    if one.kind is PassKind.CRYPTOMATTE:
        ids: Array = strongest_ids(values).view(np.int32)
        return ids
    if values.dtype == np.uint32:
        if one.kind is not PassKind.COLOR and values.shape[1:] in ((), (2,)):
            return values.view(np.int32)
        values = values.astype(np.float32)  # no type of attribute holds three or four integers
    if one.kind is PassKind.INDEX:
        whole: Array = np.clip(np.rint(np.nan_to_num(values)), *_INT32).astype(np.int32)
        return whole
    if one.kind is PassKind.COLOR:
        return _opaque(values)
    if one.kind is PassKind.NORMAL:
        normals = unit(values)
        normals[np.isnan(normals[:, 0])] = 0.0
        return normals
    return values


def attributes_of(one: Pass, values: Array) -> dict[str, Array]:
    """Attributes for the values of a pass that `values_at` returned, by their names.

    Four plain numbers, such as those of Blender's Vector pass, become two pairs: Blender's only
    type of four numbers is for colors, and would be shown and exported as one.
    """
    if one.kind is PassKind.COLOR or values.shape[1:] != (4,):
        return {one.attribute: values}
    leaves = [leaf_of(channel) for channel in one.layer.channels]
    return {
        f"{one.attribute}.{''.join(leaves[pair])}": values[:, pair]
        for pair in (slice(0, 2), slice(2, 4))
    }


def _opaque(colors: Array) -> Array:
    if colors.shape[1] == 4:
        return colors
    opaque = np.ones((len(colors), 4), np.float32)
    opaque[:, :3] = colors
    return opaque


def _cryptomatte(found: Cryptomatte, prefix: str) -> Pass:
    name = found.name.removeprefix(prefix)
    return Pass(name, _attribute(name), found.strongest, PassKind.CRYPTOMATTE, found.ids)


def _signed(unsigned: int) -> int:
    return int(np.array(unsigned, np.uint32).view(np.int32))


def _pass(layer: Layer, name: str) -> Pass:
    leaves = [leaf_of(channel).upper() for channel in layer.channels]
    if leaves[:2] == ["U", "V"]:  # A of the UV pass only says where there is a surface
        layer = replace(layer, channels=layer.channels[:2])
    return Pass(name, _attribute(name), layer, _kind(layer))


def _kind(layer: Layer) -> PassKind:
    if layer.is_color:
        return PassKind.COLOR
    if len(layer.channels) == 1 and layer.title.lower() in _INDEX_NAMES:
        return PassKind.INDEX
    if layer.title == NORMAL and len(layer.channels) == 3:
        return PassKind.NORMAL
    return PassKind.PLAIN


def _attribute(name: str) -> str:
    if name == COMBINED:
        return COLOR_ATTRIBUTE
    # Blender hides attributes whose names begin with a dot.
    shown = name.lstrip(".").encode()[:_LONGEST_NAME].decode(errors="ignore")
    reserved = name.startswith(".") or name in _RESERVED_ATTRIBUTES
    return f"{shown} Pass" if reserved else shown
