"""Cameras at another frame than the scene's, which stays where it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import ModuleType

import bpy
import numpy as np
import pytest

from tests.blender.camera_scenes import add_camera

Product = Callable[[str], ModuleType]
FRAME = 13


@pytest.fixture
def camera() -> Iterator[bpy.types.Object]:
    """A camera on a keyed parent, tracking a keyed target, with drivers and a keyed lens."""
    scene = bpy.context.scene
    camera = add_camera(1, {"lens": 30.0})
    parent, target = bpy.data.objects.new("Parent", None), bpy.data.objects.new("Target", None)
    for item, end in ((parent, (10.0, 2.0, 3.0)), (target, (-3.0, 5.0, 8.0))):
        scene.collection.objects.link(item)
        item.location = (0.0, 5.0, 0.0)
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


def here(product: Product, camera: bpy.types.Object) -> object:
    return product("bridge.camera").camera_from_object(
        camera, bpy.context.scene, bpy.context.evaluated_depsgraph_get()
    )


def there(product: Product, camera: bpy.types.Object) -> object:
    with product("bridge.frame").cameras_at_frame(bpy.context, FRAME) as (scene, depsgraph):
        return product("bridge.camera").camera_from_object(camera, scene, depsgraph)


def assert_same(one: object, other: object) -> None:
    assert one.lens == other.lens
    np.testing.assert_allclose(one.matrix, other.matrix, atol=1e-6)


@pytest.mark.parametrize("by_scene", [False, True])
def test_camera_is_the_one_of_that_frame(
    product: Product, camera: bpy.types.Object, by_scene: bool
) -> None:
    if by_scene:
        add_driver_by_the_scenes_frame(camera)
    scene = bpy.context.scene
    scene.frame_set(FRAME)
    expected = here(product, camera)
    scene.frame_set(5, subframe=0.25)
    assert_same(there(product, camera), expected)
    assert (scene.frame_current, scene.frame_subframe) == (5, 0.25)
    assert bpy.data.scenes.keys() == [scene.name]


def test_edits_without_a_key_are_kept(product: Product, camera: bpy.types.Object) -> None:
    scene = bpy.context.scene
    scene.frame_set(FRAME)
    expected = here(product, camera)
    scene.frame_set(5)
    camera.parent.location = (77.0, 1.0, 2.0)
    camera.data.lens = 99.0
    bpy.context.view_layer.update()
    users = camera.users
    edited = here(product, camera)
    assert_same(there(product, camera), expected)
    assert tuple(camera.parent.location) == (77.0, 1.0, 2.0)
    assert camera.data.lens == 99.0
    if bpy.app.version >= (4, 5):  # Scene.copy() itself counts a user too many in 4.2
        assert camera.users == users
    assert_same(here(product, camera), edited)


def test_between_frames_is_another_frame(product: Product, camera: bpy.types.Object) -> None:
    scene = bpy.context.scene
    scene.frame_set(FRAME)
    expected = here(product, camera)
    scene.frame_set(FRAME, subframe=0.5)
    assert_same(there(product, camera), expected)
    assert scene.frame_subframe == 0.5


def test_restored_after_an_error(product: Product, camera: bpy.types.Object) -> None:
    add_driver_by_the_scenes_frame(camera)
    at_frame = product("bridge.frame").cameras_at_frame
    with pytest.raises(KeyError), at_frame(bpy.context, FRAME):
        raise KeyError
    assert bpy.context.scene.frame_current == 5
    camera.data.driver_remove("shift_y")
    with pytest.raises(KeyError), at_frame(bpy.context, FRAME):
        raise KeyError
    assert bpy.context.scene.frame_current == 5
    assert len(bpy.data.scenes) == 1
