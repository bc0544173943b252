"""Flying pixels: samples in the air between two surfaces, as resizing and smoothing make them."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..cameras.camera import Camera
from ..cameras.intrinsics import Orthographic
from ..cameras.pixel_footprint import PixelFootprints
from ..support.parallel import row_slices, run_on_all_cores
from .image import DepthImage, PixelType, check_depth

Array = NDArray[Any]

GRAZING = math.tan(math.radians(80.0))
"""Footprints that a surface may recede by from one pixel to the next and pass for a surface."""

BEND = 2.5
"""How many times a step may be as long as the one beside it on a steeper surface.

Planes have equal steps of 1 / depth. At the rim of a sphere the last step is up to
1 / (sqrt(2) - 1) = 2.41 times the one before it, all others up to 1.3 times.
"""

RUN = 3
"""How many pixels in a row must continue each other for a surface steeper than `GRAZING`.

To double an image's size bilinearly puts two samples between two surfaces, and so two such pixels.
"""

_HALO = RUN + 2
_BLOCK_PIXELS = 1 << 18
_GRID = 32
_NOTHING = np.float32(-1e30)

_ROUNDING: dict[PixelType, float] = {"half": 2.0**-10, "float": 2.0**-23, "uint": 2.0**-23}


def without_flying_pixels(depth: DepthImage, camera: Camera) -> DepthImage:
    """Leave out samples that lie between two surfaces; the values are shared.

    A sample flies if, along its row or its column, depth steps away from it on both sides in the
    same direction, farther than a surface seen at up to 80 degrees from its normal would, and
    neither step continues the slope of the neighbors beyond. So what keeps its slope over a few
    pixels (a grazing floor), what is nearer or farther than both neighbors (a thin rod), and the
    last pixels of a surface (a silhouette) are kept. A sample between a surface and the empty
    background flies too.

    Parameters
    ----------
    depth : DepthImage
        As it was read: the background is seen in what its values hold where it is not valid.
    camera : Camera
        The camera that rendered the image; its lens has the image's size.

    Raises
    ------
    SizeError
        The lens is not of the image's size.
    DepthError
        `depth` is no DepthImage.
    """
    check_depth(depth, camera.lens.width, camera.lens.height)
    widths = _Widths.of(depth, camera)
    linear = isinstance(camera.lens, Orthographic)
    height, width = depth.values.shape
    valid = depth.valid.copy()
    blocks = row_slices(height, width, _BLOCK_PIXELS)

    def fill(index: int) -> None:
        start, stop = blocks[index].start, blocks[index].stop
        first, last = max(0, start - _HALO), min(height, stop + _HALO)
        signal = _Signal.of(depth, slice(first, last), widths, linear)
        rows = slice(start - first, stop - first)
        flies = _between(signal)[rows]
        flies |= _between(signal.rows(rows).transposed()).T
        valid[start:stop] &= ~flies

    run_on_all_cores(fill, len(blocks))
    return replace(depth, valid=valid)


@dataclass(frozen=True, eq=False)
class _Widths:
    """Widths of pixels as `PixelFootprints.widths` gives them, of every 32nd pixel each way."""

    constant: Array
    growth: Array

    @classmethod
    def of(cls, depth: DepthImage, camera: Camera) -> _Widths:
        height, width = depth.values.shape
        x = np.minimum(np.arange(0, width, _GRID) + _GRID / 2, width - 0.5) + depth.window.x
        y = np.minimum(np.arange(0, height, _GRID) + _GRID / 2, height - 0.5) + depth.window.y
        pixels = np.stack(np.meshgrid(x, y), axis=-1)
        both = PixelFootprints(camera, depth, pixels.reshape(-1, 2)).at_origin_and_growth()
        return cls(*(each.astype(np.float32).reshape(len(y), len(x)) for each in both))


@dataclass(frozen=True, eq=False)
class _Signal:
    """What planes make a linear function of the pixel, for some rows.

    Attributes
    ----------
    values : ndarray, shape (h, W), float32
        1 / depth, or -depth for orthographic cameras: greater is nearer.
    valid : ndarray, shape (h, W), bool
    empty : ndarray, shape (h, W), bool
        True where nothing was hit, which is farther than everything.
    footprint : ndarray, shape (h, W), float32
        By how much the values change over a depth of a pixel's width.
    rounding : ndarray, shape (h, W), float32
        By how much the values change over the spacing of the file's numbers.
    """

    values: Array
    valid: Array
    empty: Array
    footprint: Array
    rounding: Array

    @classmethod
    def of(cls, depth: DepthImage, rows: slice, widths: _Widths, linear: bool) -> _Signal:
        values, valid = depth.values[rows], depth.valid[rows]
        near = np.where(valid, values, np.float32(1.0))
        vertical = np.arange(rows.start, rows.stop)[:, None] // _GRID
        cells = vertical, np.arange(values.shape[1]) // _GRID
        footprint = widths.growth[cells] * near + widths.constant[cells]
        rounding = near * np.float32(_ROUNDING[depth.pixel_type])
        if depth.pixel_type == "uint":
            rounding = np.maximum(rounding, np.float32(1.0))
        with np.errstate(invalid="ignore"):
            empty = ~valid & (values > 0.0)
        if linear:
            return cls(np.where(valid, -near, _NOTHING), valid, empty, footprint, rounding)
        inverse = valid / near
        scale = inverse * inverse
        return cls(inverse, valid, empty, footprint * scale, rounding * scale)

    def rows(self, rows: slice) -> _Signal:
        return _Signal(*(each[rows] for each in self._arrays()))

    def transposed(self) -> _Signal:
        return _Signal(*(each.T for each in self._arrays()))

    def _arrays(self) -> tuple[Array, ...]:
        return self.values, self.valid, self.empty, self.footprint, self.rounding


def _between(signal: _Signal) -> Array:
    """Which samples fly along the first axis, shape (h, W)."""
    flies = np.zeros_like(signal.valid)
    if len(flies) < 3:
        return flies
    step = np.diff(signal.values, axis=0)
    length = np.abs(step)
    footprint = np.maximum(signal.footprint[1:], signal.footprint[:-1])
    rounding = np.maximum(signal.rounding[1:], signal.rounding[:-1])
    steep = length > np.float32(GRAZING) * footprint + 4.0 * rounding
    known = signal.valid | signal.empty
    steep &= known[1:] & known[:-1]
    onward = (step[1:] > 0.0) == (step[:-1] > 0.0)
    flies[1:-1] = steep[1:] & steep[:-1] & onward & signal.valid[1:-1]
    if flies.any():
        slack = 0.5 * signal.footprint + 2.0 * signal.rounding
        onward &= signal.valid[2:] & signal.valid[1:-1] & signal.valid[:-2]
        flies &= ~_on_a_slope(length, slack, onward)
    return flies


def _on_a_slope(length: Array, slack: Array, onward: Array) -> Array:
    """Which samples lie on, or at the end of, a slope that goes on over several pixels."""
    before, after, bend = length[:-1], length[1:], np.float32(BEND)
    straight = np.zeros_like(slack, bool)
    straight[1:-1] = (after <= bend * before + slack[1:-1]) & onward
    straight[1:-1] &= before <= bend * after + slack[1:-1]
    starts = straight[: max(0, len(straight) - RUN + 1)].copy()
    for i in range(1, RUN):
        starts &= straight[i : i + len(starts)]
    slope = np.zeros((len(straight) + 2, *straight.shape[1:]), bool)
    for i in range(RUN + 2):  # one more at either end, where the slope ends
        slope[i : i + len(starts)] |= starts
    return slope[1:-1]
