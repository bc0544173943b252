"""Some pixels of a depth image, with the values beside them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..depth.encoding import DepthEncoding
from ..depth.image import DepthImage, DepthKind, PixelType
from ..depth.precision import spacing

Array = NDArray[Any]

_CANDIDATES = 8
"""Pixels to choose each sample from."""

_EDGES, _SPREAD = 0.15, 0.15
"""Share of the samples that lie on edges, and that are spread evenly over depth."""

_BEND = 3.0
"""Times a step to one neighbor may be as long as that to the other on one surface."""

_SLIGHT = 1e-4
"""Part of the value up to which a step may be a renderer's arithmetic."""

_JITTERS, _MOST_JITTER = 4.0, 0.9
"""Times the jitter, and pixels at most, by which a slope across a line may change its steps: two
pixels move apart by twice the jitter, and the slope is the lesser step, which has shrunk as well.
"""

_LEVELS = (255, 65535)
_FEW = 16
"""Distinct values below which nothing is concluded from how they are rounded."""


@dataclass(frozen=True, eq=False)
class Samples:
    """Pixels of a depth image that hold a value.

    Attributes
    ----------
    pixels : ndarray, shape (N, 2), float64
        Centers of the pixels in image coordinates.
    lines : ndarray, shape (N, 2, 5), float64
        Values of the pixel, in the middle, and of the two to each side of it, along its row and
        along its column; NaN where there is none.
    kind : DepthKind
        What the values are believed to measure.
    size : tuple of int
        Width and height of the image.
    rounding : ndarray, shape (N,), float64
        Distance between the numbers that the value may have been rounded to.
    """

    pixels: Array
    lines: Array
    kind: DepthKind
    size: tuple[int, int]
    rounding: Array

    @classmethod
    def at(cls, depth: DepthImage, rows: ArrayLike, columns: ArrayLike) -> Self:
        """Samples at some rows and columns of the array of ``depth``, each of shape (N,)."""
        row, column = np.asarray(rows, np.intp), np.asarray(columns, np.intp)
        height, width = depth.values.shape
        step, still = np.arange(-2, 3), np.zeros(5, np.intp)
        r = np.clip(row[:, None, None] + np.stack((still, step)), 0, height - 1)
        c = np.clip(column[:, None, None] + np.stack((step, still)), 0, width - 1)
        lines = np.where(depth.valid[r, c], depth.values[r, c], np.nan).astype(np.float64)
        pixels = np.stack((column + depth.window.x, row + depth.window.y), axis=-1) + 0.5
        return cls(
            pixels,
            lines,
            depth.kind,
            depth.size,
            _rounding(lines[:, 0, 2], depth.pixel_type, depth.encoding),
        )

    def __len__(self) -> int:
        return len(self.pixels)

    @property
    def values(self) -> Array:
        """Values of the pixels, shape (N,), float64."""
        result: Array = self.lines[:, 0, 2]
        return result

    def take(self, index: Any) -> Samples:
        """Some of the samples, by anything that indexes an array."""
        return Samples(
            self.pixels[index], self.lines[index], self.kind, self.size, self.rounding[index]
        )

    def on_edges(self, jitter: float = 0.1) -> Array:
        """Whether the pixel and those beside it lie on more than one surface, shape (N,), bool.

        On one surface the steps to both sides are alike; scaling, an offset, or inverting the
        values does not change that. A pixel beside one without depth lies on an edge.

        Parameters
        ----------
        jitter : float
            Pixels from the center within which a renderer may have sampled the depth. On a slope
            down the image, it changes the steps along a row, which may be zero otherwise.
        """
        steps = np.diff(self.lines)[:, :, 1:3]
        size = np.abs(steps)
        smaller, larger = size.min(axis=2), size.max(axis=2)
        slack = (_SLIGHT * np.abs(self.values) + 4.0 * self.rounding)[:, None]
        slack = slack + min(_JITTERS * jitter, _MOST_JITTER) * np.nan_to_num(smaller[:, ::-1])
        with np.errstate(invalid="ignore"):
            # A ridge, such as a thin rod, has steps of opposite signs.
            onward = steps[:, :, 0] * steps[:, :, 1] > 0.0
            smooth = (larger <= slack) | (onward & (larger <= _BEND * smaller + slack))
        result: Array = ~smooth.all(axis=1)
        return result

    def jumps(self) -> Array:
        """Greatest step to a neighbor as a part of the value, shape (N,); 0 for no neighbors."""
        steps = np.abs(np.diff(self.lines)[:, :, 1:3]).reshape(-1, 4)
        with np.errstate(invalid="ignore", divide="ignore"):
            result: Array = np.nan_to_num(np.fmax.reduce(steps, axis=1) / np.abs(self.values))
        return result

    def gradient(self) -> Array:
        """Change of the value over one pixel to the right and one down, shape (N, 2), float64."""
        result: Array = (self.lines[:, :, 3] - self.lines[:, :, 1]) / 2.0
        return result


def choose_samples(depth: DepthImage, count: int = 400, seed: int = 0) -> Samples:
    """Choose pixels to check: spread over the image and over depth, with some on edges.

    They come in random order, so that the first of them stand for all.

    Parameters
    ----------
    depth : DepthImage
    count : int
        How many pixels to choose; fewer if the image holds no more.
    seed : int
        For the same choice each time.
    """
    rng = np.random.default_rng(seed)
    rows, columns = _candidates(depth, count, rng)
    if len(rows) > count:
        chosen = _chosen(Samples.at(depth, rows, columns), count)
        rows, columns = rows[chosen], columns[chosen]
    order = rng.permutation(len(rows))
    return Samples.at(depth, rows[order], columns[order])


def _candidates(depth: DepthImage, count: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Rows and columns of valid pixels in random order, one in each cell of a grid if possible."""
    height, width = depth.valid.shape
    cell = max(1.0, math.sqrt(height * width / (_CANDIDATES * count)))
    corners = np.meshgrid(np.arange(0.0, height, cell), np.arange(0.0, width, cell), indexing="ij")
    rows, columns = (
        np.minimum(each.ravel() + rng.uniform(0.0, cell, each.size), side - 1).astype(np.intp)
        for each, side in zip(corners, (height, width), strict=True)
    )
    valid = depth.valid[rows, columns]
    rows, columns = rows[valid], columns[valid]
    useful = ~is_plateau(depth.values[rows, columns], 0.5 * len(rows))
    if np.count_nonzero(useful) < 2 * count:
        rows, columns = _searched(depth, rows, columns, count, rng)
    order = rng.permutation(len(rows))
    return rows[order], columns[order]


def _searched(
    depth: DepthImage, rows: Array, columns: Array, count: int, rng: np.random.Generator
) -> tuple[Array, Array]:
    """Candidates from all valid pixels, with some of the value that most hold."""
    values = depth.values[rows, columns]
    plateau = is_plateau(values, 0.5 * len(values))
    most = values[plateau][:1]
    place = np.flatnonzero(depth.valid & (depth.values != most) if len(most) else depth.valid)
    if len(place) > _CANDIDATES * count:
        place = rng.choice(place, _CANDIDATES * count, replace=False)
    found_rows, found_columns = np.divmod(place, depth.values.shape[1])
    some = np.flatnonzero(plateau)[: count // 4 if len(place) else None]
    return (
        np.concatenate((found_rows, rows[some])),
        np.concatenate((found_columns, columns[some])),
    )


def is_plateau(values: Array, least: float) -> Array:
    """Where values are the greatest or the least one, if more than `least` of them are."""
    result = np.zeros(len(values), bool)
    if len(values):
        for extreme in (values.max(), values.min()):
            same = values == extreme
            if np.count_nonzero(same) > least:
                result |= same
    return result


def _chosen(candidates: Samples, count: int) -> Array:
    """Indices of as many candidates as asked for."""
    edges = candidates.on_edges()
    smooth, rest = np.flatnonzero(~edges), np.flatnonzero(edges)
    rest = rest[np.argsort(-candidates.take(rest).jumps())]
    on_edges = rest[: max(int(_EDGES * count), count - len(smooth))]
    wanted = count - len(on_edges)
    by_depth = smooth[np.argsort(candidates.values[smooth], kind="stable")]
    spread = by_depth
    if len(by_depth):
        values = candidates.values[by_depth]
        levels = np.linspace(values[0], values[-1], int(_SPREAD * wanted))
        spread = np.unique(by_depth[np.searchsorted(values, levels)])
    others = np.setdiff1d(smooth, spread, assume_unique=True)
    return np.concatenate((on_edges, spread, others[: wanted - len(spread)]))


def _rounding(values: Array, pixel_type: PixelType, encoding: DepthEncoding | None) -> Array:
    """Distance between the numbers that values may have been rounded to, before they were stored.

    Half floats may come as float32, and 8- or 16-bit integers as fractions of their largest.
    """
    stored = spacing(np.abs(values), pixel_type, encoding)
    if pixel_type != "float" or len(np.unique(values)) < _FEW:
        return stored
    with np.errstate(over="ignore"):
        if np.array_equal(values.astype(np.float16).astype(np.float64), values):
            return spacing(values, "half")
    for levels in _LEVELS:
        scaled = values * levels
        whole = np.rint(scaled)
        is_whole = values.max() <= 1.0 and np.abs(scaled - whole).max() < 0.01
        if is_whole and len(np.unique(whole)) >= _FEW:
            return np.full(len(values), 1.0 / levels)
    return stored
