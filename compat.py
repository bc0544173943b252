"""Every branch on Blender's version, with the version it may go with."""

from __future__ import annotations

import bpy

# Goes with Blender 4.2: Cycles' commit 5b3fcb218 made the cube face's directions unit vectors.
CUBE_FACE_BENDS_STEREO = bpy.app.version < (4, 3)
"""Spherical stereo of a cube face converges and merges elsewhere in each pixel."""


def set_modifier_input(modifier: bpy.types.NodesModifier, name: str, value: object) -> None:
    """Set an input of a Geometry Nodes modifier, by the name of its socket."""
    sockets = modifier.node_group.interface.items_tree
    identifier = next(
        each.identifier for each in sockets if each.name == name and each.in_out == "INPUT"
    )
    # The other way goes with Blender 5.1: custom properties no longer reach these inputs.
    if bpy.app.version >= (5, 2):
        getattr(modifier.properties.inputs, identifier).value = value
    else:
        modifier[identifier] = value
