"""Surfaces look the same in glTF as in Blender."""

from __future__ import annotations

import json
from pathlib import Path

import bpy
import numpy as np
import pytest
import trimesh
from export_scene import attribute, fails

from tests.blender.reconstruct_scene import positions, render_file, the_object, unchanged


def test_gltf_has_the_colors_unlit(surface: bpy.types.Object, tmp_path: Path) -> None:
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


def test_gltf_holds_only_the_active_object(surface: bpy.types.Object, tmp_path: Path) -> None:
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


def test_gltf_is_exported_at_the_current_frame(surface: bpy.types.Object, tmp_path: Path) -> None:
    for frame in (0, 10):
        surface.location = (frame, 0, 0)
        surface.keyframe_insert("location", frame=frame)
    bpy.context.scene.frame_set(7, subframe=0.5)
    place = surface.matrix_world.translation.x
    assert 6 < place < 9
    bpy.ops.depth.export(filepath=str(tmp_path / "a.glb"), file_format="GLB")
    (node,) = glb(tmp_path / "a.glb")[0]["nodes"]
    assert node["translation"] == pytest.approx([place, 0, 0])
    scene = bpy.context.scene
    assert (scene.frame_current, scene.frame_subframe) == (7, 0.5)


def glb(path: Path) -> tuple[dict[str, list[dict[str, int]]], bytes]:
    """JSON and binary chunk of a glTF file, by the specification of glTF 2.0."""
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
        assert_texture_has_the_colors(data, binary, arrays, tmp_path / "texture.png")


def assert_texture_has_the_colors(
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
