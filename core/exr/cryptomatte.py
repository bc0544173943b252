"""Cryptomatte: the names of the objects, materials or assets that each pixel shows.

Source: the Cryptomatte specification 1.2, https://github.com/Psyop/Cryptomatte. A pixel holds pairs
(id, coverage), two in each RGBA layer, the largest coverage first; an id is the hash of a name,
stored as the bits of a float. The header has a manifest with the hash of each name.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import LayerError
from .layers import FileInfo, Layer

Array = NDArray[Any]

NOTHING = 0
"""Id of pixels that no surface covers."""

_RANK = re.compile(r"(.+?)(\d\d)")
_NAME_KEY = re.compile(r"cryptomatte/([^/]+)/name")
_ENTRY = re.compile(r'"(.*?)"\s*:\s*"([0-9a-fA-F]{8})"\s*[,}]', re.DOTALL)
_NAMES_IN_MESSAGES = 20


@dataclass(frozen=True)
class Cryptomatte:
    """One set of ids in a file: those of its objects, its materials, or its assets.

    Attributes
    ----------
    name : str
        Name that its layers share, such as ``ViewLayer.CryptoObject``.
    view : str
        Stereo view; empty in files without views.
    ranks : tuple of Layer
        Layers of four channels, the largest coverage first.
    ids : mapping of str to int
        Id of each name in the manifest, 0 .. 2**32 - 1; empty where the file has no manifest.
    """

    name: str
    view: str
    ranks: tuple[Layer, ...]
    ids: Mapping[str, int]

    @property
    def title(self) -> str:
        """Last component of the name, such as ``CryptoObject``."""
        return self.name.rpartition(".")[2]

    @property
    def strongest(self) -> Layer:
        """Layer of two channels: the id of what covers most of each pixel, and its coverage."""
        first = self.ranks[0]
        return replace(first, channels=first.channels[:2])

    def id_of(self, name: str) -> int:
        """Id of a name.

        Raises
        ------
        LayerError
            The manifest does not list the name, or there is no manifest.
        """
        if name in self.ids:
            return self.ids[name]
        if not self.ids:
            raise LayerError(
                f"{self.name} has no list of names (manifest) in the file's header, so {name} "
                "cannot be found; save the file with its Cryptomatte metadata."
            )
        names = sorted(self.ids)
        shown = ", ".join(names[:_NAMES_IN_MESSAGES])
        more = len(names) - _NAMES_IN_MESSAGES
        rest = f" and {more} more" if more > 0 else ""
        raise LayerError(f"{self.name} has no {name}; it names {shown}{rest}. Choose one of these.")


def cryptomattes(info: FileInfo) -> tuple[Cryptomatte, ...]:
    """Find all sets of ids in a file, in the order of the file."""
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


def cryptomatte_beside(info: FileInfo, depth: Layer, title: str) -> Cryptomatte:
    """Choose the set of ids of the same view layer and view as a depth layer.

    Parameters
    ----------
    info : FileInfo
    depth : Layer
    title : str
        Title of the set, such as ``CryptoObject``; case and underscores do not matter, so that
        other renderers' ``crypto_object`` is found.

    Raises
    ------
    LayerError
        There is none, it covers other pixels than `depth`, or its ids are not exact.
    """
    found = cryptomattes(info)
    beside = info.layers_beside(depth)
    for one in found:
        if _plain(one.title) == _plain(title) and one.ranks[0] in beside:
            for layer in one.ranks:
                info.check_beside(layer, depth, ids=True)
            return one
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
    first : ndarray, shape (..., C), float32
        Pixels of `Cryptomatte.strongest`, or of the first of its `ranks`.

    Returns
    -------
    ndarray, shape (...), uint32
        `NOTHING` where there is no surface.
    """
    ids = np.ascontiguousarray(first[..., 0], np.float32).view(np.uint32)
    return np.where(first[..., 1] > 0.0, ids, np.uint32(NOTHING))


def _plain(title: str) -> str:
    return title.replace("_", "").lower()


def _ids(manifest: str) -> dict[str, int]:
    """Ids of the names in a manifest, which is JSON, except that Cycles escapes no quotes."""
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
    """Bits of the float that stands for a hash, which is never denormal, infinity or NaN.

    The specification inverts the lowest bit of an exponent that is all zeros or all ones.
    """
    exponent = hashed >> 23 & 0xFF
    return hashed ^ 1 << 23 if exponent in (0, 0xFF) else hashed
