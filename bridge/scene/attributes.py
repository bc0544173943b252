"""Store arrays as attributes of meshes and point clouds."""

from __future__ import annotations

import bpy
import numpy as np

from ...compat import NORMALS_ARE_AN_ATTRIBUTE
from ...core.exr.passes import PassKind
from ...core.pipeline.attributes import Attributes

ATTRIBUTE_TYPES = {  # (kind of number, numbers per point): (attribute type, foreach property)
    ("i", 1): ("INT", "value"),
    ("i", 2): ("INT32_2D", "value"),
    ("f", 1): ("FLOAT", "value"),
    ("f", 2): ("FLOAT2", "vector"),
    ("f", 3): ("FLOAT_VECTOR", "vector"),
    ("f", 4): ("FLOAT_COLOR", "color"),
}


def store_attributes(data: bpy.types.Mesh | bpy.types.PointCloud, attributes: Attributes) -> None:
    """Store all attributes; the points of `data` are in the same order.

    If an attribute holds ids, a custom property of the same name maps each id to its name. Normals
    also shade a mesh that has faces.
    """
    for attribute in attributes:
        set_attribute(data, attribute.name, attribute.values)
        is_normal = attribute.kind is PassKind.NORMAL
        if is_normal and isinstance(data, bpy.types.Mesh) and data.polygons:
            shade_by(data, attribute.values)
        if attribute.names:
            names = {str(number): name for number, name in attribute.names.items()}
            data[attribute.name] = names


def set_attribute(
    data: bpy.types.Mesh | bpy.types.PointCloud, name: str, values: np.ndarray
) -> None:
    """Store `values`, (N,) or (N, k) with one row per point, as a point attribute."""
    width = 1 if values.ndim == 1 else values.shape[1]
    kind, field = ATTRIBUTE_TYPES[values.dtype.kind, width]
    attribute = data.attributes.new(name, kind, "POINT")  # type: ignore[arg-type]  # stubs want literals
    attribute.data.foreach_set(field, values.reshape(-1))


def shade_by(mesh: bpy.types.Mesh, normals: np.ndarray) -> None:
    """Shade a mesh by a normal per vertex, (N, 3) float32; 0 stands for the mesh's normal."""
    missing = ~np.asarray(normals.any(axis=1))
    if missing.any():
        mesh_normals = np.empty(normals.shape, np.float32)
        mesh.vertex_normals.foreach_get("vector", mesh_normals.reshape(-1))
        normals = np.where(missing[:, None], mesh_normals, normals)
    if NORMALS_ARE_AN_ATTRIBUTE:
        set_attribute(mesh, "custom_normal", normals)
        mesh.update()
    else:
        mesh.normals_split_custom_set_from_vertices(normals)  # type: ignore[arg-type]  # arrays work
