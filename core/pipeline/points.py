"""Make points from filtered depth, and merge them in voxels if that is requested."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import DepthError
from ..geometry.backprojection import PointCloud
from ..geometry.voxels import Merging, voxels_of
from .filtering import FilterCount, FilteredDepth
from .source import Pixels, Source

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Points:
    """Points, and how many pixels were left out.

    Attributes
    ----------
    positions : ndarray, shape (N, 3), float32
    merging : Merging
    counts : tuple of FilterCount
    """

    positions: Array
    merging: Merging
    counts: tuple[FilterCount, ...]

    @property
    def cloud(self) -> PointCloud:
        """The points with their pixels; only valid if none were merged."""
        return PointCloud(self.positions, self.merging.selection)


def make_points(
    source: Source, pixels: Pixels, filtered: FilteredDepth, voxel_size: float | None
) -> Points:
    """Back-project the filtered depth, and merge the points in each voxel if a size is given.

    Raises
    ------
    DepthError
        No pixel lies within the lens, or the voxels are too small.
    """
    cloud = source.points(filtered.depth, pixels)
    positions, voxels = cloud.points, None
    if not len(positions):
        raise DepthError(
            "No pixel with a depth lies within the lens; choose the camera that rendered the image."
        )
    if voxel_size:
        voxels = voxels_of(positions, voxel_size)
        positions = voxels.reduce(positions)
    within_lens = len(cloud.points)
    valid = int(np.count_nonzero(filtered.depth.valid))
    counts = (
        *filtered.counts,
        FilterCount("lens", valid - within_lens, "outside the lens"),
        FilterCount("voxel_size", within_lens - len(positions), "merged into voxels"),
    )
    merging = Merging(cloud.selection, voxels)
    return Points(positions, merging, tuple(each for each in counts if each.count))
