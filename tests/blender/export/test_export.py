"""Exported files hold what is in the scene."""

from __future__ import annotations

from pathlib import Path

import bpy
import numpy as np
import pytest
import trimesh
from export_scene import attribute, fails
from mathutils import Matrix
from plyfile import PlyData

from tests.blender.reconstruct_scene import positions, render_file, the_object

CAN_HAVE_POINT_CLOUDS = bpy.app.version >= (4, 5)


def test_ply_holds_points_and_attributes(cloud: bpy.types.Object, tmp_path: Path) -> None:
    path = tmp_path / "cloud.ply"
    assert bpy.ops.depth.export(filepath=str(path)) == {"FINISHED"}
    vertex = PlyData.read(path)["vertex"]
    assert len(vertex.data) > 2000
    np.testing.assert_array_equal(np.stack([vertex[n] for n in "xyz"], 1), positions(cloud))
    for index, name in enumerate(("nx", "ny", "nz")):
        np.testing.assert_array_equal(vertex[name], attribute(cloud, "Normal")[:, index])
    np.testing.assert_array_equal(vertex["scalar_depth"], attribute(cloud, "depth"))
    for index, name in enumerate("xy"):
        np.testing.assert_array_equal(
            vertex[f"scalar_pixel_{name}"], attribute(cloud, "pixel")[:, index]
        )


def test_ply_is_what_blender_imports(cloud: bpy.types.Object, tmp_path: Path) -> None:
    bpy.ops.depth.export(filepath=str(tmp_path / "cloud.ply"))
    colors = attribute(cloud, "Color")
    before = positions(cloud)
    bpy.ops.wm.ply_import(filepath=str(tmp_path / "cloud.ply"), import_colors="SRGB")
    imported = bpy.context.selected_objects[0]
    np.testing.assert_array_equal(positions(imported), before)
    found = attribute(imported, imported.data.color_attributes[0].name)
    expected = np.clip(colors[:, :3], 0, 1)
    half_a_byte = 2.4 / 255  # the curve's greatest slope in linear values is below
    assert np.abs(found[:, :3] - expected).max() < half_a_byte / 2 * 1.01


def test_npz_holds_the_arrays(cloud: bpy.types.Object, tmp_path: Path) -> None:
    bpy.ops.depth.export(filepath=str(tmp_path / "cloud.npz"), file_format="NPZ")
    found = np.load(tmp_path / "cloud.npz")
    assert set(found.files) == {"points", "colors", "normals", "pixel", "depth"}
    np.testing.assert_array_equal(found["points"], positions(cloud))
    names = {"colors": "Color", "normals": "Normal", "pixel": "pixel", "depth": "depth"}
    for name, called in names.items():
        np.testing.assert_array_equal(found[name], attribute(cloud, called))


@pytest.mark.skipif(bpy.app.version < (5, 0), reason="Blender 4 renders in linear Rec. 709")
def test_colors_of_another_working_space_are_converted(
    cloud: bpy.types.Object, tmp_path: Path
) -> None:
    """By the matrix from ACEScg to linear Rec. 709 that the ACES project publishes."""
    colors = attribute(cloud, "Color")
    bpy.ops.wm.set_working_color_space(working_space="ACEScg", convert_colors=False)
    try:
        bpy.ops.depth.export(filepath=str(tmp_path / "a.npz"), file_format="NPZ")
    finally:
        bpy.ops.wm.set_working_color_space(working_space="Linear Rec.709", convert_colors=False)
    found = np.load(tmp_path / "a.npz")["colors"]
    aces = np.array(
        [
            [1.70505, -0.62179, -0.08326],
            [-0.13026, 1.14080, -0.01055],
            [-0.02400, -0.12897, 1.15297],
        ]
    )
    np.testing.assert_allclose(found[:, :3], colors[:, :3] @ aces.T, atol=1e-4)
    np.testing.assert_array_equal(found[:, 3], colors[:, 3])


def test_names_of_a_cryptomatte_are_exported(scene: bpy.types.Scene, tmp_path: Path) -> None:
    scene.view_layers[0].use_pass_cryptomatte_object = True
    rendered = render_file(scene, tmp_path / "a.exr")
    bpy.ops.depth.reconstruct(filepath=rendered, passes="CryptoObject")
    bpy.ops.depth.export(filepath=str(tmp_path / "a.npz"), file_format="NPZ")
    found = np.load(tmp_path / "a.npz")
    names = dict(zip(found["CryptoObject ids"], found["CryptoObject names"], strict=True))
    assert {"Plane", "Suzanne", "Sphere"} <= set(names.values())
    heights = {"Plane": (-1e-4, 1e-4), "Suzanne": (0.0, 2.5), "Sphere": (0.1, 1.9)}
    for number, name in names.items():
        low, high = heights[str(name)]
        z = found["points"][found["CryptoObject"] == number, 2]
        assert np.mean((z > low) & (z < high)) > 0.95


def test_text_holds_the_points(cloud: bpy.types.Object, tmp_path: Path) -> None:
    bpy.ops.depth.export(filepath=str(tmp_path / "cloud"), file_format="XYZ")
    found = np.loadtxt(tmp_path / "cloud.xyz")
    np.testing.assert_array_equal(found[:, :3].astype(np.float32), positions(cloud))
    assert found.shape[1] == 6


@pytest.mark.skipif(not CAN_HAVE_POINT_CLOUDS, reason="Blender 4.2 makes no point clouds")
def test_point_clouds_are_exported_too(rendered: str, tmp_path: Path) -> None:
    bpy.ops.depth.reconstruct(filepath=rendered, output="POINT_CLOUD")
    item = the_object()
    assert item.type == "POINTCLOUD"
    bpy.ops.depth.export(filepath=str(tmp_path / "cloud.ply"))
    vertex = PlyData.read(tmp_path / "cloud.ply")["vertex"]
    expected = attribute(item, "position")
    np.testing.assert_array_equal(np.stack([vertex[n] for n in "xyz"], 1), expected)
    np.testing.assert_array_equal(vertex["scalar_radius"], attribute(item, "radius"))
    assert {"red", "green", "blue"} <= {prop.name for prop in vertex.properties}


def test_a_surface_keeps_its_faces_in_ply_and_npz(
    surface: bpy.types.Object, tmp_path: Path
) -> None:
    surface.matrix_world = Matrix.Translation((1, 2, 3)) @ Matrix.Scale(2, 4)
    bpy.ops.depth.export(filepath=str(tmp_path / "a.npz"), file_format="NPZ")
    found = np.load(tmp_path / "a.npz")
    assert found["quads"].tolist() == [[0, 1, 2, 3], [3, 2, 4, 5], [5, 4, 6, 7]]
    assert found["triangles"].tolist() == [[5, 7, 8]]
    np.testing.assert_allclose(found["points"], positions(surface) * 2 + [1, 2, 3], rtol=1e-6)
    assert found["uv"].tolist() == [[index / 8, 1 - index / 16] for index in range(9)]
    bpy.ops.depth.export(filepath=str(tmp_path / "a.ply"))
    assert len(trimesh.load(tmp_path / "a.ply", process=False).faces) == 7


def test_uv_of_a_closed_panorama_is_left_out(scene: bpy.types.Scene, tmp_path: Path) -> None:
    """A point at its border is at both ends of the image, so it has two UVs."""
    scene.camera.data.type = "PANO"
    scene.camera.data.panorama_type = "EQUIRECTANGULAR"
    rendered = render_file(scene, tmp_path / "a.exr")
    bpy.ops.depth.reconstruct(filepath=rendered, output="SURFACE")
    bpy.ops.depth.export(filepath=str(tmp_path / "a.npz"), file_format="NPZ")
    arrays = np.load(tmp_path / "a.npz")
    assert "uv" not in arrays.files
    assert len(arrays["quads"]) > 100


@pytest.mark.filterwarnings("error")
@pytest.mark.usefixtures("cloud")
def test_slashes_stand_for_the_folder_of_the_blend_file(tmp_path: Path) -> None:
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "a.blend"))
    bpy.ops.depth.export(filepath="//here.ply")
    assert (tmp_path / "here.ply").exists()


def test_errors_say_why_something_cannot_be_exported(
    cloud: bpy.types.Object, tmp_path: Path
) -> None:
    path = str(tmp_path / "cloud.ply")
    fails("There is no name to export to", filepath="")
    missing = tmp_path / "missing" / "a.ply"
    fails(f"{missing}: The file cannot be written .*choose a folder", filepath=str(missing))
    fails("has no faces", filepath=path, file_format="GLB")
    cloud.scale = (1, 1, 2)
    bpy.context.view_layer.update()
    fails("scale differs between its axes", filepath=path, cameras={"JSON"})
    cloud.scale = (1, 0, 1)
    bpy.context.view_layer.update()
    fails("scale is 0 on some axis", filepath=path)
    assert [each.name for each in tmp_path.iterdir()] == ["my render.exr"]
    cloud.scale = (1, 1, 1)
    bpy.ops.object.mode_set(mode="EDIT")
    fails("Switch to Object Mode first", filepath=path)
    bpy.ops.mesh.select_all(action="SELECT")
    bpy.ops.mesh.delete()
    bpy.ops.object.mode_set(mode="OBJECT")
    fails("has no points", filepath=path)
    bpy.ops.mesh.primitive_cube_add()
    fails("Cube was not made by Reconstruct from Depth", filepath=path)
    bpy.context.view_layer.objects.active = None
    fails("Click on a reconstruction first", filepath=path)
