"""Meshes from files: points against ``scene.ray_cast``, and no changes to other data."""

from __future__ import annotations

import math
from pathlib import Path

import bpy
import numpy as np
import pytest
from mathutils import Vector

from tests.blender.reconstruct_scene import (
    HEIGHT,
    WIDTH,
    Product,
    assert_lies_on_the_scene,
    fails,
    pixels,
    positions,
    ray_casts,
    render_file,
    the_object,
)


def test_points_of_a_file_lie_on_the_scene(scene: bpy.types.Scene, tmp_path: Path) -> None:
    camera = scene.camera
    truth = ray_casts(scene, camera)
    file = render_file(scene, tmp_path / "shot.exr")
    assert bpy.ops.depth.reconstruct(filepath=file) == {"FINISHED"}
    made = the_object()
    assert_lies_on_the_scene(made, truth, camera.location)
    assert made.name == "shot"
    assert made.matrix_world.is_identity
    assert bpy.context.selected_objects == [made]
    assert made.name in bpy.context.collection.objects
    at = pixels(made)
    assert (np.diff(at[:, 1] * WIDTH + at[:, 0]) > 0).all()


def test_depth_and_color_attributes_are_those_of_the_file(
    scene: bpy.types.Scene, product: Product, tmp_path: Path
) -> None:
    file = render_file(scene, tmp_path / "shot.exr", color_depth="32")
    bpy.ops.depth.reconstruct(filepath=file)
    mesh = the_object().data
    depth, color = np.empty(len(mesh.vertices), np.float32), np.empty(4 * len(mesh.vertices), "f4")
    mesh.attributes["depth"].data.foreach_get("value", depth)
    mesh.attributes["Color"].data.foreach_get("color", color)
    exr = product("core.exr.reader")
    info = exr.read_info(file)
    layers = {layer.title: exr.read_layer(info, layer) for layer in info.layers}
    at = pixels(the_object())
    np.testing.assert_array_equal(depth, layers["Depth"][at[:, 1], at[:, 0]])
    np.testing.assert_array_equal(color.reshape(-1, 4), layers["Combined"][at[:, 1], at[:, 0]])
    away = positions(the_object()) - np.array(scene.camera.location)
    forward = scene.camera.matrix_world.to_3x3() @ Vector((0, 0, -1))
    np.testing.assert_allclose(away @ np.array(forward), depth, rtol=1e-5)
    assert mesh.color_attributes.active_color.name == "Color"
    bpy.ops.depth.reconstruct(filepath=file, passes="")
    assert "Color" not in the_object().data.attributes
    assert not the_object().data.materials


def test_both_ways_to_fill_a_mesh_give_the_same_points(product: Product) -> None:
    geometry = product("bridge.scene.mesh")
    points = np.random.default_rng(1).normal(size=(2 * geometry.FEW_POINTS, 3)).astype(np.float32)
    few = geometry.mesh_from_points("few", points[: geometry.FEW_POINTS])
    many = geometry.mesh_from_points("many", points)
    for mesh in (few, many):
        found = np.empty(3 * len(mesh.vertices), np.float32)
        mesh.vertices.foreach_get("co", found)
        np.testing.assert_array_equal(found.reshape(-1, 3), points[: len(mesh.vertices)])
        assert (len(mesh.edges), len(mesh.polygons)) == (0, 0)
        assert not mesh.validate()
    box = [tuple(bpy.data.objects.new(m.name, m).bound_box[6]) for m in (few, many)]
    expected = [points[: len(m.vertices)].max(axis=0) for m in (few, many)]
    np.testing.assert_allclose(box, expected, rtol=1e-6)


def test_stride_and_max_points_leave_out_pixels_and_count_them(
    scene: bpy.types.Scene, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    file = render_file(scene, tmp_path / "shot.exr")
    bpy.ops.depth.reconstruct(filepath=file)
    everything = positions(the_object())
    at = pixels(the_object())
    bpy.ops.depth.reconstruct(filepath=file, stride=3)
    used = (at % 3 == 0).all(axis=1)
    np.testing.assert_array_equal(positions(the_object()), everything[used])
    capfd.readouterr()
    bpy.ops.depth.reconstruct(filepath=file, max_points=50)
    count = len(the_object().data.vertices)
    assert 10 < count <= 50
    assert f"{count} points from" in (said := capfd.readouterr().out)
    assert f"{len(everything) - count:,} pixels skipped by the stride" in said


@pytest.mark.usefixtures("undescribed")
def test_depth_outside_the_clip_range_or_near_and_far_is_left_out(
    scene: bpy.types.Scene, tmp_path: Path
) -> None:
    scene.camera.data.clip_end = 100
    file = render_file(scene, tmp_path / "shot.exr")
    bpy.ops.depth.reconstruct(filepath=file)
    depth = np.empty(len(the_object().data.vertices), np.float32)
    the_object().data.attributes["depth"].data.foreach_get("value", depth)
    for options, expected in (
        ({"near": 6.0, "far": 8.0}, (depth >= 6) & (depth < 8)),
        ({"far": 7.0, "use_clip": False}, depth < 7),
    ):
        bpy.ops.depth.reconstruct(filepath=file, **options)
        assert len(the_object().data.vertices) == expected.sum() > 50
    scene.camera.data.clip_end = 7.5
    bpy.ops.depth.reconstruct(filepath=file)
    assert len(the_object().data.vertices) == (depth < 7.5).sum()
    bpy.ops.depth.reconstruct(filepath=file, use_clip=False)
    assert len(the_object().data.vertices) == len(depth)
    fails(r"All depths lie from .* outside the range of 90 to 1000; change Near and Far",
          filepath=file, use_clip=False, near=90.0, far=1000.0)  # fmt: skip


def test_undo_removes_the_object_in_one_step(scene: bpy.types.Scene, tmp_path: Path) -> None:
    file = render_file(scene, tmp_path / "shot.exr")
    bpy.ops.ed.undo_push(message="before")
    names = set(bpy.data.objects.keys())
    bpy.ops.depth.reconstruct(filepath=file)
    bpy.ops.ed.undo_push(message="after")  # only the interface pushes by itself
    assert set(bpy.data.objects.keys()) - names == {"shot"}
    bpy.ops.ed.undo()
    assert set(bpy.data.objects.keys()) == names
    bpy.ops.ed.redo()
    assert set(bpy.data.objects.keys()) - names == {"shot"}


def test_bad_files_end_in_one_sentence(scene: bpy.types.Scene, tmp_path: Path) -> None:
    file = Path(render_file(scene, tmp_path / "shot.exr"))
    cut = tmp_path / "cut.exr"
    cut.write_bytes(file.read_bytes()[:-200])
    empty = tmp_path / "empty.exr"
    empty.touch()
    image = bpy.data.images.new("picture", 8, 8)
    image.filepath_raw, image.file_format = str(tmp_path / "depth.png"), "PNG"
    image.save()
    bpy.data.images.remove(image)
    for path, message in (
        (tmp_path / "missing.exr", "does not exist"),
        (cut, "truncated|incomplete|ends"),
        (empty, "is empty"),
        (tmp_path, "folder"),
        (tmp_path / "depth.png", "PNG"),
    ):
        fails(message, filepath=str(path))
    fails("has no layer Beauty; it holds", filepath=str(file), layer="Beauty")
    fails("has no view left", filepath=str(file), view="left")


def test_the_depth_of_the_active_view_layer_is_used(
    scene: bpy.types.Scene, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    scene.view_layers[0].use_pass_z = True
    other = scene.view_layers.new("Other")
    other.use_pass_z = True
    file = render_file(scene, tmp_path / "shot.exr")
    capfd.readouterr()
    bpy.ops.depth.reconstruct(filepath=file)
    said = capfd.readouterr().out
    assert "points from ViewLayer.Depth" in said
    assert "The file holds several depth layers: used ViewLayer.Depth." in said
    bpy.ops.depth.reconstruct(filepath=file, layer="Other.Depth")
    assert "points from Other.Depth" in capfd.readouterr().out
    bpy.context.view_layer.name = "Renamed"
    fails("holds several layers that may be depth: .*; choose one", filepath=file)


def test_points_are_shown_as_large_as_their_pixels(scene: bpy.types.Scene) -> None:
    bpy.ops.depth.render_and_reconstruct(show_points=True)
    made = the_object()
    depsgraph = bpy.context.evaluated_depsgraph_get()
    assert len(made.data.vertices) == len(positions(made)) > 500
    assert not made.modifiers[0].show_render
    if bpy.app.version >= (4, 5):  # before, Python cannot reach evaluated points
        geometry = made.evaluated_get(depsgraph).evaluated_geometry()
        cloud = geometry.pointcloud
        radius = np.empty(len(cloud.points), np.float32)
        cloud.attributes["radius"].data.foreach_get("value", radius)
        depth = np.empty(len(made.data.vertices), np.float32)
        made.data.attributes["depth"].data.foreach_get("value", depth)
        pixel = depth * scene.camera.data.sensor_width / scene.camera.data.lens / WIDTH
        np.testing.assert_allclose(radius, pixel * math.sqrt(0.5), rtol=1e-4)
        assert cloud.materials[0].name == made.data.materials[0].name
    bpy.ops.depth.reconstruct()
    assert not the_object().modifiers


def write_exr(path: Path, **channels: np.ndarray) -> str:
    import OpenEXR

    header = {"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage}
    OpenEXR.File(header, {name.replace("_", "."): each for name, each in channels.items()}).write(
        str(path)
    )
    return str(path)


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
@pytest.mark.usefixtures("scene")
def test_color_without_alpha_is_opaque(tmp_path: Path, dtype: type) -> None:
    rgb = np.linspace(0, 1, 3 * WIDTH * HEIGHT).astype(dtype).reshape(3, HEIGHT, WIDTH)
    z = np.full((HEIGHT, WIDTH), 4.0, np.float32)
    bpy.ops.depth.reconstruct(
        filepath=write_exr(tmp_path / "other.exr", R=rgb[0], G=rgb[1], B=rgb[2], depth_Z=z)
    )
    colors = np.empty(4 * WIDTH * HEIGHT, np.float32)
    the_object().data.attributes["Color"].data.foreach_get("color", colors)
    expected = np.concatenate((rgb.reshape(3, -1), np.ones((1, WIDTH * HEIGHT))))
    np.testing.assert_array_equal(colors.reshape(-1, 4), expected.T.astype(np.float32))


@pytest.mark.usefixtures("scene")
def test_the_report_says_what_was_unexpectedly_used_as_depth(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    values = np.linspace(0.2, 1.0, WIDTH * HEIGHT).astype(np.float32).reshape(HEIGHT, WIDTH)
    gray = write_exr(tmp_path / "gray.exr", R=values + 1, G=values + 1, B=values + 1)
    bpy.ops.depth.reconstruct(filepath=gray)
    assert "RGB was used as depth, as its R, G, and B are equal." in capfd.readouterr().out
    normalized = write_exr(tmp_path / "normalized.exr", Z=values)
    fails("ends at exactly 1, as normalized depth does", filepath=normalized)
    bpy.ops.depth.reconstruct(filepath=normalized, allow_any_depth=True)
    assert "ends at exactly 1, as normalized depth does" in capfd.readouterr().out


def test_data_that_the_user_gave_our_names_is_not_changed(
    scene: bpy.types.Scene, tmp_path: Path
) -> None:
    bpy.data.materials.new("Depth Color")
    bpy.data.node_groups.new("Depth Points", "GeometryNodeTree")
    file = render_file(scene, tmp_path / "shot.exr")
    for _ in range(2):
        bpy.ops.depth.reconstruct(filepath=file, show_points=True)
        assert the_object().data.materials[0].name == "Depth Color.001"
        assert the_object().modifiers[0].node_group.name == "Depth Points.001"
    assert len(bpy.data.materials) == 2


def test_linked_data_is_not_used(scene: bpy.types.Scene, tmp_path: Path) -> None:
    """A linked material or node group might disappear with its library."""
    file = render_file(scene, tmp_path / "shot.exr")
    bpy.ops.depth.reconstruct(filepath=file, show_points=True)
    library = str(tmp_path / "library.blend")
    bpy.data.libraries.write(library, {the_object()})
    bpy.data.batch_remove([*bpy.data.materials, *bpy.data.node_groups])
    with bpy.data.libraries.load(library, link=True) as (_, into):
        into.objects = [the_object().name]
    bpy.ops.depth.reconstruct(filepath=file, show_points=True)
    assert the_object().data.materials[0].library is None
    assert the_object().modifiers[0].node_group.library is None


def test_a_linked_collection_is_not_changed(scene: bpy.types.Scene, tmp_path: Path) -> None:
    file = render_file(scene, tmp_path / "shot.exr")
    library = str(tmp_path / "library.blend")
    collection = bpy.data.collections.new("Linked")
    bpy.data.libraries.write(library, {collection})
    bpy.data.collections.remove(collection)
    with bpy.data.libraries.load(library, link=True) as (_, into):
        into.collections = ["Linked"]
    scene.collection.children.link(bpy.data.collections["Linked"])
    layer = bpy.context.view_layer
    layer.active_layer_collection = layer.layer_collection.children["Linked"]
    bpy.ops.depth.reconstruct(filepath=file)
    assert the_object().name in scene.collection.objects


def test_a_stride_that_leaves_nothing_is_an_error(scene: bpy.types.Scene, tmp_path: Path) -> None:
    file = render_file(scene, tmp_path / "shot.exr")
    fails("stride of 1000 steps over every pixel that has a depth", filepath=file, stride=1000)


def test_an_empty_range_names_the_clip_range(scene: bpy.types.Scene, tmp_path: Path) -> None:
    file = render_file(scene, tmp_path / "shot.exr")
    fails("together with the camera's clip range leave no range: it starts at 2000 and ends at",
          filepath=file, near=2000.0)  # fmt: skip
