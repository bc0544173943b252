"""Cameras at another frame than the scene's current one, against that frame's Position pass."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import bpy
import numpy as np
import pytest

from tests.blender.cameras.camera_checks import PLANE_BAR, Product, pixel_centers
from tests.blender.cameras.camera_scenes import Passes, Shot, prepare_shot, render_passes

FRAME = 13


@pytest.fixture
def camera() -> Iterator[bpy.types.Object]:
    """A camera on a keyed parent, tracking a keyed target, with drivers and a keyed lens."""
    scene = bpy.context.scene
    camera = prepare_shot(Shot({"lens": 30.0}), 1)
    parent, target = bpy.data.objects.new("Parent", None), bpy.data.objects.new("Target", None)
    for item, end in ((parent, (3.0, 2.0, 1.0)), (target, (-3.0, -5.0, 4.0))):
        scene.collection.objects.link(item)
        item.location = (0.0, 3.0, 0.0)
        item.keyframe_insert("location", frame=1)
        item.location = end
        item.keyframe_insert("location", frame=21)
    camera.parent = parent
    track = camera.constraints.new("TRACK_TO")
    track.target, track.track_axis, track.up_axis = target, "TRACK_NEGATIVE_Z", "UP_Y"
    camera.data.keyframe_insert("lens", frame=1)
    camera.data.lens = 60.0
    camera.data.keyframe_insert("lens", frame=21)
    camera.data.driver_add("shift_x").driver.expression = "frame / 100"
    driver = camera.driver_add("location", 0).driver
    variable = driver.variables.new()
    variable.name = "height"
    variable.targets[0].id, variable.targets[0].data_path = target, "location.z"
    driver.expression = "height / 10"
    scene.frame_set(5)
    return camera


def add_driver_by_the_scenes_frame(camera: bpy.types.Object) -> None:
    driver = camera.data.driver_add("shift_y").driver
    variable = driver.variables.new()
    variable.name = "now"
    variable.targets[0].id_type = "SCENE"
    variable.targets[0].id = bpy.context.scene
    variable.targets[0].data_path = "frame_current"
    driver.expression = "now / 100"


def render_at(folder: Path, frame: int, subframe: float = 0.0) -> Passes:
    bpy.context.scene.frame_set(frame, subframe=subframe)
    return render_passes(folder)[""]


def camera_at(product: Product, camera: bpy.types.Object, frame: int = FRAME) -> Any:
    with product("bridge.cameras.at_frame").FrameEvaluator(bpy.context) as evaluator:
        at = evaluator.at(camera, frame)
        from_object = product("bridge.cameras.from_object").camera_from_object
        return from_object(camera, at.scene, at.depsgraph)


def assert_meets(camera: Any, passes: Passes) -> None:
    """Check that every position projects to the center of its pixel."""
    height, width = passes.z.shape
    use = passes.hit
    assert use.sum() > 300
    centers = pixel_centers(width, height)[use]
    assert np.linalg.norm(camera.project(passes.position[use]) - centers, axis=-1).max() < PLANE_BAR


@pytest.mark.parametrize("by_scene", [False, True])
def test_the_camera_is_evaluated_at_the_frame(
    product: Product, camera: bpy.types.Object, tmp_path: Path, by_scene: bool
) -> None:
    if by_scene:
        add_driver_by_the_scenes_frame(camera)
    scene = bpy.context.scene
    passes = render_at(tmp_path, FRAME)
    scene.frame_set(5, subframe=0.25)
    assert_meets(camera_at(product, camera), passes)
    assert (scene.frame_current, scene.frame_subframe) == (5, 0.25)
    assert bpy.data.scenes.keys() == [scene.name]


def test_edits_without_a_key_stay(
    product: Product, camera: bpy.types.Object, tmp_path: Path
) -> None:
    scene = bpy.context.scene
    passes = render_at(tmp_path, FRAME)
    scene.frame_set(5)
    camera.parent.location = (1.0, 1.5, -1.0)
    camera.data.lens = 25.0
    bpy.context.view_layer.update()
    users, edited = camera.users, np.array(camera.matrix_world)
    assert_meets(camera_at(product, camera), passes)
    assert tuple(camera.parent.location) == (1.0, 1.5, -1.0)
    assert camera.data.lens == 25.0
    if bpy.app.version >= (4, 5):  # Scene.copy() itself counts a user too many in 4.2
        assert camera.users == users
    bpy.context.view_layer.update()
    np.testing.assert_array_equal(np.array(camera.matrix_world), edited)
    np.testing.assert_allclose(
        camera_at(product, camera, 5).matrix[:3, 3], edited[:3, 3], atol=1e-6
    )


def test_the_subframe_of_the_current_frame_is_used(
    product: Product, camera: bpy.types.Object, tmp_path: Path
) -> None:
    passes = render_at(tmp_path, FRAME, 0.5)
    assert_meets(camera_at(product, camera), passes)
    assert bpy.context.scene.frame_subframe == 0.5


@pytest.mark.parametrize("hidden", ["excluded", "hide_viewport"])
@pytest.mark.parametrize("by_scene", [False, True])
@pytest.mark.parametrize("frame", [5, FRAME])
def test_a_camera_that_the_view_layer_does_not_evaluate(
    product: Product,
    camera: bpy.types.Object,
    tmp_path: Path,
    frame: int,
    by_scene: bool,
    hidden: str,
) -> None:
    scene, view_layer = bpy.context.scene, bpy.context.view_layer
    if by_scene:
        add_driver_by_the_scenes_frame(camera)
    passes = render_at(tmp_path, frame, 0.5 if frame == 5 else 0.0)
    scene.frame_set(1)
    other = bpy.data.objects.new("Other", bpy.data.cameras.new("Other"))
    scene.collection.objects.link(other)
    scene.camera = other
    marker = scene.timeline_markers.new("Other", frame=frame)
    marker.camera = other
    if hidden == "excluded":
        away = bpy.data.collections.new("Away")
        scene.collection.children.link(away)
        away.objects.link(camera)
        scene.collection.objects.unlink(camera)
        view_layer.layer_collection.children["Away"].exclude = True
    else:
        camera.hide_viewport = True
    view_layer.update()
    scene.frame_set(5, subframe=0.5)  # does not evaluate the camera
    scene.camera = other
    assert_meets(camera_at(product, camera, frame), passes)
    assert (scene.frame_current, scene.frame_subframe) == (5, 0.5)
    assert scene.camera == other


def _fail_at_another_frame(
    evaluator: Any, camera: bpy.types.Object, is_changed: Callable[[], bool]
) -> None:
    with evaluator(bpy.context) as frames:
        frames.at(camera, FRAME)
        assert is_changed()
        raise KeyError


def test_the_scene_is_restored_after_an_error(product: Product, camera: bpy.types.Object) -> None:
    add_driver_by_the_scenes_frame(camera)
    evaluator = product("bridge.cameras.at_frame").FrameEvaluator
    with pytest.raises(KeyError):
        _fail_at_another_frame(evaluator, camera, lambda: bpy.context.scene.frame_current == FRAME)
    assert bpy.context.scene.frame_current == 5
    camera.data.driver_remove("shift_y")
    with pytest.raises(KeyError):
        _fail_at_another_frame(evaluator, camera, lambda: len(bpy.data.scenes) == 2)
    assert bpy.context.scene.frame_current == 5
    assert len(bpy.data.scenes) == 1


def test_one_copy_of_the_scene_serves_all_frames(
    product: Product, camera: bpy.types.Object
) -> None:
    """Each frame gives the same camera as a scene that is set to the frame."""
    frames = (FRAME, 1, 17, FRAME, 5)
    found, scenes = [], set()
    with product("bridge.cameras.at_frame").FrameEvaluator(bpy.context) as evaluator:
        for frame in frames:
            at = evaluator.at(camera, frame)
            found.append(np.array(camera.evaluated_get(at.depsgraph).matrix_world))
            scenes.add(at.scene.name)
    assert len(scenes) == 2  # the scene itself at its own frame, and one copy
    for frame, matrix in zip(frames, found, strict=True):
        bpy.context.scene.frame_set(frame)
        np.testing.assert_allclose(matrix, np.array(camera.matrix_world), atol=1e-6)
