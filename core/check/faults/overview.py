"""A coarse picture of the scene around a camera's view, to find where a search should start."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from ..evidence import Evidence, depth_of
from ..samples import Samples
from ..truth import cast_through

Array = NDArray[Any]

_RAYS = 4800
_MARGIN = 0.35
"""Part of the image's size by which the picture reaches beyond it on each side."""

_SLACK = 0.01
"""Part of the depth by which a value may miss those around it and still fit."""

_ZOOMS = np.geomspace(0.25, 4.0, 57)
_SCALES = np.concatenate((np.geomspace(0.2, 0.93, 17), [1.0], np.geomspace(1.07, 1.6, 6)))
_SEARCHED = 64
_STARTS = 4

Start = tuple[Array, Array]
"""Scale and offset, shape (2,) each: pixel p shows what is at ``scale * p + offset``."""


@dataclass(frozen=True, eq=False)
class Overview:
    """Least and greatest depth in the cells of a grid over the believed camera's image.

    Attributes
    ----------
    low, high : ndarray, shape (rows, columns)
        NaN where a corner of the cell sees nothing.
    origin, cell : ndarray, shape (2,)
        Upper left corner of the grid, and the size of a cell, in pixels.
    size : ndarray, shape (2,)
        Of the image.
    """

    low: Array
    high: Array
    origin: Array
    cell: Array
    size: Array

    @classmethod
    def of(cls, evidence: Evidence) -> Self:
        """Cast rays over the image and beyond."""
        camera, cast = evidence.camera, evidence.truth.cast
        assert cast is not None
        size = np.array([camera.lens.width, camera.lens.height], np.float64)
        side = np.sqrt(np.prod(size * (1.0 + 2.0 * _MARGIN)) / _RAYS)
        counts = np.maximum(np.rint(size * (1.0 + 2.0 * _MARGIN) / side), 2).astype(int)
        cell, origin = size * (1.0 + 2.0 * _MARGIN) / counts, -_MARGIN * size
        x, y = (origin[i] + cell[i] * np.arange(counts[i] + 1) for i in range(2))
        pixels = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
        points = cast_through(cast, camera, pixels)
        depth = depth_of(camera, points, evidence.samples.kind).reshape(len(y), len(x))
        corners = np.stack((depth[1:, 1:], depth[1:, :-1], depth[:-1, 1:], depth[:-1, :-1]))
        return cls(corners.min(axis=0), corners.max(axis=0), origin, cell, size)

    def scores(self, values: Array, pixels: Array) -> Array:
        """How well values, shape (M,), fit at pixels, shape (..., M, 2): shape (...), 0 to 1.

        A value that fits a cell of almost one depth says more than one in a cell of many.
        """
        column, row = np.moveaxis(np.floor((pixels - self.origin) / self.cell), -1, 0)
        rows, columns = self.low.shape
        inside = (column >= 0) & (column < columns) & (row >= 0) & (row < rows)
        index = np.where(inside, row * columns + column, 0).astype(np.intp)
        low, high = self.low.ravel()[index], self.high.ravel()[index]
        with np.errstate(invalid="ignore"):
            fits = (values >= low * (1.0 - _SLACK)) & (values <= high * (1.0 + _SLACK)) & inside
            weight = 1.0 / (1.0 + 10.0 * (high - low) / values)
            result: Array = np.where(fits, weight, 0.0).mean(axis=-1)
        return result

    def zooms(self, samples: Samples, center: Array) -> list[Start]:
        """The scales about a center that fit best."""
        pixels = center + _ZOOMS[:, None, None] * (samples.pixels - center)
        order = np.argsort(-self.scores(samples.values, pixels))[:_STARTS]
        return [(np.full(2, _ZOOMS[i]), (1.0 - _ZOOMS[i]) * center) for i in order]

    def windows(self, samples: Samples) -> list[Start]:
        """The scales and offsets that fit best, all of different scales."""
        some = samples.take(slice(0, _SEARCHED))
        best = []
        for scale in _SCALES:
            room = (1.0 - scale) * self.size
            if scale == 1.0:
                first, last = -_MARGIN * self.size, _MARGIN * self.size
            else:  # a part lies within the whole
                first, last = np.minimum(room, 0.0), np.maximum(room, 0.0)
            x, y = (np.arange(first[i], last[i] + 1e-9, self.cell[i] / 2.0) for i in range(2))
            offsets = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
            scores = self.scores(some.values, scale * some.pixels + offsets[:, None])
            chosen = int(np.argmax(scores))
            best.append((float(scores[chosen]), np.full(2, scale), offsets[chosen]))
        best.sort(key=lambda each: -each[0])
        return [(scale, offset) for _, scale, offset in best]
