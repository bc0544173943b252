"""How precise depth is, by the numbers that a file can store and by the size of a pixel."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..cameras.camera import Camera
from ..cameras.pixel_footprint import PixelFootprints
from ..support.parallel import row_slices, run_on_all_cores
from .encoding import DepthEncoding
from .image import DepthImage
from .pixel_types import PixelType, stored_spacing

Array = NDArray[Any]

_BLOCK_PIXELS = 1 << 17
_SAMPLES = 1 << 14


def spacing(depth: Array, pixel_type: PixelType, encoding: DepthEncoding | None = None) -> Array:
    """Return the distance between adjacent depths that a file can store at `depth`, float64."""
    if encoding is not None:
        return encoding.spacing(depth, pixel_type)
    return stored_spacing(depth, pixel_type)


def depth_error(depth: DepthImage) -> Array:
    """Return how far the depth of each pixel may be off, in the unit of depth.

    The error is half the spacing of the numbers that the file stores, plus the change of depth from
    the center of the pixel to its corner, where it may have been sampled as well. The slope along
    rows, and along columns, is the smaller of the steps to the two neighbors, because the larger
    one may lead to another surface. Without neighbors, the slope counts as zero.

    Parameters
    ----------
    depth : DepthImage
        As it was read, before any filter.

    Returns
    -------
    ndarray, shape (H, W), float32
        Undefined where the depth is not valid.
    """
    height, width = depth.values.shape
    error = np.empty((height, width), np.float32)
    blocks = row_slices(height, width, _BLOCK_PIXELS)

    def fill(index: int) -> None:
        rows = blocks[index]
        around = slice(max(0, rows.start - 1), rows.stop + 1)
        inner = slice(rows.start - around.start, rows.stop - around.start)
        values, valid = depth.values[around], depth.valid[around]
        center = np.where(valid[inner], values[inner], np.float32(1.0))
        total = spacing(center, depth.pixel_type, depth.encoding).astype(np.float32)
        total += _slope(values, valid)[inner]
        total += _slope(values[inner].T, valid[inner].T).T
        error[rows] = total / np.float32(2.0)

    run_on_all_cores(fill, len(blocks))
    return error


def _slope(values: Array, valid: Array) -> Array:
    """Return the smaller step to the two neighbors along the first axis; 0 without neighbors."""
    with np.errstate(invalid="ignore", over="ignore"):  # values that are not valid
        step = np.abs(np.diff(values, axis=0))
    step[~(valid[1:] & valid[:-1])] = np.inf
    smaller = np.full_like(values, np.inf)
    smaller[1:] = step
    smaller[:-1] = np.minimum(smaller[:-1], step)
    smaller[np.isinf(smaller)] = 0.0
    return smaller


def share_coarser_than_pixels(depth: DepthImage, camera: Camera) -> float:
    """Return the share of pixels where the file's numbers are farther apart than a pixel is wide.

    In those pixels, the file limits the precision of the points, rather than the resolution.
    Float32 depth is not examined, because its 24 bits are finer than the pixels of any lens.

    Returns
    -------
    float
        0 to 1, estimated from about 16,000 pixels.
    """
    if depth.pixel_type == "float":
        return 0.0
    stride = max(1, math.isqrt(depth.values.size // _SAMPLES))
    rows, columns = np.nonzero(depth.valid[::stride, ::stride])
    if not len(rows):
        return 0.0
    distance = depth.values[::stride, ::stride][rows, columns].astype(np.float64)
    window = depth.window
    pixels = np.stack((columns * stride + window.x, rows * stride + window.y), axis=-1) + 0.5
    footprint = PixelFootprints(camera, depth, pixels).footprint(distance)
    return float(np.mean(spacing(distance, depth.pixel_type, depth.encoding) > footprint))
