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

from .parallel import run_on_all_cores

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

BLOCK_CELLS = 1 << 16


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
        rows, width = self.blocks[index], self.width
        start, stop = self.starts[index], self.starts[index + 1]
        total_levels, total_uprights = self.starts[-1, 1:3].tolist()
        # The pixels and level edges of the row after the block are numbered on from it.
        below = slice(rows.start, rows.stop + 1)
        pixel = _numbers(self.used[below], start[0])
        level = _numbers(self.level[below], start[1])
        upright = _numbers(self.upright[rows], total_levels + start[2])

        def right(at: Array) -> Array:
            beside: Array = at + 1 - width * (at % width == width - 1)
            return beside

        at = np.flatnonzero(self.level[rows])
        ends = made.edges[start[1] : stop[1]]
        ends[:, 0], ends[:, 1] = pixel[at], pixel[right(at)]
        at = np.flatnonzero(self.upright[rows])
        ends = made.edges[total_levels + start[2] : total_levels + stop[2]]
        ends[:, 0], ends[:, 1] = pixel[at], pixel[at + width]

        cells = self.cells[rows].reshape(-1)
        at = np.flatnonzero(cells == QUAD)
        beside = right(at)
        chosen = slice(4 * start[3], 4 * stop[3])
        _put(
            made.corners[chosen], pixel[at], pixel[at + width], pixel[beside + width], pixel[beside]
        )
        _put(made.corner_edges[chosen], upright[at], level[at + width], upright[beside], level[at])

        first = start[4]
        for kind, numbers in TRIANGLES.items():
            at = np.flatnonzero(cells == kind)
            beside, last = right(at), first + len(at)
            places = (at, at + width, beside + width, beside)
            sides = (upright, at), (level, at + width), (upright, beside), (level, at)
            own = [pixel[places[i]] for i in numbers]
            diagonal = total_levels + total_uprights + np.arange(first, last)
            chosen = slice(4 * made.quad_count + 3 * first, 4 * made.quad_count + 3 * last)
            _put(made.corners[chosen], *own)
            _put(
                made.corner_edges[chosen],
                *(sides[i][0][sides[i][1]] for i in numbers[:2]),
                diagonal,
            )
            made.edges[diagonal] = np.stack((own[2], own[0]), axis=-1)
            first = last


def _numbers(mask: Array, start: int) -> Array:
    """Number of each True, counted on from `start`, flat; without meaning elsewhere."""
    numbers: Array = np.cumsum(mask, dtype=np.int32)
    numbers += np.int32(start - 1)
    return numbers


def _put(target: Array, *columns: Array) -> None:
    table = target.reshape(-1, len(columns))
    for i, each in enumerate(columns):
        table[:, i] = each
