"""What is wrong with an image or its camera is named, and the button makes it right."""

from __future__ import annotations

import json
from collections.abc import Callable
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
from tests.blender.reconstruct_scene import render_file

Change = Callable[[np.ndarray], np.ndarray]


@pytest.fixture
def scene(empty_scene: bpy.types.Scene) -> bpy.types.Scene:
    return prepare_room(empty_scene)


def assert_named(expected: str, said: str) -> None:
    """The name is as expected, a warning says so, and the remedy makes it right."""
    name, text = verdict()
    assert name == expected, text
    assert "Warning: " in said
    assert bpy.ops.depth.apply_remedy() == {"FINISHED"}
    assert verdict()[0] == "RIGHT", verdict()[1]
    numbers = json.loads(bpy.context.scene.reconstruct_from_depth.verdict_numbers)
    assert numbers["median"] < 1e-3
    assert numbers["outliers"] < 0.05


def test_another_camera_than_the_one_that_rendered(
    scene: bpy.types.Scene, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    file = write(tmp_path / "z.exr", depth_of(scene, tmp_path))
    show_in_sidebar(file)
    capfd.readouterr()
    bpy.ops.depth.reconstruct(filepath=file, camera="Other")
    assert_named("WRONG_CAMERA", capfd.readouterr().out)
    assert bpy.context.scene.reconstruct_from_depth.camera.name == "Camera"


@pytest.mark.parametrize("source", ["file", "render"])
def test_another_camera_than_the_recorded_one_is_refused_and_named_if_used_anyway(
    scene: bpy.types.Scene, tmp_path: Path, capfd: pytest.CaptureFixture[str], source: str
) -> None:
    file = render_file(scene, tmp_path / "shot.exr")
    filepath = file if source == "file" else ""
    with pytest.raises(RuntimeError, match=r"\bCamera\b.*\bOther\b|\bOther\b.*\bCamera\b"):
        bpy.ops.depth.reconstruct(filepath=filepath, camera="Other")
    capfd.readouterr()
    bpy.ops.depth.reconstruct(filepath=filepath, camera="Other", override_camera=True)
    assert_named("WRONG_CAMERA", capfd.readouterr().out)


@pytest.mark.parametrize("climbs", [0.2, 0.0])
def test_a_camera_that_was_moved_since(
    scene: bpy.types.Scene, tmp_path: Path, capfd: pytest.CaptureFixture[str], climbs: float
) -> None:
    file = write(tmp_path / "z.exr", depth_of(scene, tmp_path))
    scene.camera.location.x += 0.3
    scene.camera.location.z += climbs
    scene.camera.rotation_euler.z += 0.03
    bpy.context.view_layer.update()
    bpy.ops.depth.reconstruct(filepath=file)
    assert_named("CAMERA_MOVED", capfd.readouterr().out)


def test_a_lens_that_was_changed_since(
    scene: bpy.types.Scene, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    file = write(tmp_path / "z.exr", depth_of(scene, tmp_path))
    scene.camera.data.lens *= 50 / 35
    bpy.context.view_layer.update()
    bpy.ops.depth.reconstruct(filepath=file)
    assert_named("WRONG_LENS", capfd.readouterr().out)


def test_another_frame(
    scene: bpy.types.Scene, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    camera = scene.camera
    camera.keyframe_insert("location", frame=1)
    camera.location.x += 2
    camera.keyframe_insert("location", frame=21)
    scene.frame_end = 21
    scene.frame_set(9)
    file = write(tmp_path / "z.exr", depth_of(scene, tmp_path))
    scene.frame_set(1)
    show_in_sidebar(file)
    bpy.ops.depth.reconstruct(filepath=file)
    assert_named("WRONG_FRAME", capfd.readouterr().out)
    assert scene.reconstruct_from_depth.frame == 9
    assert scene.frame_current == 1


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("SCALED", lambda depth: 2 * depth),
        ("OFFSET", lambda depth: depth + 0.7),
        ("INVERSE", lambda depth: 1 / depth),
        ("INVERSE", lambda depth: 100 / depth),
        ("INVERTED", lambda depth: 1.1 * np.max(depth[depth < 1e9]) - depth),
        ("FLIPPED_X", lambda depth: depth[:, ::-1]),
        ("FLIPPED_Y", lambda depth: depth[::-1]),
    ],
)
def test_values_and_pixels(
    scene: bpy.types.Scene,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    name: str,
    change: Change,
) -> None:
    file = write(tmp_path / "z.exr", change(depth_of(scene, tmp_path)))
    bpy.ops.depth.reconstruct(filepath=file)
    assert_named(name, capfd.readouterr().out)


def test_normalized_depth_is_refused_and_named_if_used_anyway(
    scene: bpy.types.Scene, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    depth = depth_of(scene, tmp_path)
    nearest, farthest = depth.min(), depth[depth < 1e9].max()
    normalized = np.minimum((depth - nearest) / (farthest - nearest), 1.0)
    file = write(tmp_path / "z.exr", normalized)
    with pytest.raises(RuntimeError, match="ends at exactly 1"):
        bpy.ops.depth.reconstruct(filepath=file)
    bpy.ops.depth.reconstruct(filepath=file, allow_any_depth=True)
    assert_named("NORMALIZED", capfd.readouterr().out)


def test_normalized_and_scaled_depth(
    scene: bpy.types.Scene, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    depth = depth_of(scene, tmp_path)
    nearest, farthest = depth.min(), depth[depth < 1e9].max()
    file = write(tmp_path / "z.exr", 10 * (depth - nearest) / (farthest - nearest) + 0.2)
    bpy.ops.depth.reconstruct(filepath=file)
    assert_named("NORMALIZED", capfd.readouterr().out)


def test_ray_depth_in_a_layer_called_z(
    scene: bpy.types.Scene, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    depth = depth_of(scene, tmp_path)
    file = write(tmp_path / "z.exr", depth)
    bpy.ops.depth.reconstruct(filepath=file, depth_kind="RAY")
    assert_named("PLANAR_NOT_RAY", capfd.readouterr().out)
    ray = write(tmp_path / "ray.exr", depth * along_rays(scene))
    bpy.ops.depth.reconstruct(filepath=ray)
    assert_named("RAY_NOT_PLANAR", capfd.readouterr().out)


def along_rays(scene: bpy.types.Scene) -> np.ndarray:
    """Distance along the ray of a planar depth of 1, by the camera's own frame."""
    data = scene.camera.data
    right_top, _, left_bottom, left_top = (np.array(each) for each in data.view_frame(scene=scene))
    x = ((np.arange(WIDTH) + 0.5) / WIDTH)[None, :, None]
    y = ((np.arange(HEIGHT) + 0.5) / HEIGHT)[:, None, None]
    frame = left_top + (right_top - left_top) * x + (left_bottom - left_top) * y
    return np.linalg.norm(frame, axis=-1) / -frame[..., 2]


def test_srgb_encoded_values_are_named(
    scene: bpy.types.Scene, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    depth = depth_of(scene, tmp_path)
    encoded = np.where(depth < 1e9, 1.055 * np.abs(depth) ** (1 / 2.4) - 0.055, depth)
    bpy.ops.depth.reconstruct(filepath=write(tmp_path / "z.exr", encoded))
    assert verdict()[0] == "SRGB_ENCODED", verdict()[1]
    assert "Warning: " in capfd.readouterr().out
    assert not bpy.ops.depth.apply_remedy.poll()  # no option decodes it
    assert "Non-Color before saving it" in bpy.context.scene.reconstruct_from_depth.verdict_remedy


def test_eevee_without_its_position_pass_says_what_to_expect(
    scene: bpy.types.Scene, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    depth = write(tmp_path / "z.exr", depth_of(scene, tmp_path))
    scene.render.engine = "BLENDER_EEVEE" if bpy.app.version >= (5, 0) else "BLENDER_EEVEE_NEXT"
    bpy.ops.depth.reconstruct(filepath=depth)
    assert "a tenth of a pixel" in capfd.readouterr().out


def test_depth_of_a_scene_that_is_gone_gives_away_what_it_can(
    scene: bpy.types.Scene, tmp_path: Path
) -> None:
    depth = depth_of(scene, tmp_path)
    exact = write(tmp_path / "exact.exr", depth)
    rounded = np.where(depth < 1e9, depth, np.inf).astype(np.float16).astype(np.float32)
    rounded = write(tmp_path / "rounded.exr", rounded)
    for item in [each for each in scene.objects if each.type == "MESH"]:
        bpy.data.objects.remove(item)
    bpy.ops.depth.reconstruct(filepath=exact)
    assert verdict()[0] == "NOT_CHECKED"
    assert "half precision" not in verdict()[1]
    bpy.ops.depth.reconstruct(filepath=rounded)
    assert verdict()[0] == "NOT_CHECKED"
    assert "half precision" in verdict()[1]
