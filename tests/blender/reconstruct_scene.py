"""A scene to reconstruct, what its points are compared with, and what must not change."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import bpy
import numpy as np
import pytest
from mathutils import Vector

Product = Callable[[str], ModuleType]
WIDTH, HEIGHT = 64, 48


def prepare_scene(scene: bpy.types.Scene) -> bpy.types.Scene:
    """A few shapes on a floor, some sky, and a camera that is shifted and turned."""
    bpy.ops.mesh.primitive_plane_add(size=20)
    bpy.ops.mesh.primitive_monkey_add(size=2, location=(0.5, 0, 1.2), rotation=(0.2, 0.3, 0.4))
    bpy.ops.mesh.primitive_uv_sphere_add(radius=0.8, location=(-1.5, 1, 1))
    return add_camera(scene)


def add_camera(scene: bpy.types.Scene) -> bpy.types.Scene:
    """A camera, and settings that render its depth exactly and soon."""
    bpy.ops.object.camera_add(location=(3, -6, 3), rotation=(1.25, 0.05, 0.4))
    camera = bpy.context.object
    camera.data.lens = 30
    camera.data.shift_x, camera.data.shift_y = 0.1, -0.05
    scene.camera = camera
    scene.render.resolution_x, scene.render.resolution_y = WIDTH, HEIGHT
    scene.render.engine = "CYCLES"
    scene.cycles.samples = 1
    scene.cycles.filter_width = 0.01
    scene.cycles.use_denoising = False
    return scene


def use_multilayer(scene: bpy.types.Scene) -> bpy.types.ImageFormatSettings:
    """Let renders be written to multilayer EXR files; return the settings of these."""
    image = scene.render.image_settings
    if hasattr(image, "media_type"):
        image.media_type = "MULTI_LAYER_IMAGE"
    image.file_format = "OPEN_EXR_MULTILAYER"
    return image


def render_file(scene: bpy.types.Scene, path: Path, **settings: object) -> str:
    """Render every pass to a multilayer EXR, as a user would set it up."""
    scene.view_layers[0].use_pass_z = True
    image = use_multilayer(scene)
    for name, value in settings.items():
        setattr(image, name, value)
    scene.render.filepath = str(path)
    bpy.ops.render.render(write_still=True)
    return str(path)


def positions(item: bpy.types.Object) -> np.ndarray:
    values = np.empty(len(item.data.vertices) * 3, np.float32)
    item.data.attributes["position"].data.foreach_get("vector", values)
    return values.reshape(-1, 3)


def pixels(item: bpy.types.Object) -> np.ndarray:
    values = np.empty(len(item.data.vertices) * 2, np.int32)
    item.data.attributes["pixel"].data.foreach_get("value", values)
    return values.reshape(-1, 2)


def ray_casts(
    scene: bpy.types.Scene, camera: bpy.types.Object, shape: tuple[int, int] = (HEIGHT, WIDTH)
) -> np.ndarray:
    """Where the rays through the pixels' centers hit the scene; NaN for none."""
    depsgraph = bpy.context.evaluated_depsgraph_get()
    matrix = camera.evaluated_get(depsgraph).matrix_world.normalized()
    right_top, _, left_bottom, left_top = camera.data.view_frame(scene=scene)
    hits = np.full((*shape, 3), np.nan)
    for row, column in np.ndindex(shape):
        x, y = (column + 0.5) / shape[1], (row + 0.5) / shape[0]
        corner = left_top + (right_top - left_top) * x + (left_bottom - left_top) * y
        direction = (matrix @ corner - matrix.translation).normalized()
        hit, location, *_ = scene.ray_cast(depsgraph, matrix.translation, direction)
        if hit:
            hits[row, column] = location
    return hits


def assert_lies_on_the_scene(
    item: bpy.types.Object, truth: np.ndarray, place: Vector, least: float = 0.99
) -> None:
    """Every pixel that hits has its point there; a few at silhouettes may fall either side."""
    at = pixels(item)
    expected = truth[at[:, 1], at[:, 0]]
    distance = np.linalg.norm(positions(item) - expected, axis=1)
    depth = np.linalg.norm(expected - np.array(place), axis=1)
    assert np.mean(distance <= 2e-5 * depth) >= least
    hits = np.isfinite(truth[..., 0]).sum()
    assert abs(len(at) - hits) <= 0.01 * truth[..., 0].size
    assert hits > 500


def the_object() -> bpy.types.Object:
    return bpy.context.view_layer.objects.active


def reconstruct(**options: Any) -> tuple[np.ndarray, np.ndarray]:
    """Reconstruct; return the pixels, shape (N, 2), and points, shape (N, 3), without an object."""
    assert bpy.ops.depth.reconstruct(**options) == {"FINISHED"}
    made = the_object()
    at, points = pixels(made), positions(made)
    bpy.data.meshes.remove(made.data)
    return at, points


def assert_meets_position(tolerance: float = 2e-4, **options: Any) -> None:
    """Check that points from depth are those from the Position pass."""
    at, points = reconstruct(**options)
    pixels_of_truth, truth = reconstruct(points_from="POSITION", **options)
    assert len(pixels_of_truth) > 300
    np.testing.assert_array_equal(at, pixels_of_truth)
    assert np.linalg.norm(points - truth, axis=1).max() < tolerance


@contextmanager
def unchanged() -> Iterator[None]:
    """The data of the file is the same after as before."""

    def snapshot() -> dict[str, object]:
        scene = bpy.context.scene
        found = {
            name: sorted(item.name for item in getattr(bpy.data, name))
            for name in ("objects", "meshes", "materials", "images", "scenes", "collections")
        }
        found["Render Result"] = found["images"] = [
            name for name in found["images"] if name != "Render Result"
        ]
        for owner in (scene.render, scene.render.image_settings, scene.view_layers[0]):
            for prop in owner.bl_rna.properties:
                if prop.type in {"BOOLEAN", "INT", "FLOAT", "ENUM", "STRING"}:
                    value = getattr(owner, prop.identifier, None)
                    found[f"{type(owner).__name__}.{prop.identifier}"] = (
                        tuple(value) if getattr(prop, "is_array", False) else value
                    )
        found["frame"] = scene.frame_current
        found["active"] = bpy.context.view_layer.objects.active
        found["selected"] = list(bpy.context.selected_objects)
        return found

    before = snapshot()
    yield
    assert snapshot() == before


def fails(message: str, **arguments: object) -> None:
    """The operator raises this message, and leaves the scene as it was."""
    with unchanged(), pytest.raises(RuntimeError, match=message):
        bpy.ops.depth.reconstruct(**arguments)
