"""Layers that say which pixels belong to a region: indices, or ids of names."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from ..errors import LayerError
from .cryptomatte import Cryptomatte, cryptomatte_beside
from .layers import FileInfo, Layer
from .pass_names import CRYPTOMATTE_NAMES, PASS_NAMES, PassNames


class RegionKind(enum.Enum):
    """What decides which pixels belong to a region; the value is its title in messages."""

    ALL = "the image"
    BORDER = "the render region"
    BOX = "the box"
    MASK = "the white of the mask"
    OBJECT_INDEX = "the object index"
    MATERIAL_INDEX = "the material index"
    OBJECT = "the object"
    MATERIAL = "the material"
    ASSET = "the asset"


_INDEX_PASSES = {
    RegionKind.OBJECT_INDEX: PASS_NAMES["object_index"],
    RegionKind.MATERIAL_INDEX: PASS_NAMES["material_index"],
}
_CRYPTOMATTES = {
    RegionKind.OBJECT: CRYPTOMATTE_NAMES["cryptomatte_object"],
    RegionKind.MATERIAL: CRYPTOMATTE_NAMES["cryptomatte_material"],
    RegionKind.ASSET: CRYPTOMATTE_NAMES["cryptomatte_asset"],
}


@dataclass(frozen=True, eq=False)
class RegionLayer:
    """The layer that says which pixels belong to a region.

    Attributes
    ----------
    layer : Layer
        Indices, or ids with their coverage.
    crypto : Cryptomatte, optional
        Set that the ids belong to; None for indices.
    """

    layer: Layer
    crypto: Cryptomatte | None


def region_layer(kind: RegionKind, info: FileInfo, depth: Layer) -> RegionLayer | None:
    """Choose the layer that a kind of region needs; None for kinds that need none.

    Raises
    ------
    LayerError
        The file has no such layer beside `depth`, it covers other pixels, or its codec changed its
        values.
    """
    if kind in _INDEX_PASSES:
        return RegionLayer(_index_layer(info, depth, _INDEX_PASSES[kind]), None)
    if kind in _CRYPTOMATTES:
        crypto = cryptomatte_beside(info, depth, _CRYPTOMATTES[kind])
        return RegionLayer(crypto.strongest, crypto)
    return None


def _index_layer(info: FileInfo, depth: Layer, names: PassNames) -> Layer:
    for layer in info.layers_beside(depth):
        if layer.title in names and len(layer.channels) == 1:
            info.check_beside(layer, depth)
            return layer
    listing = ", ".join(dict.fromkeys(layer.label for layer in info.layers))
    raise LayerError(
        f"{info.path} has no {names.since_5_0} pass beside {depth.label}; it holds {listing}. "
        "Enable that pass and render again."
    )
