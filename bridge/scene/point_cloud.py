"""Point Cloud objects, in versions of Blender that can make them."""

from __future__ import annotations

import bpy
import numpy as np

from ...compat import POINT_CLOUDS, POINT_CLOUDS_RESIZE
from ...core.errors import DepthError
from .mesh import add_object, mesh_from_points

NOT_HERE = (
    "Blender gives scripts a way to make point clouds from version 4.5 on only: set Output to "
    "Points, which Show as Points draws alike, or use a later Blender."
)


def check_point_clouds() -> None:
    """Raise `DepthError` where Blender can make none."""
    if not POINT_CLOUDS:
        raise DepthError(NOT_HERE)


def cloud_from_points(name: str, points: np.ndarray) -> bpy.types.PointCloud | bpy.types.Mesh:
    """A new point cloud, or the mesh that `add_cloud` turns into one; `points` is (N, 3) float32.

    Either takes attributes; its points stay in their order.
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
    """Link a new object as `add_object` does, with what `cloud_from_points` made as its cloud."""
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
    """Turn the selected object's mesh into a cloud, in place.

    Blender does so to visible objects that can be selected only, so the scene's own collection has
    it meanwhile, and no editor, which may be in local view, is asked.
    """
    root = context.scene.collection
    lent = item.name not in root.objects
    if lent:
        root.objects.link(item)
    with context.temp_override(area=None, region=None):
        item.select_set(True)
        context.view_layer.objects.active = item
        bpy.ops.object.convert(target="POINTCLOUD")
    if lent:
        root.objects.unlink(item)
