"""How large a point is that just covers its pixel."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ...core.cameras.camera import Camera
from ...core.depth.image import DepthImage, DepthKind
from ..sources.source import Pixels, Source

_ROWS = 64
"""Rows of a Position pass that are looked at."""


@dataclass(frozen=True)
class Footprint:
    """Radius of a point: `per_depth` times its depth, plus `constant`, in scene units."""

    per_depth: float
    constant: float

    def radii(self, depth: np.ndarray) -> np.ndarray:
        """Radius at each depth, in the depth's type."""
        return depth * depth.dtype.type(self.per_depth) + depth.dtype.type(self.constant)

    def widened(self, voxel_size: float) -> Footprint:
        """Footprint of points merged in voxels, half of whose diagonal they cover besides."""
        return replace(self, constant=self.constant + voxel_size * 0.5**0.5)


def footprint_of(source: Source, pixels: Pixels) -> Footprint:
    """Half the diagonal of a typical pixel, by the camera, or by the Position pass without one."""
    if source.camera is not None:
        return _of_camera(source.camera, source.shot.kind)
    return _of_positions(pixels.position, pixels.depth)


def _of_camera(camera: Camera, kind: DepthKind) -> Footprint:
    size = np.array((camera.lens.width, camera.lens.height))
    places = np.stack(np.meshgrid(*[np.linspace(0.05, 0.95, 9)] * 2), axis=-1).reshape(-1, 2) * size
    first, second = (camera.rays(places + step, kind) for step in (0, 1))
    per_depth, constant = (
        float(np.nanmedian(np.linalg.norm(ends, axis=-1))) / 2  # NaN is outside a lens circle
        for ends in (second.directions - first.directions, second.origins - first.origins)
    )
    return Footprint(per_depth, constant)


def _of_positions(position: np.ndarray, depth: DepthImage) -> Footprint:
    """Points beside each other are one pixel apart, or more where the surface is slanted."""
    rows = slice(None, None, max(1, len(position) // _ROWS))
    both = depth.valid[rows, 1:] & depth.valid[rows, :-1]
    if not both.any():
        return Footprint(0.0, 0.0)
    steps = np.linalg.norm((position[rows, 1:] - position[rows, :-1])[both], axis=-1)
    return Footprint(float(np.median(steps / depth.values[rows, 1:][both])) / 2**0.5, 0.0)
