"""Picks on all kinds of renders: cropped, stereo, panoramic; and picks of one in another."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import bpy
import numpy as np
import pytest
from mathutils import Vector
from pick_scene import HEIGHT, WIDTH, picks, ray_cast, render_file

Product = Callable[[str], ModuleType]


def distance(scene: bpy.types.Scene, pick: bpy.types.PropertyGroup, x: float, y: float) -> float:
    """Distance of a pick from what the ray through a point of the whole frame hits."""
    return float(np.linalg.norm(ray_cast(scene, x, y) - pick.point.world))


@pytest.mark.parametrize("crop", [False, True])
def test_bordered_and_cropped_renders(scene: bpy.types.Scene, crop: bool) -> None:
    render = scene.render
    render.use_border, render.use_crop_to_border = True, crop
    render.border_min_x, render.border_max_x = 0.25, 0.75
    render.border_min_y, render.border_max_y = 0.0, 0.5
    bpy.ops.render.render()
    left, top = (16, 24) if crop else (0, 0)
    bpy.ops.depth.pick(x=30.5 - left, y=41.25 - top)
    assert distance(scene, picks()[0], 30.5, 41.25) < 1e-3
    assert tuple(scene.depth_picks.shots[0].size) == ((32, 24) if crop else (WIDTH, HEIGHT))
    with pytest.raises(RuntimeError, match="lies outside the image" if crop else "Nothing was hit"):
        bpy.ops.depth.pick(x=10.5 if not crop else 40.5, y=10)


def test_each_view_of_a_stereo_render_has_its_camera(scene: bpy.types.Scene) -> None:
    camera = scene.camera
    scene.render.use_multiview = True
    camera.data.stereo.convergence_mode = "PARALLEL"
    camera.data.stereo.pivot = "CENTER"
    camera.data.stereo.interocular_distance = 0.4
    camera.data.shift_x = 0
    bpy.ops.render.render()
    for view in ("left", "right"):
        bpy.ops.depth.pick(x=30.5, y=41.25, view=view)
    side = camera.matrix_world.to_3x3() @ Vector((1, 0, 0))
    middle = camera.location.copy()
    scene.render.use_multiview = False
    for pick, offset in zip(picks(), (-0.2, 0.2), strict=True):
        camera.location = middle + side * offset
        bpy.context.view_layer.update()
        assert distance(scene, pick, 30.5, 41.25) < 1e-3
    assert [shot.view for shot in scene.depth_picks.shots] == ["left", "right"]


def test_a_panorama_is_picked_on(scene: bpy.types.Scene) -> None:
    camera = scene.camera
    camera.data.type = "PANO"
    camera.data.panorama_type = "EQUIRECTANGULAR"
    bpy.ops.render.render()
    bpy.ops.depth.pick(x=32.25, y=40.5)
    point = picks()[0].point
    place = camera.matrix_world.translation
    direction = (Vector(point.world) - place).normalized()
    hit, location, *_ = scene.ray_cast(bpy.context.evaluated_depsgraph_get(), place, direction)
    assert hit
    assert (location - Vector(point.world)).length < 1e-3 * point.depth
    assert scene.depth_picks.shots[0].kind == "ray"


def test_picks_of_another_camera_are_projected_and_dimmed_where_hidden(
    scene: bpy.types.Scene, tmp_path: Path, product: Product
) -> None:
    first = render_file(scene, tmp_path / "first.exr")
    bpy.ops.depth.pick(x=12.5, y=40.5, name="in sight", filepath=first)
    bpy.ops.depth.pick(x=50.25, y=30.0, name="behind", filepath=first)
    # From straight behind the cube's back, seen from the second pick.
    target = Vector(picks()[1].point.world)
    cube = bpy.data.objects["Cube"].location
    camera = scene.camera.copy()
    scene.collection.objects.link(camera)
    camera.location = target + (cube - target) * 2.5 + Vector((0, 0, 0.6))
    camera.rotation_euler = (target - camera.location).to_track_quat("-Z", "Y").to_euler()
    camera.data = camera.data.copy()
    camera.data.lens, camera.data.shift_x, camera.data.shift_y = 15, 0, 0
    scene.camera = camera
    second = render_file(scene, tmp_path / "second.exr")
    bpy.ops.depth.pick(x=WIDTH / 2, y=HEIGHT - 2, name="picked here", filepath=second)
    sources = product("bridge.picks.cache")
    key = sources.SourceKey(second)
    source = sources.load_source(bpy.context, key)
    found = product("bridge.picks.reprojection").picks_in_image(scene, key, source)
    by_name = {picks()[index].name: place for place, index in enumerate(found.indices)}
    assert not found.picked_here[by_name["behind"]]
    assert found.occluded[by_name["behind"]]
    assert found.picked_here[by_name["picked here"]]
    assert not found.occluded[by_name["picked here"]]
    center = found.pixels[by_name["behind"]]
    np.testing.assert_allclose(center, (WIDTH / 2, HEIGHT / 2), atol=0.01)
    if "in sight" in by_name:
        assert not found.picked_here[by_name["in sight"]]
    scene.depth_picks.show_others = False
    found = product("bridge.picks.reprojection").picks_in_image(scene, key, source)
    assert [picks()[index].name for index in found.indices] == ["picked here"]


def test_each_render_slot_has_its_own_picks(scene: bpy.types.Scene) -> None:
    bpy.ops.render.render()
    bpy.ops.depth.pick(x=30.5, y=41.25)
    slots = bpy.data.images["Render Result"].render_slots
    slots.new()
    slots.active_index = 1
    with pytest.raises(RuntimeError, match="There is no finished render"):
        bpy.ops.depth.pick(x=30.5, y=41.25)
    slots.active_index = 0
    bpy.ops.depth.pick(x=31.5, y=41.25)
    assert len(scene.depth_picks.shots) == 1
