"""The operator uses the camera, the frame, and the size that the file was rendered with."""

from __future__ import annotations

import random
from pathlib import Path

import bpy
import numpy as np
import pytest
from mathutils import Vector

from tests.blender.reconstruct_scene import (
    WIDTH,
    Product,
    assert_lies_on_the_scene,
    fails,
    pixels,
    positions,
    ray_casts,
    render_file,
    the_object,
)

pytestmark = pytest.mark.usefixtures("undescribed")


def test_camera_and_frame_are_those_of_the_files_metadata(
    scene: bpy.types.Scene, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    camera = scene.camera
    camera.name = "Shot Camera"
    camera.keyframe_insert("location", frame=1)
    camera.location.x += 2
    camera.keyframe_insert("location", frame=11)
    camera.data.keyframe_insert("lens", frame=1)
    camera.data.lens = 45
    camera.data.keyframe_insert("lens", frame=11)
    scene.frame_set(8)
    truth = ray_casts(scene, camera)
    place = camera.matrix_world.translation.copy()
    file = render_file(scene, tmp_path / "shot.exr")

    scene.frame_set(1)
    bpy.ops.object.camera_add(location=(9, 9, 9))
    scene.camera = bpy.context.object
    camera.location.z = 77  # animated, but not keyed: what a user is about to key
    capfd.readouterr()
    bpy.ops.depth.reconstruct(filepath=file)
    assert_lies_on_the_scene(the_object(), truth, place)
    said = capfd.readouterr().out
    assert "The file names the camera 'Shot Camera': used that." in said
    assert "The file is of frame 8: used the camera as it is there." in said
    assert scene.frame_current == 1
    assert camera.location.z == 77
    assert len(bpy.data.scenes) == 1


def test_a_chosen_camera_overrides_the_recorded_one_only_if_allowed(
    scene: bpy.types.Scene, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    file = render_file(scene, tmp_path / "shot.exr")
    bpy.ops.depth.reconstruct(filepath=file)
    expected = positions(the_object())
    twin = scene.camera.copy()
    twin.name = "Twin"
    twin.location.x += 5
    scene.collection.objects.link(twin)
    bpy.context.view_layer.update()
    took = "The camera 'Camera' rendered the image, and the camera 'Twin' is chosen"
    fails(f"{took}: choose 'Camera', or no camera, or switch on Use Chosen Camera Anyway",
          filepath=file, camera="Twin")  # fmt: skip
    capfd.readouterr()
    bpy.ops.depth.reconstruct(filepath=file, camera="Twin", override_camera=True)
    assert f"Warning: {took} and used. " in capfd.readouterr().out
    np.testing.assert_allclose(positions(the_object()), expected + np.array([5, 0, 0]), atol=1e-5)
    fails("no camera named 'Nobody'; choose one of: 'Camera', 'Twin'",
          filepath=file, camera="Nobody")  # fmt: skip


def test_another_resolution_of_the_same_aspect_is_used_and_noted(
    scene: bpy.types.Scene, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    truth = ray_casts(scene, scene.camera)
    file = render_file(scene, tmp_path / "shot.exr")
    scene.render.resolution_percentage = 250
    capfd.readouterr()
    bpy.ops.depth.reconstruct(filepath=file)
    assert_lies_on_the_scene(the_object(), truth, scene.camera.location)
    assert "The image is 64 x 48 pixels, the scene's render 160 x 120" in capfd.readouterr().out
    assert scene.render.resolution_percentage == 250
    assert scene.render.resolution_x == WIDTH


def test_another_aspect_is_an_error_unless_overridden(
    scene: bpy.types.Scene, tmp_path: Path
) -> None:
    truth = ray_casts(scene, scene.camera)
    file = render_file(scene, tmp_path / "shot.exr")
    scene.render.resolution_x = 100
    fails("64 x 48 pixels, the scene's render 100 x 48, which is another aspect", filepath=file)
    bpy.ops.depth.reconstruct(filepath=file, ignore_aspect=True)
    assert_lies_on_the_scene(the_object(), truth, scene.camera.location)


@pytest.mark.parametrize("crop", [False, True])
def test_a_border_gives_the_points_within(
    scene: bpy.types.Scene, tmp_path: Path, crop: bool
) -> None:
    truth = ray_casts(scene, scene.camera)
    scene.render.use_border, scene.render.use_crop_to_border = True, crop
    scene.render.border_min_x, scene.render.border_max_x = 0.25, 0.75
    scene.render.border_min_y, scene.render.border_max_y = 0.125, 1.0
    file = render_file(scene, tmp_path / "shot.exr")
    bpy.ops.depth.reconstruct(filepath=file)
    at = pixels(the_object())
    left = 0 if crop else 16
    assert (at.min(axis=0) >= (left, 0)).all()
    assert (at.max(axis=0) <= (left + 31, 41)).all()
    assert len(at) > 500
    expected = truth[at[:, 1], at[:, 0] + 16 - left]
    distance = np.linalg.norm(positions(the_object()) - expected, axis=1)
    assert np.mean(distance <= 2e-4) >= 0.99
    scene.render.use_border = False
    if not crop:
        before = positions(the_object())
        bpy.ops.depth.reconstruct(filepath=file)
        np.testing.assert_array_equal(positions(the_object()), before)


def test_a_stereo_render_takes_each_view_from_its_eye(
    scene: bpy.types.Scene, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    scene.render.use_multiview = True
    camera = scene.camera
    camera.data.stereo.convergence_mode = "PARALLEL"
    camera.data.stereo.pivot = "CENTER"
    camera.data.stereo.interocular_distance = 0.4
    camera.data.shift_x = 0
    file = render_file(scene, tmp_path / "shot.exr", views_format="MULTIVIEW")
    side = camera.matrix_world.to_3x3() @ Vector((1, 0, 0))
    middle = camera.location.copy()
    for view, offset in (("left", -0.2), ("right", 0.2)):
        bpy.ops.depth.reconstruct(filepath=file, view=view)
        made = the_object()
        camera.location = middle + side * offset
        scene.render.use_multiview = False
        bpy.context.view_layer.update()
        made.hide_set(True)
        assert_lies_on_the_scene(made, ray_casts(scene, camera), camera.location)
        camera.location = middle
        scene.render.use_multiview = True
        bpy.context.view_layer.update()
    capfd.readouterr()
    bpy.ops.depth.reconstruct(filepath=file)
    assert "The file holds the views left, right: used left." in capfd.readouterr().out


def test_a_panorama_in_workbench_is_perspective(scene: bpy.types.Scene, product: Product) -> None:
    """No engine but Cycles renders without a screen, so only the camera is compared here."""
    scene.camera.data.type = "PANO"
    bridge = product("bridge.cameras.from_object")

    def lens(engine: str) -> object:
        depsgraph = bpy.context.evaluated_depsgraph_get()
        return bridge.camera_from_object(scene.camera, scene, depsgraph, engine=engine).lens

    seen, in_cycles = lens("BLENDER_WORKBENCH"), lens("CYCLES")
    scene.camera.data.type = "PERSP"
    assert seen == lens("CYCLES") != in_cycles


def test_random_cameras_through_the_operator(scene: bpy.types.Scene) -> None:
    """Parents with scale, portrait, pixel aspect, sensor fit: all at once, fixed seed."""
    rng = random.Random(7)
    camera = scene.camera
    bpy.ops.object.empty_add(rotation=(0.1, 0.2, 0.3), scale=(2, 2, 2))
    camera.parent = bpy.context.object
    camera.location = (1.5, -3.5, 1.2)
    camera.scale = (3, 3, 3)
    for fit in ("AUTO", "HORIZONTAL", "VERTICAL"):
        camera.data.sensor_fit = fit
        camera.data.sensor_height = rng.uniform(15, 30)
        camera.data.lens = rng.uniform(15, 40)
        camera.data.shift_x, camera.data.shift_y = rng.uniform(-0.2, 0.2), rng.uniform(-0.2, 0.2)
        camera.data.type = rng.choice(("PERSP", "ORTHO"))
        camera.data.ortho_scale = 5
        scene.render.pixel_aspect_x = rng.uniform(1, 2)
        scene.render.resolution_x, scene.render.resolution_y = 40, 70
        bpy.context.view_layer.update()
        scene.view_layers[0].use_pass_position = True
        bpy.ops.depth.render_and_reconstruct()
        made = the_object()
        assert len(made.data.vertices) > 200
        bpy.ops.depth.reconstruct(points_from="POSITION")
        truth = positions(the_object())
        distance = np.linalg.norm(positions(made) - truth, axis=1)
        depth = np.linalg.norm(truth - np.array(camera.matrix_world.translation), axis=1)
        assert (distance <= 2e-5 * depth).all()


def test_the_camera_of_a_chosen_frame_is_used(scene: bpy.types.Scene, tmp_path: Path) -> None:
    """The file does not say its frame, and the camera moves."""
    camera = scene.camera
    camera.keyframe_insert("location", frame=1)
    camera.location.x += 2
    camera.keyframe_insert("location", frame=9)
    scene.frame_set(9)
    truth = ray_casts(scene, camera)
    scene.render.use_stamp_frame = False
    file = render_file(scene, tmp_path / "shot.exr")
    place = camera.location.copy()
    scene.frame_set(1)
    bpy.ops.depth.reconstruct(filepath=file)
    wrong = positions(the_object())
    bpy.ops.depth.reconstruct(filepath=file, use_frame=True, frame=9)
    assert_lies_on_the_scene(the_object(), truth, place)
    assert np.abs(positions(the_object()) - wrong).max() > 1
    assert scene.frame_current == 1
