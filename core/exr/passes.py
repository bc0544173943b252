"""Passes: the layers beside depth, and what a point keeps of each as an attribute."""

from __future__ import annotations

import enum
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import LayerError
from ..geometry.backprojection import Selection
from ..support.vectors import unit
from .cryptomatte import Cryptomatte, cryptomattes, strongest_ids
from .layers import ExrInfo, Layer, leaf_of

Array = NDArray[Any]

COMBINED = "Combined"
COLOR_ATTRIBUTE = "Color"
"""Not `color`: Cycles takes that for the color of a volume, and renders black."""

_TAKEN = frozenset(
    {"position", "normal", "radius", "id", "color", "temperature", "density", "velocity"}
    | {"material_index", "custom_normal", "sharp_face", "sharp_edge", "crease_vert", "crease_edge"}
    | {"pixel", "depth", COLOR_ATTRIBUTE, "UVMap", "depth_error"}
)
"""Attributes that mean something to Blender, to Cycles, or to this product."""

_LONGEST_NAME = 58
"""Bytes, to which some are added; Blender's attributes have 63 up to 4.5, its properties always."""

_INT32 = (-(2.0**31), 2.0**31 - 128.0)
"""Least and greatest float32 that fit into 32 bits."""

_INDEX = re.compile(r"index(ob|ma)|(object|material) index", re.IGNORECASE)


class PassKind(enum.Enum):
    """What the numbers of a pass mean."""

    COLOR = "color"
    """Linear red, green, blue, and opacity."""

    INDEX = "index"
    """Whole numbers that the renderer wrote as floats."""

    CRYPTOMATTE = "cryptomatte"
    """Ids of names with their coverage, strongest first."""

    NORMAL = "normal"
    """World-space directions, which filtering made shorter than 1."""

    PLAIN = "plain"
    """Numbers as they are."""


@dataclass(frozen=True, eq=False)
class Pass:
    """One pass, and how points carry it.

    Attributes
    ----------
    name : str
        What to choose it by: the label without the view layer that depth is of.
    attribute : str
        Name of the attribute that it becomes.
    layer : Layer
        With the channels that are needed only.
    kind : PassKind
    ids : mapping of str to int
        Of a cryptomatte the id of each name, if the file has a manifest.
    """

    name: str
    attribute: str
    layer: Layer
    kind: PassKind
    ids: Mapping[str, int] = field(default_factory=dict)

    def names_of(self, values: Array) -> dict[int, str]:
        """Names of the ids that occur among a cryptomatte's `values`, as `values_at` has them."""
        present = set(np.unique(values).tolist())
        signed = {_signed(each): name for name, each in self.ids.items()}
        return {each: name for each, name in signed.items() if each in present}


def passes_beside(info: ExrInfo, depth: Layer) -> tuple[Pass, ...]:
    """All passes of the same view as `depth`, which is left out, in the order of the file.

    The color that belongs to the depth is called ``Combined``, whatever the file calls it. Of a
    cryptomatte, which takes several layers, there is one pass: the name that covers most of each
    pixel.
    """
    color = info.color_layer(depth)
    prefix = "".join(depth.label.rpartition(".")[:2])
    ranks = {rank: each for each in cryptomattes(info) for rank in each.ranks}
    found: dict[str, Pass] = {}
    for layer in info.layers:
        if layer.view != depth.view or set(layer.channels) & set(depth.channels):
            continue
        if layer in ranks:
            made = _cryptomatte(ranks[layer], prefix)
        else:
            made = _pass(layer, COMBINED if layer == color else layer.label.removeprefix(prefix))
        found.setdefault(made.name, made)
    return tuple(found.values())


def split_names(text: str) -> tuple[str, ...]:
    """The names in a text that separates them by commas, each once."""
    return tuple(dict.fromkeys(filter(None, map(str.strip, text.split(",")))))


def choose_passes(info: ExrInfo, depth: Layer, names: Iterable[str]) -> tuple[Pass, ...]:
    """The passes called so, by name or by their layer's full label.

    ``Combined`` is left out where the file has no color.

    Raises
    ------
    LayerError
        The file has no such pass beside `depth`, it covers other pixels, or its codec changed
        numbers that must be exact.
    """
    found = passes_beside(info, depth)
    chosen: dict[str, Pass] = {}
    for name in names:
        fitting = [one for one in found if name in (one.name, one.layer.label)]
        if fitting:
            chosen.setdefault(fitting[0].name, _checked(info, depth, fitting[0]))
        elif name != COMBINED:
            listing = ", ".join(one.name for one in found) or "none"
            raise LayerError(
                f"{info.path} has no pass {name} beside {depth.label}; it has {listing}. Choose "
                "one of these, or enable the pass and render again."
            )
    return tuple(chosen.values())


def values_at(one: Pass, pixels: Array, selection: Selection) -> Array:
    """What the selected pixels hold of a pass.

    Parameters
    ----------
    one : Pass
    pixels : ndarray, shape (H, W) or (H, W, C)
        The pass's layer, as `core.exr.read_layers` reads it.
    selection : Selection
        N pixels.

    Returns
    -------
    ndarray, shape (N,) or (N, C), int32 or float32
        Colors have four numbers, opaque where the file has no A. Normals are of length 1, or 0.
        One or two whole numbers of 32 bits are signed, with the same bits: the id of what covers
        most of the pixel, of a cryptomatte; 0 is nothing.
    """
    values = selection.take(pixels)
    if one.kind is PassKind.CRYPTOMATTE:
        ids: Array = strongest_ids(values).view(np.int32)
        return ids
    if values.dtype == np.uint32:
        if one.kind is not PassKind.COLOR and values.shape[1:] in ((), (2,)):
            return values.view(np.int32)
        values = values.astype(np.float32)  # there is no attribute of three or four whole numbers
    if one.kind is PassKind.INDEX:
        whole: Array = np.clip(np.rint(np.nan_to_num(values)), *_INT32).astype(np.int32)
        return whole
    if one.kind is PassKind.COLOR:
        return _opaque(values)
    if one.kind is PassKind.NORMAL:
        return unit(values)
    return values


def attributes_of(one: Pass, values: Array) -> dict[str, Array]:
    """Attributes that hold what `values_at` has of a pass, by their names.

    Four plain numbers, as of Blender's Vector pass, are two pairs: Blender's type of four is one
    for colors, which would be shown and exported as such.
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
    name, first = found.name.removeprefix(prefix), found.ranks[0]
    layer = replace(first, channels=first.channels[:2])
    return Pass(name, _attribute(name), layer, PassKind.CRYPTOMATTE, found.ids)


def _signed(unsigned: int) -> int:
    return int(np.array(unsigned, np.uint32).view(np.int32))


def _pass(layer: Layer, name: str) -> Pass:
    leaves = [leaf_of(channel).upper() for channel in layer.channels]
    if leaves[:2] == ["U", "V"]:  # whose A says where there is a surface at all
        layer = replace(layer, channels=layer.channels[:2])
    return Pass(name, _attribute(name), layer, _kind(layer))


def _kind(layer: Layer) -> PassKind:
    if layer.is_color:
        return PassKind.COLOR
    if len(layer.channels) == 1 and _INDEX.fullmatch(layer.title):
        return PassKind.INDEX
    if layer.title == "Normal" and len(layer.channels) == 3:
        return PassKind.NORMAL
    return PassKind.PLAIN


def _attribute(name: str) -> str:
    if name == COMBINED:
        return COLOR_ATTRIBUTE
    # Blender hides attributes whose names begin with a dot.
    shown = name.lstrip(".").encode()[:_LONGEST_NAME].decode(errors="ignore")
    return f"{shown} Pass" if name.startswith(".") or name in _TAKEN else shown


def _checked(info: ExrInfo, depth: Layer, one: Pass) -> Pass:
    if one.layer.window != depth.window:
        raise LayerError(
            f"{one.layer.label} in {info.path} covers other pixels than {depth.label}; save both "
            "alike, or do not choose it."
        )
    exact = one.kind is PassKind.CRYPTOMATTE and one.layer.pixel_type != "float"
    if exact or (one.layer.codec and one.kind is not PassKind.COLOR):
        what = f"the codec {one.layer.codec}" if one.layer.codec else "16-bit values"
        raise LayerError(
            f"{one.layer.label} in {info.path} went through {what}, which changes its numbers; "
            "save it as 32-bit float with ZIP."
        )
    return one
