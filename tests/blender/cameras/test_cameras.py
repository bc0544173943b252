"""Every camera against Cycles' Position pass, which is written by the same sample as Z."""

from __future__ import annotations

from pathlib import Path

import bpy
import numpy as np
import pytest
from bpy_extras.object_utils import world_to_camera_view
from mathutils import Vector

from tests.blender.cameras.camera_checks import (
    LENSES,
    PLANE_BAR,
    Product,
    assert_exact,
    assert_shot_exact,
    pixel_centers,
    random_shot,
)
from tests.blender.cameras.camera_scenes import Shot, prepare_shot, render_passes


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("lens", LENSES)
def test_lens(product: Product, tmp_path: Path, lens: str, seed: int) -> None:
    assert_shot_exact(product, tmp_path, random_shot(LENSES[lens], seed), seed)


@pytest.mark.parametrize("lens", LENSES)
def test_lens_with_plain_settings(product: Product, tmp_path: Path, lens: str) -> None:
    assert_shot_exact(product, tmp_path, Shot(LENSES[lens]), 10)


def test_default_pixel_filter(product: Product, tmp_path: Path) -> None:
    camera = prepare_shot(random_shot(LENSES["perspective"], 5), 5)
    bpy.context.scene.cycles.filter_width = 1.5
    assert_exact(product, camera, "", render_passes(tmp_path)[""])


@pytest.mark.parametrize("lens", ["perspective", "orthographic", "equidistant", "mirror ball"])
@pytest.mark.parametrize("scale", [(1.0, 2.0, 0.5), (-1.0, 1.0, 1.0), (-1.0, 2.0, 0.7)])
def test_scaled_and_mirrored_parent(
    product: Product, tmp_path: Path, lens: str, scale: tuple[float, float, float]
) -> None:
    camera = prepare_shot(random_shot(LENSES[lens], 6), 6)
    parent = bpy.data.objects.new("Parent", None)
    parent.scale, parent.rotation_euler = scale, (0.3, 0.5, 0.9)
    bpy.context.collection.objects.link(parent)
    camera.parent = parent
    bpy.context.view_layer.update()
    assert_exact(product, camera, "", render_passes(tmp_path)[""])


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("lens", ["perspective", "orthographic"])
def test_agrees_with_world_to_camera_view(product: Product, lens: str, seed: int) -> None:
    camera_object = prepare_shot(random_shot(LENSES[lens], seed), seed)
    scene = bpy.context.scene
    scene.render.use_crop_to_border = False
    scene.render.resolution_percentage = 100  # it does not round as a render does
    camera = product("bridge.cameras.from_object").camera_from_object(
        camera_object, scene, bpy.context.evaluated_depsgraph_get()
    )
    points = np.random.default_rng(seed).uniform(-5.0, 5.0, (50, 3))
    ndc = np.array([world_to_camera_view(scene, camera_object, Vector(p)) for p in points])
    ahead = ndc[:, 2] > 0.5
    expected = np.stack(
        [ndc[:, 0] * camera.lens.width, (1.0 - ndc[:, 1]) * camera.lens.height], axis=-1
    )
    np.testing.assert_allclose(camera.project(points)[ahead], expected[ahead], atol=2e-3)


BORDERS = [0.0, 0.1, 0.29, 0.3, 0.35, 0.57, 0.58, 0.7, 0.9, 1.0]


@pytest.mark.parametrize("seed", range(12))
def test_crop_is_rounded_as_blender_does(product: Product, tmp_path: Path, seed: int) -> None:
    rng = np.random.default_rng(seed)
    (left, right), (bottom, top) = (np.sort(rng.choice(BORDERS, 2, False)) for _ in range(2))
    render = {
        "resolution_x": int(rng.choice([30, 50, 70, 100])),
        "resolution_y": int(rng.choice([30, 50, 70, 101])),
        "use_border": True,
        "use_crop_to_border": True,
        "border_min_x": float(left),
        "border_max_x": float(right),
        "border_min_y": float(bottom),
        "border_max_y": float(top),
    }
    camera_object = prepare_shot(Shot({"type": "ORTHO", "ortho_scale": 5.0}, render), 2)
    passes = render_passes(tmp_path)[""]
    camera = product("bridge.cameras.from_object").camera_from_object(
        camera_object, bpy.context.scene, bpy.context.evaluated_depsgraph_get()
    )
    assert (camera.lens.height, camera.lens.width) == passes.z.shape
    centers = pixel_centers(camera.lens.width, camera.lens.height)[passes.hit]
    errors = camera.project(passes.position[passes.hit]) - centers
    assert np.abs(errors).max(initial=0.0) < PLANE_BAR


@pytest.mark.parametrize("engine", ["BLENDER_WORKBENCH", "SOME_OTHER_ENGINE"])
def test_only_cycles_renders_panoramas(product: Product, engine: str) -> None:
    camera = prepare_shot(random_shot(LENSES["equidistant"], 0), 0)
    bridge, scene = product("bridge.cameras.from_object"), bpy.context.scene
    depsgraph = bpy.context.evaluated_depsgraph_get()
    assert bridge.depth_kind_of(camera, engine).name == "PLANAR"
    taken = bridge.camera_from_object(camera, scene, depsgraph, engine=engine)
    camera.data.type = "PERSP"
    depsgraph = bpy.context.evaluated_depsgraph_get()
    assert taken.lens == bridge.camera_from_object(camera, scene, depsgraph).lens


def test_a_light_named_by_the_file_is_an_error(product: Product) -> None:
    light = bpy.data.objects.new("Lamp", bpy.data.lights.new("Lamp", "SPOT"))
    with pytest.raises(product("core.errors").CameraError, match="'Lamp' is of type LIGHT"):
        product("bridge.cameras.from_object").camera_from_object(
            light, bpy.context.scene, bpy.context.evaluated_depsgraph_get()
        )


@pytest.mark.skipif(bpy.app.version < (4, 5), reason="there are no custom cameras before 4.5")
def test_a_custom_lens_is_an_error_that_suggests_the_position_pass(product: Product) -> None:
    camera = prepare_shot(Shot({"type": "CUSTOM"}), 0)
    with pytest.raises(
        product("core.errors").CameraError, match="set Points From to Position Pass"
    ):
        product("bridge.cameras.from_object").camera_from_object(
            camera, bpy.context.scene, bpy.context.evaluated_depsgraph_get()
        )
