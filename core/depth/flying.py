"""Flying pixels: samples in the air between two surfaces, which resizing and smoothing make."""

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
from .image import DepthImage, check_depth
from .pixel_types import PixelType
from .precision import spacing

Array = NDArray[Any]

GRAZING = math.tan(math.radians(80.0))
"""Footprints by which a surface may recede from one pixel to the next, whatever is beside them."""

BEND = 2.5
"""How many times as long as its neighbor a step may be on a steeper surface.

On a plane, all steps of 1 / depth are equal. At the rim of a sphere, the last step is up to
1 / (sqrt(2) - 1) = 2.41 times as long as the one before it, and the others up to 1.3 times.
"""

RUN = 3
"""How many successive pixels must continue each other's slope on a surface beyond `GRAZING`.

Doubling the size of an image bilinearly puts two samples between two surfaces, and so makes two
such pixels.
"""

_HALO = RUN + 2
_BLOCK_PIXELS = 1 << 18
_FOOTPRINT_SPACING = 32
_NOTHING = np.float32(-1e30)

_ROUNDING: dict[PixelType, float] = {
    "half": 2.0**-10,
    "float": 2.0**-23,
    "uint": 2.0**-23,
    "rgbe": 2.0**-7,
}


def _rounding(near: Array, depth: DepthImage) -> Array:
    """Return how far depth may have been rounded, in the unit of depth."""
    if depth.encoding is not None:
        return spacing(near, depth.pixel_type, depth.encoding).astype(np.float32)
    rounding = near * np.float32(_ROUNDING[depth.pixel_type])
    return np.maximum(rounding, np.float32(1.0)) if depth.pixel_type == "uint" else rounding


def without_flying_pixels(depth: DepthImage, camera: Camera) -> DepthImage:
    """Leave out samples that lie between two surfaces; the values are shared.

    A sample flies if, along its row or its column, depth steps on in the same direction before and
    after it, both steps are larger than those of a surface seen at up to 80 degrees from its
    normal, and neither continues the slope of the pixels beyond it. What has one slope over a few
    pixels (a grazing floor), what is nearer or farther than both neighbors (a thin rod), and the
    last pixels of a surface (a silhouette) therefore stay. A sample between a surface and the empty
    background flies too.

    Parameters
    ----------
    depth : DepthImage
        As it was read: its values where it is not valid say what is empty background.
    camera : Camera
        The camera that rendered the image; its lens has the image's size.

    Raises
    ------
    SizeError
        The lens is not of the image's size.
    DepthError
        `depth` is not a DepthImage.
    """
    check_depth(depth, camera.lens.width, camera.lens.height)
    footprints = _CoarseFootprints.of(depth, camera)
    is_linear = isinstance(camera.lens, Orthographic)
    height, width = depth.values.shape
    valid = depth.valid.copy()
    blocks = row_slices(height, width, _BLOCK_PIXELS)

    def fill(index: int) -> None:
        start, stop = blocks[index].start, blocks[index].stop
        first, last = max(0, start - _HALO), min(height, stop + _HALO)
        signal = _Signal.of(depth, slice(first, last), footprints, is_linear)
        rows = slice(start - first, stop - first)
        flies = _between(signal)[rows]
        flies |= _between(signal.rows(rows).transposed()).T
        valid[start:stop] &= ~flies

    run_on_all_cores(fill, len(blocks))
    return replace(depth, valid=valid)


@dataclass(frozen=True, eq=False)
class _CoarseFootprints:
    """Footprints of one pixel for each square of 32 x 32, which its neighbors hardly differ from.

    Attributes
    ----------
    at_origin, growth : ndarray, shape (h, w), float32
        As :meth:`PixelFootprints.at_origin_and_growth` returns them.
    """

    at_origin: Array
    growth: Array

    @classmethod
    def of(cls, depth: DepthImage, camera: Camera) -> _CoarseFootprints:
        height, width = depth.values.shape
        x = np.arange(0, width, _FOOTPRINT_SPACING) + _FOOTPRINT_SPACING / 2
        y = np.arange(0, height, _FOOTPRINT_SPACING) + _FOOTPRINT_SPACING / 2
        columns, rows = np.minimum(x, width - 0.5), np.minimum(y, height - 0.5)
        pixels = np.stack(np.meshgrid(columns + depth.window.x, rows + depth.window.y), axis=-1)
        both = PixelFootprints(camera, depth, pixels.reshape(-1, 2)).at_origin_and_growth()
        return cls(*(each.astype(np.float32).reshape(len(y), len(x)) for each in both))

    def footprint(self, rows: slice, depth: Array) -> Array:
        """Return the footprint of each pixel in some rows at its depth, shape (h, W), float32."""
        vertical = np.arange(rows.start, rows.stop)[:, None] // _FOOTPRINT_SPACING
        squares = vertical, np.arange(depth.shape[1]) // _FOOTPRINT_SPACING
        footprint: Array = self.growth[squares] * depth + self.at_origin[squares]
        return footprint


@dataclass(frozen=True, eq=False)
class _Signal:
    """A function of depth that is linear in the pixel on planes, for some rows.

    Attributes
    ----------
    values : ndarray, shape (h, W), float32
        1 / depth, or -depth for orthographic cameras: greater is nearer.
    valid : ndarray, shape (h, W), bool
    empty : ndarray, shape (h, W), bool
        True where nothing was hit, which counts as farther than everything.
    footprint : ndarray, shape (h, W), float32
        Change of the values when depth changes by the footprint of the pixel.
    rounding : ndarray, shape (h, W), float32
        Change of the values when depth changes by the spacing of the file's numbers.
    """

    values: Array
    valid: Array
    empty: Array
    footprint: Array
    rounding: Array

    @classmethod
    def of(
        cls, depth: DepthImage, rows: slice, footprints: _CoarseFootprints, is_linear: bool
    ) -> _Signal:
        values, valid = depth.values[rows], depth.valid[rows]
        distance = np.where(valid, values, np.float32(1.0))
        footprint = footprints.footprint(rows, distance)
        rounding = _rounding(distance, depth)
        with np.errstate(invalid="ignore"):
            empty = ~valid & (values > 0.0)
        if is_linear:
            return cls(np.where(valid, -distance, _NOTHING), valid, empty, footprint, rounding)
        inverse = valid / distance
        scale = inverse * inverse
        return cls(inverse, valid, empty, footprint * scale, rounding * scale)

    def rows(self, rows: slice) -> _Signal:
        return _Signal(*(each[rows] for each in self._arrays()))

    def transposed(self) -> _Signal:
        return _Signal(*(each.T for each in self._arrays()))

    def _arrays(self) -> tuple[Array, ...]:
        return self.values, self.valid, self.empty, self.footprint, self.rounding


def _between(signal: _Signal) -> Array:
    """Find the samples that fly along the first axis, shape (h, W), bool."""
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
    """Find the samples on, or at the end of, a slope that continues over several pixels."""
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
