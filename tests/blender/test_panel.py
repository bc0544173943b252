"""What the sidebar says, and what its buttons and a dropped file run."""

from __future__ import annotations

from pathlib import Path

import bpy
import pytest

from tests.blender.reconstruct_scene import (
    Product,
    render_file,
)


def test_the_settings_of_the_sidebar_follow_the_file(
    scene: bpy.types.Scene, tmp_path: Path
) -> None:
    settings = scene.reconstruct_from_depth
    assert settings.plan.startswith("64 x 48, Depth (pass is off now")
    settings.source = "FILE"
    assert settings.problem == "Choose the OpenEXR file of a render with a Depth pass."
    settings.filepath = str(tmp_path / "none.exr")
    assert "does not exist" in settings.problem
    scene.frame_set(12)
    settings.filepath = render_file(scene, tmp_path / "shot.exr")
    scene.frame_set(1)
    assert settings.problem == ""
    assert settings.plan == "64 x 48, ViewLayer.Depth, planar, camera Camera, frame 12"
    scene.camera.data.type = "PANO"
    assert ", ray, " in settings.plan
    scene.camera = None
    scene.objects["Camera"].name = "Renamed"
    assert "no active camera; choose the one that rendered the image from: 'Renamed'" in (
        settings.problem
    )


def test_edit_mode_is_refused_with_advice() -> None:
    bpy.ops.mesh.primitive_plane_add()
    bpy.ops.object.mode_set(mode="EDIT")
    assert not bpy.ops.depth.reconstruct.poll()
    with pytest.raises(RuntimeError, match="Switch to Object Mode first"):
        bpy.ops.depth.reconstruct()
    bpy.ops.object.mode_set(mode="OBJECT")


def test_buttons_and_scripts_have_the_same_defaults(
    scene: bpy.types.Scene, product: Product
) -> None:
    names = product("properties.reconstruct").OPTION_NAMES
    settings = scene.reconstruct_from_depth.bl_rna.properties
    for operator in (bpy.ops.depth.reconstruct, bpy.ops.depth.render_and_reconstruct):
        properties = operator.get_rna_type().properties
        for name in names:
            assert properties[name].default == settings[name].default, name
            assert properties[name].description == settings[name].description, name


def test_an_exr_can_be_dropped_onto_a_3d_viewport_alone() -> None:
    handler = bpy.types.DEPTH_FH_exr
    assert handler.bl_import_operator == "depth.reconstruct"
    assert handler.bl_file_extensions == ".exr"
    assert "filepath" in bpy.ops.depth.reconstruct.get_rna_type().properties
