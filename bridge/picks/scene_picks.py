"""Add picks to a scene, and locate them again."""

from __future__ import annotations

from collections.abc import Sequence

import bpy
import numpy as np
from numpy.typing import ArrayLike

from ...core.geometry.locate_pixel import missing_reason, point_at
from ...core.geometry.located_point import LocatedPoint
from ...core.geometry.locating import locate
from .source import PickSource, is_shot_of

Group = bpy.types.PropertyGroup


def add_pick(picks: Group, source: PickSource, point: LocatedPoint, name: str = "") -> Group:
    """Append a pick and select it; without a name it gets the next one of the pattern."""
    shot = ensure_shot(picks, source)
    pick = picks.new_pick(name or picks.next_name(), shot)
    pick.point = point
    picks.active = len(picks.picks) - 1
    picks.touch()
    return pick


def ensure_shot(picks: Group, source: PickSource) -> Group:
    """The shot for the present state of a source, added to the scene if it has none yet."""
    state = source.fingerprint, source.camera_text
    for shot in picks.shots:
        if is_shot_of(shot, source) and (shot.fingerprint, shot.camera_data) == state:
            return shot
    identifier = picks.new_shot_identifier()
    shot = picks.shots.add()
    shot.identifier = identifier
    # A relative path would mean another file once the .blend is saved elsewhere.
    shot.filepath = bpy.path.abspath(source.key.filepath) if source.key.filepath else ""
    shot.layer, shot.view = source.layer, source.view
    shot.camera, shot.frame = source.camera_name, source.frame
    shot.kind, shot.size = source.depth.kind.value, source.depth.size
    shot.fingerprint, shot.camera_data = state
    shot.pose = source.pose.name
    return shot


def relocate_picks(
    picks: Group, indices: Sequence[int], shot: int, source: PickSource, pixels: ArrayLike
) -> list[str]:
    """Locate picks again on a source, and make them picks of a shot.

    Parameters
    ----------
    picks : DepthPicks
    indices : sequence of int
        Positions of the picks in the list.
    shot : int
        Identifier of the source's shot.
    source : PickSource
    pixels : array_like, shape (N, 2)
        Image coordinates of each of the picks in the source's image.

    Returns
    -------
    list of str
        Names of the picks that hit nothing; they stay as they were.
    """
    xy = np.asarray(pixels, np.float64).reshape(-1, 2)
    located = locate(source.depth, source.camera, xy)
    missed = []
    for row, (index, (x, y)) in enumerate(zip(indices, xy.tolist(), strict=True)):
        pick = picks.picks[index]
        if missing_reason(located, row, x, y, source.depth.size):
            missed.append(pick.name)
        else:
            pick.point, pick.shot = point_at(located, row, x, y), shot
    picks.touch()
    return missed
