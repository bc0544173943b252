"""What an Image Editor shows: whose depth belongs to it, and where its pixels are on the screen."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import bpy
import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...core.errors import DepthError, SizeError
from ...core.exr.reader import read_info
from ...core.support.aspect import same_aspect
from .cache import load_source, loaded_source
from .source import NO_FILE, PickSource, SourceKey, chosen_key

Array = NDArray[Any]

NO_IMAGE = (
    "This editor shows no image: choose Render Result, or open the render, in the menu of images "
    "in the header."
)


@dataclass(frozen=True)
class ImageRegion:
    """The part of the depth's image that a picture shows, in its pixels."""

    x: float
    y: float
    width: float
    height: float


def editor_source_key(
    scene: bpy.types.Scene, space: bpy.types.SpaceImageEditor
) -> SourceKey | None:
    """Whose depth belongs to the image of an editor; None where there is none.

    The Render Result and a file with depth are their own. Any other picture takes its depth from
    the source that the sidebar of the 3D viewport has.
    """
    if space.image is None:
        return None
    return image_source_key(scene, space) or chosen_key(scene)


def why_no_depth(space: bpy.types.SpaceImageEditor) -> str:
    """Why no depth belongs to the image of an editor."""
    return NO_IMAGE if space.image is None else NO_FILE


def image_source_key(scene: bpy.types.Scene, space: bpy.types.SpaceImageEditor) -> SourceKey | None:
    """The depth that the image of an editor holds itself; None where it holds none."""
    image = space.image
    if image is None:
        return None
    index = space.image_user.multilayer_view
    if image.type == "RENDER_RESULT":
        return SourceKey("", _render_view(scene.render, index))
    if not image.filepath.lower().endswith(".exr"):
        return None
    path = image.filepath
    if image.source == "SEQUENCE":
        path = image.filepath_from_user(image_user=space.image_user)
    views = _depth_views(bpy.path.abspath(path))
    if views is None:
        return None
    return SourceKey(path, views[index] if index < len(views) else "")


def _render_view(render: bpy.types.RenderSettings, index: int) -> str:
    views = [view.name for view in render.views if view.use] if render.use_multiview else []
    return views[index] if index < len(views) else ""


@lru_cache(maxsize=16)
def _depth_views(path: str) -> tuple[str, ...] | None:
    """Views of a file with depth; None if it has no depth, or cannot be read."""
    try:
        info = read_info(path)
    except DepthError:
        return ()  # said where somebody picks
    return info.views if info.depth_layers() else None


def load_editor_source(context: bpy.types.Context) -> tuple[PickSource, ImageRegion]:
    """The depth that belongs to the editor's image, and the part of it that the image shows.

    Raises
    ------
    DepthError
        There is no image, no depth, or the two do not fit together.
    """
    space = context.space_data
    _depth_views.cache_clear()  # the file may have changed; moving the mouse does not look
    key = editor_source_key(context.scene, space)
    if key is None:
        raise DepthError(why_no_depth(space))
    source = load_source(context, key)
    return source, rectangle(space.image, source)


def depth_title(scene: bpy.types.Scene, space: bpy.types.SpaceImageEditor) -> str:
    """Whose depth belongs to the image of an editor; empty where there is none."""
    key = editor_source_key(scene, space)
    if key is None:
        return ""
    source = loaded_source(scene, key)
    return source.title if source else key.title


def loaded_editor_source(
    scene: bpy.types.Scene, space: bpy.types.SpaceImageEditor
) -> tuple[PickSource, ImageRegion] | None:
    """As `load_editor_source`, but None instead of reading anything, or of an error."""
    key = editor_source_key(scene, space)
    source = loaded_source(scene, key) if key else None
    if source is None:
        return None
    try:
        return source, rectangle(space.image, source)
    except SizeError:
        return None


def rectangle(image: bpy.types.Image, source: PickSource) -> ImageRegion:
    """The part of the depth's image that a picture shows.

    Raises
    ------
    SizeError
        The picture has another aspect.
    """
    whole = ImageRegion(0.0, 0.0, *source.depth.size)
    size = tuple(image.size)
    if image.type == "RENDER_RESULT" or size in ((0, 0), source.depth.size):
        return whole
    window = source.depth.window
    if size == (window.width, window.height):  # Blender shows a file's data window alone
        return ImageRegion(window.x, window.y, window.width, window.height)
    width, height = source.depth.size
    if not same_aspect(size, source.depth.size):
        raise SizeError(
            f"{image.name} has {size[0]} x {size[1]} pixels and its depth {width} x {height}, "
            "which is another aspect: in the 3D viewport's sidebar, tab Depth, choose the file "
            "with the depth of this very picture."
        )
    return whole


class EditorMapping:
    """Between pixels of an editor's region and pixels of the depth's image, at any zoom and pan.

    Blender's own ``view_to_region`` rounds to whole pixels, so this inverts ``region_to_view``.
    """

    def __init__(self, region: bpy.types.Region, shown: ImageRegion) -> None:
        view = region.view2d
        left, bottom = view.region_to_view(0, 0)
        right, top = view.region_to_view(region.width, region.height)
        scale_x = (right - left) / region.width * shown.width
        scale_y = (bottom - top) / region.height * shown.height
        self._start = np.array([shown.x + left * shown.width,
                                shown.y + (1.0 - bottom) * shown.height])  # fmt: skip
        self._scale = np.array([scale_x, scale_y])

    @property
    def key(self) -> tuple[float, ...]:
        """Differs where the mapping does."""
        return *self._start.tolist(), *self._scale.tolist()

    def to_image(self, place: ArrayLike) -> Array:
        """Image coordinates, shape (..., 2), of places in the region."""
        result: Array = self._start + np.asarray(place, np.float64) * self._scale
        return result

    def to_region(self, pixels: ArrayLike) -> Array:
        """Places in the region, shape (..., 2), of image coordinates."""
        result: Array = (np.asarray(pixels, np.float64) - self._start) / self._scale
        return result
