"""Every branch on Blender's version, with the version it may go with."""

from __future__ import annotations

import bpy

from .core.exr.pass_names import PASS_NAMES as NAMES_OF_BOTH_GENERATIONS

# Goes with Blender 4.2: Cycles' commit 5b3fcb218 made the cube face's directions unit vectors.
CUBE_FACE_BENDS_STEREO = bpy.app.version < (4, 3)
"""Spherical stereo of a cube face converges and merges elsewhere in each pixel."""

# Goes with Blender 4.2: since 4.5 Cycles has central cylindrical panoramas.
CENTRAL_CYLINDRICAL = bpy.app.version >= (4, 5)

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


# Goes with Blender 4.5: see https://developer.blender.org/docs/release_notes/5.0/compositor/
PASS_NAMES = {
    flag: names.since_5_0 if bpy.app.version >= (5, 0) else names.until_4_5
    for flag, names in NAMES_OF_BOTH_GENERATIONS.items()
}
"""What this Blender calls passes in files, by the flag of the view layer that enables each."""


# Goes with Blender 4.2: since 4.5 a mesh can be converted to a point cloud.
POINT_CLOUDS = bpy.app.version >= (4, 5)
"""Whether Python can make point clouds at all."""

# Goes with Blender 5.1: since 5.2 a point cloud can be given a size.
POINT_CLOUDS_RESIZE = bpy.app.version >= (5, 2)


# Goes with Blender 4.2: since 4.5 points have shaders of their own.
POINT_SHADER = "POINT_FLAT_COLOR" if bpy.app.version >= (4, 5) else "FLAT_COLOR"


# Goes with Blender 4.2: since 4.5 normals may be an attribute as they are; before, they are encoded
# by angles from those of the faces, which costs a second and 0.01 of their length.
NORMALS_ARE_AN_ATTRIBUTE = bpy.app.version >= (4, 5)


def new_node_tree(material: bpy.types.Material) -> bpy.types.NodeTree:
    """The nodes of a new material, which goes with Blender 4.5: then it is born with them.

    See https://developer.blender.org/docs/release_notes/5.0/python_api/
    """
    if bpy.app.version < (5, 0):
        material.use_nodes = True
    return material.node_tree


def working_space() -> str:
    """The color space that Blender renders in, which goes with Blender 4.5: there it is fixed.

    See https://developer.blender.org/docs/release_notes/5.0/color_management/
    """
    if bpy.app.version < (5, 0):
        return "Linear Rec.709"
    return bpy.data.colorspace.working_space


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
