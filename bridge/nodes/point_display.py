"""The node group that draws each vertex as a point as large as its pixel."""

from __future__ import annotations

import bpy

from ...compat import set_modifier_input
from ...core.pipeline.point_radius import PointRadius
from .node_groups import GroupDescription, Socket, ensure_group


def show_as_points(item: bpy.types.Object, radius: PointRadius) -> None:
    """Add a modifier that shows the vertices as points that just cover their pixels.

    The mesh stays as it is: without the modifier, its vertices are drawn black and without a
    material. Renders leave the points out, so the next render shows the same as the first one.
    """
    modifier = item.modifiers.new(POINT_DISPLAY.name, "NODES")
    modifier.show_render = False
    modifier.node_group = ensure_group(POINT_DISPLAY)
    set_modifier_input(modifier, "Radius per Depth", radius.per_depth)
    set_modifier_input(modifier, "Radius", radius.constant)
    if item.data.materials:
        set_modifier_input(modifier, "Material", item.data.materials[0])


def _build(group: bpy.types.NodeTree) -> None:
    """Convert vertices to points with radius = depth * radius per depth + radius."""
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


POINT_DISPLAY = GroupDescription(
    name="Depth Points",
    version=1,
    sockets=(
        Socket("Geometry", "NodeSocketGeometry", "OUTPUT"),
        Socket("Geometry", "NodeSocketGeometry"),
        Socket("Radius per Depth", "NodeSocketFloat"),
        Socket("Radius", "NodeSocketFloat"),
        Socket("Material", "NodeSocketMaterial"),
    ),
    build=_build,
)
