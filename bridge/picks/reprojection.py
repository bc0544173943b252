"""Where picks lie in an image: those picked on it, and those of other shots, projected into it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import bpy
import numpy as np
from numpy.typing import NDArray

from ...core.cameras.serialization import camera_from_text
from ...core.depth.image import DepthKind
from ...core.geometry.occlusion import is_occluded
from ...core.support.aspect import same_aspect
from ..renders.history import last_render
from ..session import RecentValues, register_cache, size_of
from ..sources.paths import same_path
from .source import PickSource, SourceKey, fingerprint_of
from .table import PickTable, pick_table

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class PicksInImage:
    """The picks to draw over an image.

    Attributes
    ----------
    key : tuple
        All that the picks and their pixels depend on.
    indices : ndarray, shape (N,), int
        Positions in the list of picks.
    pixels : ndarray, shape (N, 2), float64
        Image coordinates.
    picked_here : ndarray, shape (N,), bool
        True for picks made on this image, False for those projected into it.
    occluded : ndarray, shape (N,), bool
        Whether the image shows something in front of a projected pick.
    """

    key: tuple[Any, ...]
    indices: Array
    pixels: Array
    picked_here: Array
    occluded: Array


_picks_by_key: RecentValues[tuple[Any, ...], PicksInImage] = RecentValues(4)
"""The picks in the images of as many Image Editors."""

_sight_lines: RecentValues[tuple[int, int], Array] = RecentValues(1)
"""The lines of sight by the key of the table of picks."""


def _free() -> None:
    _picks_by_key.clear()
    _sight_lines.clear()


register_cache(
    __name__,
    "_picks_by_key",
    "_sight_lines",
    title="Picks in Images",
    limit="4 images, about 50 bytes for each pick",
    dropped="When picks or renders change, or another file is loaded.",
    held_bytes=lambda: size_of((_picks_by_key, _sight_lines)),
    free=_free,
)


def picks_in_image(
    scene: bpy.types.Scene, key: SourceKey, source: PickSource | None
) -> PicksInImage:
    """The visible picks of an image; those of other shots only where its `source` is loaded."""
    table = pick_table(scene)
    with_others = scene.depth_picks.show_others and source is not None
    serial = source.serial if source is not None else None
    state = (table.key, key, serial, with_others, fingerprint_of("", scene))
    if state not in _picks_by_key:
        _picks_by_key[state] = _find_picks(scene, table, state, source)
    return _picks_by_key[state]


def shots_of_image(scene: bpy.types.Scene, key: SourceKey) -> set[int]:
    """Identifiers of the shots of an image, in any state of its file or render."""
    rendered = None if key.filepath else last_render(scene)
    return {
        shot.identifier
        for shot in scene.depth_picks.shots
        if same_path(shot.filepath, key.filepath)
        and key.view in ("", shot.view)
        and (rendered is None or rendered.may_be_of(shot.camera, shot.frame))
    }


def _find_picks(
    scene: bpy.types.Scene, table: PickTable, state: tuple[Any, ...], source: PickSource | None
) -> PicksInImage:
    _, key, _, with_others, _ = state
    picked_here, pixels = _picks_made_on(scene, table, key, source)
    visible = picked_here & ~table.hidden
    occluded = np.zeros(len(visible), bool)
    others = np.flatnonzero(~picked_here & ~table.hidden)
    if source is not None and with_others and len(others):
        projected = source.camera.project(table.world[others])
        inside = np.isfinite(projected).all(axis=1)
        inside &= ((projected >= 0) & (projected < source.depth.size)).all(axis=1)
        others, projected = others[inside], projected[inside]
        visible[others], pixels[others] = True, projected
        world = table.world[others]
        occluded[others] = is_occluded(source.depth, source.camera, projected, world)
    at = np.flatnonzero(visible)
    return PicksInImage(state, at, pixels[at], picked_here[at], occluded[at])


def _picks_made_on(
    scene: bpy.types.Scene, table: PickTable, key: SourceKey, source: PickSource | None
) -> tuple[Array, Array]:
    """Which picks were made on an image, and the pixels of all, scaled to its present size."""
    picked_here, pixels = np.zeros(len(table.shots), bool), table.pixels.copy()
    identifiers = shots_of_image(scene, key)
    for shot in scene.depth_picks.shots:
        size = tuple(shot.size)
        if shot.identifier not in identifiers:
            continue
        if source is not None and not same_aspect(size, source.depth.size):
            continue
        in_shot = table.shots == shot.identifier
        picked_here |= in_shot
        if source is not None and size != source.depth.size:
            pixels[in_shot] *= np.divide(source.depth.size, size)
    return picked_here, pixels


def lines_of_sight(scene: bpy.types.Scene) -> Array:
    """Lines from its camera to each visible pick, shape (2 N, 3), float32."""
    table = pick_table(scene)
    if table.key not in _sight_lines:
        lines = np.stack((table.world, table.world), axis=1)
        for shot in scene.depth_picks.shots:
            in_shot = table.shots == shot.identifier
            camera = camera_from_text(shot.camera_data)
            rays = camera.rays(table.pixels[in_shot], DepthKind(shot.kind))
            lines[in_shot, 0] = rays.origins
        visible = lines[~table.hidden].reshape(-1, 3)
        _sight_lines[table.key] = visible.astype(np.float32)
    return _sight_lines[table.key]
