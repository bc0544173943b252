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
    """Compute the normal of the surface at each point, from the neighbors it is joined with.

    Along rows and along columns, the tangent of the surface is the central difference for unequal
    distances; the normal is perpendicular to both. Where a pixel is joined with neighbors along
    rows or columns only, as on a thin rod, the normal points toward the camera as much as the
    tangent allows. The normal of a pixel without such neighbors points at the camera.

    Parameters
    ----------
    cloud : PointCloud
    view : Viewpoint
        Where the rays to the points start.
    continuity : Continuity, optional
        The rule that joins neighbors, so that no normal is computed across a jump in depth.

    Returns
    -------
    ndarray, shape (N, 3), float32
        World-space unit vectors, on the camera's side of the surface; 0 for points at the viewpoint
        itself.
    """
    grid = PointGrid(cloud, view, continuity or Continuity())
    normals = np.empty((len(cloud.points), 3), np.float32)
    blocks = grid.blocks()

    def fill(index: int) -> None:
        rows = blocks[index]
        of_patch = _patch_normals(grid.patch(rows), view)
        mask, target = grid.mask[rows], normals[grid.span(rows)]
        for axis in range(3):
            target[:, axis] = of_patch[axis][mask]

    run_on_all_cores(fill, len(blocks))
    return normals


def _patch_normals(patch: Patch, view: Viewpoint) -> Array:
    """Return the normals of a patch without its padding, shape (3, rows, columns)."""
    points, across, down = patch.axes, patch.across(), patch.down()
    inner = slice(PAD, -PAD)
    horizontal = _weighted(np.diff(points[:, inner, PAD - 1 : 1 - PAD], axis=2), across)
    horizontal = horizontal[:, :, 1:] + horizontal[:, :, :-1]
    vertical = _weighted(np.diff(points[:, PAD - 1 : 1 - PAD, inner], axis=1), down)
    vertical = vertical[:, 1:] + vertical[:, :-1]
    if view.direction is None:
        rays = patch.rays[:, inner, inner]
    else:
        rays = np.broadcast_to(view.direction.astype(np.float32)[:, None, None], horizontal.shape)
    has_one = (across[:, 1:] | across[:, :-1]) != (down[1:] | down[:-1])
    # The second tangent is then perpendicular to the first one and to the ray.
    tangent = horizontal[:, has_one] + vertical[:, has_one]
    normals = _cross(horizontal, vertical)
    normals[:, has_one] = _cross(_cross(tangent, rays[:, has_one]), tangent)
    with np.errstate(invalid="ignore", divide="ignore"):
        lengths = np.sqrt(np.einsum("i...,i...", normals, normals))
        normals /= np.copysign(lengths, -np.einsum("i...,i...", normals, rays))
    has_none = ~np.isfinite(normals[0])
    normals[:, has_none] = np.nan_to_num(-rays[:, has_none])  # at the viewpoint, rays are NaN
    return normals


def _weighted(steps: Array, joined: Array) -> Array:
    """Divide steps by their squared lengths; zero where the step leaves the surface."""
    squares = np.einsum("i...,i...", steps, steps)
    with np.errstate(invalid="ignore", divide="ignore"):
        weighted: Array = np.where(joined, steps / squares, np.float32(0.0))
    return weighted


def _cross(first: Array, second: Array) -> Array:
    """Return the cross products of vectors, shape (3, ...); numpy's are several times slower."""
    (a, b, c), (d, e, f) = first, second
    return np.stack((b * f - c * e, c * d - a * f, a * e - b * d))
