"""What an evaluated scene shows, in one pass over its objects and instances."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import bpy
import numpy as np
from numpy.typing import NDArray

from .boxes import Boxes
from .visibility import Visibility

Array = NDArray[Any]
Rows = tuple[tuple[float, ...], ...]


@dataclass
class Survey:
    """What renders show of a scene.

    A depsgraph's instances are valid only while they are iterated over, so this keeps numbers.

    Attributes
    ----------
    names : list of str
        For each mesh that rays are cast at, the object that a user knows.
    places : list of int
        Its place among the instances of the depsgraph.
    matrices : list
        Its matrix in the world.
    extents : list
        Least and greatest corner of its box in its own space.
    meshes : list of int
        What distinguishes its mesh, and with it the tree that Blender builds over the faces.
    differing : list of bool
        Whether renders show it in another way.
    faces : dict of int to int
        Number of faces of each mesh.
    unhit : list
        For what rays do not hit: matrix and extent.
    is_complete : bool
        Whether all were looked at.
    """

    names: list[str] = field(default_factory=list)
    places: list[int] = field(default_factory=list)
    matrices: list[Rows] = field(default_factory=list)
    extents: list[Rows] = field(default_factory=list)
    meshes: list[int] = field(default_factory=list)
    differing: list[bool] = field(default_factory=list)
    faces: dict[int, int] = field(default_factory=dict)
    unhit: list[tuple[Rows, Rows]] = field(default_factory=list)
    is_complete: bool = True


def survey_scene(
    depsgraph: bpy.types.Depsgraph, visibility: Visibility, most_objects: int | None = None
) -> Survey:
    """Look at all that an evaluated scene shows, or at the first `most_objects`."""
    found, extents, joined = Survey(), dict[int, Rows](), set[int]()
    known: dict[str, tuple[float | None, bool]] = {}
    for place, instance in enumerate(depsgraph.object_instances):
        if place == most_objects:
            found.is_complete = False
            break
        item = instance.object
        if item.type in ("EMPTY", "CAMERA", "LIGHT") or not visibility.renders(instance):
            continue
        original = item.original
        name = original.name_full
        if name not in known:
            known[name] = visibility.look(original)
        growth, differs = known[name]
        matrix = rows_of(instance.matrix_world)
        data = item.data
        key = data.as_pointer() if data is not None else 0
        margin = visibility.unhit_margin(item, growth)
        if margin is not None:
            found.unhit.append((matrix, _grown(extent_of(item), margin)))
        if not isinstance(data, bpy.types.Mesh):
            continue
        if key not in extents:
            extents[key], found.faces[key] = extent_of(item), len(data.polygons)
            if _has_joined(data):
                joined.add(key)
        if key in joined:
            found.unhit.append((matrix, extents[key]))
        elif found.faces[key]:
            owner = instance.parent if instance.is_instance and instance.parent else item
            found.names.append(owner.name)
            found.places.append(place)
            found.matrices.append(matrix)
            found.extents.append(extents[key])
            found.meshes.append(key)
            found.differing.append(differs)
    return found


def _has_joined(data: bpy.types.Mesh) -> bool:
    """Whether a reconstruction was joined to this mesh, which then is no truth."""
    return "pixel" in data.attributes and "depth" in data.attributes


def boxes_of(matrices: Array, extents: list[Rows]) -> Boxes:
    """Boxes in the world around boxes in the spaces of some matrices, shape (N, 3, 4)."""
    low, high = np.array(extents, np.float64).reshape(-1, 2, 3).transpose(1, 0, 2)
    turned, half = matrices[:, :, :3], (high - low) / 2.0
    center = np.einsum("nij,nj->ni", turned, (low + high) / 2.0) + matrices[:, :, 3]
    reach = np.einsum("nij,nj->ni", np.abs(turned), half)
    return Boxes(center - reach, center + reach)


def matrices_of(rows: list[Rows]) -> Array:
    """Matrices from their rows, shape (N, 3, 4), float64."""
    return np.array(rows, np.float64).reshape(-1, 3, 4)


def extent_of(item: bpy.types.Object) -> Rows:
    """Least and greatest corner of an object's box."""
    box = item.bound_box
    return tuple(box[0]), tuple(box[6])


def _grown(extent: Rows, margin: float) -> Rows:
    low, high = extent
    return tuple(each - margin for each in low), tuple(each + margin for each in high)


def rows_of(matrix: Any) -> Rows:
    """The first three rows of a matrix."""
    return matrix[0][:], matrix[1][:], matrix[2][:]
