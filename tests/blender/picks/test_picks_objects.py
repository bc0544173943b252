"""Objects made from picks, measures, and picks whose render changed."""

from __future__ import annotations

import math
from pathlib import Path

import bpy
import numpy as np
import pytest
from mathutils import Vector
from pick_scene import (
    assert_lies_where_the_ray_hits,
    picks,
    ray_cast,
    render_file,
)

PLACES = {"a": (10.5, 40.25), "b": (30.5, 42.0), "ü": (20.25, 44.5)}


@pytest.fixture
def truth(scene: bpy.types.Scene) -> np.ndarray:
    """Three picks on the floor, and where they must be."""
    bpy.ops.render.render()
    for name, (x, y) in PLACES.items():
        bpy.ops.depth.pick(x=x, y=y, name=name)
    return np.array([ray_cast(scene, *place) for place in PLACES.values()])


def test_a_mesh_with_names(truth: np.ndarray) -> None:
    bpy.ops.depth.picks_to_mesh()
    item = bpy.context.object
    names = item.data.attributes["pick_name"].data
    assert [name.value.decode() for name in names] == ["a", "b", "ü"]
    np.testing.assert_allclose([v.co for v in item.data.vertices], truth, atol=2e-4)
    depth = item.data.attributes["depth"].data
    assert [value.value for value in depth] == pytest.approx([pick.depth for pick in picks()])

    item.location, item.scale = (1, 2, 3), (2, 2, 2)
    bpy.context.view_layer.update()
    picks()[0].hidden = True
    bpy.ops.depth.picks_to_mesh()
    assert bpy.context.object == item
    assert item.data.attributes["pick_name"].data[0].value == b"b"
    world = [item.matrix_world @ vertex.co for vertex in item.data.vertices]
    np.testing.assert_allclose(world, truth[1:], atol=2e-4)


def test_empties_follow_the_picks(truth: np.ndarray) -> None:
    bpy.ops.depth.picks_to_empties()
    collection = bpy.data.collections["Picks"]
    assert [item.name for item in collection.objects] == ["a", "b", "ü"]
    np.testing.assert_allclose([item.location for item in collection.objects], truth, atol=2e-4)
    first = bpy.data.objects["b"]
    bpy.ops.depth.picks_remove()
    picks()[0].name = "new"
    bpy.ops.depth.picks_to_empties()
    assert sorted(item.name for item in collection.objects) == ["b", "new"]
    assert first == bpy.data.objects["b"]
    assert len(bpy.data.collections) == 1 + ("Collection" in bpy.data.collections)


@pytest.mark.parametrize("kind", ["empties", "labels"])
def test_each_object_stays_with_its_pick_whatever_it_is_called(
    truth: np.ndarray, kind: str
) -> None:
    make = getattr(bpy.ops.depth, f"picks_to_{kind}")
    collection = "Picks" if kind == "empties" else "Pick Labels"
    prefix = "" if kind == "empties" else "Label "

    def by_place() -> list[bpy.types.Object]:
        """The object at each of the places, in the order of `truth`."""
        found = list(bpy.data.collections[collection].objects)
        return [min(found, key=lambda item: np.linalg.norm(item.location - Vector(place)))
                for place in truth]  # fmt: skip

    make()
    first, second, third = by_place()
    copy = first.copy()
    bpy.data.collections[collection].objects.link(copy)
    copy.location.x += 50
    picks()[0].name, picks()[1].name = "b", "a"
    make()
    assert by_place() == [first, second, third]
    assert [item.name for item in by_place()] == [f"{prefix}{name}" for name in "baü"]
    picks()[0].name = picks()[1].name = "twin"
    bpy.context.scene.depth_picks.active = 0
    bpy.ops.depth.picks_remove()
    make()
    assert by_place()[1:] == [second, third]
    assert second.name == f"{prefix}twin"
    assert len(bpy.data.collections[collection].objects) == 3  # with the user's own copy


def test_removed_labels_leave_no_text_behind(truth: np.ndarray) -> None:
    assert len(truth) == 3
    bpy.ops.depth.picks_to_labels()
    bpy.ops.depth.picks_remove()
    picks()[0].hidden = True
    bpy.ops.depth.picks_to_labels()
    assert [curve.name for curve in bpy.data.curves] == ["Label b"]


def test_a_copied_scene_has_its_own_picks_and_objects(truth: np.ndarray) -> None:
    bpy.ops.depth.picks_to_empties()
    before = {item.as_pointer() for item in bpy.data.objects if item.type == "EMPTY"}
    bpy.ops.scene.new(type="FULL_COPY")
    copied = [item for item in bpy.context.scene.objects if item.type == "EMPTY"]
    picks()[0].name = "other"
    bpy.ops.depth.picks_to_empties()
    assert [item for item in bpy.context.scene.objects if item.type == "EMPTY"] == copied
    assert not before & {item.as_pointer() for item in copied}
    assert len(copied) == len(truth)
    assert "other" in [item.name for item in copied]


def test_a_linked_scene_is_left_alone(truth: np.ndarray, tmp_path: Path) -> None:
    assert len(truth) == 3
    blend = str(tmp_path / "library.blend")
    bpy.ops.wm.save_as_mainfile(filepath=blend)
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    with bpy.data.libraries.load(blend, link=True) as (_, wanted):
        wanted.scenes = ["Scene"]
    with (
        bpy.context.temp_override(scene=wanted.scenes[0]),
        pytest.raises(RuntimeError, match="The scene is linked from another file; open that file"),
    ):
        bpy.ops.depth.picks_to_empties()


def test_a_curve_in_order(truth: np.ndarray) -> None:
    bpy.ops.depth.picks_to_curve(cyclic=True)
    item = bpy.context.object
    points = [point.co[:3] for point in item.data.splines[0].points]
    np.testing.assert_allclose(points, truth, atol=2e-4)
    assert item.data.splines[0].use_cyclic_u
    bpy.ops.depth.picks_move(direction="TOP")
    bpy.ops.depth.picks_to_curve()
    points = [point.co[:3] for point in item.data.splines[0].points]
    np.testing.assert_allclose(points, truth[[2, 0, 1]], atol=2e-4)
    assert len(item.data.splines) == 1


def test_labels_face_the_camera(scene: bpy.types.Scene, truth: np.ndarray) -> None:
    for _ in range(2):
        bpy.ops.depth.picks_to_labels()
    labels = [item for item in scene.objects if item.type == "FONT"]
    assert sorted(item.data.body for item in labels) == ["a", "b", "ü"]
    bpy.context.view_layer.update()
    for item in labels:
        assert item.matrix_world.to_3x3().normalized() == pytest.approx(
            scene.camera.matrix_world.to_3x3().normalized()
        ) or np.allclose(item.matrix_world.to_3x3(), scene.camera.matrix_world.to_3x3(), atol=1e-5)
    np.testing.assert_allclose(
        [item.location for item in sorted(labels, key=lambda item: item.data.body)],
        truth, atol=2e-4,
    )  # fmt: skip


def test_measures_in_scene_units(scene: bpy.types.Scene, truth: np.ndarray) -> None:
    def lines() -> dict[str, str]:
        return dict(line.split("\t") for line in scene.depth_picks.measures.splitlines())

    scene.unit_settings.system = "METRIC"
    scene.unit_settings.length_unit = "CENTIMETERS"
    found = lines()
    a, b, c = truth
    assert float(found["b to ü"].split()[0]) == pytest.approx(100 * np.linalg.norm(c - b), rel=1e-4)
    assert found["b to ü"].endswith(" cm")
    u, v = a - b, c - b
    angle = math.degrees(math.acos(u @ v / np.linalg.norm(u) / np.linalg.norm(v)))
    assert float(found["Angle at b"].rstrip("°")) == pytest.approx(angle, abs=2e-3)
    length = 100 * (np.linalg.norm(u) + np.linalg.norm(v))
    assert float(found["Length through 3"].split()[0]) == pytest.approx(length, rel=1e-4)
    area = 1e4 * np.linalg.norm(np.cross(b - a, c - a)) / 2
    assert float(found["Area of Polygon"].split()[0]) == pytest.approx(area, rel=1e-3)
    assert found["Area of Polygon"].endswith(" cm²")
    assert "Deviation from Plane" not in found  # three points always lie in one plane
    scene.unit_settings.system = "NONE"
    scene.depth_picks.active = 1
    assert float(lines()["a to b"]) == pytest.approx(np.linalg.norm(u), rel=1e-3)
    scene.depth_picks.active = 2
    picks()[2].point = picks()[1].point
    scene.depth_picks.touch()
    assert lines()["Angle at b"] == "None (same location)"
    for pick in picks()[1:]:
        pick.hidden = True
    assert "Pick two points or more to measure." in lines()


def test_measures_follow_the_length_unit(scene: bpy.types.Scene, truth: np.ndarray) -> None:
    """The picks stay the same meanwhile, and so does everything else that is measured."""
    settings = scene.unit_settings
    settings.system = "METRIC"
    distance = float(np.linalg.norm(truth[2] - truth[1]))
    for unit, symbol, factor in (("METERS", "m", 1), ("CENTIMETERS", "cm", 100)):
        settings.length_unit = unit
        line = scene.depth_picks.measures.splitlines()[0]
        name, value, shown_symbol = line.replace("\t", " ").rsplit(" ", 2)
        assert (name, shown_symbol) == ("b to ü", symbol)
        assert float(value) == pytest.approx(factor * distance, rel=1e-4)


@pytest.mark.usefixtures("undescribed")
def test_differences_are_reported_and_picks_recomputed_or_kept(
    scene: bpy.types.Scene, tmp_path: Path
) -> None:
    def problem() -> str:
        bpy.ops.depth.picks_check()
        return "|".join(shot.problem for shot in scene.depth_picks.shots)

    file = render_file(scene, tmp_path / "shot.exr")
    bpy.ops.depth.pick(x=20.5, y=40.25, filepath=file)
    before = picks()[0].point_data
    assert problem() == ""
    scene.camera.location.x += 0.5
    bpy.context.view_layer.update()
    assert problem() == "Camera was moved."
    bpy.ops.depth.picks_keep()
    assert (problem(), picks()[0].point_data) == ("", before)
    scene.camera.data.lens = 35
    scene.camera.location.x += 0.25
    bpy.context.view_layer.update()
    assert problem() == "Camera was moved."
    render_file(scene, tmp_path / "shot.exr")
    assert problem() == "shot.exr has changed.\nCamera was moved."
    bpy.ops.depth.picks_recompute()
    assert problem() == ""
    assert picks()[0].point_data != before
    assert_lies_where_the_ray_hits(scene, picks()[0])
    scene.camera.data.lens = 30
    bpy.context.view_layer.update()
    assert problem() == "The lens of Camera was changed."
    scene.camera.data.lens = 35
    scene.frame_set(5)
    assert problem() == "Picked at frame 1, the scene is at 5."
    bpy.ops.depth.picks_keep()
    scene.frame_set(6)
    assert problem() == ""
    scene.frame_set(1)
    bpy.data.objects.remove(scene.camera)
    assert problem() == "Camera Camera is not in the scene."
    with pytest.raises(RuntimeError, match='The camera "Camera" of these picks is not'):
        bpy.ops.depth.picks_recompute()
    (tmp_path / "shot.exr").unlink()
    assert problem().startswith("shot.exr no longer exists.")


@pytest.mark.usefixtures("undescribed")
@pytest.mark.parametrize("how", ["eye", "monitor", "excluded"])
def test_a_hidden_camera_that_did_not_move_is_not_reported_as_moved(
    scene: bpy.types.Scene, tmp_path: Path, how: str
) -> None:
    """A hidden camera is evaluated only if it is the scene's, and is elsewhere if it is not."""
    camera = scene.camera
    cameras = bpy.data.collections.new("Cameras")
    scene.collection.children.link(cameras)
    cameras.objects.link(camera)
    scene.collection.objects.unlink(camera)
    empty = bpy.data.objects.new("Target", None)
    empty.location = camera.location
    scene.collection.objects.link(empty)
    camera.constraints.new("COPY_LOCATION").target = empty
    camera.location = (0, 0, 0)
    other = camera.copy()
    scene.collection.objects.link(other)
    blend, file = str(tmp_path / "scene.blend"), render_file(scene, tmp_path / "shot.exr")
    bpy.ops.depth.pick(x=20.5, y=40.25, filepath=file)
    scene.camera = other
    if how == "eye":
        camera.hide_set(True)
    elif how == "monitor":
        camera.hide_viewport = True
    else:
        bpy.context.view_layer.layer_collection.children["Cameras"].exclude = True
    bpy.ops.wm.save_as_mainfile(filepath=blend)
    bpy.ops.wm.open_mainfile(filepath=blend)
    scene = bpy.context.scene
    bpy.ops.depth.picks_check()
    assert scene.depth_picks.shots[0].problem == ""
    scene.camera = scene.objects["Camera"]
    bpy.data.objects["Target"].location.x += 1
    bpy.context.view_layer.update()
    bpy.ops.depth.picks_check()
    assert scene.depth_picks.shots[0].problem == "Camera was moved."


def test_picks_that_hit_nothing_now_stay_and_are_named(
    scene: bpy.types.Scene, capfd: pytest.CaptureFixture[str]
) -> None:
    bpy.ops.render.render()
    for name, (x, y) in PLACES.items():
        bpy.ops.depth.pick(x=x, y=y, name=name)
    before = [pick.point_data for pick in picks()]
    bpy.data.objects.remove(bpy.data.objects["Plane"])
    bpy.ops.render.render()
    bpy.ops.depth.picks_check()
    assert scene.depth_picks.shots[0].problem == "There is a newer render."
    bpy.ops.depth.picks_recompute()
    assert "at 3 more the render now shows no surface, and they stay as they were: a, b, ü." in (
        capfd.readouterr().out
    )
    assert [pick.point_data for pick in picks()] == before


def test_edit_mode_and_hidden_picks_are_refused_with_advice(truth: np.ndarray) -> None:
    assert len(truth) == 3
    for pick in picks():
        pick.hidden = True
    with pytest.raises(RuntimeError, match="All picks are hidden; show those to use"):
        bpy.ops.depth.picks_to_mesh()
    bpy.context.view_layer.objects.active = bpy.data.objects["Plane"]
    bpy.ops.object.mode_set(mode="EDIT")
    with pytest.raises(RuntimeError, match="Switch to Object Mode first"):
        bpy.ops.depth.picks_to_empties()
    bpy.ops.object.mode_set(mode="OBJECT")
