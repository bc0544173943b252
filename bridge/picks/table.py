"""All picks of a scene as arrays, made once for each state of them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import bpy
import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class PickTable:
    """The picks in their order.

    Attributes
    ----------
    key : tuple of int
        Differs where anything else does.
    names : tuple of str
    pixels, world : ndarray, shape (N, 2) and (N, 3), float64
    colors : ndarray, shape (N, 4), float32
        As the screen takes them (sRGB), and 1.
    hidden, edge : ndarray, shape (N,), bool
    shots : ndarray, shape (N,), int
        Identifiers of the shots.
    """

    key: tuple[int, int]
    names: tuple[str, ...]
    pixels: Array
    world: Array
    colors: Array
    hidden: Array
    edge: Array
    shots: Array


_tables: dict[int, PickTable] = {}


def pick_table(scene: bpy.types.Scene) -> PickTable:
    """The scene's picks; from memory while they are the same."""
    owner = scene.depth_picks
    key = (scene.session_uid, owner.revision)
    table = _tables.get(scene.session_uid)
    if table is None or table.key != key or len(table.names) != len(owner.picks):
        table = _table(key, owner.picks)
        if len(_tables) >= 4:  # scenes of as many windows
            _tables.clear()
        _tables[scene.session_uid] = table
    return table


def _table(key: tuple[int, int], picks: bpy.types.bpy_prop_collection) -> PickTable:
    count = len(picks)
    numbers = np.array([_parsed(pick.text) for pick in picks], np.float64).reshape(count, 8)
    colors = np.ones((count, 4), np.float32)
    colors[:, :3] = _to_srgb(_read(picks, "color", (count, 3), np.float32))
    return PickTable(
        key=key,
        names=tuple(pick.name for pick in picks),
        pixels=numbers[:, :2],
        world=numbers[:, 3:6],
        colors=colors,
        hidden=_read(picks, "hidden", (count,), bool),
        edge=_read(picks, "edge", (count,), bool),
        shots=_read(picks, "shot", (count,), np.int32),
    )


def _read(
    picks: bpy.types.bpy_prop_collection, name: str, shape: tuple[int, ...], dtype: type
) -> Array:
    """One property of all picks."""
    values = np.empty(shape, dtype)
    picks.foreach_get(name, values.reshape(-1))
    return values


@lru_cache(maxsize=1 << 15)
def _parsed(text: str) -> tuple[float, ...]:
    """Numbers of a pick; while one is dragged, those of all others stay known."""
    return tuple(json.loads(text)) if text else (0.0,) * 8


def _to_srgb(linear: Array) -> Array:
    """The transfer function of IEC 61966-2-1."""
    return np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1.0 / 2.4) - 0.055)
