"""Clip ranges: which depth lies between the clip start and the clip end of a camera."""

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
        What they are measured along: Cycles clips panoramas by ray depth, and all other cameras
        are clipped by planar depth.
    leaves_far_plane : bool
        Whether the engine may write the depth of the far plane into pixels that saw nothing, as
        EEVEE in Blender 4.3 does. Cycles writes 1e10.
    """

    start: float
    end: float
    kind: DepthKind
    leaves_far_plane: bool


def within_clip(depth: DepthImage, clip: ClipRange, camera: Camera | None) -> DepthImage:
    """Leave out the pixels outside a clip range; the values are shared.

    Parameters
    ----------
    depth : DepthImage
    clip : ClipRange
    camera : Camera, optional
        Converts planar to ray depth, or the reverse, if `depth` is not of the kind of the range.
        Without a camera, `depth` counts as of the range's kind.

    Raises
    ------
    DepthError
        The clip start is not less than the clip end.
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
    """Return the ray depth for each unit of planar depth, shape (H, W), float32."""
    factors = np.empty((window.height, window.width), np.float32)
    blocks = row_slices(window.height, window.width, _BLOCK_PIXELS)

    def fill(index: int) -> None:
        rows = blocks[index]
        rays = camera.rays(window.centers(rows), DepthKind.PLANAR)
        factors[rows] = lengths(rays.directions)

    run_on_all_cores(fill, len(blocks))
    return factors
