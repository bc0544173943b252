"""Convert regions and bounds that refer to the scene to plain data."""

from __future__ import annotations

from dataclasses import replace

import bpy
import numpy as np

from ...core.errors import DepthError
from ...core.pipeline.options import Border, Bounds
from ..cameras.lens import image_size, render_border
from ..typed import size_in_pixels


def border_in_use(render: bpy.types.RenderSettings) -> Border:
    """The render region of the scene.

    Raises
    ------
    DepthError
        The scene has no render region.
    """
    if not render.use_border:
        raise DepthError(
            "The scene has no render region; draw one with Ctrl B in the camera's view, or choose "
            "another region."
        )
    cropped = image_size(render) if render.use_crop_to_border else None
    return replace(render_border(render), cropped_size=cropped)


def mask_of(name: str) -> np.ndarray:
    """Read how white an image is, times its alpha, shape (H, W), float32, rows from the top.

    Raises
    ------
    DepthError
        The .blend has no such image, or the image gives no pixels.
    """
    image: bpy.types.Image | None = bpy.data.images.get(name)
    if image is None:
        raise DepthError(
            f"This file has no image {name or 'for the mask'}; open it in an Image Editor, and "
            "choose it as the mask."
        )
    width, height = size_in_pixels(image)
    count = len(image.pixels)  # type: ignore[arg-type]  # arrays work
    if not count:
        raise DepthError(
            f"The image {name} gives no pixels to use as a mask: its file is missing, or holds "
            "several layers; save the mask as a file of one layer, and open that."
        )
    values: np.ndarray = np.empty(count, np.float32)
    image.pixels.foreach_get(values)
    values = values.reshape(height, width, -1)[::-1]
    gray = values[..., : min(3, values.shape[2])].mean(axis=2)
    return gray * values[..., 3] if values.shape[2] == 4 else gray


def bounds_of(context: bpy.types.Context, name: str) -> Bounds:
    """The bounding box of an object of the scene.

    Raises
    ------
    DepthError
        The scene has no such object.
    """
    item: bpy.types.Object | None = context.scene.objects.get(name)
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
    return Bounds(name, np.array(evaluated.matrix_world) @ unit)
