"""Voxels: many points in one cell of a grid become one."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import DepthError
from ..support.parallel import run_on_all_cores
from .backprojection import Selection

Array = NDArray[Any]

MOST_VOXELS = 2.0**53
"""How many voxels a cloud may span: float64 holds every number up to this one."""

_BLOCK_POINTS = 1 << 14


@dataclass(frozen=True, eq=False)
class Voxels:
    """Which points lie in the same voxel; V voxels of N points.

    The voxels are in the order of their first points.

    Attributes
    ----------
    cell : ndarray, shape (N,), int64
        Number of the voxel that each point lies in.
    first : ndarray, shape (V,), int64
        Index of the first point in each voxel, ascending.
    """

    cell: Array
    first: Array

    def reduce(self, values: Array) -> Array:
        """One value for each voxel: the mean of floats, the first point's of integers.

        Integers are pixels and ids, which have no mean; the first is the same every time.

        Parameters
        ----------
        values : ndarray, shape (N,) or (N, C)

        Returns
        -------
        ndarray, shape (V,) or (V, C), of the type of `values`
        """
        if values.dtype.kind != "f":
            return values[self.first]
        counts = np.bincount(self.cell)
        means = np.empty((len(self.first), *values.shape[1:]), values.dtype)
        columns = (
            [(values, means)] if values.ndim == 1 else list(zip(values.T, means.T, strict=True))
        )

        def fill(index: int) -> None:
            column, mean = columns[index]
            mean[:] = np.bincount(self.cell, column) / counts

        run_on_all_cores(fill, len(columns))
        return means


@dataclass(frozen=True, eq=False)
class Merging:
    """Which pixels' values make each point.

    Attributes
    ----------
    selection : Selection
        The pixels, in the order of the points as they were before.
    voxels : Voxels, optional
        None where each point is one pixel's.
    """

    selection: Selection
    voxels: Voxels | None

    def reduce(self, values: Array) -> Array:
        """One value for each point, of one for each pixel."""
        return values if self.voxels is None else self.voxels.reduce(values)


def voxels_of(points: Array, size: float) -> Voxels:
    """Divide points among the cells of a grid.

    Parameters
    ----------
    points : ndarray, shape (N, 3), float32
    size : float
        Edge of a cell, in the points' unit. One cell is centered on the origin of the world, so
        two clouds fall into the same cells, and a floor through the origin falls into one layer
        of them: if it were their border, rounding would part its points.

    Raises
    ------
    DepthError
        The size is not positive and finite, the points are not finite, or they span more voxels
        than can be numbered.
    """
    if not 0.0 < size < math.inf:
        raise DepthError(f"The voxel size is {size}; it must be more than 0, and finite.")
    if not len(points):
        return Voxels(np.zeros(0, np.int64), np.zeros(0, np.int64))
    keys, bits = _keys(points, size)
    changes = np.empty(len(keys), bool)
    changes[0] = True
    np.not_equal(keys[1:], keys[:-1], out=changes[1:])
    # Points of one image come from neighboring pixels: to sort runs of one voxel is to sort less.
    starts = np.flatnonzero(changes)
    order, opens = _grouped(keys[starts], bits)
    first_of_group = order[opens]
    is_first = np.zeros(len(starts), bool)
    is_first[first_of_group] = True
    voxel = np.cumsum(is_first) - 1  # of each run that is the first of its voxel
    voxel[order] = np.repeat(voxel[first_of_group], np.diff(opens, append=len(order)))
    lengths = np.diff(starts, append=len(keys))
    return Voxels(np.repeat(voxel, lengths), starts[is_first])


def _keys(points: Array, size: float) -> tuple[Array, int]:
    """Number of each point's cell, shape (N,), uint64, and how many bits it needs."""
    # Axis by axis: numpy's reductions over the first axis are twenty times slower.
    low = np.array([column.min() for column in points.T], np.float64)
    high = np.array([column.max() for column in points.T], np.float64)
    base = np.floor(low / size + 0.5)
    cells = np.floor(high / size + 0.5) - base + 1.0
    if not np.isfinite(cells).all():
        raise DepthError(
            "Some points are infinite or not a number, so they lie in no voxel; leave them out."
        )
    total = float(np.prod(cells))
    if total > MOST_VOXELS:
        spans = " x ".join(f"{each:.3g}" for each in high - low)
        least = 1.01 * size * (total / MOST_VOXELS) ** (1.0 / 3.0)
        raise DepthError(
            f"The points span {spans}, which is too much for voxels of {size:g}; raise the voxel "
            f"size to {least:.2g} or more, or leave out far points."
        )
    weights = (1.0, cells[0], cells[0] * cells[1])
    keys = np.empty(len(points), np.uint64)

    def fill(index: int) -> None:
        block = slice(index * _BLOCK_POINTS, (index + 1) * _BLOCK_POINTS)
        key = np.zeros(len(points[block]))
        for axis in range(3):  # a product of matrices would start threads in each of these threads
            cell = np.divide(points[block, axis], size, dtype=np.float64)
            cell += 0.5
            np.floor(cell, out=cell)
            cell -= base[axis]
            cell *= weights[axis]
            key += cell
        keys[block] = key.astype(np.int64)

    run_on_all_cores(fill, math.ceil(len(points) / _BLOCK_POINTS))
    return keys, math.ceil(math.log2(total))


def _grouped(keys: Array, bits: int) -> tuple[Array, Array]:
    """Indices of `keys` with equal ones together, ascending, and where each group begins."""
    index_bits = max(1, (len(keys) - 1).bit_length())
    if bits + index_bits <= 64:
        # One sort of numbers is several times faster than numpy's sort of indices.
        packed = keys << np.uint64(index_bits)
        packed |= np.arange(len(keys), dtype=np.uint64)
        packed.sort()
        order = (packed & np.uint64((1 << index_bits) - 1)).view(np.int64)
        ordered = packed >> np.uint64(index_bits)
    else:
        order = np.argsort(keys, kind="stable")
        ordered = keys[order]
    opens = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
    return order, opens
