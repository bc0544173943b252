"""What picks become in the scene; made again, it changes in place."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import bpy
import numpy as np
from mathutils import Matrix
from numpy.typing import NDArray

from ..scene.attributes import set_attribute

Group = bpy.types.PropertyGroup
Array = NDArray[Any]

TAG = "depth_picks"
"""Custom property that tells what was made of picks, and as what."""

PICK_TAG = "depth_pick"
"""Custom property with the identifier of the pick that an object stands for."""

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
    _give_names([(item, pick.name) for item, pick in made])
    for item, pick in made:
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
    _give_names([(item, f"Label {pick.name}") for item, pick in made])
    for item, pick in made:
        item.data.name, item.data.body = item.name, pick.name
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
    """An object for each pick, new ones in a collection; those of picks that are gone go."""
    collection = _collection(scene, kind, title)
    present: dict[int, bpy.types.Object] = {}
    for item in scene.objects:  # wherever the user has put it since
        if item.get(TAG) == kind:
            present.setdefault(item[PICK_TAG], item)  # others are the user's copies of it
    made = []
    for pick in visible_picks(scene):
        item = present.pop(pick.identifier, None)
        if item is None:
            item = new(pick.name)
            item[TAG], item[PICK_TAG] = kind, pick.identifier
            collection.objects.link(item)
        made.append((item, pick))
    _remove(present.values())
    return made


def _give_names(named: list[tuple[bpy.types.Object, str]]) -> None:
    """Name objects, some of which may have to swap their names."""
    for item, name in named:
        if item.name != name:
            item.name = f"{TAG} {item[PICK_TAG]}"
    for item, name in named:
        item.name = name


def _remove(items: Iterable[bpy.types.Object]) -> None:
    """Remove objects, and the data that nothing else uses."""
    for item in items:
        data = item.data
        bpy.data.objects.remove(item)
        if data is not None and not data.users:
            bpy.data.curves.remove(data)


def _collection(scene: bpy.types.Scene, kind: str, title: str) -> bpy.types.Collection:
    for collection in scene.collection.children_recursive:
        if collection.get(TAG) == kind:
            return collection
    collection = bpy.data.collections.new(title)
    collection[TAG] = kind
    scene.collection.children.link(collection)
    return collection
