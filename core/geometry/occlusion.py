"""Whether points in the world are hidden in an image behind what it shows."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..cameras.camera import Camera
from ..depth.image import DepthImage
from ..support.vectors import dot

Array = NDArray[Any]

CLEARANCE = 2e-3
"""Distance behind the shown surface, relative to its depth, at which a point still is visible."""


def is_occluded(depth: DepthImage, camera: Camera, pixels: Array, points: Array) -> Array:
    """Whether an image shows something in front of points.

    Parameters
    ----------
    depth : DepthImage
    camera : Camera
        The camera that rendered the image; its lens has the image's size.
    pixels : ndarray, shape (N, 2), float64
        Where the points project to, in continuous image coordinates inside the image.
    points : ndarray, shape (N, 3), float64
        World space.

    Returns
    -------
    ndarray, shape (N,), bool
        False too where the image holds no depth.
    """
    window = depth.window
    columns = np.floor(pixels[:, 0]).astype(np.intp) - window.x
    rows = np.floor(pixels[:, 1]).astype(np.intp) - window.y
    stored = (columns >= 0) & (columns < window.width) & (rows >= 0) & (rows < window.height)
    columns, rows = np.where(stored, columns, 0), np.where(stored, rows, 0)
    stored &= depth.valid[rows, columns]
    rays = camera.rays(pixels, depth.kind)
    visible = rays.at(np.where(stored, depth.values[rows, columns], 0.0))
    # Distance behind the visible surface along the ray, in units of the ray's direction.
    behind = dot(points - visible, rays.directions) / dot(rays.directions, rays.directions)
    result: Array = stored & (behind > CLEARANCE * depth.values[rows, columns])
    return result
