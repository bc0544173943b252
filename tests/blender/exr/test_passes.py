"""Passes as attributes, each compared with what Blender itself knows about the scene."""

from __future__ import annotations

from pathlib import Path

import bpy
import numpy as np
import pytest
from bpy_extras.object_utils import world_to_camera_view
from mathutils import Vector

from tests.blender.reconstruct_scene import (
    HEIGHT,
    WIDTH,
    Product,
    fails,
    pixels,
    positions,
    render_file,
    the_object,
)

WORDS = bpy.app.version >= (5, 0)
OBJECT_INDEX = "Object Index" if WORDS else "IndexOB"
MATERIAL_INDEX = "Material Index" if WORDS else "IndexMA"
DIFFUSE_COLOR = "Diffuse Color" if WORDS else "DiffCol"
ONE_PART = {"use_exr_interleave": True} if WORDS else {}
COLORS = {"Plane": (0.2, 0.5, 0.1), "Suzanne": (0.8, 0.1, 0.3), "Sphere": (0.1, 0.2, 0.9)}
FLAGS = ("normal", "uv", "vector", "mist", "position", "object_index", "material_index",
         "diffuse_color", "ambient_occlusion", "cryptomatte_object",
         "cryptomatte_material")  # fmt: skip


@pytest.fixture
def rich(scene: bpy.types.Scene) -> bpy.types.Scene:
    """The scene with indices, materials, AOVs, and all sorts of passes."""
    for index, (name, color) in enumerate(COLORS.items(), 3):
        material = bpy.data.materials.new(f"Of {name}")
        if not WORDS:
            material.use_nodes = True
        material.pass_index = index * 10
        nodes, links = material.node_tree.nodes, material.node_tree.links
        shader = nodes.new("ShaderNodeBsdfDiffuse")
        shader.inputs["Color"].default_value = (*color, 1)
        surface = next(node for node in nodes if node.type == "OUTPUT_MATERIAL").inputs["Surface"]
        links.new(shader.outputs["BSDF"], surface)
        geometry = nodes.new("ShaderNodeNewGeometry")
        for aov, socket in (("place", "Color"), ("color", "Color")):
            output = nodes.new("ShaderNodeOutputAOV")
            output.aov_name = aov
            links.new(geometry.outputs["Position"], output.inputs[socket])
        height = nodes.new("ShaderNodeOutputAOV")
        height.aov_name = "height"
        height.inputs["Value"].default_value = index / 8
        item = bpy.data.objects[name]
        item.pass_index = index
        item.data.materials.append(material)
    layer = scene.view_layers[0]
    for name in FLAGS:
        setattr(layer, f"use_pass_{name}", True)
    for name, kind in (("place", "COLOR"), ("color", "COLOR"), ("height", "VALUE")):
        aov = layer.aovs.add()
        aov.name, aov.type = name, kind
    return scene


def stored(item: bpy.types.Object, name: str, kind: str) -> np.ndarray:
    attribute = item.data.attributes[name]
    assert (attribute.data_type, attribute.domain) == (kind, "POINT")
    field, width, dtype = {
        "INT": ("value", 1, np.int32),
        "FLOAT": ("value", 1, np.float32),
        "FLOAT2": ("vector", 2, np.float32),
        "FLOAT_VECTOR": ("vector", 3, np.float32),
        "FLOAT_COLOR": ("color", 4, np.float32),
    }[kind]
    values = np.empty(len(attribute.data) * width, dtype)
    attribute.data.foreach_get(field, values)
    return values.reshape(-1, width) if width > 1 else values


class Seen:
    """What `scene.ray_cast` hits at each point of an object."""

    def __init__(self, scene: bpy.types.Scene, item: bpy.types.Object) -> None:
        depsgraph = bpy.context.evaluated_depsgraph_get()
        eye = scene.camera.matrix_world.translation
        hits = []
        for point in positions(item):
            direction = (Vector(point) - eye).normalized()
            hits.append(scene.ray_cast(depsgraph, eye, direction))
        self.names = np.array([hit[4].name for hit in hits])
        self.normals = np.array([hit[2] for hit in hits])
        self.places = np.array([hit[1] for hit in hits])

    def of_each(self, values: dict[str, float]) -> np.ndarray:
        return np.array([values[name] for name in self.names])


def test_indices_names_normals_and_uv_are_those_of_the_scene(
    rich: bpy.types.Scene, tmp_path: Path
) -> None:
    file = render_file(rich, tmp_path / "shot.exr", color_depth="32")
    names = [OBJECT_INDEX, MATERIAL_INDEX, "Normal", "UV", "CryptoObject", "CryptoMaterial"]
    bpy.ops.depth.reconstruct(filepath=file, passes=", ".join(names))
    made = the_object()
    assert "Color" not in made.data.attributes
    made.hide_set(True)
    seen = Seen(rich, made)
    index = seen.of_each({name: i for i, name in enumerate(COLORS, 3)})
    assert np.mean(stored(made, OBJECT_INDEX, "INT") == index) > 0.995
    assert np.mean(stored(made, MATERIAL_INDEX, "INT") == 10 * index) > 0.995
    normals = stored(made, "Normal", "FLOAT_VECTOR")
    flat = np.linalg.norm(normals - seen.normals, axis=1) < 1e-3
    assert flat.mean() > 0.95  # a silhouette or an edge lies within the filter's 0.01 px
    assert np.linalg.norm(normals, axis=1) == pytest.approx(1.0, abs=1e-5)
    on_floor = seen.names == "Plane"
    uv = stored(made, "UV", "FLOAT2")
    floor = seen.places[on_floor, :2] / 20 + 0.5
    assert np.mean(np.abs(uv[on_floor] - floor).max(axis=1) < 1e-4) > 0.99
    for name, prefix in (("CryptoObject", ""), ("CryptoMaterial", "Of ")):
        table = made.data[name].to_dict()
        assert set(table.values()) == {prefix + each for each in COLORS}
        said = [table[str(each)] for each in stored(made, name, "INT")]
        truth = [prefix + each for each in seen.names]
        assert np.mean(np.array(said) == np.array(truth)) > 0.995


def test_colors_aovs_and_numbers_are_those_of_the_scene(
    rich: bpy.types.Scene, tmp_path: Path
) -> None:
    file = render_file(rich, tmp_path / "shot.exr", color_depth="32")
    names = [DIFFUSE_COLOR, "place", "color", "height", "Position", "Vector", "Mist"]
    bpy.ops.depth.reconstruct(filepath=file, passes=",".join(names))
    made = the_object()
    made.hide_set(True)
    seen = Seen(rich, made)
    color = stored(made, DIFFUSE_COLOR, "FLOAT_COLOR")
    for name, expected in COLORS.items():
        # At silhouettes, the filter of 0.01 px mixes a few pixels with what lies behind.
        near = np.abs(color[seen.names == name, :3] - expected).max(axis=1) < 1e-3
        assert near.mean() > 0.95
    assert (color[:, 3] == 1).all()
    assert np.mean(np.abs(stored(made, "place", "FLOAT_COLOR")[:, :3] - positions(made)) < 1e-2) > (
        0.98
    )
    assert "color" not in made.data.attributes
    np.testing.assert_array_equal(
        stored(made, "color Pass", "FLOAT_COLOR"), stored(made, "place", "FLOAT_COLOR")
    )
    height = seen.of_each({name: i / 8 for i, name in enumerate(COLORS, 3)})
    assert np.mean(np.abs(stored(made, "height", "FLOAT") - height) < 1e-3) > 0.98
    away = np.linalg.norm(stored(made, "Position", "FLOAT_VECTOR") - positions(made), axis=1)
    assert away.max() < 1e-3
    for name in ("Vector.XY", "Vector.ZW"):
        assert np.abs(stored(made, name, "FLOAT2")).max() < 1e-4  # nothing moves
    assert (stored(made, "Mist", "FLOAT") > 0).any()
    assert made.data.color_attributes.active_color.name == DIFFUSE_COLOR
    shown = made.data.materials[0].node_tree.nodes
    assert next(n for n in shown if n.type == "ATTRIBUTE").attribute_name == DIFFUSE_COLOR


def test_the_vector_pass_is_two_motions_in_pixels(rich: bpy.types.Scene, tmp_path: Path) -> None:
    sphere, camera = bpy.data.objects["Sphere"], rich.camera
    for frame in (0, 1, 2):
        sphere.location.x = -1.5 + 0.2 * frame
        sphere.keyframe_insert("location", frame=frame)
    rich.frame_set(1)
    file = render_file(rich, tmp_path / "shot.exr", color_depth="32")
    bpy.ops.depth.reconstruct(filepath=file, passes=f"Vector,{OBJECT_INDEX}")
    made = the_object()
    on_sphere = stored(made, OBJECT_INDEX, "INT") == 5
    assert on_sphere.sum() > 50
    places = positions(made)[on_sphere]

    def in_pixels(points: np.ndarray) -> np.ndarray:
        views = [world_to_camera_view(rich, camera, Vector(point)) for point in points]
        return np.array([(view.x * WIDTH, view.y * HEIGHT) for view in views])

    here = in_pixels(places)
    for name, step, sign in (("Vector.XY", -0.2, 1), ("Vector.ZW", 0.2, -1)):
        motion = stored(made, name, "FLOAT2")
        expected = sign * (in_pixels(places + np.array([step, 0, 0])) - here)
        assert np.mean(np.abs(motion[on_sphere] - expected).max(axis=1) < 0.02) > 0.97
        assert np.mean(np.abs(motion[~on_sphere]).max(axis=1) < 1e-4) > 0.99


def test_a_surface_is_shaded_by_the_normal_pass(rich: bpy.types.Scene, tmp_path: Path) -> None:
    file = render_file(rich, tmp_path / "shot.exr", color_depth="32")
    bpy.ops.depth.reconstruct(filepath=file, passes="Normal", output="SURFACE")
    mesh = the_object().data
    assert not mesh.validate()
    corners = np.empty(len(mesh.loops) * 3, np.float32)
    mesh.corner_normals.foreach_get("vector", corners)
    vertices = np.empty(len(mesh.loops), np.int32)
    mesh.loops.foreach_get("vertex_index", vertices)
    expected = stored(the_object(), "Normal", "FLOAT_VECTOR")[vertices]
    away = np.linalg.norm(corners.reshape(-1, 3) - expected, axis=1)
    assert away.max() < (1e-5 if bpy.app.version >= (4, 5) else 0.05)
    bpy.ops.depth.reconstruct(filepath=file, output="SURFACE")
    assert not the_object().data.has_custom_normals


def test_the_render_result_gives_the_same_attributes(rich: bpy.types.Scene, tmp_path: Path) -> None:
    file = render_file(rich, tmp_path / "shot.exr", color_depth="32")
    names = f"Combined,Normal,{OBJECT_INDEX},CryptoObject"
    bpy.ops.depth.reconstruct(filepath=file, passes=names)
    of_file = the_object()
    bpy.ops.depth.reconstruct(passes=names)
    for name, kind in (("Color", "FLOAT_COLOR"), ("Normal", "FLOAT_VECTOR"),
                       (OBJECT_INDEX, "INT"), ("CryptoObject", "INT")):  # fmt: skip
        np.testing.assert_array_equal(stored(of_file, name, kind), stored(the_object(), name, kind))
    assert of_file.data["CryptoObject"].to_dict() == the_object().data["CryptoObject"].to_dict()


def test_a_file_is_decoded_once_even_if_its_passes_exceed_the_cache(
    rich: bpy.types.Scene, product: Product, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = render_file(rich, tmp_path / "shot.exr", color_depth="32", **ONE_PART)
    exr, decoded = product("core.exr.reader"), []
    read_channels = exr.read_channels

    def counted(*arguments: object) -> list[np.ndarray]:
        decoded.append(arguments)
        return read_channels(*arguments)

    monkeypatch.setattr(exr, "read_channels", counted)
    monkeypatch.setattr(exr._cache, "limit", 5 * 4 * WIDTH * HEIGHT)
    exr.clear_cache()
    bpy.ops.depth.reconstruct(filepath=file, passes="Combined, Normal, UV, Vector, place, Mist")
    assert len(decoded) == 1


def test_a_missing_pass_is_an_error_but_a_missing_color_is_not(
    scene: bpy.types.Scene, tmp_path: Path
) -> None:
    scene.view_layers[0].use_pass_mist = True
    file = render_file(scene, tmp_path / "shot.exr")
    fails("has no pass Shine beside ViewLayer.Depth; it has .*Mist", filepath=file,
          passes="Mist, Shine")  # fmt: skip
    import OpenEXR

    depth = {"Z": np.full((HEIGHT, WIDTH), 4.0, np.float32)}
    file = str(tmp_path / "plain.exr")
    OpenEXR.File({"type": OpenEXR.scanlineimage}, depth).write(file)
    bpy.ops.depth.reconstruct(filepath=file)
    assert not [each for each in the_object().data.attributes if each.data_type == "FLOAT_COLOR"]
    assert len(pixels(the_object())) == WIDTH * HEIGHT


def test_the_sidebar_lists_what_the_file_and_the_render_have(
    rich: bpy.types.Scene, product: Product, tmp_path: Path
) -> None:
    layer, settings = rich.view_layers[0], rich.reconstruct_from_depth
    for prop in layer.bl_rna.properties:
        name = prop.identifier
        if name.startswith("use_pass") and "subsurface" not in name and "grease" not in name:
            setattr(layer, name, True)
    layer.cycles.use_pass_volume_direct = layer.cycles.use_pass_volume_indirect = True
    layer.cycles.use_pass_shadow_catcher = True
    layer.lightgroups.add(name="key")
    said = set(settings.listed_passes())
    settings.source, settings.filepath = "FILE", render_file(rich, tmp_path / "shot.exr")
    in_file = set(settings.listed_passes())
    assert said == in_file
    assert {"Combined", "Normal", OBJECT_INDEX, "CryptoObject", "height", "Combined_key"} <= said
    assert len(said) >= 28

    assert settings.chosen_passes() == ("Combined",)
    bpy.ops.depth.toggle_pass(name="Normal")
    assert settings.passes == "Combined, Normal"
    bpy.ops.depth.toggle_pass(name="Combined")
    assert settings.passes == "Normal"
    status_line = product("bridge.reconstruct.status_line").status_line
    assert not status_line(bpy.context).problem
    bpy.ops.depth.toggle_pass(name="Shine")
    assert "The file has no pass Shine" in status_line(bpy.context).problem
