"""Clip ranges: which depth lies between a camera's clip start and clip end."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..cameras.camera import Camera
from ..support.parallel import row_slices, run_on_all_cores
from ..support.vectors import lengths
from .image import DepthImage, DepthKind, Window

Array = NDArray[Any]

_BLOCK_PIXELS = 1 << 16


@dataclass(frozen=True)
class ClipRange:
    """The clip range of a camera.

    Attributes
    ----------
    start, end : float
        Clip start and clip end, in scene units.
    kind : DepthKind
        What they are measured along: a Cycles panorama clips by ray depth, all others by planes.
    leaves_far_plane : bool
        Whether the engine may write the far plane into pixels that saw nothing, as EEVEE in
        Blender 4.3 does. Cycles writes 1e10.
    """

    start: float
    end: float
    kind: DepthKind
    leaves_far_plane: bool


def within_clip(depth: DepthImage, clip: ClipRange, camera: Camera | None) -> DepthImage:
    """Keep the pixels within a clip range; the values are shared.

    Parameters
    ----------
    depth : DepthImage
    clip : ClipRange
    camera : Camera, optional
        Converts between planar and ray depth where `depth` is of another kind than the range.
        Without a camera, `depth` is taken to be of the range's kind.
    """
    measured = depth
    if camera is not None and depth.kind is not clip.kind:
        factors = _ray_per_planar_depth(camera, depth.window)
        if clip.kind is DepthKind.PLANAR:
            factors = 1.0 / factors
        measured = replace(depth, values=depth.values * factors)
    if clip.leaves_far_plane:
        measured = measured.without_far_plane(clip.start, clip.end)
    return replace(depth, valid=measured.within(clip.start, clip.end).valid)


def _ray_per_planar_depth(camera: Camera, window: Window) -> Array:
    """Ray depth for each unit of planar depth, shape (H, W), float32."""
    factors = np.empty((window.height, window.width), np.float32)
    blocks = row_slices(window.height, window.width, _BLOCK_PIXELS)

    def fill(index: int) -> None:
        rows = blocks[index]
        rays = camera.rays(window.centers(rows), DepthKind.PLANAR)
        factors[rows] = lengths(rays.directions)

    run_on_all_cores(fill, len(blocks))
    return factors
