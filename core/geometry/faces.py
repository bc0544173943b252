"""Faces and edges over a grid of pixels, as the arrays that a mesh is made of.

Four neighboring pixels are a cell, which has the row and column of its upper left pixel. The
corners of a cell are numbered upper left, lower left, lower right, upper right (counterclockwise,
as the camera sees them), and its sides left, bottom, right, top, each from the corner of the same
number to the next.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..support.parallel import run_on_all_cores

Array = NDArray[Any]

NONE, QUAD, UPPER_LEFT, LOWER_LEFT, LOWER_RIGHT, UPPER_RIGHT = range(6)
"""What a cell holds; triangles are named after the corner between their two sides."""

TRIANGLES = {
    UPPER_LEFT: (3, 0, 1),
    LOWER_LEFT: (0, 1, 2),
    LOWER_RIGHT: (1, 2, 3),
    UPPER_RIGHT: (2, 3, 0),
}
"""Corners of the triangles; the diagonal is from the last to the first."""

BLOCK_CELLS = 1 << 15


def _uses() -> Array:
    """Return a table, by what a cell holds: bits 0 to 3 for corners in use, 4 to 7 for sides."""
    table = np.zeros(6, np.uint8)
    table[QUAD] = 0xFF
    for kind, (first, second, third) in TRIANGLES.items():
        table[kind] = 1 << first | 1 << second | 1 << third | 16 << first | 16 << second
    return table


_USES = _uses()


@dataclass(frozen=True, eq=False)
class Faces:
    """Q quads and T triangles over the pixels that they use, which are numbered in row order.

    Attributes
    ----------
    used : ndarray, shape (rows, columns), bool
        True for the pixels in use.
    corners, corner_edges : ndarray, shape (4 Q + 3 T,), int32
        Pixel of each corner, and edge to the next corner of its face: quads first, then triangles.
    edges : ndarray, shape (E, 2), int32
        Pixels at the ends of each edge.
    quad_count : int
        The number Q of quads.
    """

    used: Array
    corners: Array
    corner_edges: Array
    edges: Array
    quad_count: int


def build_faces(cells: Array) -> Faces:
    """Build the faces of cells.

    Parameters
    ----------
    cells : ndarray, shape (rows, columns), uint8
        What each cell holds: `NONE`, `QUAD`, or one of `TRIANGLES`. The last row holds nothing. The
        right corners of the last column are in the first one, as in the image of a whole turn.
    """
    return _Builder(cells).faces()


class _Builder:
    """Counts first, so that all blocks of rows can then be filled in parallel."""

    def __init__(self, cells: Array) -> None:
        self.cells = cells
        height, self.width = cells.shape
        rows = max(4, BLOCK_CELLS // self.width)
        self.blocks = [slice(r, min(r + rows, height)) for r in range(0, height, rows)]
        # One extra row, so that the last block is like all others.
        self.used = np.zeros((height + 1, self.width), bool)
        self.horizontal = np.zeros((height + 1, self.width), bool)
        self.vertical = np.zeros((height + 1, self.width), bool)
        self.counts = np.zeros((len(self.blocks) + 1, 5), np.int64)
        run_on_all_cores(self._count, len(self.blocks))
        self.starts = np.cumsum(self.counts, axis=0)

    def _count(self, index: int) -> None:
        """Find the pixels and the edges that some rows use, and count what the rows hold."""
        rows = self.blocks[index]
        cells = self.cells[rows]
        uses = np.take(_USES, cells)
        above = np.empty_like(uses)
        above[1:] = uses[:-1]
        above[0] = np.take(_USES, self.cells[rows.start - 1]) if rows.start else 0
        # The four cells of a pixel: to its lower right, upper right, lower left, and upper left.
        used = uses & 1 | above & 2
        used |= np.roll(uses & 8 | above & 4, 1, axis=1)
        self.used[rows] = used
        self.horizontal[rows] = uses & 128 | above & 32
        self.vertical[rows] = uses & 16 | np.roll(uses & 64, 1, axis=1)
        edges = self.horizontal[rows], self.vertical[rows]
        masks = (self.used[rows], *edges, cells == QUAD, cells > QUAD)
        self.counts[index + 1] = [np.count_nonzero(each) for each in masks]

    def faces(self) -> Faces:
        _, horizontals, verticals, quads, triangles = self.starts[-1].tolist()
        corners = np.empty(4 * quads + 3 * triangles, np.int32)
        corner_edges = np.empty_like(corners)
        edges = np.empty((horizontals + verticals + triangles, 2), np.int32)
        faces = Faces(self.used[:-1], corners, corner_edges, edges, quads)
        run_on_all_cores(lambda index: self._fill(index, faces), len(self.blocks))
        return faces

    def _fill(self, index: int, faces: Faces) -> None:
        rows = self.blocks[index]
        start, stop = self.starts[index], self.starts[index + 1]
        horizontals, verticals = self.starts[-1, 1:3].tolist()
        # Numbers continue in the row below the block, whose pixels and edges it uses too.
        below = slice(rows.start, rows.stop + 1)
        pixel = _numbers(self.used[below], start[0])
        horizontal = _numbers(self.horizontal[below], start[1])
        vertical = _numbers(self.vertical[rows], horizontals + start[2])
        corners = _table(pixel[:-1, :-1], pixel[1:, :-1], pixel[1:, 1:], pixel[:-1, 1:])
        sides = _table(vertical[:, :-1], horizontal[1:, :-1], vertical[:, 1:], horizontal[:-1, :-1])

        ends = _table(pixel[:-1, :-1], pixel[:-1, 1:])
        faces.edges[start[1] : stop[1]] = _rows(ends, self.horizontal[rows])
        ends = _table(pixel[:-1, :-1], pixel[1:, :-1])
        span = slice(horizontals + start[2], horizontals + stop[2])
        faces.edges[span] = _rows(ends, self.vertical[rows])
        cells = self.cells[rows]
        span = slice(4 * start[3], 4 * stop[3])
        faces.corners[span].reshape(-1, 4)[:] = _rows(corners, cells == QUAD)
        faces.corner_edges[span].reshape(-1, 4)[:] = _rows(sides, cells == QUAD)

        first = start[4]
        for kind, numbers in TRIANGLES.items():
            triangles = _rows(corners, cells == kind)[:, numbers]
            last = first + len(triangles)
            span = slice(4 * faces.quad_count + 3 * first, 4 * faces.quad_count + 3 * last)
            diagonals = np.arange(horizontals + verticals + first, horizontals + verticals + last)
            faces.edges[diagonals] = triangles[:, [2, 0]]
            faces.corners[span].reshape(-1, 3)[:] = triangles
            faces.corner_edges[span].reshape(-1, 3)[:] = np.column_stack(
                (_rows(sides, cells == kind)[:, numbers[:2]], diagonals)
            )
            first = last


def _numbers(mask: Array, start: int) -> Array:
    """Number what is True, from `start` on; undefined elsewhere.

    An extra column at the right repeats the first one.
    """
    numbers = np.empty((mask.shape[0], mask.shape[1] + 1), np.int32)
    counted = np.cumsum(mask, dtype=np.int32)
    np.add(counted.reshape(mask.shape), np.int32(start - 1), out=numbers[:, :-1])
    numbers[:, -1] = numbers[:, 0]
    return numbers


def _table(*columns: Array) -> Array:
    """Return a table with k numbers for each cell, shape (rows, columns, k), int32."""
    table = np.empty((*columns[0].shape, len(columns)), np.int32)
    for i, each in enumerate(columns):
        table[..., i] = each
    return table


def _rows(table: Array, mask: Array) -> Array:
    """Return the numbers of the N cells where `mask`, shape (N, k), int32."""
    count = table.shape[-1]
    # As one complex number for each cell, because that is several times as fast.
    whole = table.view(np.complex128 if count == 4 else np.complex64)[..., 0]
    return whole[mask].view(np.int32).reshape(-1, count)
