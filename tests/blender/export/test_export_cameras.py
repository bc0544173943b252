"""Cameras beside exported geometry, and the cameras that are stored on objects."""

from __future__ import annotations

import json
import math
import os
from pathlib import Path

import bpy
import numpy as np
import pytest
from export_scene import fails
from mathutils import Matrix, Quaternion
from plyfile import PlyData

from tests.blender.reconstruct_scene import Product, render_file, the_object


def test_cameras_hit_their_pixels(
    cloud: bpy.types.Object, tmp_path: Path, product: Product
) -> None:
    """By the arithmetic that each format documents, for an object that was transformed."""
    cloud.matrix_world = (
        Matrix.Translation((5, -3, 2)) @ Matrix.Rotation(0.7, 4, (1, 2, 3)) @ Matrix.Scale(0.5, 4)
    )
    formats = {"JSON", "OPENCV", "COLMAP", "NERF"}
    bpy.ops.depth.export(filepath=str(tmp_path / "room.ply"), cameras=formats)
    vertex = PlyData.read(tmp_path / "room.ply")["vertex"]
    points = np.stack([vertex[name] for name in "xyz"], 1).astype(np.float64)
    pixels = np.stack([vertex["scalar_pixel_x"], vertex["scalar_pixel_y"]], 1) + 0.5

    data = json.loads((tmp_path / "room_opencv.json").read_text())
    x, y, z = np.array(data["K"]) @ (np.array(data["R"]) @ points.T + np.array([data["t"]]).T)
    assert np.abs(np.stack([x / z, y / z], 1) + 0.5 - pixels).max() < 0.01
    assert data["image"] == "my render.exr"

    data = json.loads((tmp_path / "room_transforms.json").read_text())
    to_camera = np.linalg.inv(data["frames"][0]["transform_matrix"])
    x, y, z = to_camera[:3, :3] @ points.T + to_camera[:3, 3:]
    found = np.stack([data["cx"] - data["fl_x"] * x / z, data["cy"] + data["fl_y"] * y / z], 1)
    assert np.abs(found - pixels).max() < 0.01

    stored = json.loads((tmp_path / "room_camera.json").read_text())["camera"]
    camera = product("core.cameras.serialization").camera_from_data(stored["lens"])
    assert np.abs(camera.project(points) - pixels).max() < 0.01
    assert stored["name"] == "Camera"

    lines = (tmp_path / "room_colmap" / "images.txt").read_text().splitlines()
    _, w, x, y, z, *place, _, name = lines[1].split()
    turn = np.array(Quaternion(map(float, (w, x, y, z))).to_matrix())
    fx, fy, cx, cy = map(
        float, (tmp_path / "room_colmap" / "cameras.txt").read_text().splitlines()[1].split()[4:]
    )
    x, y, z = turn @ points.T + np.array([list(map(float, place))]).T
    assert np.abs(np.stack([fx * x / z + cx, fy * y / z + cy], 1) - pixels).max() < 0.01
    assert name == "my_render.exr"


def test_only_json_can_hold_a_panorama(scene: bpy.types.Scene, tmp_path: Path) -> None:
    scene.camera.data.type = "PANO"
    scene.camera.data.panorama_type = "EQUIRECTANGULAR"
    bpy.ops.depth.reconstruct(filepath=render_file(scene, tmp_path / "a.exr"))
    path = str(tmp_path / "a.ply")
    for form in ("OPENCV", "COLMAP", "NERF"):
        fails("kind Equirectangular, which", filepath=path, cameras={form})
    assert not os.path.exists(path)
    bpy.ops.depth.export(filepath=path, cameras={"JSON"})
    assert (tmp_path / "a_camera.json").exists()


def test_points_of_the_position_pass_have_the_camera_that_saw_them(
    scene: bpy.types.Scene, tmp_path: Path
) -> None:
    scene.view_layers[0].use_pass_position = True
    rendered = render_file(scene, tmp_path / "a.exr")
    bpy.ops.depth.reconstruct(filepath=rendered, points_from="POSITION")
    bpy.ops.depth.export(filepath=str(tmp_path / "a.ply"), cameras={"JSON"})
    assert (tmp_path / "a_camera.json").exists()


def test_without_a_stored_camera_only_the_geometry_is_exported(
    cloud: bpy.types.Object, tmp_path: Path
) -> None:
    cloud["reconstructed_from"]["camera"] = ""
    fails("needs no camera, and so has none", filepath=str(tmp_path / "a.ply"), cameras={"JSON"})
    assert bpy.ops.depth.export(filepath=str(tmp_path / "a.ply")) == {"FINISHED"}


@pytest.mark.usefixtures("cloud")
def test_provenance_is_saved_in_the_blend_file(tmp_path: Path, product: Product) -> None:
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "a.blend"))
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "a.blend"))
    provenance = product("bridge.scene.provenance").provenance_of(the_object())
    assert provenance.image == str(tmp_path / "my render.exr")
    assert (provenance.camera_name, provenance.frame, provenance.layer) == (
        "Camera",
        1,
        "ViewLayer.Depth",
    )
    view = bpy.context.scene.camera.matrix_world.normalized()
    np.testing.assert_allclose(provenance.camera.matrix, np.array(view), atol=1e-6)
    lens = provenance.camera.lens.intrinsics
    assert math.isclose(lens.fx, 64 * 30 / 36, rel_tol=1e-6)
