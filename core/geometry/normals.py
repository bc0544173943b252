"""Normals from depth, for images that were rendered without a Normal pass."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..cameras.viewpoint import Viewpoint
from ..support.parallel import run_on_all_cores
from .backprojection import PointCloud
from .continuity import PAD, Continuity, Patch, PointGrid

Array = NDArray[Any]


def normals_of(cloud: PointCloud, view: Viewpoint, continuity: Continuity | None = None) -> Array:
    """Normals of the surface that each pixel sees, from it and the neighbors joined with it.

    Along rows and along columns, the direction of the surface is the central difference for points
    that are unequally far apart; the normal is at right angles to both. Where a pixel is joined
    with neighbors in one direction only, as on a thin rod, the normal looks as much toward the
    camera as it can, and that of a lone pixel looks at the camera.

    Parameters
    ----------
    cloud : PointCloud
    view : Viewpoint
        Where the points were seen from.
    continuity : Continuity, optional
        How neighbors are joined: never across a jump in depth.

    Returns
    -------
    ndarray, shape (N, 3), float32
        Unit vectors in world space, on the camera's side of the surface; 0 in the viewpoint.
    """
    grid = PointGrid(cloud, view, continuity or Continuity())
    found = np.empty((len(cloud.points), 3), np.float32)
    blocks = grid.blocks()

    def fill(index: int) -> None:
        rows = blocks[index]
        made = _patch_normals(grid.patch(rows), view)
        mask, target = grid.mask[rows], found[grid.span(rows)]
        for axis in range(3):
            target[:, axis] = made[axis][mask]

    run_on_all_cores(fill, len(blocks))
    return found


def _patch_normals(patch: Patch, view: Viewpoint) -> Array:
    """Normals of a patch without its padding, shape (3, rows, columns)."""
    points, across, down = patch.axes, patch.across(), patch.down()
    inner = slice(PAD, -PAD)
    along = _direction(np.diff(points[:, inner, PAD - 1 : 1 - PAD], axis=2), across)
    along = along[:, :, 1:] + along[:, :, :-1]
    upright = _direction(np.diff(points[:, PAD - 1 : 1 - PAD, inner], axis=1), down)
    upright = upright[:, 1:] + upright[:, :-1]
    if view.direction is None:
        rays = patch.rays[:, inner, inner]
    else:
        rays = np.broadcast_to(view.direction.astype(np.float32)[:, None, None], along.shape)
    one = (across[:, 1:] | across[:, :-1]) != (down[1:] | down[:-1])
    # Beside the only direction there is, as much across the ray as can be.
    known = along[:, one] + upright[:, one]
    found = _cross(along, upright)
    found[:, one] = _cross(_cross(known, rays[:, one]), known)
    with np.errstate(invalid="ignore", divide="ignore"):
        lengths = np.sqrt(np.einsum("i...,i...", found, found))
        lengths = np.copysign(lengths, -np.einsum("i...,i...", found, rays))
        found /= lengths
    lone = ~np.isfinite(found[0])
    found[:, lone] = np.nan_to_num(-rays[:, lone])  # no direction leads to the viewpoint itself
    return found


def _direction(steps: Array, joined: Array) -> Array:
    """Steps over their squared lengths; zero where the step is no part of the surface."""
    squares = np.einsum("i...,i...", steps, steps)
    with np.errstate(invalid="ignore", divide="ignore"):
        made: Array = np.where(joined, steps / squares, np.float32(0.0))
    return made


def _cross(first: Array, second: Array) -> Array:
    """Cross product of vectors whose components come first; numpy's own is several times slower."""
    (a, b, c), (d, e, f) = first, second
    return np.stack((b * f - c * e, c * d - a * f, a * e - b * d))
