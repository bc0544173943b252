"""Cameras from the matrices that renderers write into OpenEXR files: worldToCamera, worldToNDC.

Both are multiplied by row vectors, ``point @ matrix``, as all matrices of OpenEXR (Imath) are.
OpenEXR's "Standard Attributes" (https://openexr.com/en/latest/StandardAttributes.html) defines

- ``worldToCamera``: world to a left-handed camera space with +X right, +Y up, and +Z forward;
- ``worldToNDC``: world to a plane where (0, 0) is the upper left corner of the display window and
  (1, 1) the lower right one, after a division by the fourth coordinate.

Renderers differ from that. Right-handed camera spaces look along -Z, as those of Nuke and Blender
do. OpenImageIO before 2.2 wrote a screen space from -1 to 1, with Y up, under the name of
``worldToNDC`` (OpenImageIO's pull request 2609), and so does Houdini's Mantra, whose fourth
coordinate is negative in front of the camera besides.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ..errors import CameraError
from .camera import Array, Camera
from .intrinsics import Intrinsics, Orthographic, Perspective, checked_size

_TOLERANCE = 1e-4
"""Relative rounding of a product of float32 matrices."""

_QUARTER = 0.25
"""How far from the middle of NDC the principal point may be to confirm their range: halfway from 0,
the middle of those from -1 to 1, to 1/2, the middle of those from 0 to 1."""


class NdcRange(enum.Enum):
    """Normalized device coordinates (NDC) at the borders of the image."""

    ZERO_TO_ONE = (0.0, 1.0)
    """As OpenEXR defines them."""

    MINUS_ONE_TO_ONE = (-1.0, 1.0)
    """Also known as screen space."""


def camera_from_exr_matrices(
    world_to_camera: ArrayLike,
    world_to_ndc: ArrayLike,
    width: int,
    height: int,
    ndc_range: NdcRange | None = None,
) -> Camera:
    """Make the perspective or orthographic camera that two matrices of an OpenEXR file describe.

    The pixel aspect is not needed, as NDC span the image in both directions. Matrices of float32
    leave an error of 0.0005 pixels at 4K, orthographic ones 0.001 (measured).

    Parameters
    ----------
    world_to_camera, world_to_ndc : array_like, shape (4, 4)
        The attributes ``worldToCamera`` and ``worldToNDC``, for row vectors.
    width, height : int
        Size of the display window in pixels.
    ndc_range : NdcRange, optional
        NDC at the borders of the image. By default ZERO_TO_ONE where NDC grow downward and
        MINUS_ONE_TO_ONE where they grow upward, if the principal point confirms it.

    Returns
    -------
    Camera
        Its lens is a :class:`Perspective` or an :class:`Orthographic`.

    Raises
    ------
    CameraError
        A matrix has another form, the two contradict each other, or the range of NDC is not clear.
    """
    width, height = checked_size(width, height)
    to_camera = _checked(world_to_camera, "worldToCamera")
    to_world = _inverse_of_rigid(to_camera)
    projection = _projection(to_world @ _checked(world_to_ndc, "worldToNDC"), to_camera)

    x_axis, y_axis, z_axis, position = to_world[:, :3]
    right = np.sign(projection.scale[0]) * x_axis
    backward = -projection.forward * z_axis
    up_sign = np.sign(np.cross(backward, right) @ y_axis)
    is_upward = bool(projection.scale[1] * up_sign > 0.0)
    low, high = (ndc_range or _range(projection, is_upward)).value

    size = np.array([width, height])
    focal = np.abs(projection.scale) / (high - low) * size
    center = (projection.offset - low) / (high - low) * size
    if is_upward:
        center[1] = height - center[1]
    matrix = np.eye(4)
    matrix[:3] = np.stack([right, up_sign * y_axis, backward, position], axis=-1)
    intrinsics = Intrinsics(focal[0], focal[1], center[0], center[1], width, height)
    lens = Perspective(intrinsics) if projection.is_perspective else Orthographic(intrinsics)
    return Camera(lens, matrix)


@dataclass(frozen=True)
class _Projection:
    """Camera space to NDC: scale * (x, y) / distance + offset; if orthographic, undivided."""

    scale: Array
    offset: Array
    forward: float
    """1.0 if the camera looks along +Z of its space, -1.0 along -Z."""

    is_perspective: bool


def _projection(matrix: Array, to_camera: Array) -> _Projection:
    """Read the projection from the matrix that leads from camera space to NDC."""
    is_left_handed = bool(np.linalg.det(to_camera[:3, :3]) < 0.0)
    reach = max(1.0, float(np.linalg.norm(to_camera[3, :3])))
    per_z, constant = matrix[2, 3], matrix[3, 3]
    is_perspective = abs(per_z) * reach > abs(constant)
    divisor = per_z if is_perspective else constant
    scale = np.diag(matrix)[:2]
    if not (np.abs(scale).min() > 0.0 and abs(divisor) > 0.0):
        raise _not_a_projection()
    scale, columns = scale / divisor, matrix / np.array([*scale, 1.0, divisor])
    absent = [columns[1, 0], columns[0, 1], columns[0, 3], columns[1, 3]]
    if is_perspective:
        absent += [*(columns[3, [0, 1, 3]] / reach)]
    else:
        absent += [*columns[2, [0, 1, 3]]]
    if np.abs(absent).max() > _TOLERANCE:
        raise _not_a_projection()
    if not is_perspective:
        return _Projection(scale, matrix[3, :2] / divisor, 1.0 if is_left_handed else -1.0, False)
    offset, forward = matrix[2, :2] / divisor, float(np.sign(divisor))
    scale = scale * forward
    if is_left_handed and forward < 0.0:
        # As Houdini's Mantra writes them. The camera space is as OpenEXR defines it, so that Z is
        # positive in front; but the lens shift may have either sign.
        if np.abs(offset).max() > _TOLERANCE:
            raise CameraError(
                "worldToCamera is left-handed, which puts positive Z in front of the camera, but "
                "worldToNDC divides by -Z, and its lens shift is not zero, so that its direction "
                "is not clear: give the camera by its intrinsics."
            )
        forward = 1.0
    return _Projection(scale, offset, forward, True)


def _range(projection: _Projection, is_upward: bool) -> NdcRange:
    """Find the range of NDC by their direction, and let the principal point confirm it."""
    if not is_upward and (np.abs(projection.offset - 0.5) < _QUARTER).all():
        return NdcRange.ZERO_TO_ONE
    if is_upward and (np.abs(projection.offset) < _QUARTER).all():
        return NdcRange.MINUS_ONE_TO_ONE
    x, y = projection.offset.round(2) + 0.0
    raise CameraError(
        f"The NDC of worldToNDC grow {'up' if is_upward else 'down'}ward and have the principal "
        f"point at ({x:.2f}, {y:.2f}), expected downward and near 0.5 (NDC from 0 to 1) or upward "
        "and near 0 (from -1 to 1): say which range it is, or give the camera by its intrinsics."
    )


def _inverse_of_rigid(matrix: Array) -> Array:
    """Camera to world, for row vectors."""
    axes = matrix[:3, :3]
    if np.abs(matrix[:, 3] - [0.0, 0.0, 0.0, 1.0]).max() > _TOLERANCE:
        raise CameraError(
            "worldToCamera has another last column than 0, 0, 0, 1: transpose it, as OpenEXR's "
            "matrices are for row vectors with the translation in the last row."
        )
    if np.abs(axes @ axes.T - np.eye(3)).max() > _TOLERANCE:
        lengths = ", ".join(f"{length:.6g}" for length in np.linalg.norm(axes, axis=0))
        raise CameraError(
            f"worldToCamera scales or shears its axes (their lengths are {lengths}), expected a "
            "rotation and a translation: remove the scale, which depth may have or not."
        )
    return np.linalg.inv(matrix)


def _not_a_projection() -> CameraError:
    return CameraError(
        "worldToNDC after the inverse of worldToCamera is no perspective or orthographic "
        "projection along Z (it has skew, another center than the camera, or no scale): take both "
        "matrices of the same view, or give the camera by its intrinsics."
    )


def _checked(values: ArrayLike, name: str) -> Array:
    try:
        matrix = np.array(values, np.float64)
    except (TypeError, ValueError):
        matrix = np.empty(0)
    if matrix.shape != (4, 4) or not np.isfinite(matrix).all():
        raise CameraError(
            f"{name} is not made of 4 rows of 4 finite numbers: take the attribute as it stands in "
            "the file, or give the camera by its intrinsics."
        )
    return matrix
