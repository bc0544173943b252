"""The operators: numbers, pictures, the error on the object, and remedies where they belong."""

from __future__ import annotations

import json
from pathlib import Path

import bpy
import numpy as np
import pytest

from tests.blender.check.fault_scene import (
    HEIGHT,
    WIDTH,
    depth_of,
    prepare_room,
    show_in_sidebar,
    verdict,
    write,
)
from tests.blender.reconstruct_scene import render_file, the_object


@pytest.fixture
def scene(empty_scene: bpy.types.Scene) -> bpy.types.Scene:
    return prepare_room(empty_scene)


def test_a_thorough_check_reports_numbers_and_pictures(
    scene: bpy.types.Scene, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    file = write(tmp_path / "z.exr", depth_of(scene, tmp_path))
    bpy.ops.depth.reconstruct(filepath=file)
    item, settings = the_object(), scene.reconstruct_from_depth
    assert bpy.ops.depth.check(samples=5000) == {"FINISHED"}
    numbers = json.loads(settings.verdict_numbers)
    assert settings.verdict == "RIGHT"
    assert numbers["count"] > 3000
    assert numbers["median"] < 1e-5
    assert "% of " in capfd.readouterr().out
    assert len(settings.verdict_lines.splitlines()) == 4
    errors = np.empty(len(item.data.vertices), np.float32)
    item.data.attributes["check_error"].data.foreach_get("value", errors)
    assert np.isfinite(errors).all()
    assert np.median(errors[errors >= 0]) < 1e-5
    assert (errors >= 0).mean() > 0.5
    picture = bpy.data.images[f"Depth Error {item.name}"]
    assert picture.size[0] > 500
    assert f"Depth Error Histogram {item.name}" in bpy.data.images
    count = len(bpy.data.images)
    scene.camera.location.x += 0.5
    bpy.context.view_layer.update()
    assert bpy.ops.depth.check(samples=5000) == {"FINISHED"}  # of the camera that is stored
    assert len(bpy.data.images) == count
    assert settings.verdict == "RIGHT"
    item.location.z += 0.2
    bpy.context.view_layer.update()
    capfd.readouterr()
    bpy.ops.depth.check(samples=500)
    assert "The object was moved or edited since" in capfd.readouterr().out


def test_what_changed_since_is_named(
    scene: bpy.types.Scene, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    bpy.ops.depth.reconstruct(filepath=write(tmp_path / "z.exr", depth_of(scene, tmp_path)))
    scene.objects["Suzanne"].location.x += 1.0
    bpy.context.view_layer.update()
    capfd.readouterr()
    bpy.ops.depth.check(samples=5000)
    assert "most on Suzanne" in capfd.readouterr().out


def test_the_error_is_shown_on_the_object_and_hidden_again(
    scene: bpy.types.Scene, tmp_path: Path
) -> None:
    file = render_file(scene, tmp_path / "render.exr")
    bpy.ops.depth.reconstruct(filepath=file, output="SURFACE")
    item, settings = the_object(), scene.reconstruct_from_depth
    before = list(item.data.materials)
    settings.show_error = True
    assert not settings.show_error  # nothing to show yet
    bpy.ops.depth.check(samples=2000)
    settings.show_error = True
    assert settings.show_error
    assert [each.name for each in item.data.materials] == ["Depth Error"]
    settings.show_error = False
    assert list(item.data.materials) == before
    assert "Depth Error" not in bpy.data.materials


def test_the_check_works_at_another_frame_and_leaves_the_scene_there(
    scene: bpy.types.Scene, tmp_path: Path
) -> None:
    suzanne = scene.objects["Suzanne"]
    suzanne.keyframe_insert("location", frame=1)
    suzanne.location.x += 3
    suzanne.keyframe_insert("location", frame=11)
    scene.frame_set(8)
    file = render_file(scene, tmp_path / "render.exr")
    scene.frame_set(1)
    bpy.ops.depth.reconstruct(filepath=file)
    assert verdict()[0] == "RIGHT"  # as it is cheap
    suzanne.modifiers.new("Ocean", "OCEAN").show_viewport = False
    suzanne.modifiers["Ocean"].show_render = False
    bpy.ops.depth.reconstruct(filepath=file)
    assert verdict()[0] == "NOT_CHECKED"
    assert "press Check" in verdict()[1]
    bpy.ops.depth.check(samples=3000)
    assert verdict()[0] == "RIGHT", verdict()[1]
    assert json.loads(scene.reconstruct_from_depth.verdict_numbers)["outliers"] < 0.01
    assert scene.frame_current == 1
    assert len(bpy.data.scenes) == 1


def test_a_second_check_shows_its_own_scale(scene: bpy.types.Scene, tmp_path: Path) -> None:
    file = write(tmp_path / "z.exr", depth_of(scene, tmp_path))
    bpy.ops.depth.reconstruct(filepath=file, output="SURFACE")
    item, settings = the_object(), scene.reconstruct_from_depth
    bpy.ops.depth.check(samples=2000)
    settings.show_error = True
    own = item["material_before_check"]
    item["check_error_scale"] = (1.0, 2.0)  # as an earlier check of other pixels left it
    bpy.ops.depth.check(samples=3000)
    assert settings.show_error
    assert item["material_before_check"] == own
    (material,) = item.data.materials
    shown = next(node for node in material.node_tree.nodes if node.type == "MAP_RANGE")
    low, high = item["check_error_scale"]
    assert high / low > 10
    assert shown.inputs["From Min"].default_value == pytest.approx(np.log(low))
    assert [each.name for each in bpy.data.materials if "Error" in each.name] == ["Depth Error"]


def test_the_remedy_leaves_the_options_of_another_file(
    scene: bpy.types.Scene, tmp_path: Path
) -> None:
    settings = scene.reconstruct_from_depth
    file = write(tmp_path / "z.exr", 2 * depth_of(scene, tmp_path))
    show_in_sidebar(str(tmp_path / "render.exr"))
    bpy.ops.depth.reconstruct(filepath=file)
    assert settings.verdict == "SCALED"
    bpy.ops.depth.apply_remedy()
    assert settings.verdict == "RIGHT"
    assert settings.depth_values == "AUTO"
    show_in_sidebar(file)
    bpy.ops.depth.reconstruct(filepath=file)
    bpy.ops.depth.apply_remedy()
    assert (settings.depth_values, settings.depth_scale) == ("DISTANCE", pytest.approx(0.5))


def test_the_remedy_of_one_render_is_not_applied_to_the_next(scene: bpy.types.Scene) -> None:
    scene.view_layers[0].use_pass_z = True
    bpy.ops.render.render()
    bpy.ops.depth.reconstruct(camera="Other", override_camera=True)
    assert scene.reconstruct_from_depth.verdict == "WRONG_CAMERA"
    bpy.ops.render.render()
    with pytest.raises(RuntimeError, match="another render than the one that was checked"):
        bpy.ops.depth.apply_remedy()
    bpy.ops.depth.reconstruct(camera="Other", override_camera=True)
    assert bpy.ops.depth.apply_remedy() == {"FINISHED"}
    assert scene.reconstruct_from_depth.verdict == "RIGHT"


def join(items: list[bpy.types.Object]) -> None:
    bpy.ops.object.select_all(action="DESELECT")
    for item in items:
        item.select_set(True)
    bpy.context.view_layer.objects.active = items[0]
    bpy.ops.object.join()


def test_joined_reconstructions_are_refused_and_no_truth(
    scene: bpy.types.Scene, tmp_path: Path
) -> None:
    file = write(tmp_path / "z.exr", depth_of(scene, tmp_path))
    made = []
    for _ in range(2):
        bpy.ops.depth.reconstruct(filepath=file, output="SURFACE")
        made.append(the_object())
    join(made)
    with pytest.raises(RuntimeError, match="several points of one pixel"):
        bpy.ops.depth.check()
    bpy.ops.depth.reconstruct(filepath=file, output="SURFACE")
    moved = the_object()
    moved.location.z += 3.0  # in the way, if it were taken for a part of the scene
    join([scene.objects["Suzanne"], moved])
    bpy.ops.depth.reconstruct(filepath=file)
    assert verdict()[0] in ("RIGHT", "NOT_CHECKED")


def test_the_picture_leaves_no_gaps_where_there_is_depth(
    scene: bpy.types.Scene, tmp_path: Path
) -> None:
    depth = depth_of(scene, tmp_path)
    depth[:50, :80] = 1e10
    bpy.ops.depth.reconstruct(filepath=write(tmp_path / "z.exr", depth))
    bpy.ops.depth.check(samples=3000)
    picture = bpy.data.images[f"Depth Error {the_object().name}"]
    width, height = picture.size
    colors = np.empty(width * height * 4, np.float32)
    picture.pixels.foreach_get(colors)
    colors = colors.reshape(height, width, 4)[::-1, :, :3]
    zoom = (width - 84) / WIDTH
    rows, columns = (((np.arange(side) + 0.5) * zoom).astype(int) for side in (HEIGHT, WIDTH))
    unknown = (np.abs(colors[rows][:, columns] - 0.5) < 0.02).all(axis=-1)
    hit = depth < 1e9
    assert unknown[hit].mean() < 0.05
    assert unknown[~hit].mean() > 0.5


def test_a_large_mesh_in_most_of_the_image_asks_for_a_press_of_check(
    scene: bpy.types.Scene, tmp_path: Path
) -> None:
    settings, suzanne = scene.reconstruct_from_depth, scene.objects["Suzanne"]
    suzanne.scale = (2.5, 2.5, 2.5)
    modifier = suzanne.modifiers.new("Subdivision", "SUBSURF")
    modifier.subdivision_type = "SIMPLE"
    modifier.levels = modifier.render_levels = 5
    bpy.context.view_layer.update()
    bpy.ops.depth.reconstruct(filepath=write(tmp_path / "z.exr", depth_of(scene, tmp_path)))
    assert settings.verdict == "NOT_CHECKED"
    assert settings.verdict_text.endswith("the scene has many faces; press Check.")
    bpy.ops.depth.check(samples=2000)
    assert settings.verdict == "RIGHT"
