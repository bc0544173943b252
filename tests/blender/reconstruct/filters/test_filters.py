"""The pixels that filters use, against rays through them, and the counts of those left out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import bpy
import numpy as np
import pytest
from filter_scene import left_out, used_pixels
from mathutils import Matrix

from tests.blender.reconstruct_scene import (
    HEIGHT,
    WIDTH,
    fails,
    positions,
    render_file,
    the_object,
)


def seen_objects(scene: bpy.types.Scene) -> np.ndarray:
    """Return the names of what rays through the centers of pixels hit; empty for the sky."""
    depsgraph = bpy.context.evaluated_depsgraph_get()
    camera = scene.camera
    matrix = camera.matrix_world.normalized()
    right_top, _, left_bottom, left_top = camera.data.view_frame(scene=scene)
    names = np.full((HEIGHT, WIDTH), "", dtype="U16")
    for row, column in np.ndindex(names.shape):
        x, y = (column + 0.5) / WIDTH, (row + 0.5) / HEIGHT
        corner = left_top + (right_top - left_top) * x + (left_bottom - left_top) * y
        direction = matrix @ corner - matrix.translation
        hit, _, _, _, item, _ = scene.ray_cast(depsgraph, matrix.translation, direction)
        if hit:
            names[row, column] = item.name
    return names


def reconstructed(file: str, **options: object) -> np.ndarray:
    """Return the pixels that are used, after a check that all of them are used without filters."""
    bpy.ops.depth.reconstruct(filepath=file)
    everything = used_pixels()
    bpy.ops.depth.reconstruct(filepath=file, **options)
    assert not (used_pixels() & ~everything).any()
    return used_pixels()


def counts() -> dict[str, int]:
    """How many pixels each filter left out, by its name."""
    return {
        each.name: each.count for each in bpy.context.scene.reconstruct_from_depth.filter_counts
    }


COLUMN, ROW = np.meshgrid(np.arange(WIDTH), np.arange(HEIGHT))


def test_box(file: str, capfd: pytest.CaptureFixture[str]) -> None:
    bpy.ops.depth.reconstruct(filepath=file)
    everything = used_pixels()
    found = reconstructed(file, region="BOX", region_corner=(10, 20), region_size=(30, 15))
    inside = (COLUMN >= 10) & (COLUMN < 40) & (ROW >= 20) & (ROW < 35)
    np.testing.assert_array_equal(found, everything & inside)
    count = np.count_nonzero(everything & ~inside)
    assert left_out("region") == count
    assert sum(counts().values()) + found.sum() == WIDTH * HEIGHT
    assert f"{count:,} pixels outside the region" in capfd.readouterr().out


def test_render_region(scene: bpy.types.Scene, file: str) -> None:
    scene.render.use_border = True
    scene.render.border_min_x, scene.render.border_max_x = 0.25, 0.75
    scene.render.border_min_y, scene.render.border_max_y = 0.0, 0.5  # from the bottom
    found = reconstructed(file, region="BORDER")
    inside = (COLUMN >= WIDTH // 4) & (COLUMN < 3 * WIDTH // 4) & (ROW >= HEIGHT // 2)
    assert found.sum() > 100
    assert not (found & ~inside).any()
    everything = reconstructed(file)
    np.testing.assert_array_equal(found, everything & inside)


def test_a_render_cropped_to_its_region_lies_all_in_it(
    scene: bpy.types.Scene, tmp_path: Path
) -> None:
    scene.render.use_border = scene.render.use_crop_to_border = True
    scene.render.border_min_x, scene.render.border_max_y = 0.25, 0.75
    cropped = render_file(scene, tmp_path / "cropped.exr")
    bpy.ops.depth.reconstruct(filepath=cropped)
    count = len(the_object().data.vertices)
    bpy.ops.depth.reconstruct(filepath=cropped, region="BORDER")
    assert len(the_object().data.vertices) == count > 100


@pytest.mark.parametrize("is_float", [False, True])
def test_mask_image(file: str, is_float: bool) -> None:
    white = np.random.default_rng(0).random((HEIGHT, WIDTH)) < 0.4
    image = bpy.data.images.new("Mask", WIDTH, HEIGHT, alpha=True, float_buffer=is_float)
    values = np.repeat(np.where(white, 0.9, 0.1)[::-1, :, None], 4, axis=2).astype(np.float32)
    values[..., 3] = 1.0
    image.pixels.foreach_set(values.reshape(-1))
    found = reconstructed(file, region="MASK", region_image="Mask")
    np.testing.assert_array_equal(found, reconstructed(file) & white)
    values[..., :3], values[..., 3] = 1.0, white[::-1]  # a cut-out says it by its alpha
    image.pixels.foreach_set(values.reshape(-1))
    np.testing.assert_array_equal(found, reconstructed(file, region="MASK", region_image="Mask"))


REGIONS = [
    ({"region": "OBJECT_INDEX", "region_index": 3}, {"Sphere"}),
    ({"region": "MATERIAL_INDEX", "region_index": 4}, {"Suzanne", "Sphere"}),
    ({"region": "OBJECT", "region_name": "Suzanne"}, {"Suzanne"}),
    ({"region": "MATERIAL", "region_name": "Skin"}, {"Suzanne", "Sphere"}),
    ({"region": "ASSET", "region_name": "Plane"}, {"Plane", "Sphere"}),
]


@pytest.mark.parametrize("points_from", ["DEPTH", "POSITION"])
@pytest.mark.parametrize(("options", "names"), REGIONS)
def test_objects_and_materials(
    scene: bpy.types.Scene, file: str, options: dict, names: set[str], points_from: str
) -> None:
    truth = np.isin(seen_objects(scene), list(names))
    bpy.ops.depth.reconstruct(filepath=file, points_from=points_from, **options)
    assert truth.sum() > 50
    assert np.count_nonzero(used_pixels() != truth) <= 0.004 * truth.size  # silhouettes
    assert sum(counts().values()) + used_pixels().sum() == truth.size


@pytest.mark.parametrize("shape", ["cube", "empty"])
def test_bounding_object(file: str, shape: str) -> None:
    if shape == "cube":
        bpy.ops.mesh.primitive_cube_add(size=3, location=(0.5, 0.2, 1))
    else:
        bpy.ops.object.empty_add(type="CUBE", radius=1.5, location=(0.5, 0.2, 1))
    box = bpy.context.object
    box.name, box.rotation_euler, box.scale = "Box", (0.2, -0.3, 0.7), (1.2, 0.7, -0.8)
    bpy.context.view_layer.update()
    inverse = np.array(box.matrix_world.inverted())
    bpy.ops.depth.reconstruct(filepath=file)
    everything = positions(the_object())
    place = np.abs(everything @ inverse[:3, :3].T + inverse[:3, 3])
    inside = (place <= 1.5).all(axis=1)
    assert 200 < inside.sum() < len(inside) - 200
    bpy.ops.depth.reconstruct(filepath=file, bounds="Box")
    np.testing.assert_array_equal(positions(the_object()), everything[inside])
    assert left_out("bounds") == np.count_nonzero(~inside)
    bpy.ops.depth.reconstruct(filepath=file, bounds="Box", max_points=50)
    assert 20 < len(positions(the_object())) <= 50


@pytest.fixture
def counts_before(file: str) -> Iterator[None]:
    bpy.ops.depth.reconstruct(filepath=file, stride=3)
    before = counts()
    assert before["stride"] > 0
    yield
    assert counts() == before


FAILURES = [
    ("no render region; draw one", {"region": "BORDER"}),
    ("holds no pixel of the depth, which has 64 x 48", {"region": "BOX", "region_corner": (64, 0)}),
    ("no image for the mask; open it", {"region": "MASK"}),
    ("no image Nothing; open it", {"region": "MASK", "region_image": "Nothing"}),
    ("mask has 3 x 2 pixels and the image 64 x 48", {"region": "MASK", "region_image": "Small"}),
    ("lies in the white of the mask Black", {"region": "MASK", "region_image": "Black"}),
    ("lies in the object index 9, only in 1, 2, 3;", {"region": "OBJECT_INDEX", "region_index": 9}),
    ("has no Ball; it names Plane, Sphere, Suzanne", {"region": "OBJECT", "region_name": "Ball"}),
    ("CryptoMaterial has no Bone; it names Ground", {"region": "MATERIAL", "region_name": "Bone"}),
    ("no object Nothing to bound the points", {"bounds": "Nothing"}),
    ("bounding box is flat", {"bounds": "Plane"}),
    ("No point lies in the bounding box of Far Away", {"bounds": "Far Away"}),
    ("span .*raise the voxel size to", {"voxel_size": 1e-7}),
    ("set Voxel Size to 0, or Output to Points", {"voxel_size": 0.1, "output": "SURFACE"}),
]


@pytest.mark.usefixtures("counts_before")
@pytest.mark.parametrize(("message", "options"), FAILURES)
def test_bad_input_ends_in_one_sentence(
    file: str, message: str, options: dict[str, object]
) -> None:
    bpy.data.images.new("Small", 3, 2)
    bpy.data.images.new("Black", WIDTH, HEIGHT)
    bpy.ops.mesh.primitive_cube_add(location=(0, 500, 0))
    bpy.context.object.name = "Far Away"
    fails(message, filepath=file, **options)


def test_missing_passes_are_errors(scene: bpy.types.Scene, tmp_path: Path) -> None:
    layer = scene.view_layers[0]
    layer.use_pass_object_index = layer.use_pass_cryptomatte_material = False
    file = render_file(scene, tmp_path / "few.exr")
    fails("has no Object Index pass beside", filepath=file, region="OBJECT_INDEX")
    fails(
        "no CryptoMaterial beside .*it holds .*ViewLayer.CryptoObject",
        filepath=file, region="MATERIAL", region_name="Skin",
    )  # fmt: skip


def test_an_index_of_other_pixels_is_refused(tmp_path: Path) -> None:
    import OpenEXR

    bpy.ops.object.camera_add()
    bpy.context.scene.camera = bpy.context.object
    ones = np.ones((20, 30), np.float32)
    parts = []
    for name, left in (("ViewLayer.Depth.Z", 0), ("ViewLayer.IndexOB.X", 5)):
        low, high = (np.array(corner, np.int32) for corner in ((left, 0), (left + 29, 19)))
        header = {"type": OpenEXR.scanlineimage, "dataWindow": (low, high)}
        parts.append(OpenEXR.Part(header, {name: ones}, name[:-2]))
    file = str(tmp_path / "cropped.exr")
    OpenEXR.File(parts).write(file)
    fails("covers other pixels than", filepath=file, region="OBJECT_INDEX", ignore_aspect=True)


def test_an_image_without_pixels_is_no_mask(file: str) -> None:
    image = bpy.data.images.load(file)
    fails("gives no pixels to use as a mask", filepath=file, region="MASK", region_image=image.name)


def test_undo_restores_the_filter_counts(file: str) -> None:
    bpy.ops.depth.reconstruct(filepath=file, stride=2)
    before = left_out("stride")
    bpy.ops.ed.undo_push(message="before")
    bpy.ops.depth.reconstruct(filepath=file, stride=4)
    assert left_out("stride") > before
    bpy.ops.ed.undo_push(message="after")  # only the interface pushes by itself
    bpy.ops.ed.undo()
    assert left_out("stride") == before > 0


def test_filters_apply_to_surfaces(file: str) -> None:
    bpy.ops.depth.reconstruct(
        filepath=file, output="SURFACE", region="OBJECT", region_name="Suzanne", depth_error=True
    )
    mesh = the_object().data
    assert len(mesh.polygons) > 50
    assert len(mesh.attributes["depth_error"].data) == len(mesh.vertices)
    assert not (used_pixels() & (seen_objects(bpy.context.scene) == "Sphere")).any()


def test_render_result(scene: bpy.types.Scene) -> None:
    scene.view_layers[0].use_pass_z = True
    bpy.ops.render.render()
    truth = seen_objects(scene) == "Sphere"
    bpy.ops.depth.reconstruct(region="OBJECT", region_name="Sphere")
    assert np.count_nonzero(used_pixels() != truth) <= 0.004 * truth.size


@pytest.mark.parametrize(
    "options", [{"region": "ASSET", "region_name": "Suzanne"},
                {"region": "MATERIAL_INDEX", "region_index": 4}],
)  # fmt: skip
def test_render_and_reconstruct_enables_the_pass_of_the_region(
    scene: bpy.types.Scene, options: dict[str, object]
) -> None:
    layer = scene.view_layers[0]
    layer.use_pass_cryptomatte_asset = layer.use_pass_material_index = False
    bpy.ops.depth.render_and_reconstruct(**options)
    assert 100 < used_pixels().sum() < 2000
    assert not layer.use_pass_cryptomatte_asset
    assert not layer.use_pass_material_index


def test_the_bounding_box_follows_its_object(file: str) -> None:
    """The box follows its object, also if a parent and a constraint move it."""
    bpy.ops.object.empty_add(type="CUBE", radius=1.0)
    box = bpy.context.object
    box.parent = bpy.data.objects["Plane"]
    box.constraints.new("COPY_LOCATION").target = bpy.data.objects["Sphere"]
    bpy.data.objects["Plane"].matrix_world = Matrix.Identity(4)
    bpy.ops.depth.reconstruct(filepath=file, bounds=box.name)
    away = np.abs(positions(the_object()) - np.array(bpy.data.objects["Sphere"].location))
    assert len(away) > 50
    assert away.max() <= 1.0 + 1e-3
