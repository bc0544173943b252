"""The kind of depth under which the surfaces of an image are flat."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..cameras.camera import Camera
from ..depth.image import DepthImage, DepthKind

Array = NDArray[Any]

_PATCHES = 600
_SIDE = 5
"""Pixels that are examined along each side of a patch."""

_SPAN = 12
"""How many patches go along the shorter side of the image."""

_FLATTER = 0.2
"""Part of the other kind's bulge that a patch has at most if it is flat under one kind."""

_BULGE = 2e-3
"""What a patch that is curved has at least; see `_bulges`."""

_FLAT = 0.02
"""What a flat patch has at most: noise is not flat."""

_LEAST, _OPPOSED = 12, 0.1
"""Flat patches from which something follows, and the part of them that may say the contrary."""


def kind_with_flat_surfaces(depth: DepthImage, camera: Camera) -> DepthKind | None:
    """Return the kind of depth under which parts of the image are flat, None if that is not clear.

    Parameters
    ----------
    depth : DepthImage
    camera : Camera
        Its lens has the image's size.
    """
    rows, columns = _patches(depth)
    if not len(rows):
        return None
    pixels = np.stack((columns + depth.window.x, rows + depth.window.y), axis=-1) + 0.5
    values = depth.values[rows, columns].astype(np.float64)
    kinds = (depth.kind, *(kind for kind in DepthKind if kind is not depth.kind))
    bulges = [_bulges(camera, pixels, values, kind) for kind in kinds]
    for kind, mine, other in zip(kinds, bulges, reversed(bulges), strict=True):
        flat = np.count_nonzero(_is_flatter(mine, other))
        opposed = np.count_nonzero(_is_flatter(other, mine))
        if flat >= _LEAST and opposed <= _OPPOSED * flat:
            return kind
    return None


def _is_flatter(one: Array, other: Array) -> Array:
    """Which patches are flat by the first of two sets of bulges and curved by the other."""
    return (one < np.minimum(_FLAT, _FLATTER * other)) & (other > _BULGE)


def _patches(depth: DepthImage) -> tuple[Array, Array]:
    """Rows and columns of the pixels of patches without a hole, shape (P, side * side) each."""
    height, width = depth.values.shape
    step = min(height, width) // (_SPAN * (_SIDE - 1))
    reach = step * (_SIDE - 1)
    if step < 1:
        return np.zeros((0, _SIDE**2), np.intp), np.zeros((0, _SIDE**2), np.intp)
    rng = np.random.default_rng(0)
    tops = rng.integers(height - reach, size=_PATCHES)
    lefts = rng.integers(width - reach, size=_PATCHES)
    down, across = (each.ravel() for each in np.indices((_SIDE, _SIDE)) * step)
    rows, columns = tops[:, None] + down, lefts[:, None] + across
    whole = depth.valid[rows, columns].all(axis=1)
    return rows[whole], columns[whole]


def _bulges(camera: Camera, pixels: Array, values: Array, kind: DepthKind) -> Array:
    """Extent of each patch across its plane as a part of that along it, shape (P,)."""
    points = camera.lens.rays(pixels, kind).at(values)
    offsets = points - points.mean(axis=1, keepdims=True)
    bulges = np.full(len(points), np.nan)
    known = np.isfinite(offsets).all(axis=(1, 2))
    extents = np.linalg.svd(offsets[known], compute_uv=False)
    bulges[known] = extents[:, 2] / extents[:, 1]  # the first is large where rays graze a plane
    return bulges
