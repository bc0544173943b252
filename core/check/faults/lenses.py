"""Lenses that see the image of another lens scaled, moved, or with another focal length."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...cameras.camera import Lens
from ...cameras.fisheye import FisheyeEquidistant
from ...cameras.intrinsics import Intrinsics, Orthographic, Perspective
from ...cameras.panorama import Panorama
from ...cameras.stereo import SphericalStereo

Array = NDArray[Any]


def principal_point(lens: Lens) -> Array:
    """Pixel, shape (2,), about which an image grows with the lens's focal length."""
    if isinstance(lens, Perspective | Orthographic):
        return np.array([lens.intrinsics.cx, lens.intrinsics.cy])
    if isinstance(lens, Panorama):
        return lens.frame.pixels(np.array([0.5, 0.5]))
    if isinstance(lens, SphericalStereo):
        return principal_point(lens.lens)
    return np.array([lens.width, lens.height]) / 2.0


def remapped(lens: Lens, scale: Array, offset: Array) -> Lens | None:
    """The lens that sees at each pixel (x, y) what `lens` sees at ``scale * (x, y) + offset``.

    None for a lens that is of no known type, or cannot be scaled like this.
    """
    if isinstance(lens, SphericalStereo):
        inner = remapped(lens.lens, scale, offset)
        return None if inner is None else replace(lens, lens=inner)
    size = lens.width, lens.height
    if isinstance(lens, Panorama):
        corners = [offset, np.asarray(size) * scale + offset]
        (left, top), (right, bottom) = lens.frame.uv(corners)
        frame = replace(lens.frame, left=left, right=right, bottom=bottom, top=top)
        return replace(lens, frame=frame)
    if isinstance(lens, Perspective | Orthographic) and (scale > 0.0).all():
        i = lens.intrinsics
        fx, fy = np.array([i.fx, i.fy]) / scale
        cx, cy = (np.array([i.cx, i.cy]) - offset) / scale
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of a wide field of view, which is what was found
            return type(lens)(Intrinsics(fx, fy, cx, cy, *size))
    return None


def refocused(lens: Lens, factor: float) -> Lens | None:
    """The lens with ``factor`` times the focal length, or 1 / ``factor`` of the field of view."""
    if isinstance(lens, FisheyeEquidistant):
        return replace(lens, fov=lens.fov / factor)
    scale = np.full(2, 1.0 / factor)
    return remapped(lens, scale, (1.0 - scale) * principal_point(lens))
