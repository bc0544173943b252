"""What picks become in the scene; made again, it changes in place."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

import bpy
import numpy as np
from mathutils import Matrix
from numpy.typing import NDArray

from .geometry import set_attribute

Group = bpy.types.PropertyGroup
Array = NDArray[Any]

TAG = "depth_picks"
"""Custom property that tells what was made of picks, and as what."""

NAME_TAG = "depth_pick"
"""Custom property with the name of the pick that an object stands for."""

_SIZE = 0.02
"""Height of a label, or length of an empty's axes, as a part of the pick's depth."""


def visible_picks(scene: bpy.types.Scene) -> list[Group]:
    """The picks that are not hidden."""
    return [pick for pick in scene.depth_picks.picks if not pick.hidden]


def picks_to_mesh(scene: bpy.types.Scene) -> bpy.types.Object:
    """A vertex for each pick, with its name, depth and uncertainty as attributes."""
    item = _object(scene, "MESH", lambda: bpy.data.meshes.new("Picks"))
    mesh, picks = item.data, visible_picks(scene)
    mesh.clear_geometry()
    mesh.from_pydata(_local(item, picks), [], [])
    numbers = [pick.numbers for pick in picks]
    set_attribute(mesh, "depth", np.array([one.depth for one in numbers], np.float32))
    set_attribute(mesh, "uncertainty", np.array([one.uncertainty for one in numbers], np.float32))
    names = mesh.attributes.new("pick_name", "STRING", "POINT")
    for value, pick in zip(names.data, picks, strict=True):
        value.value = pick.name.encode()
    mesh.update()
    return item


def picks_to_curve(scene: bpy.types.Scene, cyclic: bool) -> bpy.types.Object:
    """A line through the picks in their order; cyclic, it is a polygon."""
    item = _object(scene, "CURVE", lambda: bpy.data.curves.new("Picks Curve", "CURVE"))
    curve, picks = item.data, visible_picks(scene)
    curve.dimensions = "3D"
    curve.splines.clear()
    spline = curve.splines.new("POLY")
    spline.points.add(len(picks) - 1)
    spline.use_cyclic_u = cyclic
    for point, place in zip(spline.points, _local(item, picks), strict=True):
        point.co = (*place, 1.0)
    return item


def picks_to_empties(scene: bpy.types.Scene) -> list[bpy.types.Object]:
    """An empty named as each pick, in a collection of their own."""
    made = _one_each(scene, "EMPTIES", "Picks", lambda name: bpy.data.objects.new(name, None))
    for item, pick in made:
        item.name = pick.name
        item.empty_display_type = "PLAIN_AXES"
        item.empty_display_size = _SIZE * pick.numbers.depth
        item.matrix_world = Matrix.Translation(pick.numbers.world)
    return [item for item, _ in made]


def picks_to_labels(scene: bpy.types.Scene) -> list[bpy.types.Object]:
    """A text beside each pick that faces the pick's camera."""

    def new(name: str) -> bpy.types.Object:
        return bpy.data.objects.new(name, bpy.data.curves.new(name, "FONT"))

    owner = scene.depth_picks
    made = _one_each(scene, "LABELS", "Pick Labels", new)
    for item, pick in made:
        item.name = item.data.name = f"Label {pick.name}"
        item.data.body = pick.name
        item.data.size = size = 2.0 * _SIZE * pick.numbers.depth
        item.data.offset_x = item.data.offset_y = 0.25 * size
        item.location = pick.numbers.world
        shot = owner.shot_of(pick)
        camera = scene.objects.get(shot.camera) if shot else None
        _face(item, camera or scene.camera)
    return [item for item, _ in made]


def _face(item: bpy.types.Object, camera: bpy.types.Object | None) -> None:
    """Turn with a camera, whose image plane a text then lies in."""
    constraint = item.constraints.get("Face Camera")
    if constraint is None:
        constraint = item.constraints.new("COPY_ROTATION")
        constraint.name = "Face Camera"
    constraint.target = camera


def _object(
    scene: bpy.types.Scene, kind: str, new_data: Callable[[], bpy.types.ID]
) -> bpy.types.Object:
    """The scene's object of this kind that was made of picks, made if there is none."""
    item = next((one for one in scene.objects if one.get(TAG) == kind), None)
    if item is None:
        data = new_data()
        item = bpy.data.objects.new(data.name, data)
        item[TAG] = kind
        scene.collection.objects.link(item)
    return item


def _local(item: bpy.types.Object, picks: Iterable[Group]) -> list[tuple[float, ...]]:
    """The picks in an object's own space, wherever the user has put it since."""
    world = np.array([pick.numbers.world for pick in picks], np.float64).reshape(-1, 3)
    inverse = np.array(item.matrix_world.inverted_safe(), np.float64)
    return [tuple(point) for point in (world @ inverse[:3, :3].T + inverse[:3, 3]).tolist()]


def _one_each(
    scene: bpy.types.Scene, kind: str, title: str, new: Callable[[str], bpy.types.Object]
) -> list[tuple[bpy.types.Object, Group]]:
    """An object for each pick in a collection of this kind; those of picks that are gone go."""
    collection = _collection(scene, kind, title)
    present: dict[str, list[bpy.types.Object]] = defaultdict(list)
    for item in collection.objects:
        if item.get(TAG) == kind:
            present[item[NAME_TAG]].append(item)
    made = []
    for pick in visible_picks(scene):
        if present[pick.name]:
            item = present[pick.name].pop(0)
        else:
            item = new(pick.name)
            item[TAG], item[NAME_TAG] = kind, pick.name
            collection.objects.link(item)
        made.append((item, pick))
    for left in present.values():
        for item in left:
            bpy.data.objects.remove(item)
    return made


def _collection(scene: bpy.types.Scene, kind: str, title: str) -> bpy.types.Collection:
    for collection in scene.collection.children_recursive:
        if collection.get(TAG) == kind:
            return collection
    collection = bpy.data.collections.new(title)
    collection[TAG] = kind
    scene.collection.children.link(collection)
    return collection
