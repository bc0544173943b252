"""The part of the image that is kept, and the box in the scene, as plain data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import bpy
import numpy as np

from ...core.depth.filters import where_equal, within_mask, within_window
from ...core.depth.image import DepthImage, Window
from ...core.errors import DepthError
from ...core.exr.cryptomatte import strongest_ids
from ...core.exr.layers import ExrInfo
from ..cameras.lens import border_window, image_window
from ..sources.source import Source

_LISTED = 20


@dataclass(frozen=True, eq=False)
class Limits:
    """What must be gathered from Blender to tell which pixels are kept.

    Attributes
    ----------
    region : str
        What the region is, as in ``the box``; what it is told by is one of the following.
    window : Window, optional
    mask : ndarray, shape (H, W), float32, optional
        Rows from the top.
    wanted : int, optional
        Index or id.
    box : ndarray, shape (4, 4), optional
        From the unit cube to the bounding object's box.
    """

    region: str = "the image"
    window: Window | None = None
    mask: np.ndarray | None = None
    wanted: int | None = None
    box: np.ndarray | None = None

    def keep(self, depth: DepthImage, pixels: np.ndarray | None) -> DepthImage:
        """Leave out the pixels outside the region; `pixels` are those of the layer that tells it.

        Raises
        ------
        DepthError
            The region is not of the image's size, lies beside it, or no pixel with a depth is in
            it.
        """
        left = depth
        if self.window is not None:
            left = within_window(depth, self.window)
        elif self.mask is not None:
            left = within_mask(depth, self.mask)
        elif self.wanted is not None:
            values = strongest_ids(pixels) if pixels.ndim == 3 else pixels
            left = where_equal(depth, values, self.wanted)
        if not left.valid.any():
            raise DepthError(
                f"No pixel that has a depth lies in {self.region}{_present(depth, pixels)}; choose "
                "another region."
            )
        return left


def find_limits(context: bpy.types.Context, options: Any, source: Source) -> Limits:
    """Gather what the options mean.

    Parameters
    ----------
    context : bpy.types.Context
    options
        What has the properties of `FilterOptions`.
    source : Source

    Raises
    ------
    DepthError
        The scene has no render region or no such object, the .blend no such image, or the file no
        such name.
    """
    box = box_of(context, options.bounds)
    kind, name, region = options.region, options.region_name, source.region
    if kind == "BORDER":
        window = _border(context.scene.render, source.info)
        return Limits("the render region", window=window, box=box)
    if kind == "BOX":
        window = Window(*options.region_corner, *options.region_size)
        return Limits("the box", window=window, box=box)
    if kind == "MASK":
        image = options.region_image
        return Limits(f"the white of the mask {image}", mask=_mask(image), box=box)
    if region is not None and region.crypto is not None:
        wanted = region.crypto.id_of(name)
        return Limits(f"the {kind.lower()} {name}", wanted=wanted, box=box)
    if region is not None:
        text = f"{kind.replace('_', ' ').lower()} {options.region_index}"
        return Limits(text, wanted=options.region_index, box=box)
    return Limits(box=box)


def box_of(context: bpy.types.Context, name: str) -> np.ndarray | None:
    """Matrix, shape (4, 4), from the unit cube to an object's bounding box; None without a name.

    Raises
    ------
    DepthError
        The .blend has no such object, or it has no size.
    """
    if not name:
        return None
    item = context.scene.objects.get(name)
    if item is None:
        raise DepthError(
            f"The scene has no object {name} to bound the points; choose one, or none."
        )
    evaluated = item.evaluated_get(context.evaluated_depsgraph_get())
    if item.type == "EMPTY":
        low, high = np.full(3, -item.empty_display_size), np.full(3, item.empty_display_size)
    else:
        corners = np.array(evaluated.bound_box)
        low, high = corners.min(axis=0), corners.max(axis=0)
    unit = np.diag([*(high - low), 1.0])
    unit[:3, 3] = low
    return np.array(evaluated.matrix_world) @ unit


def _border(render: bpy.types.RenderSettings, info: ExrInfo) -> Window:
    if not render.use_border:
        raise DepthError(
            "The scene has no render region; draw one with Ctrl B in the camera's view, or choose "
            "another region."
        )
    size = (info.display_window.width, info.display_window.height)
    if render.use_crop_to_border and size == image_window(render)[2:]:
        return Window(0, 0, *size)  # the image is that region
    return Window(*border_window(render, *size))


def _mask(name: str) -> np.ndarray:
    """How white an image is where it is opaque, shape (H, W), float32, rows from the top."""
    image = bpy.data.images.get(name)
    if image is None:
        raise DepthError(
            f"This file has no image {name or 'for the mask'}; open it in an Image Editor, and "
            "choose it as the mask."
        )
    width, height = image.size
    count = len(image.pixels)
    if not count:
        raise DepthError(
            f"The image {name} gives no pixels to use as a mask: its file is missing, or holds "
            "several layers; save the mask as a file of one layer, and open that."
        )
    values = np.empty(count, np.float32)
    image.pixels.foreach_get(values)
    values = values.reshape(height, width, -1)[::-1]
    gray = values[..., : min(3, values.shape[2])].mean(axis=2)
    return gray * values[..., 3] if values.shape[2] == 4 else gray


def _present(depth: DepthImage, pixels: np.ndarray | None) -> str:
    """The indices that there are, for a message."""
    if pixels is None or pixels.ndim != 2 or pixels.shape != depth.values.shape:
        return ""
    found = np.unique(pixels[depth.valid])
    more = f" and {len(found) - _LISTED} more" if len(found) > _LISTED else ""
    return f", only in {', '.join(f'{each:g}' for each in found[:_LISTED])}{more}"
