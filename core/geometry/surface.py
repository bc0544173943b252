"""Surfaces: faces between neighboring pixels that see one surface."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..cameras.viewpoint import Viewpoint
from ..support.parallel import run_on_all_cores
from ..support.vectors import dot
from .backprojection import PointCloud, Selection
from .continuity import PAD, Continuity, PointGrid
from .faces import LOWER_LEFT, LOWER_RIGHT, NONE, QUAD, UPPER_LEFT, UPPER_RIGHT, Faces, build_faces

Array = NDArray[Any]

_LEFT, _BOTTOM, _RIGHT, _TOP = 1, 2, 4, 8
_BLOCK_POINTS = 1 << 16
_SAMPLES = 1000
"""Faces that are asked which way they look: mostly all look the same way, but for rounding."""

_ROUNDED = 0.01
"""Part of the faces that rounding may turn."""


@dataclass(frozen=True, eq=False)
class Surface:
    """Faces over the points of an image.

    Attributes
    ----------
    cloud : PointCloud
        The points that faces use; no others.
    corners : ndarray, shape (4 Q + 3 T,), int32
        Indices into ``cloud.points``, face after face, first quads, then triangles;
        counterclockwise as seen from the camera.
    corner_edges : ndarray, shape (4 Q + 3 T,), int32
        The edge from each corner to the next one of its face.
    edges : ndarray, shape (E, 2), int32
        Indices into ``cloud.points``.
    quad_count : int
        Q.
    """

    cloud: PointCloud
    corners: Array
    corner_edges: Array
    edges: Array
    quad_count: int

    @property
    def quads(self) -> Array:
        """Corners of the quads, shape (Q, 4), int32."""
        return self.corners[: 4 * self.quad_count].reshape(-1, 4)

    @property
    def triangles(self) -> Array:
        """Corners of the triangles, shape (T, 3), int32."""
        return self.corners[4 * self.quad_count :].reshape(-1, 3)


def surface_of(cloud: PointCloud, view: Viewpoint, continuity: Continuity | None = None) -> Surface:
    """Join neighboring pixels that see one surface by faces.

    Four neighbors make a quad where all four sides are joined, else a triangle where two sides
    that meet are joined.

    Parameters
    ----------
    cloud : PointCloud
        Of every n-th pixel of every n-th row, where the image was thinned: those are neighbors.
    view : Viewpoint
        Where the points were seen from.
    continuity : Continuity, optional
        How neighbors are joined.

    Returns
    -------
    Surface
        Without faces where no neighbors are joined.
    """
    grid = PointGrid(cloud, view, continuity or Continuity())
    faces = build_faces(_cells(grid))
    made = Surface(
        _used_points(cloud, grid, faces),
        faces.corners,
        faces.corner_edges,
        faces.edges,
        faces.quad_count,
    )
    return _facing_camera(made, view)


def _choices() -> tuple[Array, Array]:
    """What a cell holds, by its joined sides.

    Of two triangles, the first table has the one whose diagonal falls to the right, the second that
    whose diagonal rises.
    """
    tables = np.full((2, 16), NONE, np.uint8)
    falling = ((LOWER_LEFT, _LEFT | _BOTTOM), (UPPER_RIGHT, _RIGHT | _TOP))
    rising = ((UPPER_LEFT, _TOP | _LEFT), (LOWER_RIGHT, _BOTTOM | _RIGHT))
    for table, order in zip(tables, (rising + falling, falling + rising), strict=True):
        for kind, sides in order:
            table[[joined for joined in range(16) if joined & sides == sides]] = kind
        table[15] = QUAD
    return tables[0], tables[1]


_FALLING, _RISING = _choices()


def _cells(grid: PointGrid) -> Array:
    """What four neighbors make, shape (rows, columns), uint8."""
    cells = np.zeros((grid.height, grid.width), np.uint8)
    blocks = grid.blocks()

    def fill(index: int) -> None:
        rows = blocks[index]
        stop = min(rows.stop, grid.height - 1)
        if stop == rows.start:  # the last row
            return
        patch = grid.patch(slice(rows.start, stop + 1))
        level = patch.across()[:, 1:].view(np.uint8)
        upright = patch.down()[1:-1].view(np.uint8)
        sides = upright * np.uint8(_LEFT)
        sides |= np.roll(upright, -1, axis=1) * np.uint8(_RIGHT)
        sides |= level[1:] * np.uint8(_BOTTOM)
        sides |= level[:-1] * np.uint8(_TOP)
        made = np.take(_FALLING, sides)
        row, column = np.nonzero(made != np.take(_RISING, sides))
        # The triangle that is bent less, of the two that three sides allow.
        linear = patch.linear[PAD:, PAD:]
        falling = np.abs(linear[row, column] - linear[row + 1, column + 1])
        rising = np.abs(linear[row + 1, column] - linear[row, column + 1])
        made[row, column] = np.where(
            rising < falling, _RISING[sides[row, column]], made[row, column]
        )
        cells[rows.start : stop] = made

    run_on_all_cores(fill, len(blocks))
    return cells


def _used_points(cloud: PointCloud, grid: PointGrid, faces: Faces) -> PointCloud:
    """The points that faces use, in the same order."""
    if np.array_equal(faces.used, grid.mask):
        return cloud
    stride = grid.stride
    mask = np.zeros_like(cloud.selection.mask)
    mask[::stride, ::stride] = faces.used
    selection = Selection(mask, cloud.selection.window)
    return PointCloud(_chosen_points(cloud.points, faces.used[grid.mask]), selection)


def _chosen_points(points: Array, chosen: Array) -> Array:
    """The points that are True, shape (N, 3), on every core."""
    starts = range(0, len(points), _BLOCK_POINTS)
    ends = np.cumsum([0, *(np.count_nonzero(chosen[i : i + _BLOCK_POINTS]) for i in starts)])
    kept = np.empty((ends[-1], 3), np.float32)
    # To numpy, a point is one thing: that is ten times as fast.
    source, target = (np.ascontiguousarray(each).view("V12")[:, 0] for each in (points, kept))

    def fill(index: int) -> None:
        block = slice(starts[index], starts[index] + _BLOCK_POINTS)
        target[ends[index] : ends[index + 1]] = source[block][chosen[block]]

    run_on_all_cores(fill, len(starts))
    return kept


def _facing_camera(made: Surface, view: Viewpoint) -> Surface:
    """The same faces, those turned over that show the camera their backs, as to a mirrored one."""
    count = made.quad_count + len(made.triangles)
    if not count:
        return made
    sample = np.unique(np.linspace(0, count, _SAMPLES, endpoint=False, dtype=np.int64))
    share = np.mean(_looks_away(made, view, sample))
    if share <= _ROUNDED:
        return made
    away = np.ones(count, bool)
    if share < 1.0 - _ROUNDED:  # a shifted panorama goes on beyond its pole, the other way around

        def fill(index: int) -> None:
            block = np.arange(index * _BLOCK_POINTS, min((index + 1) * _BLOCK_POINTS, count))
            away[block] = _looks_away(made, view, block)

        run_on_all_cores(fill, -(-count // _BLOCK_POINTS))
    return _turned(made, away)


def _looks_away(made: Surface, view: Viewpoint, chosen: Array) -> Array:
    """Whether each of some faces, quads first, in order, shows the camera its back."""
    quads, triangles = chosen[chosen < made.quad_count], chosen[chosen >= made.quad_count]
    corners = np.concatenate((made.quads[quads, :3], made.triangles[triangles - made.quad_count]))
    points = made.cloud.points[corners].astype(np.float64)
    normals = np.cross(points[:, 1] - points[:, 0], points[:, 2] - points[:, 0])
    rays = points[:, 0] - view.position if view.direction is None else view.direction
    return dot(normals, rays) > 0.0


def _turned(made: Surface, chosen: Array) -> Surface:
    """The same faces, some of them turned over."""
    corners, corner_edges = made.corners.copy(), made.corner_edges.copy()
    turned = replace(made, corners=corners, corner_edges=corner_edges)
    quads, triangles = chosen[: made.quad_count], chosen[made.quad_count :]
    turned.quads[quads] = made.quads[quads, ::-1]
    turned.triangles[triangles] = made.triangles[triangles, ::-1]
    split = 4 * made.quad_count
    for sides, own, order in (
        (corner_edges[:split].reshape(-1, 4), quads, [2, 1, 0, 3]),
        (corner_edges[split:].reshape(-1, 3), triangles, [1, 0, 2]),
    ):
        sides[own] = sides[own][:, order]
    return turned
