"""Every branch on Blender's version, with the version it may go with."""

from __future__ import annotations

import bpy

# Goes with Blender 4.2: Cycles' commit 5b3fcb218 made the cube face's directions unit vectors.
CUBE_FACE_BENDS_STEREO = bpy.app.version < (4, 3)
"""Spherical stereo of a cube face converges and merges elsewhere in each pixel."""

# Goes with Blender 4.2: since 4.5 a path says whether "//" stands for the folder of the .blend.
BLEND_RELATIVE = {"PATH_SUPPORTS_BLEND_RELATIVE"} if bpy.app.version >= (4, 5) else set()

# Goes with Blender 4.5: since 5.0 the file format is chosen within a type of media.
MULTILAYER = (
    {"file_format": "OPEN_EXR_MULTILAYER"}
    if bpy.app.version < (5, 0)
    else {
        "media_type": "MULTI_LAYER_IMAGE",
        "file_format": "OPEN_EXR_MULTILAYER",
        "use_exr_interleave": True,
    }
)
"""Image settings of a multilayer EXR in one part."""


def new_node_tree(material: bpy.types.Material) -> bpy.types.NodeTree:
    """The nodes of a new material, which goes with Blender 4.5: then it is born with them.

    See https://developer.blender.org/docs/release_notes/5.0/python_api/
    """
    if bpy.app.version < (5, 0):
        material.use_nodes = True
    return material.node_tree


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
