"""The focal length that disparity needs, from the camera that took the image."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..cameras.camera import Camera
from ..cameras.intrinsics import Perspective
from ..depth.encoding import DepthEncoding, ValueKind
from ..depth.image import DepthImage, DepthKind
from ..errors import CameraError, DepthError


def with_focal_length(
    encoding: DepthEncoding, camera: Camera | None, kind: DepthKind
) -> DepthEncoding:
    """Add the focal length of the camera's lens to an encoding that needs one.

    Raises
    ------
    CameraError
        The values are disparity, and there is no perspective camera.
    DepthError
        The values are disparity, and the kind of the depth is ray depth.
    """
    if encoding.kind is not ValueKind.DISPARITY:
        return encoding
    if kind is not DepthKind.PLANAR:
        raise DepthError(
            "Disparity gives distances along the camera's viewing direction, but Depth is Ray; set "
            "it to Planar."
        )
    if encoding.focal is not None:
        return encoding
    if camera is None or not isinstance(camera.lens, Perspective):
        raise CameraError(
            "Disparity needs the focal length of a perspective camera, and "
            f"{'there is no camera' if camera is None else 'this camera is of another type'}; "
            "choose the left camera of the pair."
        )
    return replace(encoding, focal=camera.lens.intrinsics.fx)


def depth_for_camera(depth: DepthImage, camera: Camera) -> DepthImage:
    """Convert depth that was read with another camera to this one.

    Distances that come from disparity are proportional to the focal length; others stay the same.

    Raises
    ------
    CameraError
        The depth comes from disparity, and the camera is not a perspective one.
    """
    if depth.encoding is None or depth.encoding.kind is not ValueKind.DISPARITY:
        return depth
    before = depth.encoding.focal
    encoding = with_focal_length(replace(depth.encoding, focal=None), camera, depth.kind)
    if before is None or encoding.focal is None or before == encoding.focal:
        return depth
    values = depth.values * np.float32(encoding.focal / before)
    return replace(depth, values=values, encoding=encoding)
