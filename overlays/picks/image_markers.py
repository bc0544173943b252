"""Where the picks are in an Image Editor's region."""

from __future__ import annotations

import bpy
import numpy as np

from ...bridge.picks.editor_picks import mapping_and_picks
from ...bridge.picks.table import pick_table
from ..drawing import Markers


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
