"""Faces and edges over a grid of pixels, as arrays: what a mesh is made of.

Four neighboring pixels are a cell, at the place of its upper left pixel. Corners and sides of a
cell go by number: the pixels upper left, lower left, lower right, upper right (counterclockwise, as
the camera sees them), and the sides left, bottom, right, top, each from the corner of its number to
the next.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..support.parallel import run_on_all_cores

Array = NDArray[Any]

NONE, QUAD, UPPER_LEFT, LOWER_LEFT, LOWER_RIGHT, UPPER_RIGHT = range(6)
"""What a cell holds; a triangle is named by the corner between its two sides."""

TRIANGLES = {
    UPPER_LEFT: (3, 0, 1),
    LOWER_LEFT: (0, 1, 2),
    LOWER_RIGHT: (1, 2, 3),
    UPPER_RIGHT: (2, 3, 0),
}
"""Their corners; from the last to the first goes a diagonal."""

BLOCK_CELLS = 1 << 15


def _uses() -> Array:
    """By what a cell holds: bits 0 to 3 for the corners it uses, 4 to 7 for the sides."""
    table = np.zeros(6, np.uint8)
    table[QUAD] = 0xFF
    for kind, (first, second, third) in TRIANGLES.items():
        table[kind] = 1 << first | 1 << second | 1 << third | 16 << first | 16 << second
    return table


_USES = _uses()


@dataclass(frozen=True, eq=False)
class Faces:
    """Faces over the pixels that they use, numbered in row order.

    Attributes
    ----------
    used : ndarray, shape (rows, columns), bool
        The pixels.
    corners, corner_edges : ndarray, shape (4 Q + 3 T,), int32
        Pixel of each corner, and the edge to the face's next one: quads first, then triangles.
    edges : ndarray, shape (E, 2), int32
        Pixels.
    quad_count : int
        Q.
    """

    used: Array
    corners: Array
    corner_edges: Array
    edges: Array
    quad_count: int


def build_faces(cells: Array) -> Faces:
    """Build the faces of cells, shape (rows, columns), uint8.

    The last row holds none. Cells of the last column have their right corners in the first one.
    """
    return _Builder(cells).faces()


class _Builder:
    """Counts first, so that the blocks can be filled in side by side."""

    def __init__(self, cells: Array) -> None:
        self.cells = cells
        height, self.width = cells.shape
        rows = max(4, BLOCK_CELLS // self.width)
        self.blocks = [slice(r, min(r + rows, height)) for r in range(0, height, rows)]
        # A row more than there are, so that the last block looks like the others.
        self.used = np.zeros((height + 1, self.width), bool)
        self.level = np.zeros((height + 1, self.width), bool)
        self.upright = np.zeros((height + 1, self.width), bool)
        self.counts = np.zeros((len(self.blocks) + 1, 5), np.int64)
        run_on_all_cores(self._count, len(self.blocks))
        self.starts = np.cumsum(self.counts, axis=0)

    def _count(self, index: int) -> None:
        """Find the pixels and the edges that some rows use; count what the rows hold."""
        rows = self.blocks[index]
        cells = self.cells[rows]
        own = np.take(_USES, cells)
        above = np.empty_like(own)
        above[1:] = own[:-1]
        above[0] = np.take(_USES, self.cells[rows.start - 1]) if rows.start else 0
        # Of a pixel's four cells: at the lower right, upper right, lower left, and upper left.
        used = own & 1 | above & 2
        used |= np.roll(own & 8 | above & 4, 1, axis=1)
        self.used[rows] = used
        self.level[rows] = own & 128 | above & 32
        self.upright[rows] = own & 16 | np.roll(own & 64, 1, axis=1)
        masks = (self.used[rows], self.level[rows], self.upright[rows], cells == QUAD, cells > QUAD)
        self.counts[index + 1] = [np.count_nonzero(each) for each in masks]

    def faces(self) -> Faces:
        _, levels, uprights, quads, triangles = self.starts[-1].tolist()
        corners = np.empty(4 * quads + 3 * triangles, np.int32)
        corner_edges = np.empty_like(corners)
        edges = np.empty((levels + uprights + triangles, 2), np.int32)
        made = Faces(self.used[:-1], corners, corner_edges, edges, quads)
        run_on_all_cores(lambda index: self._fill(index, made), len(self.blocks))
        return made

    def _fill(self, index: int, made: Faces) -> None:
        rows = self.blocks[index]
        start, stop = self.starts[index], self.starts[index + 1]
        levels, uprights = self.starts[-1, 1:3].tolist()
        # The pixels and level edges of the row after the block are numbered on from it.
        below = slice(rows.start, rows.stop + 1)
        pixel = _numbers(self.used[below], start[0])
        level = _numbers(self.level[below], start[1])
        upright = _numbers(self.upright[rows], levels + start[2])
        corners = _table(pixel[:-1, :-1], pixel[1:, :-1], pixel[1:, 1:], pixel[:-1, 1:])
        sides = _table(upright[:, :-1], level[1:, :-1], upright[:, 1:], level[:-1, :-1])

        ends = _table(pixel[:-1, :-1], pixel[:-1, 1:])
        made.edges[start[1] : stop[1]] = _rows(ends, self.level[rows])
        ends = _table(pixel[:-1, :-1], pixel[1:, :-1])
        made.edges[levels + start[2] : levels + stop[2]] = _rows(ends, self.upright[rows])
        cells = self.cells[rows]
        chosen = slice(4 * start[3], 4 * stop[3])
        made.corners[chosen].reshape(-1, 4)[:] = _rows(corners, cells == QUAD)
        made.corner_edges[chosen].reshape(-1, 4)[:] = _rows(sides, cells == QUAD)

        first = start[4]
        for kind, numbers in TRIANGLES.items():
            own = _rows(corners, cells == kind)[:, numbers]
            last = first + len(own)
            chosen = slice(4 * made.quad_count + 3 * first, 4 * made.quad_count + 3 * last)
            diagonal = np.arange(levels + uprights + first, levels + uprights + last)
            made.edges[diagonal] = own[:, [2, 0]]
            made.corners[chosen].reshape(-1, 3)[:] = own
            made.corner_edges[chosen].reshape(-1, 3)[:] = np.column_stack(
                (_rows(sides, cells == kind)[:, numbers[:2]], diagonal)
            )
            first = last


def _numbers(mask: Array, start: int) -> Array:
    """Number of each True, counted on from `start`; without meaning elsewhere.

    A column more repeats the first one.
    """
    numbers = np.empty((mask.shape[0], mask.shape[1] + 1), np.int32)
    counted = np.cumsum(mask, dtype=np.int32)
    np.add(counted.reshape(mask.shape), np.int32(start - 1), out=numbers[:, :-1])
    numbers[:, -1] = numbers[:, 0]
    return numbers


def _table(*columns: Array) -> Array:
    """One row a cell, shape (rows, columns, k), int32."""
    table = np.empty((*columns[0].shape, len(columns)), np.int32)
    for i, each in enumerate(columns):
        table[..., i] = each
    return table


def _rows(table: Array, mask: Array) -> Array:
    """Rows of the cells that are True, shape (N, k)."""
    count = table.shape[-1]
    # To numpy, a row is one number: that is several times as fast.
    whole = table.view(np.complex128 if count == 4 else np.complex64)[..., 0]
    return whole[mask].view(np.int32).reshape(-1, count)
