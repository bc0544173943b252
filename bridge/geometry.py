"""From arrays to objects in the scene: mesh, attributes, material."""

from __future__ import annotations

import bpy
import numpy as np

from ..compat import new_node_tree

FEW_POINTS = 4096
"""Up to here `Mesh.from_pydata` costs less than 10 ms; above, arrays go the way it goes inside."""

ATTRIBUTE_TYPES = {  # (kind of number, numbers a point): (attribute type, foreach property)
    ("i", 2): ("INT32_2D", "value"),
    ("f", 1): ("FLOAT", "value"),
    ("f", 4): ("FLOAT_COLOR", "color"),
}

COLOR_ATTRIBUTE = "Color"
"""Not `color`: Cycles takes that for the color of a volume, and renders black."""

COLOR_MATERIAL = "Depth Color"
MADE_AS = "reconstruct_from_depth"
"""Custom property that marks the data of ours that objects share."""


def mesh_from_points(name: str, points: np.ndarray) -> bpy.types.Mesh:
    """A new mesh with one vertex a point, in their order; `points` is (N, 3) float32."""
    mesh = bpy.data.meshes.new(name)
    if len(points) <= FEW_POINTS:
        mesh.from_pydata(points.tolist(), [], [])
        return mesh
    mesh.vertices.add(len(points))
    mesh.attributes["position"].data.foreach_set("vector", points.reshape(-1))
    mesh.update()
    return mesh


def set_attribute(mesh: bpy.types.Mesh, name: str, values: np.ndarray) -> None:
    """Store `values`, (N,) or (N, k) with one row a vertex, as a point attribute."""
    width = 1 if values.ndim == 1 else values.shape[1]
    kind, field = ATTRIBUTE_TYPES[values.dtype.kind, width]
    attribute = mesh.attributes.new(name, kind, "POINT")
    attribute.data.foreach_set(field, values.reshape(-1))


def set_color(mesh: bpy.types.Mesh, colors: np.ndarray) -> None:
    """Store linear colors, (N, 3) or (N, 4), show them in Solid mode and add the material."""
    opaque = np.ones((len(colors), 4), np.float32)
    opaque[:, : colors.shape[1]] = colors
    set_attribute(mesh, COLOR_ATTRIBUTE, opaque)
    mesh.color_attributes.active_color = mesh.color_attributes[COLOR_ATTRIBUTE]
    mesh.color_attributes.render_color_index = mesh.color_attributes.active_color_index
    mesh.materials.append(own(bpy.data.materials, COLOR_MATERIAL) or _new_color_material())


def own(collection: bpy.types.bpy_prop_collection, name: str) -> bpy.types.ID | None:
    """What an earlier reconstruction made under this name, not what a user called the same."""
    return next((each for each in collection if each.get(MADE_AS) == name), None)


def _new_color_material() -> bpy.types.Material:
    """Make the material that shows the color attribute unlit; one for all reconstructions."""
    material = bpy.data.materials.new(COLOR_MATERIAL)
    material[MADE_AS] = COLOR_MATERIAL
    nodes, links = new_node_tree(material).nodes, material.node_tree.links
    nodes.clear()
    attribute = nodes.new("ShaderNodeAttribute")
    attribute.attribute_name = COLOR_ATTRIBUTE
    emission = nodes.new("ShaderNodeEmission")
    emission.location.x = 200
    output = nodes.new("ShaderNodeOutputMaterial")
    output.location.x = 400
    links.new(attribute.outputs["Color"], emission.inputs["Color"])
    links.new(emission.outputs["Emission"], output.inputs["Surface"])
    return material


def add_object(context: bpy.types.Context, mesh: bpy.types.Mesh) -> bpy.types.Object:
    """Link a new object with `mesh` to the active collection, selected, active, and in view.

    Where that collection is linked from a library, the scene's own takes it.
    """
    created = bpy.data.objects.new(mesh.name, mesh)
    collection = context.collection
    if not collection.is_editable:
        collection = context.scene.collection
    collection.objects.link(created)
    space = context.space_data
    if space is not None and space.type == "VIEW_3D" and space.local_view:
        created.local_view_set(space, True)
    for other in context.selected_objects:
        other.select_set(False)
    if created.name in context.view_layer.objects:  # its collection may be excluded
        created.select_set(True)
        context.view_layer.objects.active = created
    return created
