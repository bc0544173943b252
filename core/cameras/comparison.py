"""Whether two cameras have the same pose and the same lens, up to rounding."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..support.aspect import same_aspect
from .camera import Camera
from .serialization import camera_to_data

_TOLERANCE = 1e-6
"""Difference of two numbers, relative to the larger one or to 1, that counts as rounding."""


def same_pose(one: Camera, other: Camera) -> bool:
    """Whether two cameras stand at the same place and look in the same direction."""
    return np.allclose(one.matrix, other.matrix, rtol=_TOLERANCE, atol=_TOLERANCE)


def same_lens(one: Camera, other: Camera, may_be_cropped: bool = False) -> bool:
    """Whether the lenses of two cameras see the same, whatever their images' resolution.

    Lenses whose images differ in size are compared at the same size. If one image may be a crop of
    the other, nothing can be said, and the lenses count as the same.

    Parameters
    ----------
    one, other : Camera
    may_be_cropped : bool
        Whether images of another size may be crops rather than scaled.

    Raises
    ------
    CameraError
        A lens is of an unknown class.
    """
    size, other_size = (one.lens.width, one.lens.height), (other.lens.width, other.lens.height)
    lens, other_lens = camera_to_data(one)["lens"], camera_to_data(other)["lens"]
    if size == other_size:
        return _equal(lens, other_lens)
    may_be_cropped |= not same_aspect(size, other_size) or _same_focal_length(lens, other_lens)
    if may_be_cropped:
        return True
    rounding = 1.0 / min(*size, *other_size)
    return _equal(lens, camera_to_data(other.resized(*size))["lens"], rounding)


def _same_focal_length(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether two planar lenses have the same focal length in pixels, as crops of one image do."""
    one, other = one.get("intrinsics", {}), other.get("intrinsics", {})
    return bool(one) and bool(other) and all(_equal(one[key], other[key]) for key in ("fx", "fy"))


def _equal(one: Any, other: Any, tolerance: float = _TOLERANCE) -> bool:
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(
            _equal(one[key], other[key], tolerance) for key in one
        )
    if isinstance(one, float) and isinstance(other, float):
        return abs(one - other) <= tolerance * max(1.0, abs(one), abs(other))
    return bool(one == other)
