"""Intrinsics that are copied as text, and those that the Camera tab shows."""

from __future__ import annotations

import contextlib
import io
import json
from typing import Any

import bpy
import numpy as np
import pytest
from mathutils import Matrix, Vector

from tests.blender.cameras.camera_checks import LENSES, Product, random_shot
from tests.blender.cameras.camera_scenes import prepare_shot


def copied(**options: Any) -> str:
    """What is printed, as background mode has no clipboard."""
    with contextlib.redirect_stdout(io.StringIO()) as out:
        assert bpy.ops.depth.copy_intrinsics(**options) == {"FINISHED"}
    return out.getvalue()


def arrays(**options: Any) -> dict[str, Any]:
    made: dict[str, Any] = {}
    exec(copied(**options), made)
    return made


@pytest.mark.parametrize("seed", range(4))
def test_numpy_text_projects_as_blender_does(seed: int) -> None:
    """By `calc_matrix_camera`, Blender's own projection matrix."""
    item = prepare_shot(random_shot(LENSES["perspective"], seed), seed)
    scene = bpy.context.scene
    scene.render.use_border = False
    scene.render.resolution_percentage = 100  # it does not round as a render does
    made = arrays()
    depsgraph = bpy.context.evaluated_depsgraph_get()
    width, height = scene.render.resolution_x, scene.render.resolution_y
    assert (made["width"], made["height"]) == (width, height)
    projection = item.calc_matrix_camera(
        depsgraph,
        x=width,
        y=height,
        scale_x=scene.render.pixel_aspect_x,
        scale_y=scene.render.pixel_aspect_y,
    )
    to_clip = projection @ item.matrix_world.normalized().inverted()
    points = np.random.default_rng(seed).uniform(-5, 5, (60, 3))
    for point in points:
        x, y, z = made["K"] @ (made["R"] @ point + made["t"])
        clip = to_clip @ Vector((*point, 1.0))
        if z < 0.5:
            continue
        expected = (
            (clip.x / clip.w + 1) / 2 * width,
            (1 - clip.y / clip.w) / 2 * height,
        )
        np.testing.assert_allclose((x / z, y / z), expected, atol=5e-3)
    pose = np.eye(4)
    pose[:3] = np.column_stack([made["R"], made["t"]])
    flipped = made["camera_to_world"] @ np.diag([1, -1, -1, 1])
    np.testing.assert_allclose(np.linalg.inv(pose), flipped, atol=1e-12)


@pytest.mark.parametrize("lens", LENSES)
def test_json_comes_back_as_the_same_camera(product: Product, lens: str) -> None:
    prepare_shot(random_shot(LENSES[lens], 2), 2)
    bpy.context.scene.render.use_border = False
    present = product("bridge.cameras.active_camera").present_camera
    given = present(bpy.context, bpy.context.scene.camera)
    text = copied(format="JSON")
    assert json.loads(text)["camera"]["name"] == "Camera"
    (read,) = product("core.cameras.files").parse_cameras(text)
    assert read.camera.lens == given.lens
    np.testing.assert_array_equal(read.camera.matrix, given.matrix)
    assert bpy.ops.depth.camera_from_intrinsics(text=text) == {"FINISHED"}
    assert bpy.context.scene.camera.name == "Camera.001"


def test_the_present_frame_and_the_evaluated_camera_are_copied() -> None:
    bpy.ops.object.camera_add()
    item = bpy.context.object
    item.keyframe_insert("location", frame=1)
    item.location = (0.0, 0.0, 10.0)
    item.keyframe_insert("location", frame=11)
    bpy.context.scene.frame_set(11)
    item.constraints.new("LIMIT_LOCATION").use_max_z = True
    assert arrays()["camera_to_world"][2, 3] == 0.0
    assert "Camera, frame 11" in copied()
    item.constraints.clear()
    assert arrays()["camera_to_world"][2, 3] == 10.0
    item.hide_set(True)
    bpy.context.view_layer.objects.active = None
    assert arrays(camera="Camera")["camera_to_world"][2, 3] == 10.0


def test_stereo_cameras_are_copied_between_the_eyes() -> None:
    bpy.ops.object.camera_add(location=(1, 2, 3))
    alone = arrays()
    bpy.context.scene.render.use_multiview = True
    together = arrays()
    np.testing.assert_array_equal(together["camera_to_world"], alone["camera_to_world"])
    np.testing.assert_array_equal(together["K"], alone["K"])


def test_which_camera_is_copied() -> None:
    bpy.ops.object.camera_add()
    bpy.context.scene.camera = bpy.context.object
    bpy.ops.object.camera_add()
    bpy.context.object.data.lens = 100.0
    assert arrays()["K"][0, 0] == pytest.approx(1920 * 100 / 36)
    assert arrays(camera="Camera")["K"][0, 0] == pytest.approx(1920 * 50 / 36)
    bpy.ops.mesh.primitive_cube_add()
    assert arrays()["K"][0, 0] == pytest.approx(1920 * 50 / 36)


def test_what_cannot_be_copied_says_why() -> None:
    with pytest.raises(RuntimeError, match="Add a camera first"):
        bpy.ops.depth.copy_intrinsics()
    bpy.ops.object.camera_add()
    with pytest.raises(RuntimeError, match="no camera named 'Cube'; choose one of: 'Camera'"):
        bpy.ops.depth.copy_intrinsics(camera="Cube")
    bpy.context.scene.render.engine = "CYCLES"
    bpy.context.object.data.type = "PANO"
    bpy.context.object.data.panorama_type = "EQUIRECTANGULAR"
    with pytest.raises(RuntimeError, match="Equirectangular, which no K describes: copy it as JS"):
        bpy.ops.depth.copy_intrinsics()


def test_the_tab_shows_the_image_that_is_rendered() -> None:
    bpy.ops.object.camera_add()
    render, data = bpy.context.scene.render, bpy.context.object.data
    render.resolution_percentage = 50
    data.shift_x = 0.1
    numbers = data.depth_intrinsics
    assert numbers.exist()
    assert (numbers.width, numbers.height) == (960, 540)
    assert numbers.fx == numbers.fy == pytest.approx(960 * 50 / 36)
    assert (numbers.cx, numbers.cy) == pytest.approx((480 - 96, 270))
    render.use_border = render.use_crop_to_border = True
    render.border_min_x, render.border_max_y = 0.25, 0.5
    assert (numbers.width, numbers.height) == (720, 270)
    assert (numbers.cx, numbers.cy) == pytest.approx((480 - 96 - 240, 0))
    data.type = "ORTHO"
    assert numbers.fx == pytest.approx(960 / data.ortho_scale)
    data.type = "PANO"
    render.engine = "CYCLES"
    assert not numbers.exist()
    assert (numbers.fx, numbers.width) == (0.0, 0)
    with pytest.raises(AttributeError, match="read-only"):
        numbers.fx = 3.0


def test_a_mirrored_camera_is_copied_as_it_is() -> None:
    bpy.ops.object.camera_add()
    parent = bpy.data.objects.new("Parent", None)
    bpy.context.collection.objects.link(parent)
    parent.matrix_world = Matrix.Scale(-1, 4, (1, 0, 0))
    bpy.context.object.parent = parent
    bpy.context.view_layer.update()
    assert np.linalg.det(arrays()["camera_to_world"]) == pytest.approx(-1.0)
