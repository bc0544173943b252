"""Where picks show in an image: those made on it, and those of other shots, projected."""

from __future__ import annotations

import json
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

import bpy
import numpy as np
from numpy.typing import NDArray

from ...core.cameras.serialization import camera_from_data
from ...core.depth.image import DepthKind
from ...core.support.aspect import same_aspect
from ..renders.history import last_render
from .source import PickSource, SourceKey, fingerprint_of, same_path
from .table import PickTable, pick_table

Array = NDArray[Any]

_CLEARANCE = 2e-3
"""Part of the depth by which a pick may lie behind what an image shows, and still be seen."""


@dataclass(frozen=True, eq=False)
class PicksInImage:
    """The picks that are to be drawn over an image.

    Attributes
    ----------
    key : tuple
        Differs where anything else does.
    indices : ndarray, shape (N,), int
        Places in the list.
    pixels : ndarray, shape (N, 2), float64
    own : ndarray, shape (N,), bool
        Made on this image, rather than projected into it.
    occluded : ndarray, shape (N,), bool
        Something lies in front of them in this image.
    """

    key: tuple[Any, ...]
    indices: Array
    pixels: Array
    own: Array
    occluded: Array


_KEPT = 4
"""Images of as many editors."""

_found: OrderedDict[tuple[Any, ...], PicksInImage] = OrderedDict()
_sight: tuple[Any, Array] | None = None


def picks_in_image(
    scene: bpy.types.Scene, key: SourceKey, source: PickSource | None
) -> PicksInImage:
    """The visible picks of an image; those of other shots only where its `source` is in memory."""
    table = pick_table(scene)
    with_others = scene.depth_picks.show_others and source is not None
    serial = source.serial if source is not None else None
    state = (table.key, key, serial, with_others, fingerprint_of("", scene))
    if state not in _found:
        _found[state] = _in_image(scene, table, state, source)
        while len(_found) > _KEPT:
            _found.popitem(last=False)
    return _found[state]


def shots_of_image(scene: bpy.types.Scene, key: SourceKey) -> set[int]:
    """Identifiers of the shots that are this image, in any of its states."""
    rendered = None if key.filepath else last_render(scene)
    return {
        shot.identifier
        for shot in scene.depth_picks.shots
        if same_path(shot.filepath, key.filepath)
        and key.view in ("", shot.view)
        and (rendered is None or rendered.may_be_of(shot.camera, shot.frame))
    }


def _in_image(
    scene: bpy.types.Scene, table: PickTable, state: tuple[Any, ...], source: PickSource | None
) -> PicksInImage:
    own, pixels = _own(scene, table, state[1], source)
    shown = own & ~table.hidden
    occluded = np.zeros(len(own), bool)
    others = np.flatnonzero(~own & ~table.hidden)
    if source is not None and state[3] and len(others):
        pixels[others] = source.camera.project(table.world[others])
        inside = np.isfinite(pixels[others]).all(axis=1)
        inside &= ((pixels[others] >= 0) & (pixels[others] < source.depth.size)).all(axis=1)
        others = others[inside]
        shown[others] = True
        occluded[others] = _occluded(source, pixels[others], table.world[others])
    indices = np.flatnonzero(shown)
    return PicksInImage(state, indices, pixels[indices], own[indices], occluded[indices])


def _own(
    scene: bpy.types.Scene, table: PickTable, key: SourceKey, source: PickSource | None
) -> tuple[Array, Array]:
    """Which picks were made on this image, and their pixels at its present size."""
    own, pixels = np.zeros(len(table.shots), bool), table.pixels.copy()
    identifiers = shots_of_image(scene, key)
    for shot in scene.depth_picks.shots:
        size = tuple(shot.size)
        if shot.identifier not in identifiers:
            continue
        if source is not None and not same_aspect(size, source.depth.size):
            continue
        mine = table.shots == shot.identifier
        own |= mine
        if source is not None and size != source.depth.size:
            pixels[mine] *= np.divide(source.depth.size, size)
    return own, pixels


def _occluded(source: PickSource, pixels: Array, world: Array) -> Array:
    """Whether an image holds, at `pixels`, something in front of the points of the world."""
    depth, window = source.depth, source.depth.window
    columns = np.floor(pixels[:, 0]).astype(np.intp) - window.x
    rows = np.floor(pixels[:, 1]).astype(np.intp) - window.y
    stored = (columns >= 0) & (columns < window.width) & (rows >= 0) & (rows < window.height)
    columns, rows = np.where(stored, columns, 0), np.where(stored, rows, 0)
    stored &= depth.valid[rows, columns]
    rays = source.camera.rays(pixels, depth.kind)
    seen = rays.at(np.where(stored, depth.values[rows, columns], 0.0))
    squared = np.sum(rays.directions**2, axis=1)
    behind = np.sum((world - seen) * rays.directions, axis=1) / squared
    result: Array = stored & (behind > _CLEARANCE * depth.values[rows, columns])
    return result


def lines_of_sight(scene: bpy.types.Scene) -> Array:
    """From its camera to each visible pick, shape (2 N, 3), float32."""
    global _sight
    table = pick_table(scene)
    if _sight is None or _sight[0] != table.key:
        lines = np.stack((table.world, table.world), axis=1)
        for shot in scene.depth_picks.shots:
            mine = table.shots == shot.identifier
            camera = camera_from_data(json.loads(shot.camera_data))
            lines[mine, 0] = camera.rays(table.pixels[mine], DepthKind(shot.kind)).origins
        visible = lines[~table.hidden].reshape(-1, 3)
        _sight = table.key, visible.astype(np.float32)
    return _sight[1]
