"""How far off a located point may be; without numpy, for Blender loads this at its start."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from numpy.typing import NDArray

Sizes = TypeVar("Sizes", float, "NDArray[Any]")


def uncertainty(footprint: Sizes, precision: Sizes) -> Sizes:
    """How far off a point may be, given the size of its pixel and the precision of its depth.

    A point is good to half a pixel across the line of sight and to the precision of its depth along
    it. The two are at right angles, so the whole is the root of the sum of their squares
    (Pythagoras).

    Parameters
    ----------
    footprint : float or ndarray
        Longer side of the pixel at the point's depth, in scene units.
    precision : float or ndarray, of the same shape
        How far off the point may be along the line of sight, in scene units.

    Returns
    -------
    float or ndarray, of the same shape
        In scene units.
    """
    result: Sizes = ((footprint / 2.0) ** 2 + precision**2) ** 0.5
    return result
