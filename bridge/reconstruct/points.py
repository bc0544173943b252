"""The points that a reconstruction makes of the pixels that are kept."""

from __future__ import annotations

from dataclasses import dataclass

import bpy
import numpy as np

from ...core.errors import DepthError
from ...core.geometry.backprojection import PointCloud
from ...core.geometry.voxels import Merging, voxels_of
from ..scene.point_cloud import check_point_clouds
from ..sources.source import Pixels, Source
from .filtering import FilterCount, Kept


@dataclass(frozen=True, eq=False)
class Points:
    """Points, and what was left out on the way to them.

    Attributes
    ----------
    positions : ndarray, shape (N, 3), float32
    merging : Merging
    removed : tuple of FilterCount
    """

    positions: np.ndarray
    merging: Merging
    removed: tuple[FilterCount, ...]

    @property
    def cloud(self) -> PointCloud:
        """The points with their pixels; of those that were not merged only."""
        return PointCloud(self.positions, self.merging.selection)


def points_of(source: Source, pixels: Pixels, left: Kept, voxel_size: float) -> Points:
    """Back-project what is left, and merge the points in each voxel unless the size is 0.

    Raises
    ------
    DepthError
        No pixel lies within the lens, or the voxels are too small.
    """
    cloud = source.points(left.depth, pixels)
    positions, voxels = cloud.points, None
    if not len(positions):
        raise DepthError("No pixel with a depth lies within the lens; choose the camera it is of.")
    if voxel_size:
        voxels = voxels_of(positions, voxel_size)
        positions = voxels.reduce(positions)
    within_lens, kept = len(cloud.points), int(np.count_nonzero(left.depth.valid))
    removed = (
        *left.removed,
        FilterCount("lens", kept - within_lens, "outside the lens"),
        FilterCount("voxel_size", within_lens - len(positions), "merged into voxels"),
    )
    return Points(
        positions, Merging(cloud.selection, voxels), tuple(each for each in removed if each.count)
    )


def check_output(options: bpy.types.bpy_struct) -> None:
    """Raise `DepthError` where the form of output cannot be made."""
    if options.output == "POINT_CLOUD":
        check_point_clouds()
    if options.output == "SURFACE" and options.voxel_size:
        raise DepthError(
            "Merged points have no neighbors to make a surface with: set Voxel Size to 0, or "
            "Output to Points."
        )
