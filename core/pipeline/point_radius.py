"""Radius of a point that just covers its pixel."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..cameras.camera import Camera
from ..depth.image import DepthImage, DepthKind
from .source import Pixels, Source

Array = NDArray[Any]

_ROWS = 64
"""Rows of a Position pass that are examined."""


@dataclass(frozen=True)
class PointRadius:
    """Radius of a point: `per_depth` times its depth, plus `constant`, in scene units."""

    per_depth: float
    constant: float

    def at(self, depth: Array) -> Array:
        """Radius at each depth, in the depth's type."""
        radii: Array = depth * depth.dtype.type(self.per_depth) + depth.dtype.type(self.constant)
        return radii

    def for_voxels(self, size: float) -> PointRadius:
        """Return the radius for points merged in voxels: larger by half a voxel's face diagonal."""
        return replace(self, constant=self.constant + size * 0.5**0.5)


def point_radius(source: Source, pixels: Pixels) -> PointRadius:
    """Return half the diagonal of a typical pixel, from the camera or else the Position pass."""
    if source.camera is not None:
        return _of_camera(source.camera, source.shot.kind)
    if pixels.position is None:
        return PointRadius(0.0, 0.0)
    return _of_positions(pixels.position, pixels.depth)


def _of_camera(camera: Camera, kind: DepthKind) -> PointRadius:
    size = np.array((camera.lens.width, camera.lens.height))
    grid = np.stack(np.meshgrid(*[np.linspace(0.05, 0.95, 9)] * 2), axis=-1).reshape(-1, 2) * size
    first, second = (camera.rays(grid + step, kind) for step in (0, 1))
    per_depth, constant = (
        float(np.nanmedian(np.linalg.norm(ends, axis=-1))) / 2  # NaN outside a lens circle
        for ends in (second.directions - first.directions, second.origins - first.origins)
    )
    return PointRadius(per_depth, constant)


def _of_positions(position: Array, depth: DepthImage) -> PointRadius:
    """Measure neighboring points, which are one pixel apart, or more on slanted surfaces."""
    rows = slice(None, None, max(1, len(position) // _ROWS))
    both = depth.valid[rows, 1:] & depth.valid[rows, :-1]
    if not both.any():
        return PointRadius(0.0, 0.0)
    steps = np.linalg.norm((position[rows, 1:] - position[rows, :-1])[both], axis=-1)
    return PointRadius(float(np.median(steps / depth.values[rows, 1:][both])) / 2**0.5, 0.0)
