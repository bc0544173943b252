"""Filters that leave out the pixels outside an image region, an object, or a box."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import DepthError, SizeError
from ..geometry.backprojection import PointCloud
from ..support.parallel import run_on_all_cores
from .image import DepthImage, Window

Array = NDArray[Any]

BOX_TOLERANCE = 1e-4
"""Fraction of a box's side by which points may lie outside: those on its faces are rounded."""

_BLOCK_POINTS = 1 << 16


def within_window(depth: DepthImage, box: Window) -> DepthImage:
    """Leave out the pixels outside a rectangle of the image; the values are shared.

    Raises
    ------
    SizeError
        The rectangle is empty or contains no pixel of the depth image.
    """
    window = depth.window
    left, top = max(0, box.x - window.x), max(0, box.y - window.y)
    right = min(window.width, box.x - window.x + box.width)
    bottom = min(window.height, box.y - window.y + box.height)
    if right <= left or bottom <= top or box.width < 1 or box.height < 1:
        raise SizeError(
            f"The box of {box.width} x {box.height} pixels at ({box.x}, {box.y}) holds no pixel of "
            f"the depth, which has {window.width} x {window.height} at ({window.x}, {window.y}); "
            "move it onto the image."
        )
    valid = np.zeros_like(depth.valid)
    valid[top:bottom, left:right] = depth.valid[top:bottom, left:right]
    return replace(depth, valid=valid)


def within_mask(depth: DepthImage, mask: Array) -> DepthImage:
    """Leave out the pixels where a mask is less than one half; the values are shared.

    Parameters
    ----------
    depth : DepthImage
    mask : ndarray, shape (H, W), bool or float
        One value for each pixel of the whole image, rows from the top. Pixels outside the image
        (overscan) are left out.

    Raises
    ------
    SizeError
        The mask does not have the image's size.
    """
    if mask.shape != depth.size[::-1]:
        found = " x ".join(map(str, mask.shape[::-1]))
        raise SizeError(
            f"The mask has {found} pixels and the image {depth.size[0]} x {depth.size[1]}; resize "
            "the mask to the image."
        )
    inside = mask if mask.dtype == bool else mask >= 0.5
    image = Window(0, 0, *depth.size)
    if depth.window == image:
        return replace(depth, valid=depth.valid & inside)
    window = depth.window
    left, top = max(0, window.x), max(0, window.y)
    shared = inside[top : max(0, window.y + window.height), left : max(0, window.x + window.width)]
    valid = np.zeros_like(depth.valid)
    at = (
        slice(top - window.y, top - window.y + shared.shape[0]),
        slice(left - window.x, left - window.x + shared.shape[1]),
    )
    valid[at] = depth.valid[at] & shared
    return replace(depth, valid=valid)


def where_equal(depth: DepthImage, values: Array, wanted: int) -> DepthImage:
    """Leave out the pixels whose index or id is not the wanted one; the values are shared.

    Parameters
    ----------
    depth : DepthImage
    values : ndarray, shape (H, W)
        An Object Index or Material Index pass of the same pixels, or their ids of a Cryptomatte.
    wanted : int

    Raises
    ------
    SizeError
        `values` has another size than the depth.
    """
    if values.shape != depth.values.shape:
        raise SizeError(
            f"The depth has {depth.values.shape[1]} x {depth.values.shape[0]} pixels and the layer "
            f"to filter by {values.shape[1]} x {values.shape[0]}; save both with the same size."
        )
    return replace(depth, valid=depth.valid & (values == wanted))


def within_bounds(depth: DepthImage, cloud: PointCloud, box: ArrayLike) -> DepthImage:
    """Leave out the pixels whose points lie outside a box; the values are shared.

    Parameters
    ----------
    depth : DepthImage
    cloud : PointCloud
        The points of its pixels.
    box : array_like, shape (4, 4)
        Maps the cube from 0 to 1 on each axis to the box in world space, which may be rotated,
        scaled, and sheared.

    Raises
    ------
    DepthError
        The box has no volume.
    """
    matrix = np.asarray(box, np.float64)
    axes = matrix[:3, :3]
    sides = np.linalg.norm(axes, axis=0)
    if not sides.all() or abs(np.linalg.det(axes / sides)) < 1e-6:
        raise DepthError(
            f"The bounding box is flat: its sides are {', '.join(f'{side:.3g}' for side in sides)};"
            " choose an object that has a volume, such as a cube."
        )
    to_unit = np.linalg.inv(axes)
    inside = np.empty(len(cloud.points), bool)

    def fill(index: int) -> None:
        block = slice(index * _BLOCK_POINTS, (index + 1) * _BLOCK_POINTS)
        # Column by column: a product of matrices would start threads in each of these threads.
        x, y, z = cloud.points[block].T - matrix[:3, 3, None]
        within = np.ones(len(x), bool)
        for row in to_unit:
            coordinate = row[0] * x + row[1] * y + row[2] * z
            coordinate -= 0.5
            within &= np.abs(coordinate, out=coordinate) <= 0.5 + BOX_TOLERANCE
        inside[block] = within

    run_on_all_cores(fill, -(-len(inside) // _BLOCK_POINTS))
    valid = np.zeros_like(depth.valid)
    valid[cloud.selection.mask] = inside
    return replace(depth, valid=valid)
