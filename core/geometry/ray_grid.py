"""The rays of all pixels of a lens, in camera space, which are cached for the next image."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..cameras.camera import Lens, Rays
from ..depth.image import DepthKind, Window
from ..support.caching import ArrayCache
from ..support.parallel import row_slices, run_on_all_cores

Array = NDArray[Any]

_BLOCK_PIXELS = 1 << 17


@dataclass(frozen=True, eq=False)
class RayGrid:
    """The camera-space rays of every pixel in a window of the image.

    They are float32: float64 would take twice the memory, for digits that float32 points lack.

    Attributes
    ----------
    directions : ndarray, shape (3, H, W), float32
        Scaled for the kind of depth, as in :class:`Rays`; NaN where the pixel sees nothing.
    origins : ndarray, shape (3, H, W), float32, or None
        None if all rays start at the camera.
    seen : ndarray, shape (H, W), bool
        True where the pixel sees something.
    center : ndarray, shape (3,), float64, or None
        As in :class:`Rays`.
    """

    directions: Array
    origins: Array | None
    seen: Array
    center: Array | None

    @property
    def nbytes(self) -> int:
        """Bytes of the arrays."""
        arrays = (self.directions, self.origins, self.seen, self.center)
        return sum(each.nbytes for each in arrays if each is not None)

    def rays(self, rows: slice) -> Rays:
        """Return the rays of some rows, with the shape (rows, W, 3)."""
        directions = np.moveaxis(self.directions[:, rows], 0, -1)
        if self.origins is None:
            return Rays(np.zeros(3), directions, self.center)
        return Rays(np.moveaxis(self.origins[:, rows], 0, -1), directions, self.center)


_cache: ArrayCache[RayGrid] = ArrayCache("Rays of the last lens", 1 << 30)


def ray_grid(lens: Lens, kind: DepthKind, window: Window) -> RayGrid:
    """Return the rays of all pixels in a window, from the cache if the last call was for the same.

    Making rays takes longer than making points from them. They do not depend on the pose of the
    camera, so that one grid serves all frames of a moving camera.
    """
    key = lens, kind, window
    grid = _cache.get(key)
    if grid is None:
        _cache.clear()  # before the next one is made: both at once would take twice the memory
        grid = _make(lens, kind, window)
        _cache.put(key, grid)
    return grid


def _make(lens: Lens, kind: DepthKind, window: Window) -> RayGrid:
    shape = (3, window.height, window.width)
    directions, origins = np.empty(shape, np.float32), np.empty(shape, np.float32)
    blocks = row_slices(window.height, window.width, _BLOCK_PIXELS)

    def fill(index: int) -> None:
        rows = blocks[index]
        rays = lens.rays(window.centers(rows), kind)
        directions[:, rows] = np.moveaxis(rays.directions, -1, 0)
        origins[:, rows] = np.moveaxis(rays.origins, -1, 0)

    run_on_all_cores(fill, len(blocks))
    seen = np.isfinite(directions[2])
    center = lens.rays(window.centers(slice(0, 1)), kind).center
    return RayGrid(directions, origins if np.any(origins[:, seen]) else None, seen, center)
