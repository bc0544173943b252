"""Picks on the Render Result: which render it is, and the camera that took it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import bpy
import numpy as np
import pytest
from pick_scene import picks, ray_cast

Product = Callable[[str], ModuleType]
RESULT = "Render Result"


def test_the_camera_is_the_one_of_when_the_render_began(scene: bpy.types.Scene) -> None:
    truth = ray_cast(scene, 30.5, 41.25)

    def move(rendered: bpy.types.Scene, *_: object) -> None:
        rendered.camera.location.x += 2

    bpy.app.handlers.render_post.append(move)
    try:
        bpy.ops.render.render()
    finally:
        bpy.app.handlers.render_post.remove(move)
    bpy.context.view_layer.update()
    bpy.ops.depth.pick(x=30.5, y=41.25)
    assert np.linalg.norm(truth - picks()[0].point.world) < 1e-3


def test_a_keyed_camera_that_was_moved_by_hand_is_where_it_was_rendered(
    scene: bpy.types.Scene,
) -> None:
    """Blender renders the keys, and takes back what was not keyed."""
    truth = ray_cast(scene, 30.5, 41.25)
    scene.camera.keyframe_insert("location", frame=1)
    scene.camera.location.x += 2
    bpy.context.view_layer.update()
    bpy.ops.render.render()
    scene.camera.location.x += 1
    bpy.context.view_layer.update()
    bpy.ops.depth.pick(x=30.5, y=41.25)
    assert np.linalg.norm(truth - picks()[0].point.world) < 1e-3


@pytest.mark.parametrize("after", [0.0, 1.0])
def test_a_camera_that_is_moved_while_an_animation_renders_is_where_it_was_in_the_last_frame(
    scene: bpy.types.Scene, tmp_path: Path, after: float
) -> None:
    scene.frame_start, scene.frame_end = 1, 3
    scene.render.filepath = str(tmp_path / "frame")

    def move(rendered: bpy.types.Scene, *_: object) -> None:
        if rendered.frame_current < 3:
            rendered.camera.location.x += 0.5

    bpy.app.handlers.render_post.append(move)
    try:
        bpy.ops.render.render(animation=True)
    finally:
        bpy.app.handlers.render_post.remove(move)
    bpy.context.view_layer.update()
    truth = ray_cast(scene, 30.5, 41.25)  # from where the camera is still
    scene.camera.location.x += after
    bpy.context.view_layer.update()
    bpy.ops.depth.pick(x=30.5, y=41.25)
    assert scene.depth_picks.shots[0].frame == 3
    assert np.linalg.norm(truth - picks()[0].point.world) < 1e-3


def test_after_an_animation_the_frame_is_the_last_one_rendered(
    scene: bpy.types.Scene, tmp_path: Path
) -> None:
    camera = scene.camera
    for frame, x in ((1, 3.0), (3, 4.0)):
        camera.location.x = x
        camera.keyframe_insert("location", frame=frame)
    scene.frame_start, scene.frame_end = 1, 3
    scene.frame_set(3)
    truth = ray_cast(scene, 30.5, 41.25)
    scene.frame_set(1)
    scene.render.filepath = str(tmp_path / "frame")
    bpy.ops.render.render(animation=True)
    assert scene.frame_current == 1
    bpy.ops.depth.pick(x=30.5, y=41.25)
    assert scene.depth_picks.shots[0].frame == 3
    assert np.linalg.norm(truth - picks()[0].point.world) < 1e-3


def test_slots_that_move_up_are_not_taken_for_the_removed_one(
    scene: bpy.types.Scene, product: Product
) -> None:
    renders = product("bridge.renders.history")
    bpy.ops.render.render()
    slots = bpy.data.images[RESULT].render_slots
    while len(slots) < 3:
        slots.new()
    slots.active_index = 1
    bpy.ops.render.render()
    last = renders.last_render()
    slots.active_index = 0
    assert renders.last_render().fingerprint != last.fingerprint
    bpy.ops.depth.pick(x=30.5, y=41.25)
    with bpy.context.temp_override(edit_image=bpy.data.images[RESULT]):
        slots.active_index = 0
        removed = bpy.ops.image.remove_render_slot.poll() and bpy.ops.image.remove_render_slot()
    if not removed:
        pytest.skip("removing a slot needs an Image Editor here")
    assert renders.last_render() is None
    key = product("bridge.picks.cache").SourceKey("")
    assert product("bridge.picks.cache").loaded_source(scene, key) is None


@pytest.mark.usefixtures("scene")
def test_a_slot_that_is_removed_is_noticed_though_another_is_added_and_a_new_name_is_none(
    product: Product,
) -> None:
    renders = product("bridge.renders.history")
    bpy.ops.render.render()
    result = bpy.data.images[RESULT]
    slots = result.render_slots
    while len(slots) < 3:
        slots.new()
    last = renders.last_render()
    slots[0].name = "Mine"
    assert renders.last_render() is last is not None
    with bpy.context.temp_override(edit_image=result):
        slots.active_index = 1
        removed = bpy.ops.image.remove_render_slot.poll() and bpy.ops.image.remove_render_slot()
    if not removed:
        pytest.skip("removing a slot needs an Image Editor here")
    slots.new()
    slots.active_index = 0
    assert renders.last_render() is None


def test_renders_belong_to_their_scene(scene: bpy.types.Scene, product: Product) -> None:
    renders = product("bridge.renders.history")
    bpy.ops.render.render()
    other = bpy.data.scenes.new("Other")
    assert renders.last_render(other) is None
    assert renders.last_render(scene).camera_name == scene.camera.name
    assert renders.last_render() == renders.last_render(scene)


@pytest.mark.usefixtures("scene")
def test_a_new_file_forgets_what_was_read(product: Product) -> None:
    sources = product("bridge.picks.cache")
    bpy.ops.render.render()
    bpy.ops.depth.pick(x=30.5, y=41.25)
    before = sources.fingerprint_of("")
    assert sources._loaded
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    assert not sources._loaded
    assert sources.fingerprint_of("") != before


def test_a_canceled_render_is_a_newer_one(scene: bpy.types.Scene, product: Product) -> None:
    renders = product("bridge.renders.history")
    bpy.ops.render.render()
    bpy.ops.depth.pick(x=30.5, y=41.25)
    bpy.ops.depth.picks_check()
    assert not scene.depth_picks.shots[0].problem
    # Without a screen nobody can press Esc; Blender calls these two when somebody does.
    renders._on_init(scene)
    renders._on_cancel(scene)
    assert (renders.last_render().camera_name, renders.last_render().cameras) == ("", {})
    bpy.ops.depth.picks_check()
    assert scene.depth_picks.shots[0].problem == "There is a newer render."
