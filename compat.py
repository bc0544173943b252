"""Every branch on Blender's version, with the version that it can be removed with."""

from __future__ import annotations

import os

import bpy

from .core.exr.pass_names import PASS_NAMES as NAMES_OF_BOTH_GENERATIONS

# Goes with Blender 4.2: Cycles' commit 5b3fcb218 made the cube face's directions unit vectors.
CUBE_FACE_BENDS_STEREO = bpy.app.version < (4, 3)
"""Whether the eyes of a cube face in spherical stereo converge and merge wrongly in each pixel."""

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
"""Names of passes in this Blender's files, by the flag of the view layer that enables each."""


# Goes with Blender 4.2: since 4.5 a mesh can be converted to a point cloud.
POINT_CLOUDS = bpy.app.version >= (4, 5)
"""Whether Python can make point clouds at all."""

# Goes with Blender 5.1: since 5.2 a point cloud can be given a size.
POINT_CLOUDS_RESIZE = bpy.app.version >= (5, 2)


# Goes with Blender 4.2: since 4.5 points have separate shaders.
POINT_SHADER = "POINT_FLAT_COLOR" if bpy.app.version >= (4, 5) else "FLAT_COLOR"


# Goes with Blender 4.2: since 4.5 an attribute can hold normals as they are. Before, they are
# encoded as angles from the faces' normals, which takes a second and is off by 0.01 of their
# length.
NORMALS_ARE_AN_ATTRIBUTE = bpy.app.version >= (4, 5)


def new_node_tree(material: bpy.types.Material) -> bpy.types.NodeTree:
    """Return the node tree of a new material.

    The branch goes with Blender 4.5: since 5.0 a new material has nodes.

    See https://developer.blender.org/docs/release_notes/5.0/python_api/
    """
    if bpy.app.version < (5, 0):
        material.use_nodes = True
    return material.node_tree


def compositor_tree(scene: bpy.types.Scene) -> bpy.types.NodeTree | None:
    """Return the nodes of a scene's compositor, if it has any in use.

    The branch goes with Blender 4.5: since 5.0 they are a node group of the file.

    See https://developer.blender.org/docs/release_notes/5.0/python_api/
    """
    if bpy.app.version < (5, 0):
        return scene.node_tree if scene.use_nodes else None
    return scene.compositing_node_group


def output_paths(node: bpy.types.Node) -> list[str]:
    """Return the paths of a File Output node, without frame, view, and extension.

    The branch goes with Blender 4.5: since 5.0 a node has a folder and a name.
    """
    if bpy.app.version < (5, 0):
        if node.format.file_format == "OPEN_EXR_MULTILAYER":
            return [node.base_path]
        return [os.path.join(node.base_path, slot.path) for slot in node.file_slots]
    names = [each.name for each in node.file_output_items]
    return [os.path.join(node.directory, f"{node.file_name}{name}") for name in names]


def working_space() -> str:
    """Return the color space that Blender renders in.

    The branch goes with Blender 4.5: since 5.0 the color space can be chosen.

    See https://developer.blender.org/docs/release_notes/5.0/color_management/
    """
    if bpy.app.version < (5, 0):
        return "Linear Rec.709"
    return bpy.data.colorspace.working_space


def set_modifier_input(modifier: bpy.types.Modifier, name: str, value: object) -> None:
    """Set an input of a Geometry Nodes modifier, by the name of its socket."""
    sockets = modifier.node_group.interface.items_tree
    identifier = next(
        each.identifier for each in sockets if each.name == name and each.in_out == "INPUT"
    )
    # The second branch goes with Blender 5.1: in 5.2, custom properties do not reach these inputs.
    if bpy.app.version >= (5, 2):
        getattr(modifier.properties.inputs, identifier).value = value
    else:
        modifier[identifier] = value
