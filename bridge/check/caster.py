"""Casts rays into the scene as it is evaluated, and says what they hit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import bpy
import numpy as np
from numpy.typing import NDArray

from .boxes import Boxes
from .survey import boxes_of, extent_of, matrices_of, rows_of, survey_scene
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
    most_objects : int, optional
        Objects and instances to look at; a scene with more is not `is_complete`.
    """

    def __init__(
        self,
        depsgraph: bpy.types.Depsgraph,
        most_faces: int | None = None,
        most_objects: int | None = None,
    ) -> None:
        self._depsgraph = depsgraph
        self._visibility = Visibility(depsgraph)
        self._survey = found = survey_scene(depsgraph, self._visibility, most_objects)
        self.is_complete, self.names = found.is_complete, tuple(found.names)
        self._matrices = matrices_of(found.matrices)
        self._boxes = boxes_of(self._matrices, found.extents)
        self._is_flat = np.abs(np.linalg.det(self._matrices[:, :, :3])) < 1e-30
        self._differing = np.array((*found.differing, False))
        self._too_large = _find_too_large(found.meshes, found.faces, most_faces)

    def __call__(self, origins: Array, directions: Array) -> Array:
        """The points that rays hit, shape (N, 3); NaN for none.

        Parameters
        ----------
        origins, directions : ndarray, shape (N, 3), float64
            World space, the directions of length 1.
        """
        return self.cast(origins, directions).points

    def unhit(self, view_layer: bpy.types.ViewLayer) -> Boxes:
        """Boxes around what renders show and rays do not hit: hidden objects, hair, volumes."""
        hidden = list(self._visibility.rendered_only(view_layer))
        worlds = [rows_of(each.matrix_world) for each in hidden]
        matrices = [*worlds, *(matrix for matrix, _ in self._survey.unhit)]
        extents = [*map(extent_of, hidden), *(extent for _, extent in self._survey.unhit)]
        return boxes_of(matrices_of(matrices), extents)

    def cast(self, origins: Array, directions: Array) -> Hits:
        """What rays hit; the parameters are those of a call."""
        rays = [each.astype(np.float64) for each in (origins, directions)]
        meetings = self._boxes.meetings(*rays)
        unanswered = np.zeros(len(origins), bool)
        unanswered[meetings.rays[self._too_large[meetings.boxes]]] = True
        usable = ~(self._too_large | self._is_flat)[meetings.boxes]
        order = np.flatnonzero(usable)
        order = order[np.argsort(meetings.boxes[order], kind="stable")]
        which, boxes = meetings.rays[order], meetings.boxes[order]
        nearest, objects = self._cast_at(boxes, which, meetings.entries[order], *rays)
        with np.errstate(invalid="ignore"):
            points = rays[0] + nearest[:, None] * rays[1]
        points[~np.isfinite(nearest)] = np.nan
        return Hits(points, objects, unanswered, self._differing[objects], self.names)

    def _cast_at(
        self, boxes: Array, which: Array, entries: Array, origins: Array, directions: Array
    ) -> tuple[Array, Array]:
        """Distance at which each ray hits something, inf for none, and what; shape (N,) each.

        Parameters
        ----------
        boxes, which, entries : ndarray, shape (M,)
            The meetings of rays and boxes, those of each box together.
        origins, directions : ndarray, shape (N, 3)
        """
        nearest, objects = [np.inf] * len(origins), np.full(len(origins), -1)
        if not len(boxes):
            return np.array(nearest), objects
        met, first = np.unique(boxes, return_index=True)
        local = np.linalg.inv(self._matrices[met, :, :3])
        each = np.repeat(np.arange(len(met)), np.diff(first, append=len(boxes)))
        offsets = origins[which] - self._matrices[boxes, :, 3]
        starts = np.einsum("nij,nj->ni", local[each], offsets)
        ways = np.einsum("nij,nj->ni", local[each], directions[which])
        scale = 1.0 / np.einsum("ni,ni->n", ways, ways)
        starts_of, ways_of, scales = starts.tolist(), ways.tolist(), scale.tolist()
        rays, enters = which.tolist(), entries.tolist()
        ends = [*first[1:].tolist(), len(boxes)]
        wanted = zip(met.tolist(), first.tolist(), ends, strict=True)
        box, begin, end = next(wanted, (-1, 0, 0))
        for place, instance in enumerate(self._depsgraph.object_instances):
            if box < 0:
                break
            if place != self._survey.places[box]:
                continue
            ray_cast = instance.object.ray_cast
            for index in range(begin, end):
                ray = rays[index]
                if enters[index] > nearest[ray]:
                    continue
                (x, y, z), (a, b, c) = starts_of[index], ways_of[index]
                hit, at, _, _ = ray_cast((x, y, z), (a, b, c))
                if hit:
                    u, v, w = at.x, at.y, at.z
                    distance = ((u - x) * a + (v - y) * b + (w - z) * c) * scales[index]
                    if distance < nearest[ray]:
                        nearest[ray], objects[ray] = distance, box
            box, begin, end = next(wanted, (-1, 0, 0))
        return np.array(nearest), objects


def _find_too_large(meshes: list[int], faces: dict[int, int], most: int | None) -> Array:
    """Which objects' meshes are beyond the limit, once the small ones are counted first."""
    if most is None or not meshes:
        return np.zeros(len(meshes), bool)
    keys = sorted(set(meshes), key=lambda key: faces[key])
    total = np.cumsum([faces[key] for key in keys])
    beyond = {key for key, count in zip(keys, total.tolist(), strict=True) if count > most}
    return np.array([key in beyond for key in meshes])
