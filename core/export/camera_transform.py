"""Cameras of geometry that was transformed, and how far apart two cameras see the same points."""

from __future__ import annotations

import contextlib
import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..cameras.camera import Camera
from ..depth.image import DepthKind
from ..errors import CameraError, ExportError

Array = NDArray[Any]
TOLERANCE = 0.01
"""Pixels by which a camera in another form may miss the pixels of the original."""


def transformed_camera(camera: Camera, matrix: ArrayLike) -> Camera:
    """Camera that sees points transformed by `matrix` in the pixels where they were before.

    Parameters
    ----------
    matrix : array_like, shape (4, 4)
        Affine, for column vectors in world space.

    Raises
    ------
    ExportError
        There is no such camera, because `matrix` scales some directions more than others, or
        scales what an orthographic or stereo camera saw.
    """
    transform = np.asarray(matrix, np.float64)
    axes = transform[:3, :3] @ camera.matrix[:3, :3]
    pose = np.eye(4)
    pose[:3, :3] = axes / np.cbrt(abs(np.linalg.det(axes)) or 1.0)
    pose[:3, 3] = transform[:3, :3] @ camera.matrix[:3, 3] + transform[:3, 3]
    with contextlib.suppress(CameraError):
        result = Camera(camera.lens, pose)
        if max_pixel_difference(camera, result, transform) <= TOLERANCE:
            return result
    raise ExportError(
        "The object's scale differs between its axes, or its camera is one whose image depends on "
        "scale: clear the object's scale (Alt S), or export without the camera."
    )


def max_pixel_difference(camera: Camera, other: Camera, transform: Array) -> float:
    """Largest distance on an axis, in pixels, between where two cameras see the same points.

    `camera` sees points on a grid over its image and at two distances, `other` sees them after
    `transform`, shape (4, 4). It is infinite if `other` does not see all that `camera` sees.
    """
    size = camera.lens.width, camera.lens.height
    grid = np.stack(np.meshgrid(*[np.linspace(0.02, 0.98, 7)] * 2), axis=-1).reshape(-1, 2) * size
    rays = camera.rays(grid, DepthKind.RAY)
    points = np.concatenate([rays.at(np.full(len(grid), depth)) for depth in (1.0, 10.0)])
    pixels = other.project(points @ transform[:3, :3].T + transform[:3, 3])
    expected = camera.project(points)  # not `grid`: a shifted panorama sees some points twice
    is_lost = np.isnan(pixels) & ~np.isnan(expected)
    return math.inf if is_lost.any() else float(np.nanmax(np.abs(pixels - expected)))
