"""How precise depth is: by the numbers that the file stored, and by the size of a pixel."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..cameras.camera import Camera
from ..cameras.pixel_footprint import PixelFootprints
from ..support.parallel import row_slices, run_on_all_cores
from .image import DepthImage, PixelType

Array = NDArray[Any]

_BLOCK_PIXELS = 1 << 17
_SAMPLES = 1 << 14

_FLOATS: dict[PixelType, type[np.floating[Any]]] = {"half": np.float16, "float": np.float32}


def spacing(depth: Array, pixel_type: PixelType) -> Array:
    """Distance between the numbers that a file can store at `depth`."""
    if pixel_type == "uint":
        return np.maximum(1.0, np.spacing(depth.astype(np.float32))).astype(np.float64)
    stored = _FLOATS[pixel_type]
    largest = np.nextafter(np.finfo(stored).max, stored(0.0))
    result: Array = np.spacing(np.minimum(depth, largest).astype(stored)).astype(np.float64)
    return result


def depth_error(depth: DepthImage) -> Array:
    """How far the depth of each pixel may be off, in the unit of depth.

    That is half the spacing of the numbers that the file stored, and by how much depth changes from
    the pixel's center to its corner, where it may have been sampled as well. The slope along rows
    and along columns is the lesser step to the two neighbors: the other may lead to another
    surface. Where there is no neighbor, none is assumed.

    Parameters
    ----------
    depth : DepthImage
        As it was read, with all its neighbors.

    Returns
    -------
    ndarray, shape (H, W), float32
        Without meaning where there is no depth.
    """
    height, width = depth.values.shape
    error = np.empty((height, width), np.float32)
    blocks = row_slices(height, width, _BLOCK_PIXELS)

    def fill(index: int) -> None:
        rows = blocks[index]
        around = slice(max(0, rows.start - 1), rows.stop + 1)
        inner = slice(rows.start - around.start, rows.stop - around.start)
        values, valid = depth.values[around], depth.valid[around]
        own = np.where(valid[inner], values[inner], np.float32(1.0))
        total = spacing(own, depth.pixel_type).astype(np.float32)
        total += _slope(values, valid)[inner]
        total += _slope(values[inner].T, valid[inner].T).T
        error[rows] = total / np.float32(2.0)

    run_on_all_cores(fill, len(blocks))
    return error


def _slope(values: Array, valid: Array) -> Array:
    """Lesser of the steps to the two neighbors along the first axis; 0 without neighbors."""
    with np.errstate(invalid="ignore", over="ignore"):  # of what is not valid
        step = np.abs(np.diff(values, axis=0))
    step[~(valid[1:] & valid[:-1])] = np.inf
    lesser = np.full_like(values, np.inf)
    lesser[1:] = step
    lesser[:-1] = np.minimum(lesser[:-1], step)
    lesser[np.isinf(lesser)] = 0.0
    return lesser


def share_coarser_than_pixels(depth: DepthImage, camera: Camera) -> float:
    """In which part of the pixels the file's numbers lie farther apart than a pixel is wide.

    There the precision of the file limits that of the points, not the number of pixels. Float32 is
    not examined: its 24 bits are finer than the pixels of any lens.

    Returns
    -------
    float
        0 .. 1, estimated from some 16,000 pixels.
    """
    if depth.pixel_type == "float":
        return 0.0
    stride = max(1, math.isqrt(depth.values.size // _SAMPLES))
    rows, columns = np.nonzero(depth.valid[::stride, ::stride])
    if not len(rows):
        return 0.0
    own = depth.values[::stride, ::stride][rows, columns].astype(np.float64)
    window = depth.window
    pixels = np.stack((columns * stride + window.x, rows * stride + window.y), axis=-1) + 0.5
    footprint = PixelFootprints(camera, depth, pixels).footprint(own)
    return float(np.mean(spacing(own, depth.pixel_type) > footprint))
