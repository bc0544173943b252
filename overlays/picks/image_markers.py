"""The markers of picks in an Image Editor's region."""

from __future__ import annotations

import bpy
import numpy as np

from ...bridge.picks.editor_picks import editor_picks
from ...bridge.picks.table import pick_table
from ..drawing import Markers


def markers(
    scene: bpy.types.Scene, space: bpy.types.SpaceImageEditor, region: bpy.types.Region
) -> Markers | None:
    """The markers of the picks that the editor draws; None if its image has no place for picks."""
    drawn = editor_picks(scene, space, region)
    if drawn is None:
        return None
    picks, table = drawn.picks, pick_table(scene)
    at = picks.indices
    active = np.flatnonzero(at == scene.depth_picks.active)
    return Markers(
        key=("image", picks.key, drawn.mapping.key),
        places=drawn.mapping.to_editor(picks.pixels),
        colors=table.colors[at],
        names=[table.names[index] for index in at.tolist()],
        edge=table.edge[at],
        dimmed=picks.occluded,
        active=int(active[0]) if len(active) else -1,
    )
