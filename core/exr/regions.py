"""The layer that tells which pixels belong to a region: indices, or ids of names."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ..errors import LayerError
from .cryptomatte import Cryptomatte, cryptomatte_beside
from .layers import ExrInfo, Layer

_INDEX_PASSES = {
    "OBJECT_INDEX": ("IndexOB", "Object Index"),
    "MATERIAL_INDEX": ("IndexMA", "Material Index"),
}
_CRYPTOMATTES = {"OBJECT": "CryptoObject", "MATERIAL": "CryptoMaterial", "ASSET": "CryptoAsset"}


@dataclass(frozen=True, eq=False)
class RegionLayer:
    """The layer that a region is told by.

    Attributes
    ----------
    layer : Layer
        Indices, or ids with their coverage.
    crypto : Cryptomatte, optional
        What the ids are of.
    """

    layer: Layer
    crypto: Cryptomatte | None


def region_layer(kind: str, info: ExrInfo, depth: Layer) -> RegionLayer | None:
    """The layer beside `depth` that a kind of region is told by, if there must be one.

    Raises
    ------
    LayerError
        The file has no such layer, or it covers other pixels than `depth`.
    """
    if kind in _INDEX_PASSES:
        return RegionLayer(_index_layer(info, depth, kind), None)
    if kind in _CRYPTOMATTES:
        crypto = cryptomatte_beside(info, depth, _CRYPTOMATTES[kind])
        first = crypto.ranks[0]
        # The strongest id and its coverage, as the passes that points carry take it.
        return RegionLayer(replace(first, channels=first.channels[:2]), crypto)
    return None


def _index_layer(info: ExrInfo, depth: Layer, kind: str) -> Layer:
    titles = _INDEX_PASSES[kind]
    prefix = depth.name.rpartition(".")[0]
    for one in info.layers:
        own = one.name.rpartition(".")[0] == prefix and one.view == depth.view
        if own and one.title in titles and len(one.channels) == 1:
            if one.window != depth.window:
                raise LayerError(
                    f"{one.label} in {info.path} is cropped unlike {depth.label}; save both alike."
                )
            return one
    listing = ", ".join(dict.fromkeys(one.label for one in info.layers))
    raise LayerError(
        f"{info.path} has no {titles[1]} pass beside {depth.label}; it holds {listing}. Enable that"
        " pass and render again."
    )
