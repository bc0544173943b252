"""Objects made from picks: a mesh, a curve, empties, labels. Made again, they change in place."""

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

KIND_PROPERTY = "depth_picks"
"""Custom property of objects made from picks: which kind of object it is."""

PICK_PROPERTY = "depth_pick"
"""Custom property with the identifier of the pick that an object stands for."""

_SIZE = 0.02
"""Length of an empty's axes, and half the height of a label, relative to the pick's depth."""


def visible_picks(scene: bpy.types.Scene) -> list[Group]:
    """The picks that are not hidden."""
    return [pick for pick in scene.depth_picks.picks if not pick.hidden]


def picks_to_mesh(scene: bpy.types.Scene) -> bpy.types.Object:
    """A vertex for each pick, with its name, depth and uncertainty as attributes."""
    item = _ensure_object(scene, "MESH", lambda: bpy.data.meshes.new("Picks"))
    mesh: bpy.types.Mesh = item.data  # type: ignore[assignment]  # as made above
    picks = visible_picks(scene)
    mesh.clear_geometry()
    mesh.from_pydata(_local_points(item, picks), [], [])
    points = [pick.point for pick in picks]
    set_attribute(mesh, "depth", np.array([each.depth for each in points], np.float32))
    set_attribute(mesh, "uncertainty", np.array([each.uncertainty for each in points], np.float32))
    names = mesh.attributes.new("pick_name", "STRING", "POINT")
    for value, pick in zip(names.data, picks, strict=True):
        value.value = pick.name.encode()
    mesh.update()
    return item


def picks_to_curve(scene: bpy.types.Scene, cyclic: bool) -> bpy.types.Object:
    """A line through the picks in their order, closed to a polygon if `cyclic`."""
    item = _ensure_object(scene, "CURVE", lambda: bpy.data.curves.new("Picks Curve", "CURVE"))
    curve, picks = item.data, visible_picks(scene)
    curve.dimensions = "3D"
    curve.splines.clear()
    spline = curve.splines.new("POLY")
    spline.points.add(len(picks) - 1)
    spline.use_cyclic_u = cyclic
    for control_point, place in zip(spline.points, _local_points(item, picks), strict=True):
        control_point.co = (*place, 1.0)
    return item


def picks_to_empties(scene: bpy.types.Scene) -> list[bpy.types.Object]:
    """An empty for each pick, named like the pick, in a collection of their own."""

    def new(name: str) -> bpy.types.Object:
        return bpy.data.objects.new(name, None)

    made = _ensure_object_per_pick(scene, "EMPTIES", "Picks", new)
    _give_names([(item, pick.name) for item, pick in made])
    for item, pick in made:
        item.empty_display_type = "PLAIN_AXES"
        item.empty_display_size = _SIZE * pick.point.depth
        item.matrix_world = Matrix.Translation(pick.point.world)
    return [item for item, _ in made]


def picks_to_labels(scene: bpy.types.Scene) -> list[bpy.types.Object]:
    """A text beside each pick with its name, facing the pick's camera."""

    def new(name: str) -> bpy.types.Object:
        return bpy.data.objects.new(name, bpy.data.curves.new(name, "FONT"))

    owner = scene.depth_picks
    made = _ensure_object_per_pick(scene, "LABELS", "Pick Labels", new)
    _give_names([(item, f"Label {pick.name}") for item, pick in made])
    for item, pick in made:
        item.data.name, item.data.body = item.name, pick.name
        item.data.size = size = 2.0 * _SIZE * pick.point.depth
        item.data.offset_x = item.data.offset_y = 0.25 * size
        item.location = pick.point.world
        shot = owner.shot_of(pick)
        camera = scene.objects.get(shot.camera) if shot else None
        _face(item, camera or scene.camera)
    return [item for item, _ in made]


def _face(item: bpy.types.Object, camera: bpy.types.Object | None) -> None:
    """Make an object turn with a camera, so that a text lies parallel to the image plane."""
    constraint: bpy.types.Constraint | None = item.constraints.get("Face Camera")
    if constraint is None:
        constraint = item.constraints.new("COPY_ROTATION")
        constraint.name = "Face Camera"
    constraint.target = camera


def _ensure_object(
    scene: bpy.types.Scene, kind: str, new_data: Callable[[], bpy.types.ID]
) -> bpy.types.Object:
    """The scene's object of this kind that was made from picks, or a new one."""
    item = next((each for each in scene.objects if each.get(KIND_PROPERTY) == kind), None)
    if item is None:
        data = new_data()
        item = bpy.data.objects.new(data.name, data)
        item[KIND_PROPERTY] = kind
        scene.collection.objects.link(item)
    return item


def _local_points(item: bpy.types.Object, picks: Iterable[Group]) -> list[tuple[float, ...]]:
    """The picks' points in an object's local space, wherever the user has moved the object."""
    world = np.array([pick.point.world for pick in picks], np.float64).reshape(-1, 3)
    inverse = np.array(item.matrix_world.inverted_safe(), np.float64)
    return [tuple(point) for point in (world @ inverse[:3, :3].T + inverse[:3, 3]).tolist()]


def _ensure_object_per_pick(
    scene: bpy.types.Scene, kind: str, title: str, new: Callable[[str], bpy.types.Object]
) -> list[tuple[bpy.types.Object, Group]]:
    """Each visible pick with its object; new objects go into the collection `title`.

    Objects whose pick was removed or is hidden are removed.
    """
    collection = _ensure_collection(scene, kind, title)
    present: dict[int, bpy.types.Object] = {}
    for item in scene.objects:  # the user may have moved it to another collection
        if item.get(KIND_PROPERTY) == kind:
            present.setdefault(item[PICK_PROPERTY], item)  # any other is the user's copy
    made = []
    for pick in visible_picks(scene):
        item = present.pop(pick.identifier, None)
        if item is None:
            item = new(pick.name)
            item[KIND_PROPERTY], item[PICK_PROPERTY] = kind, pick.identifier
            collection.objects.link(item)
        made.append((item, pick))
    _remove(present.values())
    return made


def _give_names(named: list[tuple[bpy.types.Object, str]]) -> None:
    """Name objects; some may have to exchange their names, so first all get another one."""
    for item, name in named:
        if item.name != name:
            item.name = f"{KIND_PROPERTY} {item[PICK_PROPERTY]}"
    for item, name in named:
        item.name = name


def _remove(items: Iterable[bpy.types.Object]) -> None:
    """Remove objects, and their data where nothing else uses it."""
    for item in items:
        data = item.data
        bpy.data.objects.remove(item)
        if data is not None and not data.users:
            bpy.data.curves.remove(data)  # type: ignore[arg-type]  # that of texts


def _ensure_collection(scene: bpy.types.Scene, kind: str, title: str) -> bpy.types.Collection:
    for collection in scene.collection.children_recursive:
        if collection.get(KIND_PROPERTY) == kind:
            return collection
    collection = bpy.data.collections.new(title)
    collection[KIND_PROPERTY] = kind
    scene.collection.children.link(collection)
    return collection
