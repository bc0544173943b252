"""Picks: where in the world the points lie that an image shows at given pixels."""

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

BLOCK_PICKS = 1 << 13
"""Picks worked on at once: their neighborhoods stay in a core's cache."""


class Flag(enum.IntFlag):
    """What is special about a pick."""

    NONE = 0
    EDGE = 1
    """The four pixel centers around it do not lie on one surface: its own pixel's depth counts.

    In the outermost half pixel of a depth image there are no four around it.
    """

    NO_HIT = 2
    """Its pixel holds no depth, so it has no point."""

    OUTSIDE = 4
    """It lies outside the image, so it has no point."""


@dataclass(frozen=True, eq=False)
class Located:
    """Points in the world that picks on an image show.

    Attributes
    ----------
    points : ndarray, shape (N, 3), float64
        World space, in scene units, on the pick's own ray; NaN where there is none.
    depth : ndarray, shape (N,), float64
        Distance in the kind of the depth image; NaN where there is no point.
    footprint : ndarray, shape (N,), float64
        Longer side of one pixel at that depth, across the line of sight, in scene units.
    precision : ndarray, shape (N,), float64
        Half the spacing at that depth of the numbers that the file stored, as a length along the
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

    Between pixel centers, depth is interpolated along rows and columns with cubic polynomials: of
    1 / depth, which is what a plane seen in perspective makes a linear function of the pixel, or
    of the depth itself if the camera is orthographic. Where the four pixels around a pick do not
    lie on one surface, the depth of the pixel that it lies in counts, and the pick is an EDGE.
    Either way the point lies on the pick's own ray.

    Two neighbors lie on one surface if the step between them continues the steps beside it, up to
    half a pixel's footprint and the rounding of the stored numbers. So a slope may be as steep as
    it likes, and a discontinuity that goes unnoticed is within the uncertainty.

    Parameters
    ----------
    depth : DepthImage
        Distances in scene units.
    camera : Camera
        The camera that rendered the image; its lens has the image's size.
    pixels : array_like, shape (N, 2)
        Continuous image coordinates, x right and y down; the edges of the image belong to it.

    Returns
    -------
    Located
        In the order of `pixels`.

    Raises
    ------
    SizeError
        The lens is not of the image's size, or `pixels` is not of shape (N, 2).
    DepthError
        `depth` is no DepthImage.
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
    own, flags = _own_depth(depth, pixels[block])
    hit = np.flatnonzero(flags == Flag.NONE)
    xy, own = pixels[block][hit], own[hit]
    beams = PixelFootprints(camera, depth, xy)
    span = beams.footprint(own) / 2.0 + 2.0 * spacing(own, depth.pixel_type, depth.encoding)
    smooth = _smooth_depth(depth, isinstance(camera.lens, Orthographic), xy, own, span)
    edge = np.isnan(smooth)
    distance = np.where(edge, own, smooth)
    points = beams.rays.at(distance)
    half_step = spacing(distance, depth.pixel_type, depth.encoding) / 2.0
    seen = np.isfinite(points).all(axis=-1)
    flags[hit] = np.where(seen, np.where(edge, Flag.EDGE, Flag.NONE), Flag.NO_HIT)
    located.flags[block] = flags
    kept = block.start + hit[seen]
    located.points[kept] = points[seen]
    located.depth[kept] = distance[seen]
    located.footprint[kept] = beams.footprint(distance)[seen]
    moved = beams.rays.at(distance + half_step) - points
    located.precision[kept] = lengths(moved[seen])


def _own_depth(depth: DepthImage, pixels: Array) -> tuple[Array, Array]:
    """Depth of the pixels that picks lie in, and flags; without meaning where there is a flag."""
    inside = np.all((pixels >= 0.0) & (pixels <= depth.size), axis=-1)
    window = depth.window
    cells = np.floor(np.minimum(np.where(inside[:, None], pixels, 0.0), np.array(depth.size) - 0.5))
    columns = cells[:, 0].astype(np.intp) - window.x
    rows = cells[:, 1].astype(np.intp) - window.y
    stored = (columns >= 0) & (columns < window.width) & (rows >= 0) & (rows < window.height)
    index = np.where(stored, rows * window.width + columns, 0)
    stored &= np.take(depth.valid, index)
    flags = np.where(stored, Flag.NONE, Flag.NO_HIT).astype(np.uint8)
    flags[~inside] = Flag.OUTSIDE
    return np.take(depth.values, index).astype(np.float64), flags


def _smooth_depth(
    depth: DepthImage, is_linear: bool, pixels: Array, own: Array, span: Array
) -> Array:
    """Depth interpolated at `pixels`; NaN where the pixels around are not one surface.

    `span` is the distance by which a surface may bend from one pixel to the next.
    """
    corner = pixels - (depth.window.x + 0.5, depth.window.y + 0.5)
    last = np.maximum((depth.window.width - 2, depth.window.height - 2), 0)
    cell = np.clip(np.floor(corner), 0, last).astype(np.intp)
    across, down = (corner - cell).T
    lines = _lines(depth, cell[:, 0], cell[:, 1])
    if not is_linear:
        lines = 1.0 / lines
        span = span / own**2
    values, joined = _interpolate_lines(lines, np.stack((across, across, down, down)), span)
    rows = values[0] + down * (values[1] - values[0])
    columns = values[2] + across * (values[3] - values[2])
    top = lines[0, 2] + across * (lines[0, 3] - lines[0, 2])
    bottom = lines[1, 2] + across * (lines[1, 3] - lines[1, 2])
    smooth = rows + columns - (top + down * (bottom - top))
    usable = joined.all(axis=0) & (smooth > 0.0)
    # Beyond the outermost centers the surface may end unseen.
    usable &= (across >= 0.0) & (across <= 1.0) & (down >= 0.0) & (down <= 1.0)
    smooth = np.where(usable, smooth, np.nan)
    return smooth if is_linear else 1.0 / smooth


def _lines(depth: DepthImage, columns: Array, rows: Array) -> Array:
    """Depth of six pixels each in the two rows and the two columns through 2 x 2 pixels.

    Shape (4, 6, N); NaN for pixels that hold none. The 2 x 2 pixels, whose upper left ones are
    given, are the third and fourth of each line.
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
    # Clipping, which is not needed, spares a copy of what is taken.
    return np.where(inside, np.take(depth.values, index, mode="clip"), np.float64(np.nan))


def _interpolate_lines(lines: Array, place: Array, span: Array) -> tuple[Array, Array]:
    """Value between the two middle ones of each six, and whether those two are one surface.

    A step that bends away on one side is still the surface of the other side's steps, if the bend
    is no surface of its own: else it would be the last step to a surface behind.

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
