"""Point clouds: the points and attributes of the mesh, and renders that look like the original."""

from __future__ import annotations

from pathlib import Path

import bpy
import numpy as np
import pytest

from tests.blender.reconstruct_scene import (
    HEIGHT,
    WIDTH,
    Product,
    fails,
    positions,
    render_file,
    the_object,
)

WITH_CLOUDS = bpy.app.version >= (4, 5)
needs_clouds = pytest.mark.skipif(not WITH_CLOUDS, reason="this Blender makes no point clouds")
PASSES = "Combined, Normal, CryptoObject"


def values(item: bpy.types.Object, name: str) -> np.ndarray:
    attribute = item.data.attributes[name]
    field, width, dtype = {
        "INT": ("value", 1, np.int32),
        "INT32_2D": ("value", 2, np.int32),
        "FLOAT": ("value", 1, np.float32),
        "FLOAT_VECTOR": ("vector", 3, np.float32),
        "FLOAT_COLOR": ("color", 4, np.float32),
    }[attribute.data_type]
    found = np.empty(len(attribute.data) * width, dtype)
    attribute.data.foreach_get(field, found)
    return found.reshape(-1, width)


@pytest.fixture
def file(scene: bpy.types.Scene, tmp_path: Path) -> str:
    scene.view_layers[0].use_pass_normal = True
    scene.view_layers[0].use_pass_cryptomatte_object = True
    return render_file(scene, tmp_path / "shot.exr", color_depth="32")


@pytest.mark.skipif(WITH_CLOUDS, reason="this Blender makes point clouds")
def test_blender_4_2_says_why_there_is_none(
    scene: bpy.types.Scene, product: Product, file: str
) -> None:
    fails("cannot make point clouds: set Output to Points",
          filepath=file, output="POINT_CLOUD")  # fmt: skip
    scene.reconstruct_from_depth.output = "POINT_CLOUD"
    assert (
        "4.5 or later" in product("bridge.reconstruct.status_line").status_line(bpy.context).problem
    )


@needs_clouds
@pytest.mark.parametrize("locked", [False, True])
def test_a_cloud_has_the_points_and_attributes_of_the_mesh(
    scene: bpy.types.Scene, file: str, locked: bool
) -> None:
    bpy.ops.depth.reconstruct(filepath=file, passes=PASSES)
    mesh = the_object()
    if locked:  # Blender converts nothing that cannot be selected
        collection = bpy.data.collections.new("Locked")
        scene.collection.children.link(collection)
        layer = bpy.context.view_layer
        layer.active_layer_collection = layer.layer_collection.children["Locked"]
        collection.hide_select = True
    meshes = len(bpy.data.meshes)
    bpy.ops.depth.reconstruct(filepath=file, passes=PASSES, output="POINT_CLOUD")
    assert len(bpy.data.meshes) == meshes
    made = next(item for item in bpy.data.objects if item.type == "POINTCLOUD")
    assert [each.name for each in made.users_collection] == [
        "Locked" if locked else scene.collection.name
    ]
    assert made.matrix_world.is_identity
    np.testing.assert_array_equal(values(made, "position"), positions(mesh))
    for name in ("pixel", "depth", "Color", "Normal", "CryptoObject"):
        np.testing.assert_array_equal(values(made, name), values(mesh, name))
    assert not [each.name for each in made.data.attributes if each.name.startswith(".")]
    assert made.data["CryptoObject"].to_dict() == mesh.data["CryptoObject"].to_dict()
    assert made.data.materials[0] == mesh.data.materials[0]
    data = scene.camera.data
    side = values(mesh, "depth") * data.sensor_width / data.lens / WIDTH
    np.testing.assert_allclose(values(made, "radius"), side * 0.5**0.5, rtol=1e-4)


@needs_clouds
def test_without_a_camera_the_position_pass_gives_the_radius(
    scene: bpy.types.Scene, tmp_path: Path
) -> None:
    scene.view_layers[0].use_pass_position = True
    file = render_file(scene, tmp_path / "shot.exr", color_depth="32")
    bpy.ops.depth.reconstruct(filepath=file, points_from="POSITION", output="POINT_CLOUD")
    data = scene.camera.data
    least = values(the_object(), "depth") * data.sensor_width / data.lens / WIDTH * 0.5**0.5
    ratio = values(the_object(), "radius") / least
    assert 0.99 <= ratio.min() <= ratio.max() < 1.5


def combined(product: Product, file: str) -> np.ndarray:
    exr = product("core.exr.reader")
    info = exr.read_info(file)
    return exr.read_layer(info, next(each for each in info.layers if each.title == "Combined"))


FORMS = [
    pytest.param({"output": "POINT_CLOUD"}, marks=needs_clouds, id="point cloud"),
    pytest.param({"show_points": True}, id="shown as points"),
]


def lit(scene: bpy.types.Scene) -> None:
    scene.world = None
    bpy.ops.object.light_add(type="SUN", rotation=(0.5, 0.3, 0))


def show_only(scene: bpy.types.Scene, made: bpy.types.Object) -> np.ndarray:
    """Hide everything else from renders; return which pixels the object has points of."""
    for modifier in made.modifiers:
        modifier.show_render = True
    for item in scene.objects:
        item.hide_render = item != made
    hit = np.zeros((HEIGHT, WIDTH), bool)
    at = values(made, "pixel")
    hit[at[:, 1], at[:, 0]] = True
    return hit


@pytest.mark.parametrize("options", FORMS)
def test_points_render_like_the_image_they_were_made_from(
    scene: bpy.types.Scene, product: Product, tmp_path: Path, options: dict[str, object]
) -> None:
    lit(scene)
    file = render_file(scene, tmp_path / "lit.exr", color_depth="32")
    before = combined(product, file)
    bpy.ops.depth.reconstruct(filepath=file, **options)
    hit = show_only(scene, the_object())
    after = combined(product, render_file(scene, tmp_path / "again.exr", color_depth="32"))
    assert before[hit].max() > 0.1
    same = np.abs(after - before)[hit][:, :3].max(axis=1) <= 0.02 * before[hit].max()
    assert same.mean() > 0.99


@pytest.mark.parametrize("options", FORMS)
@pytest.mark.parametrize("kind", ["PERSP", "ORTHO", "EQUIRECTANGULAR", "FISHEYE_EQUIDISTANT"])
def test_the_surface_looks_closed_between_the_pixels_too(
    scene: bpy.types.Scene, product: Product, tmp_path: Path, options: dict[str, object], kind: str
) -> None:
    camera = scene.camera.data
    camera.shift_x = camera.shift_y = 0.0
    camera.type = kind if kind in ("PERSP", "ORTHO") else "PANO"
    if camera.type == "PANO":
        camera.panorama_type = kind
    lit(scene)
    file = render_file(scene, tmp_path / "lit.exr", color_depth="32")
    bpy.ops.depth.reconstruct(filepath=file, **options)
    hit = show_only(scene, the_object())
    scene.render.resolution_percentage = 400
    alpha = combined(product, render_file(scene, tmp_path / "large.exr", color_depth="32"))[..., 3]
    inside = hit.copy()
    inside[1:] &= hit[:-1]
    inside[:-1] &= hit[1:]
    inside[:, 1:] &= hit[:, :-1]
    inside[:, :-1] &= hit[:, 1:]
    assert inside.sum() > 300
    assert (alpha[np.kron(inside, np.ones((4, 4), bool))] > 0.99).all()
