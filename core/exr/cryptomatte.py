"""Cryptomatte: which objects, materials or assets each pixel shows, by name.

Source: the Cryptomatte specification 1.2, https://github.com/Psyop/Cryptomatte. A pixel holds pairs
(id, coverage), two in each RGBA layer, strongest first; an id is the hash of a name, stored as the
bits of a float. The header has a manifest with the hash of each name.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import LayerError
from .layers import ExrInfo, Layer

Array = NDArray[Any]

NOTHING = 0
"""The id of what no surface covers."""

_RANK = re.compile(r"(.+?)(\d\d)")
_NAME_KEY = re.compile(r"cryptomatte/([^/]+)/name")
_ENTRY = re.compile(r'"(.*?)"\s*:\s*"([0-9a-fA-F]{8})"\s*[,}]', re.DOTALL)
_LISTED = 20


@dataclass(frozen=True)
class Cryptomatte:
    """One set of ids in a file: of its objects, its materials, or its assets.

    Attributes
    ----------
    name : str
        As in ``ViewLayer.CryptoObject``.
    view : str
        Empty in files without views.
    ranks : tuple of Layer
        Four channels each, strongest first.
    ids : mapping of str to int
        The id of each name in the manifest, 0 .. 2**32 - 1; empty where the file has no manifest.
    """

    name: str
    view: str
    ranks: tuple[Layer, ...]
    ids: Mapping[str, int]

    @property
    def title(self) -> str:
        """Last component of the name, as in ``CryptoObject``."""
        return self.name.rpartition(".")[2]

    def id_of(self, name: str) -> int:
        """Id of a name.

        Raises
        ------
        LayerError
            The manifest does not have it.
        """
        if name in self.ids:
            return self.ids[name]
        if not self.ids:
            raise LayerError(
                f"{self.name} has no list of names (manifest) in the file's header, so {name} "
                "cannot be found; save the file with its Cryptomatte metadata."
            )
        names = sorted(self.ids)
        more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
        raise LayerError(
            f"{self.name} has no {name}; it names {', '.join(names[:_LISTED])}{more}. Choose one of"
            " these."
        )


def cryptomattes(info: ExrInfo) -> tuple[Cryptomatte, ...]:
    """All sets of ids in a file, in the order of the file."""
    manifests = {
        name: info.attributes.get(f"cryptomatte/{found[1]}/manifest", "")
        for key, name in info.attributes.items()
        if (found := _NAME_KEY.fullmatch(key))
    }
    ranks: dict[tuple[str, str], dict[str, Layer]] = {}
    for layer in info.layers:
        found = _RANK.fullmatch(layer.name)
        if found and len(layer.channels) == 4:
            name, rank = found.groups()
            if name in manifests or "crypto" in name.rpartition(".")[2].lower():
                ranks.setdefault((name, layer.view), {}).setdefault(rank, layer)
    return tuple(
        Cryptomatte(
            name,
            view,
            tuple(layer for _, layer in sorted(layers.items())),
            _ids(manifests.get(name, "")),
        )
        for (name, view), layers in ranks.items()
    )


def cryptomatte_beside(info: ExrInfo, depth: Layer, title: str) -> Cryptomatte:
    """Choose the set of ids of the same view layer and view as a depth layer.

    Parameters
    ----------
    info : ExrInfo
    depth : Layer
    title : str
        Such as ``CryptoObject``; case and underscores do not count, as in ``crypto_object``.

    Raises
    ------
    LayerError
        There is none, it covers other pixels than `depth`, or its ids are not exact.
    """
    found = cryptomattes(info)
    prefix = depth.name.rpartition(".")[0]
    for one in found:
        alike = _plain(one.title) == _plain(title) and one.view == depth.view
        if alike and one.name.rpartition(".")[0] == prefix:
            return _checked(one, info, depth)
    listing = ", ".join(dict.fromkeys(one.name for one in found))
    others = f"it holds {listing}" if listing else "it holds no Cryptomatte at all"
    raise LayerError(
        f"{info.path} has no {title} beside {depth.label}; {others}. Enable that Cryptomatte pass "
        "in View Layer Properties > Passes and render again."
    )


def strongest_ids(first: Array) -> Array:
    """Id of what covers most of each pixel.

    Parameters
    ----------
    first : ndarray, shape (H, W, 4), float32
        Pixels of the first of `Cryptomatte.ranks`.

    Returns
    -------
    ndarray, shape (H, W), uint32
        `NOTHING` where no surface is.
    """
    ids = np.ascontiguousarray(first[..., 0], np.float32).view(np.uint32)
    return np.where(first[..., 1] > 0.0, ids, np.uint32(NOTHING))


def _checked(one: Cryptomatte, info: ExrInfo, depth: Layer) -> Cryptomatte:
    for layer in one.ranks:
        if layer.window != depth.window:
            raise LayerError(
                f"{layer.label} in {info.path} is cropped unlike {depth.label}; save both alike."
            )
        if layer.codec or layer.pixel_type != "float":
            what = f"the codec {layer.codec}" if layer.codec else "16-bit values"
            raise LayerError(
                f"{layer.label} in {info.path} went through {what}, which changes its ids; save it"
                " as 32-bit float with ZIP."
            )
    return one


def _plain(title: str) -> str:
    return title.replace("_", "").lower()


def _ids(manifest: str) -> dict[str, int]:
    """Ids of the names in a manifest, which is JSON, except that Cycles does not escape quotes."""
    try:
        entries = json.loads(manifest)
    except ValueError:
        entries = dict(_ENTRY.findall(manifest))
    if not isinstance(entries, dict):
        return {}
    return {
        name: _as_float_bits(int(value, 16))
        for name, value in entries.items()
        if isinstance(value, str) and re.fullmatch("[0-9a-fA-F]{8}", value)
    }


def _as_float_bits(hashed: int) -> int:
    """Bits of the float that stands for a hash: never a denormal one, infinity or NaN.

    The specification inverts the lowest bit of an exponent that is all zeros or all ones.
    """
    exponent = hashed >> 23 & 0xFF
    return hashed ^ 1 << 23 if exponent in (0, 0xFF) else hashed
