"""Which depth and which camera a pick is made on, whatever was loaded or rendered before."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import bpy
import numpy as np
import pytest
from pick_scene import HEIGHT, WIDTH, picks, ray_cast, render_file

Product = Callable[[str], ModuleType]
RESULT = "Render Result"


def second_camera(scene: bpy.types.Scene) -> bpy.types.Object:
    camera = scene.camera.copy()
    scene.collection.objects.link(camera)
    camera.name = "Second"
    camera.location.x += 1
    bpy.context.view_layer.update()
    return camera


def test_automatic_does_not_use_the_camera_that_was_chosen_before(
    scene: bpy.types.Scene, tmp_path: Path
) -> None:
    file = render_file(scene, tmp_path / "shot.exr")
    second_camera(scene)
    with pytest.raises(RuntimeError, match="'Camera' rendered the image, and the camera 'Second'"):
        bpy.ops.depth.pick(x=30.5, y=41.25, filepath=file, camera="Second")
    scene.reconstruct_from_depth.override_camera = True
    bpy.ops.depth.pick(x=30.5, y=41.25, filepath=file, camera="Second")
    bpy.ops.depth.pick(x=30.5, y=41.25, filepath=file)
    assert [shot.camera for shot in scene.depth_picks.shots] == ["Second", scene.camera.name]


def test_another_layer_of_the_file_is_read_when_it_is_chosen(
    scene: bpy.types.Scene, tmp_path: Path
) -> None:
    scene.view_layers.new("Other").use_pass_z = True
    file = render_file(scene, tmp_path / "layers.exr")
    settings = scene.reconstruct_from_depth
    settings.filepath = file
    for layer in ("ViewLayer.Depth", "Other.Depth"):
        settings.layer = layer
        bpy.ops.depth.pick(x=30.5, y=41.25, filepath=file)
    assert [shot.layer for shot in scene.depth_picks.shots] == ["ViewLayer.Depth", "Other.Depth"]
    bpy.ops.depth.picks_recompute()
    assert {shot.layer for shot in scene.depth_picks.shots} == {"ViewLayer.Depth", "Other.Depth"}


@pytest.mark.usefixtures("undescribed")
def test_the_camera_of_a_shot_without_a_fingerprint_is_not_used(
    scene: bpy.types.Scene, tmp_path: Path
) -> None:
    file = render_file(scene, tmp_path / "shot.exr")
    bpy.ops.depth.pick(x=30.5, y=41.25, filepath=file)
    scene.depth_picks.shots[0].fingerprint = ""
    scene.camera.location.x += 2
    bpy.context.view_layer.update()
    truth = ray_cast(scene, 30.5, 41.25)
    bpy.ops.depth.pick(x=30.5, y=41.25, filepath=file)
    distance = math.dist(picks()[0].point.world, picks()[1].point.world)
    assert distance == pytest.approx(2, abs=0.2) or truth is None


@pytest.mark.parametrize(("size", "picked_here"), [((128, 96), True), ((96, 96), False)])
def test_picks_of_an_earlier_size_are_scaled(
    scene: bpy.types.Scene, product: Product, size: tuple[int, int], picked_here: bool
) -> None:
    bpy.ops.render.render()
    bpy.ops.depth.pick(x=30.5, y=41.25)
    scene.render.resolution_x, scene.render.resolution_y = size
    bpy.ops.render.render()
    key = product("bridge.picks.cache").SourceKey("")
    source = product("bridge.picks.cache").load_source(bpy.context, key)
    assert source.depth.size == size
    found = product("bridge.picks.reprojection").picks_in_image(scene, key, source)
    assert found.picked_here.tolist() == [picked_here]
    if picked_here:
        np.testing.assert_allclose(found.pixels, [(61.0, 82.5)])
    else:
        world = [picks()[0].point.world]
        np.testing.assert_allclose(found.pixels, source.camera.project(world))
    assert tuple(scene.depth_picks.shots[0].size) == (WIDTH, HEIGHT)


def test_a_lens_that_changed_with_the_resolution_is_noticed(scene: bpy.types.Scene) -> None:
    bpy.ops.render.render()
    bpy.ops.depth.pick(x=30.5, y=41.25)
    shot = scene.depth_picks.shots[0]
    scene.render.resolution_percentage = 33
    bpy.ops.depth.picks_check()
    assert not shot.problem
    scene.render.use_border = scene.render.use_crop_to_border = True
    scene.render.border_min_x, scene.render.border_max_x = 0.25, 0.75
    scene.render.border_min_y, scene.render.border_max_y = 0.25, 0.75
    bpy.ops.depth.picks_check()
    assert not shot.problem
    scene.render.use_border = False
    scene.camera.data.lens *= 1.5
    bpy.context.view_layer.update()
    bpy.ops.depth.picks_check()
    assert "lens" in shot.problem


def test_notes_are_reported(
    scene: bpy.types.Scene, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    scene.camera.data.dof.use_dof = True
    file = render_file(scene, tmp_path / "shot.exr")
    bpy.ops.depth.pick(x=30.5, y=41.25, filepath=file)
    assert "Depth of Field is on" in capfd.readouterr().out


def test_the_source_of_the_depth_is_displayed(
    scene: bpy.types.Scene, tmp_path: Path, product: Product
) -> None:
    file = render_file(scene, tmp_path / "shot.exr")
    sources = product("bridge.picks.cache")
    for filepath, name in (("", RESULT), (file, "shot.exr")):
        source = sources.load_source(bpy.context, sources.SourceKey(filepath))
        for pixel in ((30.5, 41.25), (60.0, 1.0)):
            hover = product("overlays.picks.cursor").hover_at_pixel(scene, source, pixel)
            assert hover.lines[-1] == f"in {name}, ViewLayer.Depth"
        bpy.ops.depth.pick(x=30.5, y=41.25, filepath=filepath)
        details = dict(line.split("\t") for line in picks()[-1].details.splitlines())
        assert (details["Image"], details["Layer"]) == (name, "ViewLayer.Depth")
    long = render_file(scene, tmp_path / f"{'a' * 99}.exr")
    source = sources.load_source(bpy.context, sources.SourceKey(long))
    hover = product("overlays.picks.cursor").hover_at_pixel(scene, source, (30.5, 41.25))
    assert hover.lines[-1] == f"in …{'a' * 39}.exr, ViewLayer.Depth"


def test_the_automatic_layer_is_that_of_the_view_layer_at_hand(
    scene: bpy.types.Scene, tmp_path: Path
) -> None:
    scene.view_layers.new("Other").use_pass_z = True
    file = render_file(scene, tmp_path / "layers.exr")
    layers = []
    for name in ("ViewLayer", "Other", "ViewLayer"):
        for filepath in ("", file):
            with bpy.context.temp_override(view_layer=scene.view_layers[name]):
                bpy.ops.depth.pick(x=30.5, y=41.25, filepath=filepath)
            layers.append(scene.depth_picks.shot_of(picks()[-1]).layer)
    assert layers == [f"{name}.Depth" for name in ("ViewLayer", "Other", "ViewLayer") for _ in "ab"]


def test_picks_of_a_rig_report_a_newer_render_and_stay_in_the_image(
    scene: bpy.types.Scene, product: Product
) -> None:
    camera, render = scene.camera, scene.render
    camera.name = "Rig_L"
    other = second_camera(scene)
    other.name = "Rig_R"
    render.use_multiview, render.views_format = True, "MULTIVIEW"
    bpy.ops.render.render()
    for view in ("left", "right"):
        bpy.ops.depth.pick(x=30.5, y=41.25, view=view)
    assert [shot.camera for shot in scene.depth_picks.shots] == ["Rig_L", "Rig_R"]
    key = product("bridge.picks.source").SourceKey("", "right")
    shots_of_image = product("bridge.picks.reprojection").shots_of_image
    assert shots_of_image(scene, key) == {scene.depth_picks.shots[1].identifier}
    bpy.ops.depth.picks_check()
    assert not any(shot.problem for shot in scene.depth_picks.shots)
    bpy.ops.render.render()
    bpy.ops.depth.picks_check()
    assert [shot.problem for shot in scene.depth_picks.shots] == 2 * ["There is a newer render."]
    assert shots_of_image(scene, key) == {scene.depth_picks.shots[1].identifier}


def test_a_file_that_is_not_chosen_is_not_the_render_result(
    scene: bpy.types.Scene, tmp_path: Path
) -> None:
    bpy.ops.render.render()
    scene.reconstruct_from_depth.source = "FILE"
    with pytest.raises(RuntimeError, match="has File as its source, but no file: choose the"):
        bpy.ops.depth.pick(x=30.5, y=41.25)
    path = tmp_path / "points.csv"
    path.write_text("a,30.5,41.25\n")
    with pytest.raises(RuntimeError, match="has File as its source, but no file: choose the"):
        bpy.ops.depth.picks_import(filepath=str(path))
    assert picks() == []


def test_the_camera_chosen_for_a_file_in_the_sidebar_is_used_everywhere(
    scene: bpy.types.Scene, tmp_path: Path, product: Product
) -> None:
    file = render_file(scene, tmp_path / "shot.exr")
    settings = scene.reconstruct_from_depth
    settings.filepath, settings.camera = file, second_camera(scene)
    settings.override_camera = True
    bpy.ops.depth.pick(x=30.5, y=41.25, filepath=file)
    path = tmp_path / "points.csv"
    path.write_text("a,30.5,41.25\n")
    bpy.ops.depth.picks_import(filepath=str(path), depth_file=file)
    assert [shot.camera for shot in scene.depth_picks.shots] == ["Second"]
    sources = product("bridge.picks.cache")
    hovered = sources.loaded_source(scene, sources.SourceKey(file))
    assert hovered.camera_name == "Second"
    bpy.ops.depth.pick(x=30.5, y=41.25)  # the camera of the Render Result is known
    assert scene.depth_picks.shots[1].camera == scene.camera.name
