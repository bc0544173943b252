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
"""Faces whose orientation is checked first; nearly always, all faces have the same one."""

_ROUNDED = 0.01
"""Share of the faces whose orientation rounding may change."""


@dataclass(frozen=True, eq=False)
class Surface:
    """Faces over the points of an image.

    Attributes
    ----------
    cloud : PointCloud
        Only the points that faces use.
    corners : ndarray, shape (4 Q + 3 T,), int32
        Indices into ``cloud.points``, face by face, first quads, then triangles;
        counterclockwise as seen from the camera.
    corner_edges : ndarray, shape (4 Q + 3 T,), int32
        The edge from each corner to the next corner of its face.
    edges : ndarray, shape (E, 2), int32
        Indices into ``cloud.points``.
    quad_count : int
        The number Q of quads.
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
    """Join neighboring pixels that see one surface with faces.

    Four neighbors make a quad where all four sides join them, and a triangle where two adjacent
    sides do.

    Parameters
    ----------
    cloud : PointCloud
        If the image was thinned, every n-th pixel of every n-th row; those count as neighbors.
    view : Viewpoint
        Where the rays to the points start.
    continuity : Continuity, optional
        The rule that joins neighbors.

    Returns
    -------
    Surface
        It has no faces if no neighbors are joined.
    """
    grid = PointGrid(cloud, view, continuity or Continuity())
    faces = build_faces(_cells(grid))
    surface = Surface(
        _used_points(cloud, grid, faces),
        faces.corners,
        faces.corner_edges,
        faces.edges,
        faces.quad_count,
    )
    return _facing_camera(surface, view)


def _choices() -> tuple[Array, Array]:
    """Return what a cell holds, as tables by its joined sides.

    Where two triangles are possible, the first table has the one whose diagonal falls to the right,
    and the second the one whose diagonal rises.
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
    """Return what the cell of each pixel holds, shape (rows, columns), uint8."""
    cells = np.zeros((grid.height, grid.width), np.uint8)
    blocks = grid.blocks()

    def fill(index: int) -> None:
        rows = blocks[index]
        stop = min(rows.stop, grid.height - 1)
        if stop == rows.start:  # the last row
            return
        patch = grid.patch(slice(rows.start, stop + 1))
        horizontal = patch.across()[:, 1:].view(np.uint8)
        vertical = patch.down()[1:-1].view(np.uint8)
        sides = vertical * np.uint8(_LEFT)
        sides |= np.roll(vertical, -1, axis=1) * np.uint8(_RIGHT)
        sides |= horizontal[1:] * np.uint8(_BOTTOM)
        sides |= horizontal[:-1] * np.uint8(_TOP)
        kinds = np.take(_FALLING, sides)
        row, column = np.nonzero(kinds != np.take(_RISING, sides))
        # Of the two triangles that three sides allow, the flatter one.
        linear = patch.linear[PAD:, PAD:]
        falling = np.abs(linear[row, column] - linear[row + 1, column + 1])
        rising = np.abs(linear[row + 1, column] - linear[row, column + 1])
        kinds[row, column] = np.where(
            rising < falling, _RISING[sides[row, column]], kinds[row, column]
        )
        cells[rows.start : stop] = kinds

    run_on_all_cores(fill, len(blocks))
    return cells


def _used_points(cloud: PointCloud, grid: PointGrid, faces: Faces) -> PointCloud:
    """Return the points that faces use, in the same order."""
    if np.array_equal(faces.used, grid.mask):
        return cloud
    stride = grid.stride
    mask = np.zeros_like(cloud.selection.mask)
    mask[::stride, ::stride] = faces.used
    selection = Selection(mask, cloud.selection.window)
    return PointCloud(_select(cloud.points, faces.used[grid.mask]), selection)


def _select(points: Array, mask: Array) -> Array:
    """Return the points where `mask`, shape (N, 3), computed on every core."""
    starts = range(0, len(points), _BLOCK_POINTS)
    ends = np.cumsum([0, *(np.count_nonzero(mask[i : i + _BLOCK_POINTS]) for i in starts)])
    selected = np.empty((ends[-1], 3), np.float32)
    # As single items of 12 bytes, because that is ten times as fast as rows.
    source, target = (np.ascontiguousarray(each).view("V12")[:, 0] for each in (points, selected))

    def fill(index: int) -> None:
        block = slice(starts[index], starts[index] + _BLOCK_POINTS)
        target[ends[index] : ends[index + 1]] = source[block][mask[block]]

    run_on_all_cores(fill, len(starts))
    return selected


def _facing_camera(surface: Surface, view: Viewpoint) -> Surface:
    """Flip the faces that show the camera their backs, as they all do to a mirrored camera."""
    count = surface.quad_count + len(surface.triangles)
    if not count:
        return surface
    sample = np.unique(np.linspace(0, count, _SAMPLES, endpoint=False, dtype=np.int64))
    share = np.mean(_face_away(surface, view, sample))
    if share <= _ROUNDED:
        return surface
    away = np.ones(count, bool)
    if share < 1.0 - _ROUNDED:  # beyond its pole, a shifted panorama continues the other way around

        def fill(index: int) -> None:
            block = np.arange(index * _BLOCK_POINTS, min((index + 1) * _BLOCK_POINTS, count))
            away[block] = _face_away(surface, view, block)

        run_on_all_cores(fill, -(-count // _BLOCK_POINTS))
    return _flipped(surface, away)


def _face_away(surface: Surface, view: Viewpoint, faces: Array) -> Array:
    """Return whether faces, given by ascending indices, show the camera their backs."""
    is_quad = faces < surface.quad_count
    quads, triangles = faces[is_quad], faces[~is_quad] - surface.quad_count
    corners = np.concatenate((surface.quads[quads, :3], surface.triangles[triangles]))
    points = surface.cloud.points[corners].astype(np.float64)
    normals = np.cross(points[:, 1] - points[:, 0], points[:, 2] - points[:, 0])
    rays = points[:, 0] - view.position if view.direction is None else view.direction
    return dot(normals, rays) > 0.0


def _flipped(surface: Surface, mask: Array) -> Surface:
    """Return the same faces, with those flipped where `mask`."""
    corners, corner_edges = surface.corners.copy(), surface.corner_edges.copy()
    flipped = replace(surface, corners=corners, corner_edges=corner_edges)
    quads, triangles = mask[: surface.quad_count], mask[surface.quad_count :]
    flipped.quads[quads] = surface.quads[quads, ::-1]
    flipped.triangles[triangles] = surface.triangles[triangles, ::-1]
    split = 4 * surface.quad_count
    for edges, faces, order in (
        (corner_edges[:split].reshape(-1, 4), quads, [2, 1, 0, 3]),
        (corner_edges[split:].reshape(-1, 3), triangles, [1, 0, 2]),
    ):
        edges[faces] = edges[faces][:, order]
    return flipped
