"""From objects in the scene back to arrays, for export."""

from __future__ import annotations

import bpy
import numpy as np
from mathutils import Color

from ...core.errors import ExportError
from ...core.export import Geometry
from ...core.exr.passes import COLOR_ATTRIBUTE

Data = bpy.types.Mesh | bpy.types.PointCloud

_FIELDS = {  # type of attribute: (foreach property, type of number, numbers a point)
    "BOOLEAN": ("value", bool, 1),
    "INT": ("value", np.int32, 1),
    "INT32_2D": ("value", np.int32, 2),
    "FLOAT": ("value", np.float32, 1),
    "FLOAT2": ("vector", np.float32, 2),
    "FLOAT_VECTOR": ("vector", np.float32, 3),
    "FLOAT_COLOR": ("color", np.float32, 4),
    "BYTE_COLOR": ("color", np.float32, 4),
}
_NORMAL = "Normal"
_SHADING = "custom_normal"
"""Blender's own, which says the same once more."""


def geometry_of(item: bpy.types.Object) -> Geometry:
    """Points, attributes and faces of an object in world space, without its modifiers.

    The color attribute called Color, or else the first, gives the colors, in linear Rec. 709, and
    the vector called Normal the normals; the active UV map does where all faces at a vertex agree
    on it. Attributes that are not of points, or of types that files have no place for, are left
    out.

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
        and attribute.data_type in _FIELDS
        and not attribute.name.startswith(".")
        and attribute.name != _SHADING
    }
    points = values.pop("position", None)
    if points is None or not len(points):
        raise ExportError(f"{item.name} has no points: undo what deleted them, or reconstruct.")
    colors = [name for name in values if "COLOR" in data.attributes[name].data_type]
    shown = COLOR_ATTRIBUTE if COLOR_ATTRIBUTE in colors else next(iter(colors), "")
    normal = values.get(_NORMAL)
    has_normals = normal is not None and normal.shape[1:] == (3,)
    return Geometry(
        points=points,
        colors=in_rec709(values.pop(shown)) if shown else None,
        normals=values.pop(_NORMAL) if has_normals else None,
        attributes=values,
        names={name: _names(data[name]) for name in values if hasattr(data.get(name), "to_dict")},
        **(_faces(data) if item.type == "MESH" and data.polygons else {}),
    ).transformed(item.matrix_world)


def _names(kept: object) -> dict[int, str]:
    """The table that a reconstruction keeps of a cryptomatte's ids."""
    return {int(number): name for number, name in kept.to_dict().items()}


def in_rec709(colors: np.ndarray) -> np.ndarray:
    """Colors of the space that Blender renders in, (N, 3) or (N, 4), in linear Rec. 709."""
    to_rec709 = np.array(
        [Color(axis).from_scene_linear_to_rec709_linear() for axis in np.eye(3)], np.float32
    )
    if np.allclose(to_rec709, np.eye(3), atol=1e-4):  # Blender 4 rounds to 1e-5
        return colors
    converted = colors.copy()
    converted[:, :3] = colors[:, :3] @ to_rec709
    return converted


def _values(attribute: bpy.types.Attribute) -> np.ndarray:
    field, number, width = _FIELDS[attribute.data_type]
    values = np.empty(len(attribute.data) * width, number)
    attribute.data.foreach_get(field, values)
    return values if width == 1 else values.reshape(-1, width)


def _faces(mesh: bpy.types.Mesh) -> dict[str, np.ndarray | None]:
    """Faces and what their corners say of the points; faces of over four corners as triangles."""
    corners = np.empty(len(mesh.loops), np.int32)
    # A hundred times as fast as by the loops.
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
    """What the active UV map says of each vertex; None if it says different things of one."""
    if not mesh.uv_layers.active:
        return None
    of_corners = np.empty(len(corners) * 2, np.float32)
    mesh.attributes[mesh.uv_layers.active.name].data.foreach_get("vector", of_corners)
    of_corners = of_corners.reshape(-1, 2)
    uv = np.zeros((len(mesh.vertices), 2), np.float32)
    uv[corners] = of_corners
    return uv if np.array_equal(uv[corners], of_corners) else None
