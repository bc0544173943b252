"""What has to change for the points of a depth image to come out right."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..cameras.camera import Camera
from ..depth.image import NO_HIT, DepthImage, DepthKind
from ..depth.mirroring import Mirroring
from .values import AS_IS, ValueMap

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Remedy:
    """Changes to the camera and to how the depth is read; what is None or False stays as it is.

    Attributes
    ----------
    camera : Camera or None
        The camera to reconstruct with.
    camera_name, frame : str, float, or None
        The name and the frame of that camera, if it is one of the candidates that were given.
    kind : DepthKind or None
        The kind of depth to read the values as.
    values : ValueMap
        How the values become distances.
    flip_x, flip_y : bool
        Whether to mirror the depth image left to right, top to bottom.
    focal_factor : float or None
        The right focal length (for an orthographic lens 1 / scale, for a fisheye 1 / field of view)
        divided by that of the camera; it is in `camera` too.
    pixel_scale, pixel_offset : (float, float), or None
        Pixel (x, y) of the depth image shows what `scale * (x, y) + offset` is in the image of the
        camera as it was given; it is in `camera` too.
    """

    camera: Camera | None = None
    camera_name: str | None = None
    frame: float | None = None
    kind: DepthKind | None = None
    values: ValueMap = AS_IS
    flip_x: bool = False
    flip_y: bool = False
    focal_factor: float | None = None
    pixel_scale: tuple[float, float] | None = None
    pixel_offset: tuple[float, float] | None = None

    def pixels(self, pixels: Array, size: tuple[int, int]) -> Array:
        """Where ``pixels``, shape (N, 2), lie once an image of this size is mirrored."""
        flips = np.array([self.flip_x, self.flip_y])
        return np.where(flips, np.asarray(size, np.float64) - pixels, pixels)

    def apply(self, depth: DepthImage, camera: Camera) -> tuple[DepthImage, Camera]:
        """The depth image and the camera to reconstruct with."""
        if self.values != AS_IS:
            distances = self.values.distances(depth.values)
            with np.errstate(invalid="ignore", over="ignore"):
                values = distances.astype(np.float32)
                valid = depth.valid & (values > 0.0) & (values < np.float32(NO_HIT["float"]))
            depth = replace(depth, values=values, valid=valid, pixel_type="float", encoding=None)
        if self.kind is not None:
            depth = replace(depth, kind=self.kind)
        return Mirroring(self.flip_x, self.flip_y).apply_to_depth(depth), self.camera or camera
