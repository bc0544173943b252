"""Make meshes from points, and add objects to the scene."""

from __future__ import annotations

import bpy
import numpy as np

FEW_POINTS = 4096
"""Up to this many points, `Mesh.from_pydata` takes less than 10 ms; more are set as an array."""


def mesh_from_points(name: str, points: np.ndarray) -> bpy.types.Mesh:
    """Make a mesh with one vertex per point, in the same order; `points` is (N, 3) float32."""
    mesh = bpy.data.meshes.new(name)
    if len(points) <= FEW_POINTS:
        mesh.from_pydata(points.tolist(), [], [])
        return mesh
    mesh.vertices.add(len(points))
    mesh.attributes["position"].data.foreach_set("vector", points.reshape(-1))
    mesh.update()
    return mesh


def add_object(
    context: bpy.types.Context, data: bpy.types.Mesh | bpy.types.PointCloud | bpy.types.Camera
) -> bpy.types.Object:
    """Add an object with `data` to the active collection, and select and activate it.

    If that collection is linked from a library, the object is added to the scene's root collection.
    It is visible in local view, too.
    """
    created = bpy.data.objects.new(data.name, data)
    collection = context.collection
    if not collection.is_editable:
        collection = context.scene.collection
    collection.objects.link(created)
    space = context.space_data
    if isinstance(space, bpy.types.SpaceView3D) and space.local_view:
        created.local_view_set(space, True)
    for other in context.selected_objects:
        other.select_set(False)
    if created.name in context.view_layer.objects:  # its collection may be excluded
        created.select_set(True)
        context.view_layer.objects.active = created
    return created
