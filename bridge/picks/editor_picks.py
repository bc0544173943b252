"""Which picks an Image Editor shows, and where in its region."""

from __future__ import annotations

import bpy
import numpy as np

from ...core.support.aspect import same_aspect
from .editor_image import EditorMapping, ImageRegion, editor_source_key, loaded_editor_source
from .reprojection import PicksInImage, picks_in_image, shots_of_image
from .source import SourceKey


def mapping_and_picks(
    scene: bpy.types.Scene, space: bpy.types.SpaceImageEditor, region: bpy.types.Region
) -> tuple[EditorMapping, PicksInImage, ImageRegion] | None:
    """Where the editor shows which picks; None where it shows none of them."""
    key = editor_source_key(scene, space)
    if key is None:
        return None
    loaded = loaded_editor_source(scene, space)
    source, rectangle = loaded or (None, _rectangle(scene, key, tuple(space.image.size)))
    if rectangle is None:
        return None
    return EditorMapping(region, rectangle), picks_in_image(scene, key, source), rectangle


def pick_at(context: bpy.types.Context, place: tuple[int, int], reach: float) -> int | None:
    """The pick of the shown image that is nearest to a place of the region, within reach."""
    shown = mapping_and_picks(context.scene, context.space_data, context.region)
    if shown is None:
        return None
    mapping, found, _ = shown
    distances = np.linalg.norm(mapping.to_region(found.pixels) - np.array(place), axis=1)
    distances[~found.own] = np.inf
    if not len(distances) or distances.min() > reach:
        return None
    return int(found.indices[distances.argmin()])


def is_pick_visible(context: bpy.types.Context, index: int) -> bool:
    """Whether the editor draws this pick."""
    shown = mapping_and_picks(context.scene, context.space_data, context.region)
    return shown is not None and index in shown[1].indices


def _rectangle(
    scene: bpy.types.Scene, key: SourceKey, picture: tuple[int, int]
) -> ImageRegion | None:
    """The whole image, as long as its depth is not in memory; None for a picture of another."""
    own = shots_of_image(scene, key)
    shot = next((one for one in scene.depth_picks.shots if one.identifier in own), None)
    if shot is None or not same_aspect(picture, tuple(shot.size)):
        return None
    return ImageRegion(0.0, 0.0, *shot.size)
