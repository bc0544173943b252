"""Picks on the scene: made on a source, moved, and removed."""

from __future__ import annotations

from collections.abc import Sequence

import bpy
import numpy as np
from numpy.typing import ArrayLike

from ...core.errors import DepthError
from ...core.geometry.locating import Flag, Located, locate
from .numbers import PickNumbers
from .source import PickSource, is_shot_of

Group = bpy.types.PropertyGroup


class NoHitError(DepthError):
    """There is no surface where somebody picked."""


def locate_one(source: PickSource, x: float, y: float) -> tuple[PickNumbers, bool]:
    """Where a pixel's point lies, and whether it is at an edge.

    Raises
    ------
    NoHitError
        The pixel shows no surface, or lies outside the image.
    """
    located = locate(source.depth, source.camera, [(x, y)])
    problem = why_not(located, 0, x, y, source.depth.size)
    if problem:
        raise NoHitError(problem)
    return numbers_of(located, 0, x, y)


def why_not(located: Located, index: int, x: float, y: float, size: tuple[int, int]) -> str:
    """A sentence on why a pixel has no point; empty if it has one."""
    if located.flags[index] & Flag.OUTSIDE:
        return f"({x:.2f}, {y:.2f}) lies outside the image of {size[0]} x {size[1]} pixels."
    if located.flags[index] & Flag.NO_HIT:
        return f"Nothing was hit at ({x:.2f}, {y:.2f}): the render shows only background there."
    return ""


def numbers_of(located: Located, index: int, x: float, y: float) -> tuple[PickNumbers, bool]:
    """One of several located pixels as a pick keeps it."""
    values = (located.depth, located.footprint, located.precision)
    depth, footprint, precision = (float(each[index]) for each in values)
    world = (float(value) for value in located.points[index])
    numbers = PickNumbers(float(x), float(y), depth, *world, footprint, precision)
    return numbers, bool(located.flags[index] & Flag.EDGE)


def add_pick(
    picks: Group, source: PickSource, numbers: PickNumbers, edge: bool, name: str = ""
) -> Group:
    """Append a pick and make it the active one."""
    shot = ensure_shot(picks, source)
    pick = picks.new_pick(name or picks.next_name(), shot)
    pick.numbers, pick.edge = numbers, edge
    picks.active = len(picks.picks) - 1
    picks.touch()
    return pick


def ensure_shot(picks: Group, source: PickSource) -> Group:
    """The scene's shot for this state of the source, added if need be."""
    camera_text = source.camera_text
    for shot in picks.shots:
        if is_shot_of(shot, source) and (shot.fingerprint, shot.camera_data) == (
            source.fingerprint,
            camera_text,
        ):
            return shot
    identifier = picks.new_shot_identifier()
    shot = picks.shots.add()
    shot.identifier = identifier
    write_shot(shot, source)
    return shot


def write_shot(shot: Group, source: PickSource) -> None:
    """Make the shot say what the source is now."""
    # A relative path would mean another file once the .blend is saved elsewhere.
    shot.filepath = bpy.path.abspath(source.key.filepath) if source.key.filepath else ""
    shot.layer, shot.view = source.layer, source.view
    shot.camera, shot.frame = source.camera_name, source.frame
    shot.kind, shot.size = source.depth.kind.value, source.depth.size
    shot.camera_data, shot.fingerprint, shot.kept = source.camera_text, source.fingerprint, ""


def relocate(
    picks: Group, indices: Sequence[int], shot: int, source: PickSource, pixels: ArrayLike
) -> list[str]:
    """Locate picks anew on a source; those that hit nothing there stay, and are named."""
    xy = np.asarray(pixels, np.float64).reshape(-1, 2)
    located = locate(source.depth, source.camera, xy)
    missed = []
    for place, index in enumerate(indices):
        pick = picks.picks[index]
        if located.flags[place] & (Flag.NO_HIT | Flag.OUTSIDE):
            missed.append(pick.name)
        else:
            pick.numbers, pick.edge = numbers_of(located, place, *xy[place].tolist())
            pick.shot = shot
    picks.touch()
    return missed
