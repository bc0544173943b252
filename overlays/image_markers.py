"""Where the picks are in an Image Editor's region."""

from __future__ import annotations

import bpy
import numpy as np

from ..bridge.pick_source import SourceKey
from ..bridge.pick_table import pick_table
from ..bridge.reprojection import InImage, own_shots, picks_in_image
from ..bridge.shown import Rectangle, RegionMap, same_aspect, shown_if_loaded, shown_key
from .drawing import Markers


def mapping_and_picks(
    scene: bpy.types.Scene, space: bpy.types.SpaceImageEditor, region: bpy.types.Region
) -> tuple[RegionMap, InImage, Rectangle] | None:
    """Where the editor shows which picks; None where it shows none of them."""
    key = shown_key(scene, space)
    if key is None:
        return None
    loaded = shown_if_loaded(scene, space)
    source, rectangle = loaded or (None, _rectangle(scene, key, tuple(space.image.size)))
    if rectangle is None:
        return None
    return RegionMap(region, rectangle), picks_in_image(scene, key, source), rectangle


def markers(
    scene: bpy.types.Scene, space: bpy.types.SpaceImageEditor, region: bpy.types.Region
) -> Markers | None:
    """The picks of the image that the editor shows; None where it shows none of them."""
    visible = mapping_and_picks(scene, space, region)
    if visible is None:
        return None
    mapping, found, _ = visible
    at, table = found.indices, pick_table(scene)
    active = np.flatnonzero(at == scene.depth_picks.active)
    return Markers(
        key=("image", found.key, mapping.key),
        places=mapping.to_region(found.pixels),
        colors=table.colors[at],
        names=[table.names[index] for index in at.tolist()],
        edge=table.edge[at],
        dimmed=found.occluded,
        active=int(active[0]) if len(active) else -1,
    )


def _rectangle(
    scene: bpy.types.Scene, key: SourceKey, picture: tuple[int, int]
) -> Rectangle | None:
    """The whole image, as long as its depth is not in memory; None for a picture of another."""
    own = own_shots(scene, key)
    shot = next((one for one in scene.depth_picks.shots if one.identifier in own), None)
    if shot is None or not same_aspect(picture, tuple(shot.size)):
        return None
    return Rectangle(0.0, 0.0, *shot.size)
