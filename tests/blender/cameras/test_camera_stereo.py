"""The views of stereo and multi-view renders against their Position passes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy
import numpy as np
import pytest

from tests.blender.cameras.camera_checks import (
    LENSES,
    PLANE_BAR,
    Product,
    assert_exact,
    assert_shot_exact,
    pixel_centers,
    random_shot,
)
from tests.blender.cameras.camera_scenes import Shot, add_camera, prepare_shot, render_passes

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
    bridge, depsgraph = product("bridge.cameras.from_object"), bpy.context.evaluated_depsgraph_get()
    for view, passes in views.items():
        of_view = bridge.camera_from_object(camera, scene, depsgraph, view=view)
        expected = np.array(bpy.data.objects[seen_by[view]].matrix_world)[:3, 3]
        np.testing.assert_allclose(of_view.matrix[:3, 3], expected)
        centers = pixel_centers(64, 48)[passes.hit]
        errors = np.linalg.norm(of_view.project(passes.position[passes.hit]) - centers, axis=-1)
        assert errors.max() < PLANE_BAR


def test_views_that_are_not_rendered(product: Product) -> None:
    camera, scene = prepare_shot(Shot(LENSES["perspective"]), 0), bpy.context.scene
    make, depsgraph = (
        product("bridge.cameras.from_object").camera_from_object,
        bpy.context.view_layer.depsgraph,
    )
    error = product("core.errors").CameraError
    with pytest.raises(error, match=r"view 'left' is asked for.*enable Stereoscopy"):
        make(camera, scene, depsgraph, view="left")
    scene.render.use_multiview = True
    with pytest.raises(error, match="no view 'top', expected one of left, right"):
        make(camera, scene, depsgraph, view="top")


def test_spherical_stereo_of_a_sheared_perspective(product: Product) -> None:
    camera = prepare_shot(stereo_shot("perspective", 0, use_spherical_stereo=True), 9)
    camera.parent = bpy.data.objects.new("Parent", None)
    camera.parent.scale = (1.0, 2.0, 0.5)
    bpy.context.collection.objects.link(camera.parent)
    bpy.context.view_layer.update()
    with pytest.raises(product("core.errors").CameraError, match="apply the parent's scale"):
        product("bridge.cameras.from_object").camera_from_object(
            camera, bpy.context.scene, bpy.context.view_layer.depsgraph, view="left"
        )
