"""Join points to a surface with the UV map of its render."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..cameras.viewpoint import Viewpoint
from ..errors import DepthError
from ..geometry.continuity import Continuity
from ..geometry.surface import Surface, surface_of
from ..support.parallel import run_on_all_cores
from .filtering import FilterCount
from .points import Points

Array = NDArray[Any]

_BLOCK_CORNERS = 1 << 18
"""Corners that a core handles at a time."""


@dataclass(frozen=True, eq=False)
class MappedSurface:
    """A surface with its UV map.

    Attributes
    ----------
    surface : Surface
    uvs : ndarray, shape (corners, 2), float32
        U to the right and v up, 0 to 1 over the whole image. In faces across the right border of a
        panorama, u continues beyond 1.
    counts : tuple of FilterCount
        How many pixels were left out, including the points that no face uses.
    """

    surface: Surface
    uvs: Array
    counts: tuple[FilterCount, ...]


def make_surface(
    points: Points, view: Viewpoint, continuity: Continuity, size: tuple[int, int]
) -> MappedSurface:
    """Join the points of an image to a surface.

    Parameters
    ----------
    points : Points
    view : Viewpoint
    continuity : Continuity
    size : tuple of int
        Width and height of the image.

    Raises
    ------
    DepthError
        No three neighbors form a face.
    """
    count = len(points.positions)
    made = surface_of(points.cloud, view, continuity)
    if not len(made.corners):
        raise DepthError(
            f"No neighbors among {count:,} points lie on one surface: raise Grazing "
            "Angle and Max Jump, lower Stride, or set Output to Points."
        )
    unused = count - len(made.cloud.points)
    added = (FilterCount("faces", unused, "in no face"),) if unused else ()
    return MappedSurface(made, _uvs(made, view.period > 0, size), (*points.counts, *added))


def _uvs(made: Surface, wraps: bool, size: tuple[int, int]) -> Array:
    """Compute the UVs of the corners, shape (corners, 2), float32."""
    window, (width, height) = made.cloud.selection.window, size
    u = _fractions(window.x, window.width, width)
    v = np.float32(1.0) - _fractions(window.y, window.height, height)
    # One complex number is a pair of u and v.
    pairs = made.cloud.selection.take(u + np.complex64(1j) * v[:, None])
    uvs = np.empty((len(made.corners), 2), np.float32)
    target = uvs.view(np.complex64)[:, 0]

    def fill(index: int) -> None:
        block = slice(index * _BLOCK_CORNERS, (index + 1) * _BLOCK_CORNERS)
        np.take(pairs, made.corners[block], out=target[block], mode="clip")

    run_on_all_cores(fill, -(-len(uvs) // _BLOCK_CORNERS))
    if wraps:
        split = 4 * made.quad_count
        for faces in (uvs[:split, 0].reshape(-1, 4), uvs[split:, 0].reshape(-1, 3)):
            across = np.flatnonzero(np.ptp(faces, axis=1) > 0.5)
            faces[across] += faces[across] < 0.5
    return uvs


def _fractions(first: int, count: int, size: int) -> Array:
    """Return how far along an image the centers of some pixels are, shape (count,), float32."""
    centers = np.arange(first, first + count, dtype=np.float32) + np.float32(0.5)
    fractions: Array = centers / np.float32(size)
    return fractions
