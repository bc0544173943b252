"""From arrays to objects in the scene: mesh, attributes, material."""

from __future__ import annotations

import bpy
import numpy as np

from ...compat import NORMALS_ARE_AN_ATTRIBUTE, new_node_tree

FEW_POINTS = 4096
"""Up to here `Mesh.from_pydata` costs less than 10 ms; above, arrays go the way it goes inside."""

ATTRIBUTE_TYPES = {  # (kind of number, numbers a point): (attribute type, foreach property)
    ("i", 1): ("INT", "value"),
    ("i", 2): ("INT32_2D", "value"),
    ("f", 1): ("FLOAT", "value"),
    ("f", 2): ("FLOAT2", "vector"),
    ("f", 3): ("FLOAT_VECTOR", "vector"),
    ("f", 4): ("FLOAT_COLOR", "color"),
}

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


def set_attribute(
    data: bpy.types.Mesh | bpy.types.PointCloud, name: str, values: np.ndarray
) -> None:
    """Store `values`, (N,) or (N, k) with one row a point, as a point attribute."""
    width = 1 if values.ndim == 1 else values.shape[1]
    kind, field = ATTRIBUTE_TYPES[values.dtype.kind, width]
    attribute = data.attributes.new(name, kind, "POINT")
    attribute.data.foreach_set(field, values.reshape(-1))


def activate_color(mesh: bpy.types.Mesh, name: str) -> None:
    """Show a color attribute in Solid mode."""
    mesh.color_attributes.active_color = mesh.color_attributes[name]
    mesh.color_attributes.render_color_index = mesh.color_attributes.active_color_index


def show_color(data: bpy.types.Mesh | bpy.types.PointCloud, name: str) -> None:
    """Show a color attribute by a material."""
    called = f"Depth {name}"
    data.materials.append(own(bpy.data.materials, called) or _new_color_material(called, name))


def shade_by(mesh: bpy.types.Mesh, normals: np.ndarray) -> None:
    """Shade a mesh with faces by normals, (N, 3) float32, one a vertex; it keeps its own for 0."""
    missing = ~normals.any(axis=1)
    if missing.any():
        own_normals = np.empty(normals.shape, np.float32)
        mesh.vertex_normals.foreach_get("vector", own_normals.reshape(-1))
        normals = np.where(missing[:, None], own_normals, normals)
    if NORMALS_ARE_AN_ATTRIBUTE:
        set_attribute(mesh, "custom_normal", normals)
        mesh.update()
    else:
        mesh.normals_split_custom_set_from_vertices(normals)


def own(collection: bpy.types.bpy_prop_collection, name: str) -> bpy.types.ID | None:
    """What an earlier reconstruction made under this name, not what a user called the same.

    Nor what is linked, which may go with its library.
    """
    local = (each for each in collection if each.library is None)
    return next((each for each in local if each.get(MADE_AS) == name), None)


def _new_color_material(called: str, attribute_name: str) -> bpy.types.Material:
    """Make the material that shows an attribute unlit; one for all reconstructions."""
    material = bpy.data.materials.new(called)
    material[MADE_AS] = called
    nodes, links = new_node_tree(material).nodes, material.node_tree.links
    nodes.clear()
    attribute = nodes.new("ShaderNodeAttribute")
    attribute.attribute_name = attribute_name
    emission = nodes.new("ShaderNodeEmission")
    emission.location.x = 200
    output = nodes.new("ShaderNodeOutputMaterial")
    output.location.x = 400
    links.new(attribute.outputs["Color"], emission.inputs["Color"])
    links.new(emission.outputs["Emission"], output.inputs["Surface"])
    return material


def add_object(
    context: bpy.types.Context, data: bpy.types.Mesh | bpy.types.PointCloud
) -> bpy.types.Object:
    """Link a new object with `data` to the active collection, selected, active, and in view.

    Where that collection is linked from a library, the scene's own takes it.
    """
    created = bpy.data.objects.new(data.name, data)
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
