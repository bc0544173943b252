"""All picks of a scene as arrays, made once for each state of the picks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import bpy
import numpy as np
from numpy.typing import NDArray

from ...core.support.srgb import to_srgb
from ..session import RecentValues, register_cache, size_of
from .point_data import parse_numbers

Array = NDArray[Any]


_TEXT_BYTES = 500
"""Roughly the memory of a pick's name, its stored text, and its parsed numbers."""


@dataclass(frozen=True, eq=False)
class PickTable:
    """The picks in their order.

    Attributes
    ----------
    key : tuple of int
        Session identifier of the scene and revision of its picks; other picks have another key.
    names : tuple of str
    pixels : ndarray, shape (N, 2), float64
        Image coordinates in the image of each pick's shot.
    world : ndarray, shape (N, 3), float64
    colors : ndarray, shape (N, 4), float32
        sRGB, as screens take it, and an alpha of 1.
    hidden, edge : ndarray, shape (N,), bool
    shots : ndarray, shape (N,), int
        Identifiers of the shots.
    parsed : dict of str to tuple of float
        The numbers by the text that stores them, so that the next table parses only new texts.
    """

    key: tuple[int, int]
    names: tuple[str, ...]
    pixels: Array
    world: Array
    colors: Array
    hidden: Array
    edge: Array
    shots: Array
    parsed: dict[str, tuple[float, ...]]

    @property
    def nbytes(self) -> int:
        """Number of bytes that the table takes, roughly."""
        arrays = self.pixels, self.world, self.colors, self.hidden, self.edge, self.shots
        return sum(array.nbytes for array in arrays) + _TEXT_BYTES * len(self.names)


_tables: RecentValues[int, PickTable] = RecentValues(4)
"""The tables of the scenes that windows show, by the scenes' session identifiers."""

register_cache(
    __name__,
    "_tables",
    title="Picks as Arrays",
    limit="4 scenes, about 0.6 kB for each pick",
    dropped="When another file is loaded.",
    held_bytes=lambda: size_of(_tables),
    free=_tables.clear,
)


def pick_table(scene: bpy.types.Scene) -> PickTable:
    """The picks of a scene; the same object for as long as the picks are the same."""
    owner = scene.depth_picks
    key = (scene.session_uid, owner.revision)
    table = _tables.get(scene.session_uid)
    if table is None or table.key != key or len(table.names) != len(owner.picks):
        table = _make_table(key, owner.picks, table.parsed if table else {})
        _tables[scene.session_uid] = table
    return table


def _make_table(
    key: tuple[int, int],
    picks: bpy.types.bpy_prop_collection[bpy.types.PropertyGroup],
    known: dict[str, tuple[float, ...]],
) -> PickTable:
    count = len(picks)
    texts = [pick.point_data for pick in picks]
    # Copied, which is faster than a new dictionary, until half of its texts are no longer in use.
    parsed = dict(known) if len(known) <= 2 * count else {}
    rows = [parsed.get(text) or parsed.setdefault(text, parse_numbers(text)) for text in texts]
    numbers = np.array(rows, np.float64).reshape(count, 8)
    colors = np.ones((count, 4), np.float32)
    colors[:, :3] = to_srgb(_read_property(picks, "color", (count, 3), np.float32))
    return PickTable(
        key=key,
        names=tuple(pick.name for pick in picks),
        pixels=numbers[:, :2],
        world=numbers[:, 3:6],
        colors=colors,
        hidden=_read_property(picks, "hidden", (count,), bool),
        edge=_read_property(picks, "edge", (count,), bool),
        shots=_read_property(picks, "shot", (count,), np.int32),
        parsed=parsed,
    )


def _read_property(
    picks: bpy.types.bpy_prop_collection[bpy.types.PropertyGroup],
    name: str,
    shape: tuple[int, ...],
    dtype: type,
) -> Array:
    """One property of all picks as an array."""
    values: Array = np.empty(shape, dtype)
    picks.foreach_get(name, values.reshape(-1))
    return values
