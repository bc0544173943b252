"""Surfaces in Blender: what the mesh holds, what it shows, and what the options do."""

from __future__ import annotations

import math
from pathlib import Path

import bpy
import numpy as np
import pytest
from mathutils import Matrix

from tests.blender.reconstruct_scene import (
    HEIGHT,
    WIDTH,
    Product,
    fails,
    pixels,
    positions,
    prepare_scene,
    render_file,
    the_object,
)


def made_from(file: str, **options: object) -> bpy.types.Object:
    bpy.ops.depth.reconstruct(filepath=file, output="SURFACE", **options)
    return the_object()


def values_of(item: bpy.types.Object, name: str, field: str, width: int) -> np.ndarray:
    data = item.data.attributes[name].data
    values = np.empty(len(data) * width, np.float32)
    data.foreach_get(field, values)
    return values.reshape(-1, width)


def normals_and_centers(item: bpy.types.Object) -> tuple[np.ndarray, np.ndarray]:
    found = []
    for name in ("normal", "center"):
        values = np.empty(len(item.data.polygons) * 3, np.float32)
        item.data.polygons.foreach_get(name, values)
        found.append(values.reshape(-1, 3))
    return found[0], found[1]


def faces_look_at(item: bpy.types.Object, place: np.ndarray) -> bool:
    normals, centers = normals_and_centers(item)
    return bool((np.sum(normals * (np.array(place) - centers), axis=1) > 0.0).all())


def read(product: Product, file: str, title: str) -> np.ndarray:
    exr = product("core.exr.reader")
    info = exr.read_info(file)
    layer = next(each for each in info.layers if each.title == title)
    return exr.read_layers(info, [layer])[0]


def test_the_mesh_is_sound(scene: bpy.types.Scene, tmp_path: Path) -> None:
    item = made_from(render_file(scene, tmp_path / "shot.exr"))
    mesh = item.data
    sizes = [len(polygon.vertices) for polygon in mesh.polygons]
    assert sizes.count(4) > 2000
    assert sizes.count(3) > 20
    assert set(sizes) == {3, 4}
    used = np.empty(len(mesh.loops), np.int32)
    mesh.loops.foreach_get("vertex_index", used)
    assert np.array_equal(np.unique(used), np.arange(len(mesh.vertices)))
    assert not any(edge.is_loose for edge in mesh.edges)
    assert not any(polygon.use_smooth is False for polygon in mesh.polygons)
    assert faces_look_at(item, scene.camera.matrix_world.translation)
    assert {"pixel", "depth", "Color", "UVMap"} <= set(mesh.attributes.keys())
    assert mesh.materials[0].name == "Depth Color"
    before = (len(mesh.vertices), len(mesh.edges), len(mesh.polygons))
    assert not mesh.validate(verbose=True)
    assert before == (len(mesh.vertices), len(mesh.edges), len(mesh.polygons))


def test_uvs_are_the_positions_of_the_pixels(scene: bpy.types.Scene, tmp_path: Path) -> None:
    item = made_from(render_file(scene, tmp_path / "shot.exr"))
    corners = np.empty(len(item.data.loops), np.int32)
    item.data.loops.foreach_get("vertex_index", corners)
    places = (pixels(item)[corners] + 0.5) / (WIDTH, HEIGHT)
    uvs = values_of(item, "UVMap", "vector", 2)
    assert np.allclose(uvs, np.stack([places[:, 0], 1.0 - places[:, 1]], axis=-1), atol=1e-6)


def test_the_summary_counts_the_faces(
    scene: bpy.types.Scene, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    item = made_from(render_file(scene, tmp_path / "shot.exr"), grazing_angle=math.radians(50.0))
    summary = capfd.readouterr().out
    faces, points = len(item.data.polygons), len(item.data.vertices)
    assert f"{faces:,} faces over {points:,} points from ViewLayer.Depth (planar)" in summary
    assert "pixels in no face" in summary
    hits = WIDTH * HEIGHT - int(summary.split("; ")[1].split(" pixels without a hit")[0])
    unjoined = int(summary.split(" pixels in no face")[0].rsplit(" ", 1)[1])
    assert hits == points + unjoined


@pytest.mark.parametrize("mirror", [(-1, 1, 1), (1, -2, 1)])
def test_a_mirrored_camera_sees_the_front_of_faces(
    scene: bpy.types.Scene, tmp_path: Path, mirror: tuple[float, float, float]
) -> None:
    bpy.ops.object.empty_add()
    parent = bpy.context.object
    parent.scale = mirror
    scene.camera.parent = parent
    bpy.context.view_layer.update()
    scene.camera.matrix_world = Matrix.Diagonal((*mirror, 1)) @ scene.camera.matrix_basis
    item = made_from(render_file(scene, tmp_path / "shot.exr"))
    assert len(item.data.polygons) > 1000
    assert faces_look_at(item, scene.camera.matrix_world.translation)


@pytest.mark.parametrize("material", ["COLOR", "RENDER"])
def test_the_surface_looks_like_the_render(
    scene: bpy.types.Scene, product: Product, tmp_path: Path, material: str
) -> None:
    """The surface, rendered alone and without lighting, has the colors of the first render."""
    bpy.ops.object.light_add(type="SUN", rotation=(0.5, 0.3, 0))
    file = render_file(scene, tmp_path / "shot.exr")
    before = read(product, file, "Combined")
    item = made_from(file, surface_material=material)
    for other in list(scene.objects):
        if other not in (item, scene.camera):
            bpy.data.objects.remove(other)
    after = read(product, render_file(scene, tmp_path / "again.exr"), "Combined")
    inside = read(product, str(tmp_path / "again.exr"), "Depth") < 1e9
    assert inside.sum() > 0.9 * len(item.data.vertices)  # its border runs through pixel centers
    difference = np.abs(after[inside, :3].astype(float) - before[inside, :3])
    assert np.median(difference) < 1e-3
    assert np.mean(difference.max(axis=1) < 0.02) > 0.97
    assert before[inside, :3].std() > 0.05


def test_the_image_is_stored_in_the_blend_file(
    scene: bpy.types.Scene, product: Product, tmp_path: Path
) -> None:
    scene.render.film_transparent = True
    scene.camera.data.shift_y = 0.4
    file = render_file(scene, tmp_path / "shot.exr")
    combined = read(product, file, "Combined").astype(np.float32)
    assert 0.0 < (combined[..., 3] == 0.0).mean() < 1.0
    made_from(file, surface_material="RENDER")
    (tmp_path / "shot.exr").unlink()
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "stored.blend"))
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "stored.blend"))
    item = the_object()
    nodes = item.data.materials[0].node_tree.nodes
    image = next(node.image for node in nodes if node.type == "TEX_IMAGE")
    stored = np.empty(WIDTH * HEIGHT * 4, np.float32)
    image.pixels.foreach_get(stored)
    assert np.array_equal(stored.reshape(HEIGHT, WIDTH, 4)[::-1], combined)
    assert image.packed_file is not None
    assert [each.name for each in bpy.data.materials] == ["shot Render"]
    assert len(values_of(item, "UVMap", "vector", 2)) == len(item.data.loops)
    assert not item.data.validate()


def write_part(path: Path, left: int, top: int, size: tuple[int, int]) -> np.ndarray:
    """Write an image of 30 x 20 pixels with another data window; return the window's colors."""
    import OpenEXR

    width, height = size
    channels = {"ViewLayer.Depth.Z": np.full((height, width), 5.0, np.float32)}
    colors = np.random.default_rng(2).random((height, width, 3)).astype(np.float32)
    for index, leaf in enumerate("RGB"):
        channels[f"ViewLayer.Combined.{leaf}"] = colors[..., index].copy()
    corners = (left, top), (left + width - 1, top + height - 1)
    header = {
        "type": OpenEXR.scanlineimage,
        "dataWindow": tuple(np.array(each, np.int32) for each in corners),
        "displayWindow": (np.zeros(2, np.int32), np.array([29, 19], np.int32)),
    }
    OpenEXR.File(header, channels).write(str(path))
    return colors


@pytest.mark.parametrize(
    ("left", "top", "size"), [(-3, 4, (20, 20)), (-2, -1, (36, 22)), (5, 6, (9, 8))]
)
@pytest.mark.usefixtures("scene")
def test_the_image_shows_each_point_in_its_pixel(
    tmp_path: Path, left: int, top: int, size: tuple[int, int]
) -> None:
    """Holds for cropped data windows and for overscan, too."""
    colors = write_part(tmp_path / "part.exr", left, top, size)
    file = str(tmp_path / "part.exr")
    item = made_from(file, surface_material="RENDER", ignore_aspect=True)
    assert len(item.data.vertices) == size[0] * size[1]
    nodes = {node.type: node for node in item.data.materials[0].node_tree.nodes}
    corners = np.empty(len(item.data.loops), np.int32)
    item.data.loops.foreach_get("vertex_index", corners)
    uvs = values_of(item, "UVMap", "vector", 2)
    if "MAPPING" in nodes:  # its type is Texture, which inverts the scale and the location
        start, scale = (
            np.array(nodes["MAPPING"].inputs[name].default_value[:2])
            for name in ("Location", "Scale")
        )
        uvs = (uvs - start) / scale
    assert ("MAPPING" in nodes) == (left < 0)
    image = nodes["TEX_IMAGE"].image
    texture = np.empty(len(image.pixels), np.float32)
    image.pixels.foreach_get(texture)
    places = uvs * np.array(image.size) - 0.5
    assert np.abs(places - np.rint(places)).max() < 1e-3
    column, row = np.rint(places).astype(int).T
    found = texture.reshape(image.size[1], image.size[0], 4)[row, column]
    at = pixels(item)[corners]
    assert np.array_equal(found[:, :3], colors[at[:, 1] - top, at[:, 0] - left])
    assert (found[:, 3] == 1.0).all()


def test_a_surface_without_a_color_to_show_is_a_warning(
    scene: bpy.types.Scene, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    file = render_file(scene, tmp_path / "shot.exr")
    item = made_from(file, surface_material="RENDER", passes="")
    assert not item.data.materials
    assert "There is no color to show on the surface: check Combined" in capfd.readouterr().out
    made_from(file, surface_material="RENDER")
    assert "no color" not in capfd.readouterr().out


def test_options_decide_where_the_surface_is_cut(scene: bpy.types.Scene, tmp_path: Path) -> None:
    file = render_file(scene, tmp_path / "shot.exr")
    faces = [
        len(made_from(file, **options).data.polygons)
        for options in (
            {},
            {"grazing_angle": math.radians(60.0)},
            {"max_jump": 0.2},
            {"stride": 2},
            {"max_points": 500},
        )
    ]
    assert faces[1] < faces[0]
    assert faces[2] < faces[0]
    assert faces[0] / 6 < faces[3] < faces[0] / 3.5
    assert 200 < faces[4] < 500
    fails("No neighbors among .* points lie on one surface", filepath=file, output="SURFACE",
          max_jump=1e-6)  # fmt: skip


@pytest.mark.parametrize("source", ["DEPTH", "POSITION"])
@pytest.mark.parametrize("camera", ["PERSP", "ORTHO", "EQUIRECTANGULAR", "FISHEYE_EQUIDISTANT"])
def test_every_camera(scene: bpy.types.Scene, tmp_path: Path, camera: str, source: str) -> None:
    data = scene.camera.data
    scene.view_layers[0].use_pass_position = True
    if camera in ("PERSP", "ORTHO"):
        data.type = camera
    else:
        data.type, data.panorama_type, data.shift_x, data.shift_y = "PANO", camera, 0, 0
    item = made_from(render_file(scene, tmp_path / "shot.exr"), points_from=source)
    mesh = item.data
    assert len(mesh.polygons) > 700
    assert not mesh.validate(verbose=True)
    if camera == "ORTHO":
        normals, _ = normals_and_centers(item)
        toward = scene.camera.matrix_world.to_3x3() @ Matrix.Identity(3).col[2]
        assert (normals @ np.array(toward) > 0.0).all()
    else:
        assert faces_look_at(item, scene.camera.matrix_world.translation)


def test_a_panorama_closes_across_its_border(scene: bpy.types.Scene, tmp_path: Path) -> None:
    """Inside a ball, whose surface has no border but at the poles."""
    for item in list(scene.objects):
        if item.type == "MESH":
            bpy.data.objects.remove(item)
    bpy.ops.mesh.primitive_ico_sphere_add(radius=5, subdivisions=5, location=scene.camera.location)
    data = scene.camera.data
    data.type, data.panorama_type, data.shift_x, data.shift_y = "PANO", "EQUIRECTANGULAR", 0, 0
    item = made_from(render_file(scene, tmp_path / "shot.exr"))
    assert len(item.data.polygons) == WIDTH * (HEIGHT - 1)
    uses = np.empty(len(item.data.loops), np.int32)
    item.data.loops.foreach_get("edge_index", uses)
    assert np.sum(np.bincount(uses) == 1) == 2 * WIDTH
    u = values_of(item, "UVMap", "vector", 2)[:, 0].reshape(-1, 4)
    assert np.ptp(u, axis=1).max() == pytest.approx(1.0 / WIDTH, rel=1e-3)
    assert u.max() == pytest.approx(1.0 + 0.5 / WIDTH)
    assert np.abs(np.linalg.norm(positions(item) - scene.camera.location, axis=1) - 5).max() < 0.02


def test_renders_and_reconstructs(empty_scene: bpy.types.Scene) -> None:
    prepare_scene(empty_scene)
    bpy.ops.depth.render_and_reconstruct(output="SURFACE", surface_material="RENDER")
    item = the_object()
    assert len(item.data.polygons) > 2000
    assert any(image.packed_file for image in bpy.data.images)
