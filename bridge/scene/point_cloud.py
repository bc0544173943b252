"""Make point cloud objects, in versions of Blender that can."""

from __future__ import annotations

import bpy
import numpy as np

from ...compat import POINT_CLOUDS, POINT_CLOUDS_RESIZE
from ...core.errors import DepthError
from .mesh import add_object, mesh_from_points

NO_POINT_CLOUDS = (
    "This version of Blender cannot make point clouds: set Output to Points, which Show as Points "
    "draws the same way, or use Blender 4.5 or later."
)


def check_point_clouds() -> None:
    """Raise `DepthError` if this version of Blender cannot make point clouds."""
    if not POINT_CLOUDS:
        raise DepthError(NO_POINT_CLOUDS)


def cloud_from_points(name: str, points: np.ndarray) -> bpy.types.PointCloud | bpy.types.Mesh:
    """Make a point cloud, or a mesh that `add_cloud` converts to one; `points` is (N, 3) float32.

    Either can hold attributes, and its points are in the same order.
    """
    if not POINT_CLOUDS_RESIZE:
        return mesh_from_points(name, points)
    cloud = bpy.data.pointclouds.new(name)
    cloud.resize(len(points))
    cloud.attributes["position"].data.foreach_set("vector", points.reshape(-1))
    return cloud


def add_cloud(
    context: bpy.types.Context, data: bpy.types.PointCloud | bpy.types.Mesh
) -> bpy.types.Object:
    """Add a point cloud object as `add_object` does, from what `cloud_from_points` made."""
    created = add_object(context, data)
    if isinstance(data, bpy.types.Mesh):
        _convert(context, created)
        for name, value in data.items():
            created.data[name] = value.to_dict()
        bpy.data.meshes.remove(data)
        selected = created.data.attributes.get(".select_vert")
        if selected is not None:
            created.data.attributes.remove(selected)
    return created


def _convert(context: bpy.types.Context, item: bpy.types.Object) -> None:
    """Convert an object's mesh to a point cloud, in place.

    Blender converts only objects that are visible and can be selected. The object is therefore
    linked to the scene's root collection meanwhile, and the operator runs without an editor, which
    may be in local view.
    """
    root = context.scene.collection
    must_link = item.name not in root.objects
    if must_link:
        root.objects.link(item)
    with context.temp_override(area=None, region=None):
        item.select_set(True)
        context.view_layer.objects.active = item
        bpy.ops.object.convert(target="POINTCLOUD")
    if must_link:
        root.objects.unlink(item)
