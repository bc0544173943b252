"""Make the points of a preview: those of a reconstruction, thinned so that drawing is fast."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..depth.image import DepthImage
from ..depth.thinning import stride_of, thin
from ..exr.passes import PassKind
from ..geometry.backprojection import PointCloud
from ..geometry.voxels import voxels_of
from ..support.srgb import srgb_bytes
from .filtering import filter_depth
from .options import ReconstructionOptions
from .source import Pixels, Source

Array = NDArray[Any]

MAX_POINTS = 200_000
_GRAY = (0.8, 0.8, 0.8, 1.0)


@dataclass(frozen=True, eq=False)
class Preview:
    """Points to draw.

    Attributes
    ----------
    points : ndarray, shape (N, 3), float32
        World space; at most `MAX_POINTS`.
    colors : ndarray, shape (N, 4), float32
        In sRGB, as displays show them.
    text : str
        How many points a reconstruction would have, and how many pixels are left out and why.
    serial : int
        A different number for every preview.
    """

    points: Array
    colors: Array
    text: str
    serial: int = field(init=False, default_factory=itertools.count().__next__)


def make_preview(options: ReconstructionOptions, source: Source, pixels: Pixels) -> Preview:
    """Make a preview of a reconstruction with these options.

    Raises
    ------
    DepthError
        For the reasons of `filter_depth`.
    """
    filtered = filter_depth(options, source, pixels)
    cloud = source.points(thin_to(filtered.depth, MAX_POINTS), pixels)
    points, colors = cloud.points, _colors(cloud, pixels)
    count = int(np.count_nonzero(filtered.depth.valid))
    counts = ", ".join(map(str, filtered.counts))
    text = f"{count:,} {'point' if count == 1 else 'points'}; {counts}"
    if options.voxel_size and len(points):
        voxels = voxels_of(points, options.voxel_size)
        points, colors = voxels.reduce(points), voxels.reduce(colors)
        text = f"{text.rstrip('; ')}; not yet merged into voxels"
    return Preview(points, colors, text.rstrip("; "))


def thin_to(depth: DepthImage, most: int) -> DepthImage:
    """Thin to at most `most` valid pixels, on a grid; the pixels may lie on a grid already."""
    grid = stride_of(depth.valid)
    count = np.count_nonzero(depth.valid)
    factor = max(1, int((count / most) ** 0.5))
    while np.count_nonzero(depth.valid[:: grid * factor, :: grid * factor]) > most:
        factor += 1
    return thin(depth, grid * factor)


def _colors(cloud: PointCloud, pixels: Pixels) -> Array:
    colors = np.full((len(cloud.points), 4), _GRAY, np.float32)
    for one, image in pixels.passes:
        if one.kind is PassKind.COLOR:
            linear = cloud.selection.take(image[..., :3])
            colors[:, :3] = srgb_bytes(linear).astype(np.float32) / 255
            break
    return colors
