"""Normals from depth against those that Cycles renders."""

from __future__ import annotations

from pathlib import Path

import bpy
import numpy as np
import pytest

from tests.blender.geometry.surface_scenes import prepare
from tests.blender.reconstruct_scene import render_file, the_object


def normals_of_object() -> np.ndarray:
    data = the_object().data.attributes["Normal"].data
    values = np.empty(len(data) * 3, np.float32)
    data.foreach_get("vector", values)
    return values.reshape(-1, 3)


@pytest.mark.parametrize("stride", [1, 3])
@pytest.mark.parametrize("name", ["spheres", "grazing_floor", "room"])
def test_normals_are_those_of_the_render(
    empty_scene: bpy.types.Scene, tmp_path: Path, name: str, stride: int
) -> None:
    scene = prepare(empty_scene, name)
    scene.view_layers[0].use_pass_normal = True
    file = render_file(scene, tmp_path / "shot.exr")
    bpy.ops.depth.reconstruct(filepath=file, passes="Normal", stride=stride)
    true = normals_of_object()
    bpy.ops.depth.reconstruct(filepath=file, passes="", normals_from_depth=True, stride=stride)
    normals = normals_of_object()
    assert normals.shape == true.shape
    assert np.allclose(np.linalg.norm(normals, axis=1), 1.0, atol=1e-5)
    crosses = np.linalg.norm(np.cross(normals, true), axis=1)
    wrong = np.degrees(np.arctan2(crosses, np.sum(normals * true, axis=1)))
    print(name, stride, np.percentile(wrong, [50, 75, 90, 95, 99]))
    assert np.median(wrong) < 0.5
    assert np.percentile(wrong, 80) < 5.0


def test_the_normal_pass_comes_first(empty_scene: bpy.types.Scene, tmp_path: Path) -> None:
    scene = prepare(empty_scene, "spheres")
    scene.view_layers[0].use_pass_normal = True
    file = render_file(scene, tmp_path / "shot.exr")
    bpy.ops.depth.reconstruct(filepath=file, passes="Normal")
    true = normals_of_object()
    bpy.ops.depth.reconstruct(filepath=file, passes="Normal", normals_from_depth=True)
    assert np.array_equal(normals_of_object(), true)


@pytest.mark.parametrize("options", [{"output": "SURFACE"}, {"points_from": "POSITION"},
                                     {"voxel_size": 0.3}])  # fmt: skip
def test_every_form_carries_them(
    empty_scene: bpy.types.Scene, tmp_path: Path, options: dict[str, object]
) -> None:
    scene = prepare(empty_scene, "spheres")
    scene.view_layers[0].use_pass_position = True
    file = render_file(scene, tmp_path / "shot.exr")
    bpy.ops.depth.reconstruct(filepath=file, normals_from_depth=True, **options)
    normals = normals_of_object()
    assert np.allclose(np.linalg.norm(normals, axis=1), 1.0, atol=1e-4)
    assert np.mean(normals[:, 1] < -0.5) > 0.8  # most are of the wall, which looks along -Y
    if options.get("output") == "SURFACE":
        assert not the_object().data.validate(verbose=True)
        assert the_object().data.has_custom_normals
