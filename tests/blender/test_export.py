"""What is exported reads back as it is in the scene."""

from __future__ import annotations

import json
import math
import os
from pathlib import Path

import bpy
import numpy as np
import pytest
import trimesh
from mathutils import Matrix, Quaternion
from plyfile import PlyData

from tests.blender.reconstruct_scene import Product, positions, render_file, the_object, unchanged

PASSES = "Combined, Normal"
FIELDS = {
    "FLOAT": ("value", np.float32, 1),
    "INT": ("value", np.int32, 1),
    "INT32_2D": ("value", np.int32, 2),
    "FLOAT_VECTOR": ("vector", np.float32, 3),
    "FLOAT_COLOR": ("color", np.float32, 4),
}
CAN_HAVE_POINT_CLOUDS = bpy.app.version >= (4, 5)


def attribute(item: bpy.types.Object, name: str) -> np.ndarray:
    found = item.data.attributes[name]
    field, number, width = FIELDS[found.data_type]
    values = np.empty(len(found.data) * width, number)
    found.data.foreach_get(field, values)
    return values.reshape(-1, width).squeeze()


@pytest.fixture
def rendered(scene: bpy.types.Scene, tmp_path: Path) -> str:
    scene.view_layers[0].use_pass_normal = True
    return render_file(scene, tmp_path / "my render.exr")


@pytest.fixture
def cloud(rendered: str) -> bpy.types.Object:
    """A reconstruction, as a mesh of points, in colors that are more than the dark scene's."""
    bpy.ops.depth.reconstruct(filepath=rendered, passes=PASSES)
    item = the_object()
    colors = item.data.attributes["Color"].data
    values = np.random.default_rng(0).uniform(-0.1, 1.5, 4 * len(colors))
    colors.foreach_set("color", values.astype(np.float32))
    return item


@pytest.fixture
def surface(cloud: bpy.types.Object) -> bpy.types.Object:
    """The same with a few faces: three quads, a triangle, and UVs."""
    points = [tuple(vertex.co) for vertex in cloud.data.vertices]
    mesh = bpy.data.meshes.new("surface")
    faces = [(0, 1, 2, 3), (3, 2, 4, 5), (5, 4, 6, 7), (5, 7, 8)]
    mesh.from_pydata(points[:9], [], faces)
    colors = mesh.attributes.new("Color", "FLOAT_COLOR", "POINT")
    colors.data.foreach_set("color", attribute(cloud, "Color")[:9].ravel())
    layer = mesh.uv_layers.new(name="UVMap")
    corners = [corner for face in faces for corner in face]
    layer.uv.foreach_set(
        "vector", np.array([(c / 8, 1 - c / 16) for c in corners], np.float32).ravel()
    )
    mesh.materials.append(cloud.data.materials[0])
    cloud.data = mesh
    return cloud


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
    shown = np.clip(colors[:, :3], 0, 1)
    half_a_byte = 2.4 / 255  # the curve's greatest slope in linear values is below
    assert np.abs(found[:, :3] - shown).max() < half_a_byte / 2 * 1.01


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


def test_names_of_a_cryptomatte_go_along(scene: bpy.types.Scene, tmp_path: Path) -> None:
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


def test_gltf_shows_the_colors_unlit(surface: bpy.types.Object, tmp_path: Path) -> None:
    path = tmp_path / "a.glb"
    bpy.ops.mesh.primitive_cube_add()
    cube = bpy.context.object
    bpy.context.view_layer.objects.active = surface
    with unchanged():
        bpy.ops.depth.export(filepath=str(path), file_format="GLB")
    assert cube.select_get()
    emission = surface.data.materials[0].node_tree.nodes["Emission"]
    assert emission.outputs[0].links[0].to_node.type == "OUTPUT_MATERIAL"
    assert len(surface.data.materials[0].node_tree.nodes) == 3
    (material,) = glb(path)[0]["materials"]
    assert material["extensions"] == {"KHR_materials_unlit": {}}
    assert material["name"] == surface.data.materials[0].name
    (mesh,) = trimesh.load(path, process=False).geometry.values()
    x, y, z = mesh.vertices.T
    order = [int(np.abs(positions(surface) - p).sum(1).argmin()) for p in np.stack([x, -z, y], 1)]
    assert set(order) == set(range(9))
    np.testing.assert_allclose(np.stack([x, -z, y], 1), positions(surface)[order], atol=1e-5)
    assert len(mesh.faces) == 7
    found = mesh.visual.vertex_attributes["color"]
    np.testing.assert_allclose(found[:, :3], attribute(surface, "Color")[order, :3], atol=1e-6)
    np.testing.assert_allclose(mesh.visual.uv[:, 0], np.array(order) / 8, atol=1e-6)


def test_gltf_holds_this_object_alone(surface: bpy.types.Object, tmp_path: Path) -> None:
    path = tmp_path / "a.glb"
    bpy.ops.mesh.primitive_cube_add()
    other = bpy.data.scenes.new("Other")
    other.collection.objects.link(bpy.context.object)
    bpy.context.object.select_set(True, view_layer=other.view_layers[0])
    bpy.context.view_layer.objects.active = surface
    bpy.ops.depth.export(filepath=str(path), file_format="GLB")
    assert [each["name"] for each in glb(path)[0]["nodes"]] == [surface.name]
    path.unlink()
    surface.hide_select = True
    fails("cannot be selected, and the glTF", filepath=str(path), file_format="GLB")
    assert not path.exists()


def glb(path: Path) -> tuple[dict[str, list[dict[str, int]]], bytes]:
    """The description and the binary part of a file of glTF 2.0, by its specification."""
    data = path.read_bytes()
    end = 20 + int.from_bytes(data[12:16], "little")
    return json.loads(data[20:end]), data[end + 8 :]


@pytest.mark.parametrize("material", ["COLOR", "RENDER"])
def test_a_reconstructed_surface_is_exported(
    scene: bpy.types.Scene, tmp_path: Path, material: str
) -> None:
    bpy.ops.object.light_add(type="SUN", rotation=(0.3, 0.2, 0))
    rendered = render_file(scene, tmp_path / "a.exr")
    bpy.ops.depth.reconstruct(filepath=rendered, output="SURFACE", surface_material=material)
    item = the_object()
    expected = [tuple(face.vertices) for face in item.data.polygons]
    images = [(image.name, image.size[:]) for image in bpy.data.images]

    bpy.ops.depth.export(filepath=str(tmp_path / "a.npz"), file_format="NPZ")
    arrays = np.load(tmp_path / "a.npz")
    faces = [*map(tuple, arrays["quads"]), *map(tuple, arrays["triangles"])]
    assert sorted(faces) == sorted(expected)
    size = np.array([64, 48])
    pixels = arrays["uv"] * [1, -1] * size + [0, 48]
    np.testing.assert_allclose(pixels, arrays["pixel"] + 0.5, atol=1e-4)

    bpy.ops.depth.export(filepath=str(tmp_path / "a.ply"))
    found = trimesh.load(tmp_path / "a.ply", process=False)
    assert len(found.faces) == sum(len(face) - 2 for face in expected)

    bpy.ops.depth.export(filepath=str(tmp_path / "a.glb"), file_format="GLB")
    assert [(image.name, image.size[:]) for image in bpy.data.images] == images
    data, binary = glb(tmp_path / "a.glb")
    assert data["materials"][0]["extensions"] == {"KHR_materials_unlit": {}}
    assert ("COLOR_0" in data["meshes"][0]["primitives"][0]["attributes"]) == (material == "COLOR")
    if material == "RENDER":
        assert_shows(data, binary, arrays, tmp_path / "texture.png")


def assert_shows(
    data: dict[str, list[dict[str, int]]], binary: bytes, arrays: np.ndarray, path: Path
) -> None:
    """The texture has the points' colors in sRGB at their pixels."""
    view = data["bufferViews"][data["images"][0]["bufferView"]]
    start = view.get("byteOffset", 0)
    path.write_bytes(binary[start : start + view["byteLength"]])
    texture = bpy.data.images.load(str(path))
    texture.colorspace_settings.name = "Non-Color"
    values = np.empty(len(texture.pixels), np.float32)
    texture.pixels.foreach_get(values)
    column, row = arrays["pixel"].T
    found = values.reshape(48, 64, 4)[47 - row, column, :3]
    linear = np.clip(arrays["colors"][:, :3], 0, 1).astype(float)
    assert np.ptp(linear) > 0.3
    curved = np.where(linear < 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    assert np.abs(found - curved).max() < 0.51 / 255


def test_a_closed_panorama_has_no_place_for_uv_at_points(
    scene: bpy.types.Scene, tmp_path: Path
) -> None:
    """At its border a point is at both ends of the image, which only corners of faces can say."""
    scene.camera.data.type = "PANO"
    scene.camera.data.panorama_type = "EQUIRECTANGULAR"
    rendered = render_file(scene, tmp_path / "a.exr")
    bpy.ops.depth.reconstruct(filepath=rendered, output="SURFACE")
    bpy.ops.depth.export(filepath=str(tmp_path / "a.npz"), file_format="NPZ")
    arrays = np.load(tmp_path / "a.npz")
    assert "uv" not in arrays.files
    assert len(arrays["quads"]) > 100


def test_cameras_hit_their_pixels(
    cloud: bpy.types.Object, tmp_path: Path, product: Product
) -> None:
    """The files' own arithmetic, on an object that was moved, turned and scaled since."""
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

    kept = json.loads((tmp_path / "room_camera.json").read_text())["camera"]
    camera = product("core.camera_data").camera_from_data(kept["lens"])
    assert np.abs(camera.project(points) - pixels).max() < 0.01
    assert kept["name"] == "Camera"

    lines = (tmp_path / "room_colmap" / "images.txt").read_text().splitlines()
    _, w, x, y, z, *place, _, name = lines[1].split()
    turn = np.array(Quaternion(map(float, (w, x, y, z))).to_matrix())
    fx, fy, cx, cy = map(
        float, (tmp_path / "room_colmap" / "cameras.txt").read_text().splitlines()[1].split()[4:]
    )
    x, y, z = turn @ points.T + np.array([list(map(float, place))]).T
    assert np.abs(np.stack([fx * x / z + cx, fy * y / z + cy], 1) - pixels).max() < 0.01
    assert name == "my_render.exr"


def fails(message: str, **arguments: object) -> None:
    with unchanged(), pytest.raises(RuntimeError, match=message):
        bpy.ops.depth.export(**arguments)


def test_what_cannot_be_exported_says_why(cloud: bpy.types.Object, tmp_path: Path) -> None:
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


def test_a_panorama_goes_into_json_alone(scene: bpy.types.Scene, tmp_path: Path) -> None:
    scene.camera.data.type = "PANO"
    scene.camera.data.panorama_type = "EQUIRECTANGULAR"
    bpy.ops.depth.reconstruct(filepath=render_file(scene, tmp_path / "a.exr"))
    path = str(tmp_path / "a.ply")
    for form in ("OPENCV", "COLMAP", "NERF"):
        fails("kind Equirectangular, which", filepath=path, cameras={form})
    assert not os.path.exists(path)
    bpy.ops.depth.export(filepath=path, cameras={"JSON"})
    assert (tmp_path / "a_camera.json").exists()


def test_points_of_the_position_pass_keep_no_camera(scene: bpy.types.Scene, tmp_path: Path) -> None:
    scene.view_layers[0].use_pass_position = True
    rendered = render_file(scene, tmp_path / "a.exr")
    bpy.ops.depth.reconstruct(filepath=rendered, points_from="POSITION")
    fails("needs no camera, and so keeps none", filepath=str(tmp_path / "a.ply"), cameras={"JSON"})
    assert bpy.ops.depth.export(filepath=str(tmp_path / "a.ply")) == {"FINISHED"}


@pytest.mark.usefixtures("cloud")
def test_origin_outlives_the_file(tmp_path: Path, product: Product) -> None:
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "a.blend"))
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "a.blend"))
    origin = product("bridge.origin").origin_of(the_object())
    assert origin.image == str(tmp_path / "my render.exr")
    assert (origin.camera_name, origin.frame, origin.layer) == ("Camera", 1, "ViewLayer.Depth")
    view = bpy.context.scene.camera.matrix_world.normalized()
    np.testing.assert_allclose(origin.camera.matrix, np.array(view), atol=1e-6)
    lens = origin.camera.lens.intrinsics
    assert math.isclose(lens.fx, 64 * 30 / 36, rel_tol=1e-6)
