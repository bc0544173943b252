"""Casts rays into the scene as it is evaluated, and says what they hit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import bpy
import numpy as np
from mathutils import Vector
from numpy.typing import NDArray

from .boxes import Boxes
from .visibility import Visibility

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Hits:
    """What rays hit.

    Attributes
    ----------
    points : ndarray, shape (N, 3), float64
        World space; NaN where nothing was hit.
    objects : ndarray, shape (N,), int
        Place in `names`; -1 where nothing was hit.
    unanswered : ndarray, shape (N,), bool
        Rays that meet the box of a mesh with more faces than rays may be cast at.
    differs : ndarray, shape (N,), bool
        Rays that hit what renders show in another way.
    names : tuple of str
        Names of the objects that the scene shows.
    """

    points: Array
    objects: Array
    unanswered: Array
    differs: Array
    names: tuple[str, ...]

    @property
    def labels(self) -> Array:
        """Name of the object that each ray hit, shape (N,); empty for none."""
        return np.array((*self.names, ""), object)[self.objects]


class SceneCaster:
    """Casts rays into the meshes of a scene that renders show.

    Left out are objects that are hidden in renders, and what this product made.

    The instances of a depsgraph are valid only while they are iterated over, so each cast goes
    through all of them, in the same order, and casts at those whose boxes a ray meets.

    Parameters
    ----------
    depsgraph : bpy.types.Depsgraph
        Of the viewport, evaluated.
    most_faces : int, optional
        Faces of all meshes together that rays may be cast at, as Blender builds a tree over those
        of each mesh first, half a second for a million. Rays that meet the box of one beyond are
        left unanswered.
    """

    def __init__(self, depsgraph: bpy.types.Depsgraph, most_faces: int | None = None) -> None:
        self._depsgraph = depsgraph
        self.visibility = Visibility(depsgraph)
        self._most_faces = most_faces
        names, boxes, faces, differing = [], [], [], []
        for instance in self._instances():
            names.append(_name(instance))
            corners = np.array(instance.object.bound_box)
            matrix = np.array(instance.matrix_world)
            boxes.append(corners @ matrix[:3, :3].T + matrix[:3, 3])
            faces.append(len(instance.object.data.polygons))
            differing.append(self.visibility.differs(instance.object.original))
        self.names = tuple(names)
        self._boxes = Boxes(np.array(boxes).reshape(-1, 8, 3))
        self._differing = np.array((*differing, False))
        self._too_large = self._find_too_large(faces)

    def __call__(self, origins: Array, directions: Array) -> Array:
        """The points that rays hit, shape (N, 3); NaN for none.

        Parameters
        ----------
        origins, directions : ndarray, shape (N, 3), float64
            World space, the directions of length 1.
        """
        return self.cast(origins, directions).points

    def cast(self, origins: Array, directions: Array) -> Hits:
        """What rays hit; the parameters are those of a call."""
        count = len(origins)
        nearest, objects = np.full(count, np.inf), np.full(count, -1)
        rays = [each.astype(np.float64) for each in (origins, directions)]
        meets = self._boxes.meets(*rays)
        for index, instance in enumerate(self._instances()):
            met = np.flatnonzero(meets[:, index])
            if not len(met) or self._too_large[index]:
                continue
            distances = _cast_at(instance, rays[0][met], rays[1][met])
            closer = distances < nearest[met]
            nearest[met[closer]] = distances[closer]
            objects[met[closer]] = index
        with np.errstate(invalid="ignore"):
            points = rays[0] + nearest[:, None] * rays[1]
        points[~np.isfinite(nearest)] = np.nan
        unanswered = np.asarray(meets[:, self._too_large].any(axis=1))
        return Hits(points, objects, unanswered, self._differing[objects], self.names)

    def _instances(self) -> Iterator[bpy.types.DepsgraphObjectInstance]:
        for instance in self._depsgraph.object_instances:
            item = instance.object
            if item.type == "MESH" and item.data.polygons and self.visibility.renders(instance):
                yield instance

    def _find_too_large(self, faces: list[int]) -> Array:
        """Which meshes are beyond the limit, once the small ones are counted first."""
        counts = np.array(faces, np.int64)
        if self._most_faces is None:
            return np.zeros(len(counts), bool)
        order = np.argsort(counts, kind="stable")
        beyond = np.zeros(len(counts), bool)
        beyond[order] = np.cumsum(counts[order]) > self._most_faces
        return beyond


def _cast_at(
    instance: bpy.types.DepsgraphObjectInstance, origins: Array, directions: Array
) -> Array:
    """Distance at which each ray hits an instance, shape (N,); inf for none."""
    item, matrix = instance.object, np.array(instance.matrix_world)
    distances = np.full(len(origins), np.inf)
    if abs(np.linalg.det(matrix[:3, :3])) < 1e-30:  # flattened by its scale
        return distances
    inverse = np.linalg.inv(matrix)
    starts = origins @ inverse[:3, :3].T + inverse[:3, 3]
    ways = directions @ inverse[:3, :3].T
    for index, (start, way) in enumerate(zip(starts.tolist(), ways.tolist(), strict=True)):
        hit, place, _, _ = item.ray_cast(Vector(start), Vector(way))
        if hit:
            world = matrix[:3, :3] @ place + matrix[:3, 3]
            distances[index] = (world - origins[index]) @ directions[index]
    return distances


def _name(instance: bpy.types.DepsgraphObjectInstance) -> str:
    """The object that a user knows: of an instance the one that has it."""
    owner = instance.parent if instance.is_instance and instance.parent else instance.object
    return str(owner.name)
