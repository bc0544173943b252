"""Locate picks: the points in the world that an image shows at given pixels."""

from __future__ import annotations

import enum
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..cameras.camera import Camera, as_vectors
from ..cameras.intrinsics import Orthographic
from ..cameras.pixel_footprint import PixelFootprints
from ..depth.image import DepthImage, check_depth
from ..depth.precision import spacing
from ..errors import SizeError
from ..support.parallel import run_on_all_cores
from ..support.vectors import lengths
from .uncertainty import uncertainty

Array = NDArray[Any]

BLOCK_PICKS = 1 << 14
"""Picks in a block: with more, numpy starts threads in each of these threads to multiply rays by
a matrix; with fewer, the threads wait for each other more often."""


class Flag(enum.IntFlag):
    """What is special about a pick."""

    NONE = 0
    EDGE = 1
    """The four pixel centers around it are not on one surface, so it has its pixel's depth.

    In the outermost half pixel of a depth image, there are no four centers around it.
    """

    NO_HIT = 2
    """Its pixel has no depth, so it has no point."""

    OUTSIDE = 4
    """It is outside the image, so it has no point."""


@dataclass(frozen=True, eq=False)
class Located:
    """The points in the world that an image shows at N picks.

    Attributes
    ----------
    points : ndarray, shape (N, 3), float64
        World space, in scene units, each on the ray of its pick; NaN where there is no point.
    depth : ndarray, shape (N,), float64
        Distance of the same kind as in the depth image; NaN where there is no point.
    footprint : ndarray, shape (N,), float64
        Longer side of a pixel at that depth, across the line of sight, in scene units.
    precision : ndarray, shape (N,), float64
        Half the spacing of the numbers that the file can store at that depth, as a length along the
        ray in scene units.
    flags : ndarray, shape (N,), uint8
        :class:`Flag` of each pick.
    """

    points: Array
    depth: Array
    footprint: Array
    precision: Array
    flags: Array

    @property
    def uncertainty(self) -> Array:
        """How far off a point may be, shape (N,), float64, in scene units."""
        return uncertainty(self.footprint, self.precision)


def locate(depth: DepthImage, camera: Camera, pixels: ArrayLike) -> Located:
    """Locate the points that an image shows at `pixels`.

    Between pixel centers, depth is interpolated along rows and columns with cubic polynomials. They
    are polynomials of 1 / depth, which is a linear function of the pixel on a plane seen in
    perspective, or of the depth itself if the camera is orthographic. Where the four pixels around
    a pick are not on one surface, the pick has the depth of the pixel that it is in, and is flagged
    as EDGE. Either way, the point is on the ray of the pick.

    Two neighbors are on one surface if the step between them continues the steps beside it, up to
    half a pixel's footprint and the rounding of the stored numbers. A slope may therefore be of any
    steepness, and a discontinuity that is not noticed is within the uncertainty.

    Parameters
    ----------
    depth : DepthImage
        Distances in scene units.
    camera : Camera
        The camera that rendered the image; its lens has the image's size.
    pixels : array_like, shape (N, 2)
        Continuous image coordinates, x right and y down; the borders belong to the image.

    Returns
    -------
    Located
        In the order of `pixels`.

    Raises
    ------
    SizeError
        The lens is not of the image's size, or `pixels` is not of shape (N, 2).
    DepthError
        `depth` is not a DepthImage.
    """
    xy = _checked_pixels(pixels)
    check_depth(depth, camera.lens.width, camera.lens.height)
    count = len(xy)
    located = Located(
        points=np.full((count, 3), np.nan),
        depth=np.full(count, np.nan),
        footprint=np.full(count, np.nan),
        precision=np.full(count, np.nan),
        flags=np.zeros(count, np.uint8),
    )

    def fill(index: int) -> None:
        start = index * BLOCK_PICKS
        _locate_block(depth, camera, xy, slice(start, start + BLOCK_PICKS), located)

    run_on_all_cores(fill, math.ceil(count / BLOCK_PICKS))
    return located


def _checked_pixels(pixels: ArrayLike) -> Array:
    if np.size(pixels) == 0:
        return np.empty((0, 2))
    xy = as_vectors(pixels, 2)
    if xy.ndim != 2:
        raise SizeError(
            f"The pixels have the shape {xy.shape}, expected (N, 2): give x and y for each pick."
        )
    return xy


def _locate_block(
    depth: DepthImage, camera: Camera, pixels: Array, block: slice, located: Located
) -> None:
    """Fill in some picks of `located`."""
    nearest, flags = _nearest_depth(depth, pixels[block])
    is_hit = flags == Flag.NONE
    hit = slice(None) if is_hit.all() else np.flatnonzero(is_hit)  # a slice copies nothing
    xy, nearest = pixels[block][hit], nearest[hit]
    footprints = PixelFootprints(camera, depth, xy)
    rounding = spacing(nearest, depth.pixel_type, depth.encoding)
    span = footprints.footprint(nearest) / 2.0 + 2.0 * rounding
    smooth = _smooth_depth(depth, isinstance(camera.lens, Orthographic), xy, nearest, span)
    is_edge = np.isnan(smooth)
    distance = np.where(is_edge, nearest, smooth)
    points = footprints.rays.at(distance)
    half_step = spacing(distance, depth.pixel_type, depth.encoding) / 2.0
    has_ray = np.isfinite(points).all(axis=-1)
    flags[hit] = np.where(has_ray, np.where(is_edge, Flag.EDGE, Flag.NONE), Flag.NO_HIT)
    located.flags[block] = flags
    points[~has_ray] = np.nan
    distance[~has_ray] = np.nan
    located.points[block][hit] = points
    located.depth[block][hit] = distance
    located.footprint[block][hit] = footprints.footprint(distance)
    moved = footprints.rays.at(distance + half_step) - points
    located.precision[block][hit] = lengths(moved)


def _nearest_depth(depth: DepthImage, pixels: Array) -> tuple[Array, Array]:
    """Return the depth of the pixels that picks are in, and flags; undefined where flagged."""
    # One coordinate at a time, because numpy is slow along axes of length two.
    (x, y), (width, height), window = pixels.T, depth.size, depth.window
    inside = (x >= 0.0) & (x <= width) & (y >= 0.0) & (y <= height)
    columns = np.where(inside, np.minimum(x, width - 0.5), 0.0).astype(np.intp) - window.x
    rows = np.where(inside, np.minimum(y, height - 0.5), 0.0).astype(np.intp) - window.y
    has_depth = (columns >= 0) & (columns < window.width) & (rows >= 0) & (rows < window.height)
    index = np.where(has_depth, rows * window.width + columns, 0)
    has_depth &= np.take(depth.valid, index)
    flags = np.where(has_depth, Flag.NONE, Flag.NO_HIT).astype(np.uint8)
    flags[~inside] = Flag.OUTSIDE
    return np.take(depth.values, index).astype(np.float64), flags


def _smooth_depth(
    depth: DepthImage, is_linear: bool, pixels: Array, nearest: Array, span: Array
) -> Array:
    """Interpolate depth at `pixels`; NaN where the pixels around them are not on one surface.

    Parameters
    ----------
    depth : DepthImage
    is_linear : bool
        Whether to interpolate the depth itself rather than 1 / depth.
    pixels : ndarray, shape (N, 2)
    nearest : ndarray, shape (N,)
        Depth of the pixels that these are in.
    span : ndarray, shape (N,)
        Distance by which a surface may bend from one pixel to the next.
    """
    window = depth.window
    columns, across = _between_centers(pixels[:, 0] - window.x, window.width)
    rows, down = _between_centers(pixels[:, 1] - window.y, window.height)
    lines = _lines(depth, columns, rows)
    if not is_linear:
        lines = 1.0 / lines
        span = span / nearest**2
    values, joined = _interpolate_lines(lines, np.stack((across, across, down, down)), span)
    by_rows = values[0] + down * (values[1] - values[0])
    by_columns = values[2] + across * (values[3] - values[2])
    top = lines[0, 2] + across * (lines[0, 3] - lines[0, 2])
    bottom = lines[1, 2] + across * (lines[1, 3] - lines[1, 2])
    smooth = by_rows + by_columns - (top + down * (bottom - top))
    usable = joined.all(axis=0) & (smooth > 0.0)
    # Beyond the outermost centers, the surface may end without a sign of it.
    usable &= (across >= 0.0) & (across <= 1.0) & (down >= 0.0) & (down <= 1.0)
    smooth = np.where(usable, smooth, np.nan)
    return smooth if is_linear else 1.0 / smooth


def _between_centers(places: Array, count: int) -> tuple[Array, Array]:
    """Return the pixel whose center is before each place in a line of pixels, and the rest.

    The rest is 0 at that center and 1 at the next one. The pixel is never the last of the `count`.
    """
    from_first = places - 0.5
    pixels = np.clip(np.floor(from_first), 0, max(count - 2, 0)).astype(np.intp)
    return pixels, from_first - pixels


def _lines(depth: DepthImage, columns: Array, rows: Array) -> Array:
    """Return the depth of six pixels in each of the two rows and columns through 2 x 2 pixels.

    The shape is (4, 6, N), with NaN for pixels that have no depth. The 2 x 2 pixels, given by their
    upper left ones, are the third and fourth of each line.
    """
    height, width = depth.values.shape
    offsets = np.arange(-2, 4)[:, None]
    near_columns, near_rows = columns + offsets, rows + offsets
    inside = np.empty((4, 6, len(columns)), bool)
    inside[:2] = (near_columns >= 0) & (near_columns < width)
    inside[2:] = (near_rows >= 0) & (near_rows < height)
    near_columns = np.clip(near_columns, 0, width - 1)
    near_rows = np.clip(near_rows, 0, height - 1) * width
    index = np.empty(inside.shape, np.intp)
    for i in range(2):
        np.add(near_rows[2 + i], near_columns, out=index[i])
        np.add(near_rows, near_columns[2 + i], out=index[2 + i])
    inside &= np.take(depth.valid, index, mode="clip")
    # All indices are in range, but to clip them avoids a copy of the values.
    return np.where(inside, np.take(depth.values, index, mode="clip"), np.float64(np.nan))


def _interpolate_lines(lines: Array, place: Array, span: Array) -> tuple[Array, Array]:
    """Interpolate between the two middle values of each six; return whether they are one surface.

    A step that bends away on one side still continues the surface of the other side, if what is
    beyond the bend is not a surface itself: otherwise it would be the last step to a surface
    behind.

    Parameters
    ----------
    lines : ndarray, shape (4, 6, N)
    place : ndarray, shape (4, N)
        0 at the third value and 1 at the fourth.
    span : ndarray, shape (N,)
        Second difference up to which values count as straight.
    """
    bends = np.diff(lines, n=2, axis=1)
    straight = np.abs(bends) <= span
    farther_before, before, after, farther_after = np.moveaxis(straight, 1, 0)
    joined = (before & after) | (before & farther_before & ~farther_after)
    joined |= after & farther_after & ~farther_before
    bend_before = np.where(before, bends[:, 1], bends[:, 2])
    bend_after = np.where(after, bends[:, 2], bends[:, 1])
    # Lagrange's cubic through the four middle values, written with their second differences.
    bend = (2.0 - place) * bend_before + (1.0 + place) * bend_after
    first, second = lines[:, 2], lines[:, 3]
    values = first + place * (second - first) - place * (1.0 - place) / 6.0 * bend
    return values, joined
