"""What depth alone gives away where there is no scene to compare it with."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..cameras.camera import Camera
from ..cameras.intrinsics import Orthographic
from ..depth.image import DepthImage, DepthKind
from ..depth.precision import spacing
from .fault import Fault
from .samples import choose_samples
from .wording import plain_length

Array = NDArray[Any]

_SAMPLES = 2000
_FEW = 16
"""Distinct values below which nothing is concluded from how they are spaced."""

_MOST = 0.95
"""Share of the values that has to be out of the ordinary."""

_UNITS = {
    1000.0: "millimeters in a scene of meters",
    100.0: "centimeters in a scene of meters",
    1 / 0.3048: "feet in a scene of meters",
    10.0: "millimeters in a scene of centimeters",
    0.3048: "meters in a scene of feet",
    0.1: "centimeters in a scene of millimeters",
    0.01: "meters in a scene of centimeters",
    0.001: "meters in a scene of millimeters",
}
"""Factors by which depth is too large, in the order in which they are tried."""

_TOO_LARGE, _TOO_SMALL = 20.0, 0.02
"""Depth in sizes of the scene beyond which it is not of that scene."""

_WINDOWS, _ACROSS = 14, 6
"""Windows along each side of the image, and samples along each side of a window."""

_WINDOW = 0.12
"""Side of a window as a part of the image's shorter side."""

_FLAT, _FLATTER, _VOTES = 1e-3, 0.2, 6
"""Distance from a plane as a part of the depth, ratio to that under the other kind, and how many
windows it takes."""


@dataclass(frozen=True)
class Hint:
    """Something that may be wrong, or is good to know, without any proof.

    Attributes
    ----------
    fault : Fault or None
        What it points to; None for the precision of the values.
    text, advice : str
        One sentence each.
    factor : float or None
        What to multiply the depth by, if it seems to be in another unit.
    """

    fault: Fault | None
    text: str
    advice: str
    factor: float | None = None


def hints_of(
    depth: DepthImage,
    camera: Camera | None = None,
    *,
    near: float | None = None,
    far: float | None = None,
    scene_size: float | None = None,
    length: Callable[[float], str] = plain_length,
) -> tuple[Hint, ...]:
    """What the values of a depth image alone say about it.

    Parameters
    ----------
    depth : DepthImage
    camera : Camera, optional
        The camera that it is believed to be of: shows whether flat things are flat.
    near, far : float, optional
        The camera's clip range in scene units.
    scene_size : float, optional
        The scene's diagonal in scene units.
    length : callable
        Formats a length in scene units.
    """
    values = choose_samples(depth, _SAMPLES).values
    if not len(values):
        return ()
    hints = [*_levels(depth, values, length)]
    if not hints or hints[0].fault is None:
        hints.extend(_unit(values, near, far, scene_size))
    if camera is not None and not isinstance(camera.lens, Orthographic):
        hints.extend(_kind(depth, camera))
    return tuple(hints)


def _levels(depth: DepthImage, values: Array, length: Callable[[float], str]) -> Iterator[Hint]:
    """Hints from the least and the greatest value, and from how values are spaced."""
    least, largest = float(depth.values.min()), float(depth.values.max())
    in_bytes = np.rint(values * 255.0)
    is_picture = values.max() <= 1.0 and np.abs(values * 255.0 - in_bytes).max() < 1e-3
    if is_picture and len(np.unique(in_bytes)) >= _FEW:
        yield Hint(
            Fault.NORMALIZED,
            "The values are 256 levels from 0 to 1, as a picture of the depth has.",
            "Use the Depth (Z) pass saved as OpenEXR with float values.",
        )
    elif abs(least) <= 1e-6 and abs(largest - 1.0) <= 1e-6:
        yield Hint(
            Fault.NORMALIZED,
            "The values run from 0 to exactly 1, as normalized depth does.",
            "Use the depth before it was normalized, or give its near and far distance.",
        )
    elif _is_half(depth, values):
        middle = float(np.median(values))
        step = float(spacing(np.array([middle]), "half")[0])
        yield Hint(
            None,
            f"The values have the precision of half floats: steps of {length(step)} at "
            f"{length(middle)}.",
            "Save the depth with full float precision for exact points.",
        )


def _is_half(depth: DepthImage, values: Array) -> bool:
    if depth.pixel_type != "float":
        return depth.pixel_type == "half"
    with np.errstate(over="ignore"):
        same = np.array_equal(values.astype(np.float16).astype(np.float64), values)
    return same and len(np.unique(values)) >= _FEW


def _unit(
    values: Array, near: float | None, far: float | None, scene_size: float | None
) -> Iterator[Hint]:
    """A hint from depth that is of another order than the clip range or the scene."""
    middle = float(np.median(values))
    low, high = near or 0.0, math.inf if far is None else far

    def inside(factor: float) -> bool:
        return float(np.mean((values / factor >= low) & (values / factor <= high))) >= _MOST

    is_outside = float(np.mean((values < low) | (values > high))) >= _MOST
    size = scene_size or middle
    is_odd = not _TOO_SMALL <= middle / size <= _TOO_LARGE
    if not (is_outside or is_odd):
        return
    fitting = [
        factor
        for factor in _UNITS
        if inside(factor) and _TOO_SMALL <= middle / factor / size <= _TOO_LARGE
    ]
    what = "the clip range of the camera" if is_outside else "the size of the scene"
    if not fitting:
        yield Hint(Fault.UNKNOWN, f"The depth does not fit {what}.", "Check that it is of it.")
        return
    factor = min(fitting, key=lambda each: abs(math.log(middle / each / size)))
    yield Hint(
        Fault.SCALED,
        f"The depth does not fit {what}, but would be about right {factor:.4g} times smaller: it "
        f"may be in {_UNITS[factor]}.",
        f"If it is, multiply the depth by {1.0 / factor:.4g}.",
        1.0 / factor,
    )


def _kind(depth: DepthImage, camera: Camera) -> Iterator[Hint]:
    """A hint from areas that are flat only if the depth is of the other kind."""
    is_planar = depth.kind is DepthKind.PLANAR
    other = DepthKind.RAY if is_planar else DepthKind.PLANAR
    pixels, distances = _windows(depth)
    if not len(pixels):
        return
    bent, bent_otherwise = (
        _bending(camera.lens.rays(pixels, kind).at(distances)) for kind in (depth.kind, other)
    )
    limit = _FLAT * np.median(distances, axis=1)
    with np.errstate(invalid="ignore"):
        against = np.count_nonzero((bent_otherwise < limit) & (bent_otherwise < _FLATTER * bent))
        in_favor = np.count_nonzero((bent < limit) & (bent < _FLATTER * bent_otherwise))
    if against < _VOTES or against < _VOTES * in_favor:
        return
    what = "along the ray" if is_planar else "along the camera's axis"
    yield Hint(
        Fault.RAY_NOT_PLANAR if is_planar else Fault.PLANAR_NOT_RAY,
        f"{against} areas of the image are curved, but would be flat if the depth were distance "
        f"{what}: it may be of that kind.",
        f"If these are flat things, read the depth as {other.value} depth.",
    )


def _windows(depth: DepthImage) -> tuple[Array, Array]:
    """Pixels, (M, K, 2), and their values, (M, K), of windows that are full of depth."""
    height, width = depth.values.shape
    side = _WINDOW * min(height, width)
    inner = np.linspace(0.0, side, _ACROSS)
    tops, lefts = (np.linspace(0.0, max(n - 1 - side, 0.0), _WINDOWS) for n in (height, width))
    rows = (tops[:, None, None, None] + inner[:, None]).astype(np.intp)
    columns = (lefts[:, None, None] + inner).astype(np.intp)
    rows, columns = np.broadcast_arrays(rows, columns)
    count = _WINDOWS * _WINDOWS
    rows, columns = rows.reshape(count, -1), columns.reshape(count, -1)
    full = depth.valid[rows, columns].all(axis=1)
    rows, columns = rows[full], columns[full]
    pixels = np.stack((columns + depth.window.x, rows + depth.window.y), axis=-1) + 0.5
    return pixels, depth.values[rows, columns].astype(np.float64)


def _bending(points: Array) -> Array:
    """Root mean square distance from the best plane, shape (M,), of points, (M, K, 3)."""
    known: Array = np.asarray(np.isfinite(points).all(axis=(1, 2)))
    offset = np.where(known[:, None, None], points, 0.0)
    offset = offset - offset.mean(axis=1, keepdims=True)
    smallest = np.linalg.svd(offset, compute_uv=False)[:, 2]
    return np.where(known, smallest / math.sqrt(points.shape[1]), np.nan)
