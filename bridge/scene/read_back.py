"""Read objects in the scene back as arrays, for export."""

from __future__ import annotations

from dataclasses import dataclass

import bpy
import numpy as np
from mathutils import Color

from ...core.errors import ExportError
from ...core.export.geometry import Geometry
from ...core.exr.passes import COLOR_ATTRIBUTE


@dataclass(frozen=True)
class _ValueType:
    """How ``foreach_get`` reads an attribute: property, numpy type, and numbers for each point."""

    property: str
    dtype: type
    width: int


_VALUE_TYPES = {
    "BOOLEAN": _ValueType("value", bool, 1),
    "INT": _ValueType("value", np.int32, 1),
    "INT32_2D": _ValueType("value", np.int32, 2),
    "FLOAT": _ValueType("value", np.float32, 1),
    "FLOAT2": _ValueType("vector", np.float32, 2),
    "FLOAT_VECTOR": _ValueType("vector", np.float32, 3),
    "FLOAT_COLOR": _ValueType("color", np.float32, 4),
    "BYTE_COLOR": _ValueType("color", np.float32, 4),
}
"""Types of attributes that files can store, by their names in Blender."""

_NORMAL = "Normal"
_SHADING_NORMAL = "custom_normal"
"""Blender's attribute for shading, which repeats the normals."""


def geometry_of(item: bpy.types.Object) -> Geometry:
    """Read points, attributes, and faces of an object in world space, without its modifiers.

    Colors are the color attribute called Color, or else the first one, in linear Rec. 709. Normals
    are the vector attribute called Normal. UV is the active UV map, if all faces at a vertex have
    the same UV there. Attributes of other domains than points, or of types that files cannot
    store, are left out.

    Raises
    ------
    ExportError
        The object has no points, or some are not finite.
    """
    data = item.data
    values = {
        attribute.name: _values(attribute)
        for attribute in data.attributes
        if attribute.domain == "POINT"
        and attribute.data_type in _VALUE_TYPES
        and not attribute.name.startswith(".")
        and attribute.name != _SHADING_NORMAL
    }
    points = values.pop("position", None)
    if points is None or not len(points):
        raise ExportError(f"{item.name} has no points: undo what deleted them, or reconstruct.")
    colors = [name for name in values if "COLOR" in data.attributes[name].data_type]
    color = COLOR_ATTRIBUTE if COLOR_ATTRIBUTE in colors else next(iter(colors), "")
    normal = values.get(_NORMAL)
    has_normals = normal is not None and normal.shape[1:] == (3,)
    return Geometry(
        points=points,
        colors=in_rec709(values.pop(color)) if color else None,
        normals=values.pop(_NORMAL) if has_normals else None,
        attributes=values,
        names={
            name: _id_names(data[name]) for name in values if hasattr(data.get(name), "to_dict")
        },
        **(_faces(data) if isinstance(data, bpy.types.Mesh) and data.polygons else {}),
    ).transformed(np.array(item.matrix_world))


def _id_names(custom_property: object) -> dict[int, str]:
    """Read the names of Cryptomatte ids from the custom property that stores them."""
    return {int(number): name for number, name in custom_property.to_dict().items()}


def in_rec709(colors: np.ndarray) -> np.ndarray:
    """Convert colors, shape (N, 3) or (N, 4), from the scene's linear space to linear Rec. 709."""
    to_rec709 = np.array(
        [Color(axis).from_scene_linear_to_rec709_linear() for axis in np.eye(3).tolist()],
        np.float32,
    )
    if np.allclose(to_rec709, np.eye(3), atol=1e-4):  # Blender 4 is exact only to 1e-5
        return colors
    converted = colors.copy()
    converted[:, :3] = colors[:, :3] @ to_rec709
    return converted


def _values(attribute: bpy.types.Attribute) -> np.ndarray:
    kind = _VALUE_TYPES[attribute.data_type]
    values: np.ndarray = np.empty(len(attribute.data) * kind.width, kind.dtype)
    attribute.data.foreach_get(kind.property, values)
    return values if kind.width == 1 else values.reshape(-1, kind.width)


def _faces(mesh: bpy.types.Mesh) -> dict[str, np.ndarray | None]:
    """Read faces and UV; if any face has more than four corners, all faces become triangles."""
    corners = np.empty(len(mesh.loops), np.int32)
    # This is a hundred times as fast as through mesh.loops.
    mesh.attributes[".corner_vert"].data.foreach_get("value", corners)
    starts = np.empty(len(mesh.polygons), np.int32)
    mesh.polygons.foreach_get("loop_start", starts)
    sizes = np.diff(starts, append=np.int32(len(corners)))
    if sizes.max() > 4:
        mesh.calc_loop_triangles()
        triangles = np.empty(len(mesh.loop_triangles) * 3, np.int32)
        mesh.loop_triangles.foreach_get("vertices", triangles)
        faces = {"triangles": triangles.reshape(-1, 3)}
    else:
        faces = {
            name: corners[starts[sizes == size, None] + np.arange(size, dtype=np.int32)]
            for name, size in (("triangles", 3), ("quads", 4))
        }
    return {**faces, "uv": _uv(mesh, corners)}


def _uv(mesh: bpy.types.Mesh, corners: np.ndarray) -> np.ndarray | None:
    """Read the active UV map at vertices; None if a vertex has more than one UV."""
    if not mesh.uv_layers.active:
        return None
    uv_at_corners: np.ndarray = np.empty(len(corners) * 2, np.float32)
    mesh.attributes[mesh.uv_layers.active.name].data.foreach_get("vector", uv_at_corners)
    uv_at_corners = uv_at_corners.reshape(-1, 2)
    uv = np.zeros((len(mesh.vertices), 2), np.float32)
    uv[corners] = uv_at_corners
    return uv if np.array_equal(uv[corners], uv_at_corners) else None
