"""Reconstructing from the Render Result, and Render and Reconstruct."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import bpy
import numpy as np
import pytest
from manifest import ROOT
from mathutils import Vector

from tests.blender.reconstruct_scene import (
    assert_lies_on_the_scene,
    fails,
    positions,
    ray_casts,
    render_file,
    the_object,
    unchanged,
)


def render_settings(scene: bpy.types.Scene) -> dict[str, object]:
    """Every setting of how the scene renders and saves."""
    return {
        f"{type(owner).__name__}.{prop.identifier}": (
            tuple(value) if getattr(prop, "is_array", False) else value
        )
        for owner in (scene.render, scene.render.image_settings, *scene.view_layers)
        for prop in owner.bl_rna.properties
        if prop.type in {"BOOLEAN", "INT", "FLOAT", "ENUM", "STRING"}
        for value in [getattr(owner, prop.identifier)]
    }


@pytest.mark.parametrize(
    ("file_format", "color_mode", "color_depth"),
    [("PNG", "BW", "16"), ("JPEG", "RGB", "8"), ("OPEN_EXR", "RGBA", "16"), ("TIFF", "RGB", "16")],
)
def test_render_and_reconstruct_restores_every_setting(
    scene: bpy.types.Scene, file_format: str, color_mode: str, color_depth: str
) -> None:
    truth = ray_casts(scene, scene.camera)
    settings = scene.render.image_settings
    settings.file_format = file_format
    settings.color_mode, settings.color_depth = color_mode, color_depth
    scene.view_layers[0].use_pass_z = False
    before = render_settings(scene)
    assert bpy.ops.depth.render_and_reconstruct() == {"FINISHED"}
    assert_lies_on_the_scene(the_object(), truth, scene.camera.location)
    assert render_settings(scene) == before


def test_a_render_that_fails_restores_every_setting_too(scene: bpy.types.Scene) -> None:
    scene.view_layers[0].use_pass_z = False
    scene.render.use_border = scene.render.use_crop_to_border = True
    scene.render.border_min_x, scene.render.border_max_x = 0.5, 0.505  # less than a pixel
    before = render_settings(scene)
    with unchanged(), pytest.raises(RuntimeError):
        bpy.ops.depth.render_and_reconstruct()
    assert render_settings(scene) == before


def test_no_view_layer_to_render_is_an_error(scene: bpy.types.Scene) -> None:
    scene.view_layers[0].use = False
    with unchanged(), pytest.raises(RuntimeError, match="No view layer is rendered; enable Use"):
        bpy.ops.depth.render_and_reconstruct()


def test_the_sequencer_does_not_replace_depth(scene: bpy.types.Scene) -> None:
    truth = ray_casts(scene, scene.camera)
    editor = scene.sequence_editor_create()
    strips = editor.strips if hasattr(editor, "strips") else editor.sequences
    arguments = {"length": 5} if bpy.app.version >= (5, 0) else {"frame_end": 5}
    strips.new_effect(name="gray", type="COLOR", channel=1, frame_start=1, **arguments)
    bpy.ops.depth.render_and_reconstruct()
    assert_lies_on_the_scene(the_object(), truth, scene.camera.location)
    assert scene.render.use_sequencer
    scene.view_layers[0].use_pass_z = True
    bpy.ops.render.render()
    fails("rendered without the Depth pass, or by the sequencer")


def test_the_first_stereo_render_of_a_session_is_read() -> None:
    """Blender saves it only at the second attempt; in a new process, as later renders are saved."""
    result = subprocess.run(
        [sys.executable, "-c", FIRST_STEREO], capture_output=True, text=True, cwd=ROOT / "scripts"
    )
    assert "points: True" in result.stdout, result.stdout + result.stderr


FIRST_STEREO = """
import installed; installed.install()
import bpy
bpy.ops.wm.read_homefile(use_factory_startup=True)
render = bpy.context.scene.render
render.engine, bpy.context.scene.cycles.samples = "CYCLES", 1
render.resolution_x, render.resolution_y, render.use_multiview = 64, 48, True
bpy.ops.depth.render_and_reconstruct(view="right")
print("points:", len(bpy.context.object.data.vertices) > 100)
"""


def test_a_camera_that_moved_since_the_render_is_used_as_it_was(
    scene: bpy.types.Scene, capfd: pytest.CaptureFixture[str]
) -> None:
    camera = scene.camera
    truth, place = ray_casts(scene, camera), camera.location.copy()
    scene.view_layers[0].use_pass_z = True
    bpy.ops.render.render()
    bpy.ops.depth.reconstruct()
    assert "since" not in capfd.readouterr().out
    camera.location.x += 2
    camera.data.lens = 80
    bpy.context.view_layer.update()
    bpy.ops.depth.reconstruct()
    assert "changed since the render: used it as it was" in capfd.readouterr().out
    assert_lies_on_the_scene(the_object(), truth, place)


def test_the_render_result_gives_the_points_of_the_file(
    scene: bpy.types.Scene, tmp_path: Path
) -> None:
    file = render_file(scene, tmp_path / "shot.exr", color_depth="32")
    bpy.ops.depth.reconstruct(filepath=file)
    from_file = positions(the_object())
    scene.render.image_settings.color_depth = "16"
    before = set(bpy.data.objects)
    assert bpy.ops.depth.reconstruct() == {"FINISHED"}
    assert set(bpy.data.objects) - before == {the_object()}
    assert scene.render.image_settings.color_depth == "16"
    np.testing.assert_array_equal(positions(the_object()), from_file)


def test_a_render_result_without_depth_names_the_button(scene: bpy.types.Scene) -> None:
    scene.view_layers[0].use_pass_z = False
    bpy.ops.render.render()
    fails("rendered without the Depth pass, or by the sequencer. Press Render")


def test_nothing_rendered_says_what_to_do() -> None:
    for image in [image for image in bpy.data.images if image.type == "RENDER_RESULT"]:
        bpy.data.images.remove(image)
    fails(r"no finished render in the Render Result; render the image \(F12\)")


def test_rendering_without_a_camera_is_an_error(scene: bpy.types.Scene) -> None:
    scene.camera = None
    with unchanged(), pytest.raises(RuntimeError, match="no active camera to render with"):
        bpy.ops.depth.render_and_reconstruct()


def test_the_position_pass_gives_points_where_no_lens_formula_can(
    scene: bpy.types.Scene, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    camera = scene.camera
    truth = ray_casts(scene, camera)
    without = render_file(scene, tmp_path / "without.exr")
    message = "has no Position pass beside ViewLayer.Depth; enable that pass"
    fails(message, filepath=without, points_from="POSITION")
    camera.data.dof.use_dof = True
    camera.data.dof.aperture_fstop = 0.05
    capfd.readouterr()
    bpy.ops.depth.render_and_reconstruct()
    assert "Depth of Field is on, which makes Cycles write depth that is off" in (
        capfd.readouterr().out
    )
    bpy.ops.depth.render_and_reconstruct(points_from="POSITION")
    assert not scene.view_layers[0].use_pass_position
    blurred = positions(the_object())
    hit, *_ = zip(
        *(scene.ray_cast(bpy.context.evaluated_depsgraph_get(), camera.location,
                         Vector(point) - camera.location) for point in blurred[::50]),
        strict=True,
    )  # fmt: skip
    assert sum(hit) > 0.9 * len(hit)
    camera.data.dof.use_dof = False
    bpy.ops.depth.render_and_reconstruct(points_from="POSITION")
    assert_lies_on_the_scene(the_object(), truth, camera.location)


@pytest.mark.parametrize("points_from", ["DEPTH", "POSITION"])
def test_motion_blur_is_a_warning_for_depth_and_for_position(
    scene: bpy.types.Scene, points_from: str, capfd: pytest.CaptureFixture[str]
) -> None:
    scene.render.use_motion_blur = True
    bpy.ops.depth.render_and_reconstruct(points_from=points_from)
    assert "Motion Blur is on, which makes Cycles render each pixel at a random" in (
        capfd.readouterr().out
    )


def test_after_an_animation_the_camera_and_the_frame_are_those_of_its_last_frame(
    scene: bpy.types.Scene, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    scene.view_layers[0].use_pass_z = True
    first, last = scene.camera, scene.camera.copy()
    scene.collection.objects.link(last)
    last.name, last.location.x = "Last", 4.0
    for frame, camera in ((1, first), (3, last)):
        scene.timeline_markers.new("cut", frame=frame).camera = camera
    bpy.context.view_layer.update()
    truth = ray_casts(scene, last)
    scene.frame_start, scene.frame_end = 1, 3
    scene.render.filepath = str(tmp_path / "frame")
    bpy.ops.render.render(animation=True)
    scene.frame_set(1)
    assert scene.camera == first
    capfd.readouterr()
    bpy.ops.depth.reconstruct()
    assert_lies_on_the_scene(the_object(), truth, last.location)
    assert "camera Last, frame 3" in capfd.readouterr().out


def test_the_passes_that_are_asked_for_are_rendered(scene: bpy.types.Scene) -> None:
    layer = scene.view_layers[0]
    names = "Combined, IndexOB" if bpy.app.version < (5, 0) else "Combined, Object Index"
    assert not layer.use_pass_object_index
    bpy.data.objects["Suzanne"].pass_index = 7
    bpy.ops.depth.render_and_reconstruct(passes=names)
    assert not layer.use_pass_object_index
    attribute = the_object().data.attributes[names.partition(", ")[2]]
    values = {each.value for each in attribute.data}
    assert values <= {0, 7}
    assert 7 in values


def another_camera(scene: bpy.types.Scene) -> bpy.types.Object:
    """A camera on the other side of the scene, with another lens."""
    camera = scene.camera.copy()
    camera.data = scene.camera.data.copy()
    camera.name = "Other"
    camera.location, camera.rotation_euler = (-4, -5, 2.5), (1.3, 0, -0.6)
    camera.data.lens = 45
    scene.collection.objects.link(camera)
    bpy.context.view_layer.update()
    return camera


@pytest.mark.parametrize("with_markers", [False, True])
def test_render_and_reconstruct_renders_from_the_chosen_camera(
    scene: bpy.types.Scene, with_markers: bool
) -> None:
    other, active = another_camera(scene), scene.camera
    if with_markers:
        scene.timeline_markers.new("Cut", frame=1).camera = active
    truth = ray_casts(scene, other)
    assert bpy.ops.depth.render_and_reconstruct(camera="Other") == {"FINISHED"}
    assert_lies_on_the_scene(the_object(), truth, other.location)
    assert scene.camera == active
    assert [marker.camera for marker in scene.timeline_markers] == [active] * with_markers


def test_a_render_is_not_reconstructed_with_another_camera_by_mistake(
    scene: bpy.types.Scene,
) -> None:
    other = another_camera(scene)
    scene.view_layers[0].use_pass_z = True
    bpy.ops.render.render()
    fails("'Camera' rendered the image, and the camera 'Other' is chosen: choose", camera="Other")
    bpy.ops.depth.reconstruct(camera="Other", override_camera=True)
    depth = np.empty(len(positions(the_object())), np.float32)
    the_object().data.attributes["depth"].data.foreach_get("value", depth)
    forward = -np.array(other.matrix_world.col[2][:3])
    along = (positions(the_object()) - np.array(other.location)) @ forward
    np.testing.assert_allclose(along, depth, rtol=1e-5)
    with unchanged(), pytest.raises(RuntimeError, match="no camera named 'Nobody' to render"):
        bpy.ops.depth.render_and_reconstruct(camera="Nobody")


@pytest.mark.parametrize("source", ["file", "unnamed file", "render"])
@pytest.mark.usefixtures("undescribed")
def test_the_report_says_how_the_shot_is_known(
    scene: bpy.types.Scene, tmp_path: Path, capfd: pytest.CaptureFixture[str], source: str
) -> None:
    scene.render.use_stamp_camera = scene.render.use_stamp_frame = source == "file"
    path = render_file(scene, tmp_path / "shot.exr")
    capfd.readouterr()
    bpy.ops.depth.reconstruct(filepath="" if source == "render" else path)
    said = capfd.readouterr().out
    assumed = "assumed from the scene as it is now"
    assert {
        "file": "Camera, frame, engine, kind of depth: read from the file; pose and lens, unit: "
        f"{assumed}.",
        "unnamed file": f"Camera, pose and lens, frame, unit: {assumed}; engine, kind of depth: "
        "read from the file.",
        "render": "Camera, pose and lens, frame, engine, kind of depth, unit: seen when it was "
        "rendered.",
    }[source] in said
