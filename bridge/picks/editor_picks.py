"""Which picks an Image Editor draws, and where in its region."""

from __future__ import annotations

from dataclasses import dataclass

import bpy
import numpy as np

from ...core.support.aspect import same_aspect
from ..sources.depth_values import mirroring_of
from ..typed import image_editor, size_in_pixels
from .editor_image import (
    EditorMapping,
    ImageRegion,
    editor_source_key,
    image_source_key,
    loaded_editor_source,
)
from .reprojection import PicksInImage, picks_in_image, shots_of_image
from .source import SourceKey


@dataclass(frozen=True)
class EditorPicks:
    """The picks that an Image Editor draws.

    Attributes
    ----------
    picks : PicksInImage
    image_region : ImageRegion
        The part of the depth's image that the editor image covers.
    mapping : EditorMapping
        Between pixels of the depth's image and places in the editor region.
    """

    picks: PicksInImage
    image_region: ImageRegion
    mapping: EditorMapping


def editor_picks(
    scene: bpy.types.Scene, space: bpy.types.SpaceImageEditor, region: bpy.types.Region
) -> EditorPicks | None:
    """The picks that an Image Editor draws; None if its image has no place for picks."""
    key = editor_source_key(scene, space)
    if key is None:
        return None
    loaded = loaded_editor_source(scene, space)
    source, image_region = loaded or (None, _shot_region(scene, space, key))
    if image_region is None:
        return None
    picks = picks_in_image(scene, key, source)
    return EditorPicks(picks, image_region, EditorMapping(region, image_region))


def nearest_pick(
    mapping: EditorMapping, picks: PicksInImage, place: tuple[int, int], reach: float
) -> int | None:
    """Which of the picks made on the image is nearest to a place in the editor region.

    Returns
    -------
    int or None
        Row of `picks`; None if no pick lies within `reach` pixels of the screen.
    """
    distances = np.linalg.norm(mapping.to_editor(picks.pixels) - place, axis=1)
    distances[~picks.picked_here] = np.inf
    if not len(distances) or distances.min() > reach:
        return None
    return int(distances.argmin())


def pick_at(context: bpy.types.Context, place: tuple[int, int], reach: float) -> int | None:
    """Position in the list of the pick at a place in the editor region; None without one."""
    drawn = editor_picks(context.scene, image_editor(context), context.region)
    if drawn is None:
        return None
    row = nearest_pick(drawn.mapping, drawn.picks, place, reach)
    return None if row is None else int(drawn.picks.indices[row])


def is_pick_drawn(context: bpy.types.Context, index: int) -> bool:
    """Whether the editor draws the pick at a position in the list."""
    drawn = editor_picks(context.scene, image_editor(context), context.region)
    return drawn is not None and index in drawn.picks.indices


def _shot_region(
    scene: bpy.types.Scene, space: bpy.types.SpaceImageEditor, key: SourceKey
) -> ImageRegion | None:
    """The whole image of a shot, while its depth is not loaded; None if the aspect differs."""
    identifiers = shots_of_image(scene, key)
    shots = (each for each in scene.depth_picks.shots if each.identifier in identifiers)
    shot = next(shots, None)
    if shot is None or not same_aspect(size_in_pixels(space.image), tuple(shot.size)):
        return None
    whole = ImageRegion(0.0, 0.0, *shot.size)
    is_own = image_source_key(scene, space) is not None
    return whole.mirrored(mirroring_of(scene, key.filepath)) if is_own else whole
