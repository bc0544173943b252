"""The image that an Image Editor shows: its depth, and where its pixels are on the screen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import bpy
import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...core.depth.mirroring import Mirroring
from ...core.errors import DepthError, SizeError
from ...core.exr.reader import read_info
from ...core.support.aspect import same_aspect
from ..session import RecentValues, register_cache, size_of
from ..typed import image_editor, size_in_pixels
from .cache import load_source, loaded_source
from .source import NO_FILE, PickSource, SourceKey, chosen_key

Array = NDArray[Any]

NO_IMAGE = (
    "This editor shows no image: choose Render Result, or open the render, in the image menu in "
    "the header."
)

_depth_views: RecentValues[str, tuple[str, ...] | None] = RecentValues(16)
"""The views of files by their paths; None for a file without depth."""

register_cache(
    __name__,
    "_depth_views",
    title="Views of Images",
    limit="16 files, their names only",
    dropped="When a pick is added or moved, or another file is loaded.",
    held_bytes=lambda: size_of(_depth_views),
    free=_depth_views.clear,
)


@dataclass(frozen=True)
class ImageRegion:
    """The part of the depth's image that an editor image covers, in the depth's pixels.

    The width or the height is negative where the editor shows the part mirrored.
    """

    x: float
    y: float
    width: float
    height: float

    def mirrored(self, mirroring: Mirroring) -> ImageRegion:
        """The same part, shown mirrored."""
        return ImageRegion(
            self.x + self.width if mirroring.x else self.x,
            self.y + self.height if mirroring.y else self.y,
            -self.width if mirroring.x else self.width,
            -self.height if mirroring.y else self.height,
        )


def editor_source_key(
    scene: bpy.types.Scene, space: bpy.types.SpaceImageEditor
) -> SourceKey | None:
    """The depth that belongs to an editor image; None if there is none.

    The Render Result and files with depth have their own depth. Any other image uses the depth of
    the source that is chosen in the sidebar of the 3D viewport.
    """
    if space.image is None:
        return None
    return image_source_key(scene, space) or chosen_key(scene)


def missing_depth_reason(space: bpy.types.SpaceImageEditor) -> str:
    """A sentence that says why no depth belongs to an editor image."""
    return NO_IMAGE if space.image is None else NO_FILE


def image_source_key(scene: bpy.types.Scene, space: bpy.types.SpaceImageEditor) -> SourceKey | None:
    """The depth that an editor image has itself; None if it has none."""
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
    views = _views_with_depth(bpy.path.abspath(path))
    if views is None:
        return None
    return SourceKey(path, views[index] if index < len(views) else "")


def _render_view(render: bpy.types.RenderSettings, index: int) -> str:
    views = [view.name for view in render.views if view.use] if render.use_multiview else []
    return views[index] if index < len(views) else ""


def _views_with_depth(path: str) -> tuple[str, ...] | None:
    """The views of a file; None if it has no depth."""
    if path not in _depth_views:
        try:
            info = read_info(path)
            _depth_views[path] = info.views if info.depth_layers() else None
        except DepthError:
            _depth_views[path] = ()  # picking reports the error
    return _depth_views[path]


def load_editor_source(context: bpy.types.Context) -> tuple[PickSource, ImageRegion]:
    """The depth that belongs to an editor image, and the part of it that the image covers.

    Raises
    ------
    DepthError
        There is no image, no depth, or the two do not fit together.
    """
    space = image_editor(context)
    _depth_views.clear()  # the file may have changed; mouse moves do not check that
    key = editor_source_key(context.scene, space)
    if key is None:
        raise DepthError(missing_depth_reason(space))
    source = load_source(context, key)
    return source, covered_region(context.scene, space, source)


def depth_title(scene: bpy.types.Scene, space: bpy.types.SpaceImageEditor) -> str:
    """File or Render Result, layer, and view of an editor image's depth; empty without depth."""
    key = editor_source_key(scene, space)
    if key is None:
        return ""
    source = loaded_source(scene, key)
    return source.title if source else key.title


def loaded_editor_source(
    scene: bpy.types.Scene, space: bpy.types.SpaceImageEditor
) -> tuple[PickSource, ImageRegion] | None:
    """As `load_editor_source`, but None if that would have to read a file, or fails."""
    key = editor_source_key(scene, space)
    source = loaded_source(scene, key) if key else None
    if source is None:
        return None
    try:
        return source, covered_region(scene, space, source)
    except SizeError:
        return None


def covered_region(
    scene: bpy.types.Scene, space: bpy.types.SpaceImageEditor, source: PickSource
) -> ImageRegion:
    """The part of the depth's image that an editor image covers.

    An image that is mirrored when it is read is shown as it is stored, so its region is mirrored.

    Raises
    ------
    SizeError
        The image has another aspect.
    """
    region = _covered_region(space.image, source)
    is_own = image_source_key(scene, space) is not None
    return region.mirrored(source.mirroring) if is_own else region


def _covered_region(image: bpy.types.Image, source: PickSource) -> ImageRegion:
    whole = ImageRegion(0.0, 0.0, *source.depth.size)
    size = size_in_pixels(image)
    if image.type == "RENDER_RESULT" or size in ((0, 0), source.depth.size):
        return whole
    window = source.depth.window
    if size == (window.width, window.height):  # Blender shows a file's data window alone
        return ImageRegion(window.x, window.y, window.width, window.height)
    width, height = source.depth.size
    if not same_aspect(size, source.depth.size):
        raise SizeError(
            f"{image.name} has {size[0]} x {size[1]} pixels and its depth {width} x {height}, "
            "which is another aspect: in the sidebar of the 3D viewport, tab Depth, choose the "
            "file with the depth of this image."
        )
    return whole


class EditorMapping:
    """Between places in an editor region and pixels of the depth's image, at any zoom and pan.

    Blender's own ``view_to_region`` rounds to whole pixels, so this inverts ``region_to_view``.
    """

    def __init__(self, region: bpy.types.Region, covered: ImageRegion) -> None:
        view: Any = region.view2d  # the stubs do not know that region_to_view() gives two numbers
        left, bottom = view.region_to_view(0, 0)
        right, top = view.region_to_view(region.width, region.height)
        scale_x = (right - left) / region.width * covered.width
        scale_y = (bottom - top) / region.height * covered.height
        self._start = np.array([covered.x + left * covered.width,
                                covered.y + (1.0 - bottom) * covered.height])  # fmt: skip
        self._scale = np.array([scale_x, scale_y])

    @property
    def key(self) -> tuple[float, ...]:
        """Equal for equal mappings."""
        return *self._start.tolist(), *self._scale.tolist()

    def to_image(self, place: ArrayLike) -> Array:
        """Image coordinates, shape (..., 2), of places in the editor region."""
        result: Array = self._start + np.asarray(place, np.float64) * self._scale
        return result

    def to_editor(self, pixels: ArrayLike) -> Array:
        """Places in the editor region, shape (..., 2), of image coordinates."""
        result: Array = (np.asarray(pixels, np.float64) - self._start) / self._scale
        return result
