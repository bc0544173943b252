"""Back-projection: from the pixels of a depth image to the world-space points that they see."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from ..cameras.camera import Camera
from ..depth.image import DepthImage, DepthKind, Window, check_depth
from ..support.parallel import row_slices, run_on_all_cores
from .ray_grid import RayGrid, ray_grid

Array = NDArray[Any]

BLOCK_PIXELS = 1 << 17
"""Pixels in a block: a few float64 images of this size fit into the cache of a core."""

_ROUNDED = 2.0**-22
"""How much a rotation matrix may stretch vectors because its numbers are rounded to float32."""


@dataclass(frozen=True, eq=False)
class Selection:
    """Some pixels of an image.

    Attributes
    ----------
    mask : ndarray, shape (H, W), bool
        True at the N pixels.
    window : Window
        Where the mask lies in the image.
    """

    mask: Array
    window: Window

    def pixels(self) -> Array:
        """Return the columns and rows in the image, shape (N, 2), int32, in row order."""
        window, shape = self.window, self.mask.shape
        columns = np.arange(window.x, window.x + shape[1], dtype=np.int32)
        rows = np.arange(window.y, window.y + shape[0], dtype=np.int32)[:, None]
        both = [np.broadcast_to(each, shape) for each in (columns, rows)]
        return _gather(self.mask, 2, np.int32, lambda block: [each[block] for each in both])

    def take(self, image: Array) -> Array:
        """Return the values of an image at the pixels, shape (N,) or (N, C).

        Half becomes float32; other types stay the same.

        Parameters
        ----------
        image : ndarray, shape (H, W) or (H, W, C)
        """
        channels = [image] if image.ndim == 2 else list(np.moveaxis(image, -1, 0))
        dtype = np.float32 if image.dtype == np.float16 else image.dtype
        values = _gather(
            self.mask, len(channels), dtype, lambda block: [each[block] for each in channels]
        )
        return values[:, 0] if image.ndim == 2 else values


@dataclass(frozen=True, eq=False)
class PointCloud:
    """World-space points and the pixels that see them.

    Attributes
    ----------
    points : ndarray, shape (N, 3), float32, C-contiguous
        In scene units, in the row order of their pixels.
    selection : Selection
        The pixels of the depth image that see the points.
    """

    points: Array
    selection: Selection


def backproject(depth: DepthImage, camera: Camera) -> PointCloud:
    """Compute the world-space points that the valid pixels of a depth image see.

    Parameters
    ----------
    depth : DepthImage
        Distances in scene units.
    camera : Camera
        The camera that rendered the image; its lens has the image's size.

    Returns
    -------
    PointCloud
        One point for each valid pixel that has a ray through the lens.

    Raises
    ------
    SizeError
        The lens is not of the image's size.
    DepthError
        `depth` is not a DepthImage.
    """
    check_depth(depth, camera.lens.width, camera.lens.height)
    lens = camera.lens
    if lens.is_affine(DepthKind.PLANAR):
        mask, block = depth.valid, _affine_blocks(depth, camera)
    else:
        grid = ray_grid(lens, depth.kind, depth.window)
        mask, block = depth.valid & grid.seen, _grid_blocks(depth, camera, grid)
    return PointCloud(_gather(mask, 3, np.float32, block), Selection(mask, depth.window))


Block = Callable[[slice], Iterable[Array]]
"""Makes one or more arrays of shape (rows, W), for the pixels in some rows.

The next array may use the memory of the last one, so copy each before asking for the next.
"""


def _gather(mask: Array, count: int, dtype: DTypeLike, block: Block) -> Array:
    """Run `block` over all rows on every core; return its values where `mask`, shape (N, count)."""
    height, width = mask.shape
    blocks = row_slices(height, width, BLOCK_PIXELS)
    ends = np.cumsum([np.count_nonzero(mask[rows]) for rows in blocks])
    values = np.empty((ends[-1], count), dtype)

    def fill(index: int) -> None:
        rows = blocks[index]
        selected = mask[rows]
        target = values[ends[index - 1] if index else 0 : ends[index]]
        is_whole = len(target) == selected.size
        with np.errstate(invalid="ignore", over="ignore"):  # pixels that are not selected
            for i, each in enumerate(block(rows) if len(target) else ()):
                if is_whole:
                    target.reshape(*selected.shape, count)[..., i] = each
                else:
                    target[:, i] = each[selected]

    run_on_all_cores(fill, len(blocks))
    return values


def _affine_blocks(depth: DepthImage, camera: Camera) -> Block:
    """Return blocks for lenses whose planar rays are affine functions of the pixel.

    The rays at three corners of the image determine the origin and the direction at every pixel, in
    float64.
    """
    window = depth.window
    left, top = window.x + 0.5, window.y + 0.5
    right, bottom = left + window.width, top + window.height
    rays = camera.rays([(left, top), (right, top), (left, bottom)], DepthKind.PLANAR)
    corners = np.stack((rays.origins, rays.directions))
    base = corners[:, 0]
    step_x = (corners[:, 1] - base) / window.width
    step_y = (corners[:, 2] - base) / window.height
    origin_x, along_x = step_x[:, :, None] * np.arange(window.width)
    origin_moves = bool(np.any(step_x[0]) or np.any(step_y[0]))

    def block(rows: slice) -> Iterator[Array]:
        row = np.arange(rows.start, rows.stop)[:, None]
        distance = depth.values[rows].astype(np.float64)
        if depth.kind is DepthKind.RAY:
            distance /= _lengths(base[1], along_x, row, step_y[1])
        values = np.empty(distance.shape)
        for axis in range(3):
            np.add(along_x[axis], base[1, axis] + row * step_y[1, axis], out=values)
            values *= distance
            values += base[0, axis]
            if origin_moves:
                values += origin_x[axis] + row * step_y[0, axis]
            yield values

    return block


def _lengths(base: Array, along_x: Array, row: Array, step_y: Array) -> Array:
    """Return the lengths of the affine directions in some rows."""
    squares = sum((along_x[i] + (base[i] + row * step_y[i])) ** 2 for i in range(3))
    lengths: Array = np.sqrt(squares)
    return lengths


def _grid_blocks(depth: DepthImage, camera: Camera, grid: RayGrid) -> Block:
    """Return blocks for all other lenses, from the camera-space rays of every pixel."""
    axes, position = camera.matrix[:3, :3], camera.matrix[:3, 3]
    is_stretched = depth.kind is DepthKind.RAY and _changes_lengths(axes)

    def block(rows: slice) -> Iterator[Array]:
        distance = depth.values[rows]
        if is_stretched:
            rays = camera.to_world(grid.rays(rows), depth.kind)
            yield from np.moveaxis(rays.at(distance), -1, 0)
            return
        points, values = _camera_points(grid, rows, distance), np.empty(distance.shape)
        for axis in range(3):
            # A product of matrices would start threads in each of these threads.
            np.einsum("i,i...->...", axes[axis], points, out=values)
            values += position[axis]
            yield values

    return block


def _changes_lengths(axes: Array) -> bool:
    """Return whether axes, shape (3, 3), stretch vectors more than rounding to float32 explains."""
    stretches = np.linalg.svd(axes, compute_uv=False)
    return bool(np.abs(stretches - 1.0).max() > _ROUNDED)


def _camera_points(grid: RayGrid, rows: slice, distance: Array) -> Array:
    """Return the camera-space points of some rows, shape (3, rows, W), float64."""
    if grid.center is not None:
        return np.moveaxis(grid.rays(rows).at(distance), -1, 0)
    points = grid.directions[:, rows].astype(np.float64)
    points *= distance.astype(np.float64)
    if grid.origins is not None:
        points += grid.origins[:, rows]
    return points
