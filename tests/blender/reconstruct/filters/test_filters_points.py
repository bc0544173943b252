"""Flying pixels, voxels, and the error of depth, against the scene and against simple sums."""

from __future__ import annotations

import math
from pathlib import Path

import bpy
import numpy as np
import pytest
from filter_scene import OBJECTS, left_out
from mathutils import Matrix, Vector

from tests.blender.reconstruct_scene import (
    HEIGHT,
    WIDTH,
    Product,
    pixels,
    positions,
    render_file,
    the_object,
)


def shrunk(scene: bpy.types.Scene, folder: Path, product: Product, color_depth: str = "32") -> str:
    """Write a file with the depth of a render of twice the size, resized by averaging."""
    scene.render.resolution_percentage = 200
    exr = product("core.exr.reader")
    info = exr.read_info(render_file(scene, folder / "large.exr"))
    depth = exr.read_layer(info, info.depth_layer("ViewLayer.Depth")).astype(np.float64)
    scene.render.resolution_percentage = 100
    values = np.minimum(depth, 60000).reshape(HEIGHT, 2, WIDTH, 2).mean(axis=(1, 3))
    return image_file(values, folder / "shrunk.exr", color_depth)


def image_file(values: np.ndarray, path: Path, color_depth: str) -> str:
    """Write an OpenEXR file whose R, G, and B hold these values."""
    height, width = values.shape
    image = bpy.data.images.new("depth", width, height, float_buffer=True)
    rgba = np.repeat(values[::-1, :, None], 4, axis=2).astype(np.float32)
    rgba[..., 3] = 1.0
    image.pixels.foreach_set(rgba.reshape(-1))
    writer = bpy.data.scenes.new("writer")
    settings = writer.render.image_settings
    if hasattr(settings, "media_type"):
        settings.media_type = "IMAGE"
    settings.file_format, settings.color_depth = "OPEN_EXR", color_depth
    settings.color_mode = "RGB"
    image.save_render(str(path), scene=writer)
    bpy.data.scenes.remove(writer)
    bpy.data.images.remove(image)
    return str(path)


def surface_distances(points: np.ndarray) -> np.ndarray:
    """Distance of world points from the nearest of the scene's meshes."""
    nearest = np.full(len(points), np.inf)
    for name in OBJECTS:
        item = bpy.data.objects[name]
        inverse = item.matrix_world.inverted()
        for index, point in enumerate(points):
            _, closest, *_ = item.closest_point_on_mesh(inverse @ Vector(point))
            away = item.matrix_world @ closest - Vector(point)
            nearest[index] = min(nearest[index], away.length)
    return nearest


def test_flying_pixels(
    scene: bpy.types.Scene, product: Product, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    file = shrunk(scene, tmp_path, product)
    bpy.ops.depth.reconstruct(filepath=file, far=50.0)
    before = positions(the_object())
    footprint = 2.0 * np.linalg.norm(before - np.array(scene.camera.location), axis=1) / WIDTH
    flies = surface_distances(before) > footprint
    keys = set(map(tuple, pixels(the_object()).tolist()))
    bpy.ops.depth.reconstruct(filepath=file, far=50.0, remove_flying=True)
    left = positions(the_object())
    still = (
        surface_distances(left)
        > 2.0 * np.linalg.norm(left - np.array(scene.camera.location), axis=1) / WIDTH
    )
    assert set(map(tuple, pixels(the_object()).tolist())) <= keys
    assert flies.sum() > 10
    assert still.sum() <= 0.2 * flies.sum()
    wrongly = len(before) - len(left) - (flies.sum() - still.sum())
    assert wrongly <= 0.005 * len(before)
    assert f"{left_out('flying'):,} pixels in the air" in capfd.readouterr().out


def test_a_render_has_no_flying_pixels(file: str) -> None:
    bpy.ops.depth.reconstruct(filepath=file, remove_flying=True)
    assert left_out("flying") <= 0.002 * WIDTH * HEIGHT


def test_voxels(file: str) -> None:
    bpy.ops.depth.reconstruct(filepath=file)
    points, at = positions(the_object()), pixels(the_object())
    color = np.empty(4 * len(points), np.float32)
    the_object().data.attributes["Color"].data.foreach_get("color", color)
    color = color.reshape(-1, 4)
    cells: dict[tuple[int, ...], list[int]] = {}
    for index, point in enumerate(points.tolist()):
        cells.setdefault(tuple(math.floor(each / 0.3 + 0.5) for each in point), []).append(index)
    bpy.ops.depth.reconstruct(filepath=file, voxel_size=0.3)
    merged = the_object()
    assert len(merged.data.vertices) == len(cells) < len(points) / 2
    assert left_out("voxel_size") == len(points) - len(cells)
    means = [points[each].astype(np.float64).mean(axis=0) for each in cells.values()]
    np.testing.assert_allclose(positions(merged), means, rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(pixels(merged), [at[each[0]] for each in cells.values()])
    found = np.empty(4 * len(cells), np.float32)
    merged.data.attributes["Color"].data.foreach_get("color", found)
    means = [color[each].astype(np.float64).mean(axis=0) for each in cells.values()]
    np.testing.assert_allclose(found.reshape(-1, 4), means, rtol=1e-4, atol=1e-5)


def values_of(name: str) -> np.ndarray:
    attribute = the_object().data.attributes[name]
    values = np.empty(len(attribute.data), np.float32)
    attribute.data.foreach_get("value", values)
    return values


def test_depth_error(scene: bpy.types.Scene, file: str) -> None:
    """Between a pixel's center and its corners, true depth differs by no more than the error."""
    bpy.ops.depth.reconstruct(filepath=file)
    assert "depth_error" not in the_object().data.attributes
    bpy.ops.depth.reconstruct(filepath=file, depth_error=True, region="OBJECT", region_name="Plane")
    depth, error, at = values_of("depth"), values_of("depth_error"), pixels(the_object())
    camera = scene.camera
    matrix = camera.matrix_world.normalized()
    right_top, _, left_bottom, left_top = camera.data.view_frame(scene=scene)
    scale = -1.0 / left_top.z
    ratios = []
    for (column, row), own, bound in zip(at.tolist(), depth.tolist(), error.tolist(), strict=True):
        worst = 0.0
        for dx, dy in ((0, 0), (1, 0), (0, 1), (1, 1)):
            x, y = (column + dx) / WIDTH, (row + dy) / HEIGHT
            corner = left_top + (right_top - left_top) * x + (left_bottom - left_top) * y
            direction = matrix.to_3x3() @ (corner * scale)
            worst = max(worst, abs(-matrix.translation.z / direction.z - own))
        ratios.append(worst / bound)
    # Where the slope changes within a pixel, the nearer neighbor gives the smaller slope.
    assert 0.9 < np.median(ratios) < 1.1
    assert np.mean(np.array(ratios) < 1.15) > 0.95


def test_half_precision_is_a_warning(
    scene: bpy.types.Scene, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    scene.camera.data.lens = 800.0  # so a pixel is 7.0e-4 of the depth wide
    scene.camera.data.shift_x = scene.camera.data.shift_y = 0.0
    values = np.full((HEIGHT, WIDTH), 9.0)  # half: 8.7e-4 to the next
    values[:, :16] = 15.5  # half: 5.0e-4 to the next
    for color_depth, said in (("16", "75% of the pixels"), ("32", "")):
        file = image_file(values, tmp_path / f"{color_depth}.exr", color_depth)
        capfd.readouterr()
        bpy.ops.depth.reconstruct(filepath=file, layer="RGB", depth_error=True)
        report = capfd.readouterr().out
        assert (said in report) if said else "farther apart than a pixel" not in report
        expected = 2.0 ** (3 - 10) / 2 if said else 2.0 ** (3 - 23) / 2
        at = pixels(the_object())
        np.testing.assert_allclose(values_of("depth_error")[at[:, 0] > 16], expected)


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
def test_half_positions_are_a_warning_and_not_cut(
    scene: bpy.types.Scene, tmp_path: Path, capfd: pytest.CaptureFixture[str], dtype: type
) -> None:
    """The steps of their rounding, here of 28 pixel widths at every twelfth pixel, are no jumps."""
    import OpenEXR

    x, y = np.meshgrid(np.linspace(-1e-3, 1e-3, WIDTH), np.linspace(1e-3, -1e-3, HEIGHT))
    depth = 9.0 + 20.0 * x
    channels = {"ViewLayer.Depth.Z": depth.astype(np.float32)}
    for leaf, values in zip("XYZ", (x * depth, y * depth, -depth), strict=True):
        channels[f"ViewLayer.Position.{leaf}"] = values.astype(dtype)
    file = str(tmp_path / "position.exr")
    OpenEXR.File({"type": OpenEXR.scanlineimage}, channels).write(file)
    scene.camera.matrix_world = Matrix.Identity(4)
    bpy.ops.depth.reconstruct(filepath=file, points_from="POSITION", output="SURFACE")
    said = "ViewLayer.Position holds 16-bit numbers" in capfd.readouterr().out
    assert said == (dtype == np.float16)
    assert len(the_object().data.polygons) == (WIDTH - 1) * (HEIGHT - 1)
