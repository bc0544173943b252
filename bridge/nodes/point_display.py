"""How the points look: a Geometry Nodes modifier that draws each as large as its pixel."""

from __future__ import annotations

import bpy

from ...compat import set_modifier_input
from ..reconstruct.footprint import Footprint
from ..scene.mesh import MADE_AS, own

GROUP = "Depth Points"


def show_as_points(item: bpy.types.Object, footprint: Footprint) -> None:
    """Let a modifier show the vertices as points that just cover their pixels.

    The mesh stays as it is: its vertices alone are drawn black and without material. Renders do not
    have the points, so that the next one shows what the first did.
    """
    modifier = item.modifiers.new(GROUP, "NODES")
    modifier.show_render = False
    modifier.node_group = own(bpy.data.node_groups, GROUP) or _new_group()
    set_modifier_input(modifier, "Radius per Depth", footprint.per_depth)
    set_modifier_input(modifier, "Radius", footprint.constant)
    if item.data.materials:
        set_modifier_input(modifier, "Material", item.data.materials[0])


def _new_group() -> bpy.types.NodeTree:
    """Vertices to points: radius = depth * per depth + constant."""
    group = bpy.data.node_groups.new(GROUP, "GeometryNodeTree")
    group[MADE_AS] = GROUP
    group.is_modifier = True
    interface = group.interface
    interface.new_socket("Geometry", in_out="OUTPUT", socket_type="NodeSocketGeometry")
    for name, kind in (
        ("Geometry", "NodeSocketGeometry"),
        ("Radius per Depth", "NodeSocketFloat"),
        ("Radius", "NodeSocketFloat"),
        ("Material", "NodeSocketMaterial"),
    ):
        interface.new_socket(name, in_out="INPUT", socket_type=kind)
    names = (
        "NodeGroupInput",
        "GeometryNodeInputNamedAttribute",
        "ShaderNodeMath",
        "GeometryNodeMeshToPoints",
        "GeometryNodeSetMaterial",
        "NodeGroupOutput",
    )
    start, depth, radius, points, material, end = map(group.nodes.new, names)
    for index, node in enumerate((start, depth, radius, points, material, end)):
        node.location.x = 200 * index
    depth.inputs["Name"].default_value = "depth"
    radius.operation = "MULTIPLY_ADD"
    for source, target in (
        (depth.outputs["Attribute"], radius.inputs[0]),
        (start.outputs["Radius per Depth"], radius.inputs[1]),
        (start.outputs["Radius"], radius.inputs[2]),
        (start.outputs["Geometry"], points.inputs["Mesh"]),
        (radius.outputs["Value"], points.inputs["Radius"]),
        (points.outputs["Points"], material.inputs["Geometry"]),
        (start.outputs["Material"], material.inputs["Material"]),
        (material.outputs["Geometry"], end.inputs["Geometry"]),
    ):
        group.links.new(source, target)
    return group
