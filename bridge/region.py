"""The part of the image that is kept, and the box in the scene, as plain data."""

from __future__ import annotations

from dataclasses import dataclass, replace

import bpy
import numpy as np

from ..core.cryptomatte import cryptomatte_beside, strongest_ids
from ..core.depth import DepthImage, Window
from ..core.errors import DepthError, LayerError
from ..core.filters import where_equal, within_mask, within_window
from ..core.layers import ExrInfo, Layer
from .lens import border_window, image_window

_INDEX_PASSES = {
    "OBJECT_INDEX": ("IndexOB", "Object Index"),
    "MATERIAL_INDEX": ("IndexMA", "Material Index"),
}
_CRYPTOMATTES = {"OBJECT": "CryptoObject", "MATERIAL": "CryptoMaterial", "ASSET": "CryptoAsset"}
_LISTED = 20


@dataclass(frozen=True, eq=False)
class Region:
    """Pixels to keep; at most one of the following is given.

    Attributes
    ----------
    text : str
        What it is, as in ``the box``.
    box : Window, optional
    mask : ndarray, shape (H, W), float32, optional
        Rows from the top.
    layer : Layer, optional
        Indices, or ids with their coverage, of which `wanted` is kept.
    wanted : int
    """

    text: str
    box: Window | None = None
    mask: np.ndarray | None = None
    layer: Layer | None = None
    wanted: int = 0

    def keep(self, depth: DepthImage, pixels: np.ndarray | None) -> DepthImage:
        """Leave out all other pixels; `pixels` are those of the layer.

        Raises
        ------
        DepthError
            The region is not of the image's size, lies beside it, or no pixel with a depth is in
            it.
        """
        if self.box is not None:
            left = within_window(depth, self.box)
        elif self.mask is not None:
            left = within_mask(depth, self.mask)
        elif pixels is not None:
            values = strongest_ids(pixels) if pixels.ndim == 3 else pixels
            left = where_equal(depth, values, self.wanted)
        else:
            return depth
        if depth.valid.any() and not left.valid.any():
            raise DepthError(
                f"No pixel that has a depth lies in {self.text}{_present(depth, pixels)}; choose "
                "another region."
            )
        return left


def find_region(
    context: bpy.types.Context, options: bpy.types.bpy_struct, info: ExrInfo, depth: Layer
) -> Region:
    """Gather what the options say of the region.

    Raises
    ------
    DepthError
        The file has no such layer or name, the scene no render region, or the .blend no such image.
    """
    kind = options.region
    if kind == "BORDER":
        return Region("the render region", box=_border(context.scene.render, info))
    if kind == "BOX":
        return Region("the box", box=Window(*options.region_corner, *options.region_size))
    if kind == "MASK":
        name = options.region_image
        return Region(f"the white of the mask {name}", mask=_mask(name))
    if kind in _INDEX_PASSES:
        layer = _index_layer(info, depth, kind)
        title = kind.replace("_", " ").lower()
        return Region(
            f"{title} {options.region_index}", layer=layer, wanted=options.region_index
        )
    if kind in _CRYPTOMATTES:
        name = options.region_name
        crypto = cryptomatte_beside(info, depth, _CRYPTOMATTES[kind])
        # The strongest id and its coverage, as the passes that points carry take it.
        layer = replace(crypto.ranks[0], channels=crypto.ranks[0].channels[:2])
        return Region(f"the {kind.lower()} {name}", layer=layer, wanted=crypto.id_of(name))
    return Region("the image")


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
            f"The image {name} gives no pixels to use as a mask; save it as a file of one layer, "
            "and open that."
        )
    values = np.empty(count, np.float32)
    image.pixels.foreach_get(values)
    values = values.reshape(height, width, -1)[::-1]
    gray = values[..., : min(3, values.shape[2])].mean(axis=2)
    return gray * values[..., 3] if values.shape[2] == 4 else gray


def _index_layer(info: ExrInfo, depth: Layer, kind: str) -> Layer:
    titles = _INDEX_PASSES[kind]
    prefix = depth.name.rpartition(".")[0]
    for one in info.layers:
        own = one.name.rpartition(".")[0] == prefix and one.view == depth.view
        if own and one.title in titles and len(one.channels) == 1:
            return one
    listing = ", ".join(dict.fromkeys(one.label for one in info.layers))
    raise LayerError(
        f"{info.path} has no {titles[1]} pass beside {depth.label}; it holds {listing}. Enable that"
        " pass and render again."
    )


def _present(depth: DepthImage, pixels: np.ndarray | None) -> str:
    """The indices that there are, for a message."""
    if pixels is None or pixels.ndim != 2 or pixels.shape != depth.values.shape:
        return ""
    found = np.unique(pixels[depth.valid])
    more = f" and {len(found) - _LISTED} more" if len(found) > _LISTED else ""
    return f", only in {', '.join(f'{each:g}' for each in found[:_LISTED])}{more}"
