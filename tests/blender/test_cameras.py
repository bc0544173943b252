"""Every camera against Cycles' Position pass, which the same sample writes as the Z pass."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import bpy
import numpy as np
import pytest
from bpy_extras.object_utils import world_to_camera_view
from mathutils import Vector

from tests.blender.camera_scenes import (
    RADIUS,
    Passes,
    Shot,
    add_camera,
    prepare_shot,
    render_passes,
)

Product = Callable[[str], ModuleType]
Settings = Mapping[str, Any]

PLANE_BAR, PANORAMA_BAR = 0.002, 0.01
"""Pixels that 99% of the pixels have to meet."""

ROUNDING = 4.0 * float(np.spacing(np.float32(RADIUS)))
"""World units that a coordinate may be off: a few roundings of Cycles' float32."""

PANORAMAS: dict[str, Settings] = {
    "whole sphere": {"panorama_type": "EQUIRECTANGULAR", "shift_y": 0.0},
    "part of sphere": {
        "panorama_type": "EQUIRECTANGULAR",
        "longitude_min": -1.0,
        "longitude_max": 2.5,
        "latitude_min": -1.1,
        "latitude_max": 1.0,
    },
    "cube face": {"panorama_type": "EQUIANGULAR_CUBEMAP_FACE"},
    "mirror ball": {"panorama_type": "MIRRORBALL"},
    "equidistant": {"panorama_type": "FISHEYE_EQUIDISTANT", "fisheye_fov": 4.0},
    "equisolid": {"panorama_type": "FISHEYE_EQUISOLID", "fisheye_fov": 3.5, "fisheye_lens": 12.0},
    "polynomial": {"panorama_type": "FISHEYE_LENS_POLYNOMIAL"},
    "polynomial to the other side": {
        "panorama_type": "FISHEYE_LENS_POLYNOMIAL",
        "fisheye_polynomial_k0": 0.002,
        "fisheye_polynomial_k1": 0.06,
        "fisheye_polynomial_k2": 0.001,
    },
}
if bpy.app.version >= (4, 5):
    PANORAMAS["cylinder"] = {
        "panorama_type": "CENTRAL_CYLINDRICAL",
        "central_cylindrical_range_u_min": -2.0,
        "central_cylindrical_range_v_max": 1.6,
        "central_cylindrical_radius": 1.7,
    }
LENSES: dict[str, Settings] = {
    "perspective": {"lens": 20.0},
    "orthographic": {"type": "ORTHO", "ortho_scale": 6.0},
    **{name: {"type": "PANO", **settings} for name, settings in PANORAMAS.items()},
}


def random_shot(lens: Settings, seed: int) -> Shot:
    """A lens with lens shift, fit, aspect, percentage and border, all at once."""
    rng = np.random.default_rng(seed)
    shift_x, shift_y = rng.uniform(-0.15, 0.15, 2).tolist()
    left, right, bottom, top = (rng.uniform(size=4) * 0.25 + (0.0, 0.75, 0.0, 0.75)).tolist()
    camera = {
        "shift_x": shift_x,
        "shift_y": shift_y,
        "sensor_fit": ("AUTO", "HORIZONTAL", "VERTICAL")[seed % 3],
        "sensor_width": rng.uniform(20.0, 40.0),
        "sensor_height": rng.uniform(20.0, 40.0),
    }
    render = {
        "resolution_x": int(rng.integers(60, 120)),
        "resolution_y": int(rng.integers(60, 120)),
        "resolution_percentage": int(rng.integers(60, 100)),
        "pixel_aspect_x": rng.uniform(1.0, 2.0) if seed % 2 else 1.0,
        "pixel_aspect_y": 1.0 if seed % 2 else rng.uniform(1.0, 2.0),
        "use_border": True,
        "use_crop_to_border": seed % 4 != 3,
        "border_min_x": left,
        "border_max_x": right,
        "border_min_y": bottom,
        "border_max_y": top,
    }
    return Shot(camera | dict(lens), render)


def pixel_centers(width: int, height: int) -> np.ndarray:
    columns, rows = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
    return np.stack([columns, rows], axis=-1)


def rounding_in_pixels(camera: Any, points: np.ndarray) -> np.ndarray:
    """How far a pixel moves at most if every coordinate is off by ROUNDING."""
    pixels = camera.project(points)
    moved = [
        np.linalg.norm(camera.project(points + offset) - pixels, axis=-1)
        for offset in np.eye(3) * ROUNDING
    ]
    return np.sum(moved, axis=0)


def assert_exact(product: Product, camera_object: Any, view: str, passes: Passes) -> None:
    """Position projects to the pixels' centers, and Z along the rays comes to Position."""
    scene = bpy.context.scene
    bridge = product("bridge.camera")
    camera = bridge.camera_from_object(
        camera_object, scene, bpy.context.evaluated_depsgraph_get(), view=view
    )
    height, width = passes.z.shape
    assert (camera.lens.width, camera.lens.height) == (width, height)
    centers, use = pixel_centers(width, height), passes.hit
    assert use.sum() > 300, "the scene is hardly in view"
    is_panorama = camera_object.data.type == "PANO"
    if is_panorama and camera_object.data.panorama_type == "MIRRORBALL":
        uv = camera.lens.frame.uv(centers)
        use = use & (np.linalg.norm(uv - 0.5, axis=-1) < 0.5 * 0.99)
    bar = PANORAMA_BAR if is_panorama else PLANE_BAR
    points, centers = passes.position[use], centers[use]

    errors = np.linalg.norm(camera.project(points) - centers, axis=-1)
    assert np.percentile(errors, 99) <= bar
    assert (errors <= bar + rounding_in_pixels(camera, points)).all()

    kind = bridge.depth_kind_of(camera_object, scene.render.engine)
    assert kind.name == ("RAY" if is_panorama else "PLANAR")
    depth = passes.z[use].astype(np.float64)
    unprojected = camera.rays(centers, kind).at(depth)
    neighbors = camera.rays(centers + np.array([0.01, 0.01]), kind).at(depth)
    pixel = np.linalg.norm(neighbors - unprojected, axis=-1) / np.hypot(0.01, 0.01)
    # Where the depth's own rounding takes the point adds to what the pixel's bar allows.
    allowed = bar * pixel + ROUNDING + np.spacing(passes.z[use]) * 4.0
    distances = np.linalg.norm(unprojected - points, axis=-1)
    assert np.nanpercentile(distances / allowed, 99) <= 1.0
    assert np.isfinite(distances).all()
    assert (distances <= 2.0 * allowed).all()


def assert_shot_exact(product: Product, folder: Path, shot: Shot, seed: int) -> None:
    camera = prepare_shot(shot, seed)
    views = render_passes(folder)
    expected = {"left", "right"} if shot.render.get("use_multiview") else {""}
    assert set(views) == expected
    for view, passes in views.items():
        assert_exact(product, camera, view, passes)


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


STEREO = {"use_multiview": True, "views_format": "STEREO_3D"}


def stereo_shot(lens: str, seed: int, **stereo: Any) -> Shot:
    shot = random_shot(LENSES[lens], seed)
    settings = {"interocular_distance": 0.4, "convergence_distance": 3.1, **stereo}
    return Shot(shot.camera, {**shot.render, **STEREO}, settings)


@pytest.mark.parametrize("lens", ["perspective", "orthographic", "equidistant"])
@pytest.mark.parametrize("pivot", ["LEFT", "RIGHT", "CENTER"])
@pytest.mark.parametrize("mode", ["OFFAXIS", "PARALLEL", "TOE"])
def test_stereo(product: Product, tmp_path: Path, mode: str, pivot: str, lens: str) -> None:
    shot = stereo_shot(lens, 0, convergence_mode=mode, pivot=pivot)
    assert_shot_exact(product, tmp_path, shot, 7)


@pytest.mark.parametrize("lens", ["perspective", "orthographic", "whole sphere", "equidistant"])
@pytest.mark.parametrize("merge", [False, True])
@pytest.mark.parametrize("mode", ["OFFAXIS", "PARALLEL", "TOE"])
def test_spherical_stereo(
    product: Product, tmp_path: Path, mode: str, merge: bool, lens: str
) -> None:
    shot = stereo_shot(
        lens,
        1,
        convergence_mode=mode,
        pivot="LEFT",
        use_spherical_stereo=True,
        use_pole_merge=merge,
        pole_merge_angle_from=0.5,
        pole_merge_angle_to=1.0,
    )
    assert_shot_exact(product, tmp_path, shot, 8)


@pytest.mark.parametrize("mode", ["OFFAXIS", "PARALLEL"])
def test_spherical_stereo_of_a_cube_face(product: Product, tmp_path: Path, mode: str) -> None:
    shot = stereo_shot("cube face", 2, use_spherical_stereo=True, convergence_mode=mode)
    if bpy.app.version < (4, 3) and mode == "OFFAXIS":
        with pytest.raises(product("core.errors").CameraError, match=r"use Blender 4\.3 or later"):
            assert_shot_exact(product, tmp_path, shot, 8)
    else:
        assert_shot_exact(product, tmp_path, shot, 8)


def test_spherical_stereo_of_a_mirrored_perspective(product: Product, tmp_path: Path) -> None:
    camera = prepare_shot(stereo_shot("perspective", 0, use_spherical_stereo=True), 9)
    camera.scale = (-1.0, 1.0, 1.0)
    bpy.context.view_layer.update()
    for view, passes in render_passes(tmp_path).items():
        assert_exact(product, camera, view, passes)


def test_views_of_other_cameras(product: Product, tmp_path: Path) -> None:
    camera = prepare_shot(Shot(LENSES["orthographic"]), 3)
    camera.name = "Rig_L"
    add_camera(4, LENSES["perspective"], "Rig_R")
    add_camera(5, LENSES["equidistant"], "Rig_Far")
    scene = bpy.context.scene
    scene.camera = camera
    scene.render.use_multiview = True
    scene.render.views_format = "MULTIVIEW"
    scene.render.views.new("far").camera_suffix = "_Far"
    scene.render.views.new("missing").camera_suffix = "_None"
    bpy.context.view_layer.update()
    views = render_passes(tmp_path)
    seen_by = {"left": "Rig_L", "right": "Rig_R", "far": "Rig_Far", "missing": "Rig_L"}
    assert set(views) == set(seen_by)
    bridge, depsgraph = product("bridge.camera"), bpy.context.evaluated_depsgraph_get()
    for view, passes in views.items():
        of_view = bridge.camera_from_object(camera, scene, depsgraph, view=view)
        expected = np.array(bpy.data.objects[seen_by[view]].matrix_world)[:3, 3]
        np.testing.assert_allclose(of_view.matrix[:3, 3], expected)
        centers = pixel_centers(64, 48)[passes.hit]
        errors = np.linalg.norm(of_view.project(passes.position[passes.hit]) - centers, axis=-1)
        assert errors.max() < PLANE_BAR


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("lens", ["perspective", "orthographic"])
def test_agrees_with_world_to_camera_view(product: Product, lens: str, seed: int) -> None:
    camera_object = prepare_shot(random_shot(LENSES[lens], seed), seed)
    scene = bpy.context.scene
    scene.render.use_crop_to_border = False
    scene.render.resolution_percentage = 100  # it does not round as a render does
    camera = product("bridge.camera").camera_from_object(
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
    camera = product("bridge.camera").camera_from_object(
        camera_object, bpy.context.scene, bpy.context.evaluated_depsgraph_get()
    )
    assert (camera.lens.height, camera.lens.width) == passes.z.shape
    centers = pixel_centers(camera.lens.width, camera.lens.height)[passes.hit]
    errors = camera.project(passes.position[passes.hit]) - centers
    assert np.abs(errors).max(initial=0.0) < PLANE_BAR


@pytest.mark.parametrize("engine", ["BLENDER_WORKBENCH", "SOME_OTHER_ENGINE"])
def test_only_cycles_renders_panoramas(product: Product, engine: str) -> None:
    camera = prepare_shot(random_shot(LENSES["equidistant"], 0), 0)
    bridge, scene = product("bridge.camera"), bpy.context.scene
    depsgraph = bpy.context.evaluated_depsgraph_get()
    assert bridge.depth_kind_of(camera, engine).name == "PLANAR"
    taken = bridge.camera_from_object(camera, scene, depsgraph, engine=engine)
    camera.data.type = "PERSP"
    depsgraph = bpy.context.evaluated_depsgraph_get()
    assert taken.lens == bridge.camera_from_object(camera, scene, depsgraph).lens


def test_stamped_light_is_no_camera(product: Product) -> None:
    light = bpy.data.objects.new("Lamp", bpy.data.lights.new("Lamp", "SPOT"))
    with pytest.raises(product("core.errors").CameraError, match="'Lamp' is of type LIGHT"):
        product("bridge.camera").camera_from_object(
            light, bpy.context.scene, bpy.context.evaluated_depsgraph_get()
        )


@pytest.mark.skipif(bpy.app.version < (4, 5), reason="there are no custom cameras before 4.5")
def test_custom_lens_points_to_the_position_pass(product: Product) -> None:
    camera = prepare_shot(Shot({"type": "CUSTOM"}), 0)
    with pytest.raises(product("core.errors").CameraError, match="choose Position as the source"):
        product("bridge.camera").camera_from_object(
            camera, bpy.context.scene, bpy.context.evaluated_depsgraph_get()
        )


def test_views_that_are_not_rendered(product: Product) -> None:
    camera, scene = prepare_shot(Shot(LENSES["perspective"]), 0), bpy.context.scene
    make, depsgraph = product("bridge.camera").camera_from_object, bpy.context.view_layer.depsgraph
    error = product("core.errors").CameraError
    with pytest.raises(error, match=r"view 'left' is asked for.*enable Stereoscopy"):
        make(camera, scene, depsgraph, view="left")
    scene.render.use_multiview = True
    with pytest.raises(error, match="no view 'top', expected one of left, right"):
        make(camera, scene, depsgraph, view="top")
