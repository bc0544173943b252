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

from tests.blender.reconstruct_scene import reconstruct

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
    bpy.ops.depth.pick(x=30.5, y=41.25)  # of the Render Result, for which it is chosen, too
    assert [shot.camera for shot in scene.depth_picks.shots] == ["Second", "Second"]
    settings.source = "FILE"  # now the camera is chosen for that file alone
    found = sources.load_source(bpy.context, sources.SourceKey(""))
    assert found.camera_name == scene.camera.name


def reconstructed(row: int, column: int) -> np.ndarray:
    """Where Reconstruct puts the point of a pixel, with the options of the sidebar."""
    settings = bpy.context.scene.reconstruct_from_depth
    values = settings.option_values()
    camera = settings.camera.name if settings.camera else ""
    at, points = reconstruct(filepath=settings.filepath, camera=camera, **values)
    (index,) = np.flatnonzero((at == (column, row)).all(axis=1))
    return points[index]


def test_a_corrected_camera_is_that_of_picks_too(
    scene: bpy.types.Scene, product: Product, tmp_path: Path
) -> None:
    file = render_file(scene, tmp_path / "shot.exr")
    truth = ray_cast(scene, 30.5, 41.5)
    settings = scene.reconstruct_from_depth
    settings.source, settings.filepath = "FILE", file
    bpy.ops.depth.pick(x=30.5, y=41.5)
    camera = product("core").camera_of_file(file)
    matrix = camera.matrix.copy()
    matrix[:3, 3] += (2.0, -1.0, 0.5)
    moved = product("core.cameras.camera").Camera(camera.lens, matrix)
    settings.camera_data = product("core.cameras.serialization").camera_to_text(moved)
    bpy.ops.depth.picks_check()
    assert "Corrected Camera changed" in scene.depth_picks.shots[0].problem
    bpy.ops.depth.pick(x=30.5, y=41.5)
    expected = truth + np.array([2.0, -1.0, 0.5])
    np.testing.assert_allclose(picks()[1].point.world, expected, atol=1e-4)
    np.testing.assert_allclose(reconstructed(41, 30), expected, atol=1e-4)
    settings.camera_data = ""
    bpy.ops.depth.pick(x=30.5, y=41.5)
    for index in (0, 2):
        np.testing.assert_allclose(picks()[index].point.world, truth, atol=1e-4)
    settings.camera_data = product("core.cameras.serialization").camera_to_text(moved)
    bpy.ops.depth.picks_recompute()
    for pick in picks():
        np.testing.assert_allclose(pick.point.world, expected, atol=1e-4)
    settings.camera_data = "{"
    with pytest.raises(RuntimeError, match="camera"):
        bpy.ops.depth.pick(x=30.5, y=41.5)


@pytest.mark.usefixtures("undescribed")
def test_the_chosen_frame_is_that_of_picks_too(scene: bpy.types.Scene, tmp_path: Path) -> None:
    camera = scene.camera
    for frame, x in ((1, 3.0), (11, 5.0)):
        camera.location.x = x
        camera.keyframe_insert("location", frame=frame)
    scene.frame_set(11)
    file = render_file(scene, tmp_path / "shot.exr")
    truth = ray_cast(scene, 30.5, 41.5)
    scene.frame_set(1)
    settings = scene.reconstruct_from_depth
    settings.source, settings.filepath = "FILE", file
    settings.use_frame = True
    for frame in (1, 11):
        settings.frame = frame
        bpy.ops.depth.pick(x=30.5, y=41.5)
        np.testing.assert_allclose(picks()[-1].point.world, reconstructed(41, 30), atol=1e-4)
    np.testing.assert_allclose(picks()[1].point.world, truth, atol=1e-4)
    assert math.dist(picks()[0].point.world, picks()[1].point.world) > 1.0
    assert [shot.frame for shot in scene.depth_picks.shots] == [1, 11]


def test_a_mirrored_image_is_mirrored_for_picks_too(
    scene: bpy.types.Scene, product: Product, tmp_path: Path
) -> None:
    import OpenEXR

    file = render_file(scene, tmp_path / "shot.exr")
    truth = ray_cast(scene, 30.5, 41.5)
    depth = product("core").read_depth(file, kind=product("core").DepthKind.PLANAR)
    values = np.where(depth.valid, depth.values, np.float32(1e10))
    mirrored = str(tmp_path / "mirrored.exr")
    header = {"type": OpenEXR.scanlineimage, "compression": OpenEXR.ZIP_COMPRESSION}
    pixels = np.ascontiguousarray(values[::-1, ::-1])
    OpenEXR.File(header, {"Z": pixels}).write(mirrored)
    settings = scene.reconstruct_from_depth
    settings.source, settings.filepath = "FILE", mirrored
    bpy.ops.depth.pick(x=WIDTH - 30.5, y=HEIGHT - 41.5)  # which is wrong before it is mirrored
    assert math.dist(picks()[0].point.world, truth) > 0.1
    settings.flip_x = settings.flip_y = True
    bpy.ops.depth.pick(x=30.5, y=41.5)
    np.testing.assert_allclose(picks()[1].point.world, truth, atol=1e-4)
    np.testing.assert_allclose(reconstructed(41, 30), truth, atol=1e-4)
    space = bpy.context.screen.areas[0]
    space.type = "IMAGE_EDITOR"
    editor = space.spaces.active
    editor.image = bpy.data.images.load(mirrored)
    images = product("bridge.picks.editor_image")
    cache, key = product("bridge.picks.cache"), images.editor_source_key(scene, editor)
    source = cache.load_source(bpy.context, key)
    shown = images.covered_region(scene, editor, source)
    assert (shown.x, shown.y, shown.width, shown.height) == (WIDTH, HEIGHT, -WIDTH, -HEIGHT)
    editor.image = bpy.data.images.new("upright", WIDTH, HEIGHT)
    shown = images.covered_region(scene, editor, source)
    assert (shown.x, shown.y, shown.width, shown.height) == (0.0, 0.0, WIDTH, HEIGHT)


@pytest.mark.usefixtures("undescribed")
def test_the_chosen_kind_is_that_of_picks_too(scene: bpy.types.Scene, tmp_path: Path) -> None:
    settings = scene.reconstruct_from_depth
    settings.source, settings.filepath = "FILE", render_file(scene, tmp_path / "shot.exr")
    settings.depth_kind = "RAY"
    bpy.ops.depth.pick(x=30.5, y=41.5)
    np.testing.assert_allclose(picks()[0].point.world, reconstructed(41, 30), atol=1e-4)
    assert math.dist(picks()[0].point.world, ray_cast(scene, 30.5, 41.5)) > 0.1


@pytest.mark.usefixtures("undescribed")
def test_a_camera_that_is_gone_is_an_error_and_no_old_camera(
    scene: bpy.types.Scene, product: Product, tmp_path: Path
) -> None:
    file = render_file(scene, tmp_path / "shot.exr")
    sources = product("bridge.picks.cache")
    sources.load_source(bpy.context, sources.SourceKey(file))
    bpy.data.objects.remove(scene.camera)
    with pytest.raises(RuntimeError, match="The scene has no active camera"):
        bpy.ops.depth.pick(x=30.5, y=41.5, filepath=file)
    assert picks() == []


def test_the_scenes_camera_is_not_compared_where_the_file_gives_its_own(
    scene: bpy.types.Scene, tmp_path: Path
) -> None:
    file = render_file(scene, tmp_path / "shot.exr")
    truth = ray_cast(scene, 30.5, 41.5)
    bpy.ops.depth.pick(x=30.5, y=41.5, filepath=file)
    scene.camera.location.x += 2
    scene.camera.data.lens = 70
    bpy.context.view_layer.update()
    bpy.ops.depth.picks_check()
    assert scene.depth_picks.shots[0].problem == ""
    bpy.data.objects.remove(scene.camera)
    bpy.ops.depth.picks_check()
    assert scene.depth_picks.shots[0].problem == ""
    assert bpy.ops.depth.picks_recompute() == {"FINISHED"}
    np.testing.assert_allclose(picks()[0].point.world, truth, atol=1e-4)
