"""Voxels: merge the points in each cell of a grid into one."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import DepthError
from ..support.parallel import run_on_all_cores
from .backprojection import Selection

Array = NDArray[Any]

MOST_VOXELS = 2.0**53
"""How many voxels a cloud may span: float64 holds every whole number up to this one."""

_BLOCK_POINTS = 1 << 14


@dataclass(frozen=True, eq=False)
class Voxels:
    """Which of N points are in which of V voxels, in the order of the voxels' first points.

    Attributes
    ----------
    cell : ndarray, shape (N,), int64
        Number of the voxel that each point is in, from 0.
    first : ndarray, shape (V,), int64
        Index of the first point in each voxel, ascending.
    """

    cell: Array
    first: Array

    def reduce(self, values: Array) -> Array:
        """Reduce one value for each point to one for each voxel.

        That is the mean of floats, and the first point's value of integers, which are pixels and
        ids and have no mean.

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
    """Which pixels the values of each point come from.

    Attributes
    ----------
    selection : Selection
        The pixels, in the order of the points before these were merged.
    voxels : Voxels, optional
        None if each point comes from one pixel.
    """

    selection: Selection
    voxels: Voxels | None

    def reduce(self, values: Array) -> Array:
        """Reduce one value for each pixel to one for each point."""
        return values if self.voxels is None else self.voxels.reduce(values)


def voxels_of(points: Array, size: float) -> Voxels:
    """Find the voxels that points are in.

    Parameters
    ----------
    points : ndarray, shape (N, 3), float32
    size : float
        Edge of a voxel, in the unit of the points. One voxel is centered on the origin of the
        world, so that all clouds have the same voxels, and a floor through the origin is in one
        layer of them: if the floor were a border, rounding would split its points between two.

    Raises
    ------
    DepthError
        The size is not positive and finite, the points are not finite, or they span more voxels
        than can be numbered.
    """
    _check_size(size)
    if not len(points):
        return Voxels(np.zeros(0, np.int64), np.zeros(0, np.int64))
    keys, bits = _relative_keys(points, size)
    changes = np.empty(len(keys), bool)
    changes[0] = True
    np.not_equal(keys[1:], keys[:-1], out=changes[1:])
    # Neighboring pixels are often in one voxel: runs of equal keys leave fewer of them to sort.
    starts = np.flatnonzero(changes)
    order, opens = _grouped(keys[starts], bits)
    first_of_group = order[opens]
    is_first = np.zeros(len(starts), bool)
    is_first[first_of_group] = True
    voxel = np.cumsum(is_first) - 1  # for each run that is the first of its voxel
    voxel[order] = np.repeat(voxel[first_of_group], np.diff(opens, append=len(order)))
    lengths = np.diff(starts, append=len(keys))
    return Voxels(np.repeat(voxel, lengths), starts[is_first])


def _check_size(size: float) -> None:
    if not 0.0 < size < math.inf:
        raise DepthError(f"The voxel size is {size}; it must be more than 0, and finite.")


def _extent(points: Array) -> tuple[Array, Array]:
    """Return the least and the greatest coordinate along each axis, shape (3,) each, float64."""
    # Axis by axis: numpy's reductions over the first axis are twenty times slower.
    low = np.array([column.min() for column in points.T], np.float64)
    high = np.array([column.max() for column in points.T], np.float64)
    if not np.isfinite((low, high)).all():
        raise DepthError(
            "Some points are infinite or not a number, so they are in no voxel; leave them out."
        )
    return low, high


def _indices(coordinates: Array, size: float) -> Array:
    """Return the indices of voxels along an axis: whole numbers, as float64."""
    indices: Array = np.divide(coordinates, size, dtype=np.float64)
    indices += 0.5
    return np.floor(indices, out=indices)


def _in_blocks(points: Array, key_of: Callable[[Array], Array]) -> Array:
    """Compute keys, shape (N,), uint64, with a function of some points at once, on every core."""
    keys = np.empty(len(points), np.uint64)

    def fill(index: int) -> None:
        block = slice(index * _BLOCK_POINTS, (index + 1) * _BLOCK_POINTS)
        keys[block] = key_of(points[block])

    run_on_all_cores(fill, math.ceil(len(points) / _BLOCK_POINTS))
    return keys


def _relative_keys(points: Array, size: float) -> tuple[Array, int]:
    """Return keys that count from the least corner of the cloud, and how many bits they need.

    The voxels are the same for every cloud; keys with few bits are faster to sort. Indices are
    computed in float64: in float32, about one point in a hundred would be in a neighboring voxel.
    """
    low, high = _extent(points)
    first, last = _ends(low, high, size)
    total = _count(first, last)
    if not total <= MOST_VOXELS:
        raise _too_many(low, high, size)
    counts = last - first + 1.0
    weights = (1.0, counts[0], counts[0] * counts[1])

    def key_of(block: Array) -> Array:
        key = np.zeros(len(block))
        for axis in range(3):  # a product of matrices would start threads in each of these threads
            indices = _indices(block[:, axis], size)
            indices -= first[axis]
            indices *= weights[axis]
            key += indices
        return key.astype(np.int64)

    return _in_blocks(points, key_of), math.ceil(math.log2(total))


def _ends(low: Array, high: Array, size: float) -> tuple[Array, Array]:
    """Return the indices of the first and the last voxel along each axis, shape (3,) each."""
    with np.errstate(over="ignore"):
        return _indices(low, size), _indices(high, size)


def _count(first: Array, last: Array) -> float:
    """Return how many voxels there are in all; NaN or infinite beyond the range of float64."""
    with np.errstate(over="ignore", invalid="ignore"):
        return float(np.prod(last - first + 1.0))


def _too_many(low: Array, high: Array, size: float) -> DepthError:
    spans = " x ".join(f"{each:.3g}" for each in high - low)
    least = max(size, np.abs((low, high)).max() / MOST_VOXELS)
    while not _count(*_ends(low, high, least)) <= MOST_VOXELS:
        least = _rounded_up(1.01 * least)
    return DepthError(
        f"The points span {spans}, which is too much for voxels of {size:g}; raise the voxel "
        f"size to {least:.2g} or more, or leave out far points."
    )


def _rounded_up(value: float) -> float:
    """Round up to two significant digits."""
    rounded = float(f"{value:.1e}")
    return rounded if rounded >= value else float(f"{1.05 * value:.1e}")


def _grouped(keys: Array, bits: int) -> tuple[Array, Array]:
    """Return the order that puts equal keys together, ascending, and where each group begins."""
    index_bits = max(1, (len(keys) - 1).bit_length())
    if bits + index_bits <= 64:
        # Sorting numbers that contain their indices is several times faster than argsort.
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
