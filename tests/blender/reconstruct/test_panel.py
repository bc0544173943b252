"""What the sidebar shows, and what its buttons and a dropped file run."""

from __future__ import annotations

from pathlib import Path

import bpy
import pytest

from tests.blender.reconstruct_scene import (
    Product,
    render_file,
)


@pytest.mark.usefixtures("undescribed")
def test_the_sidebar_says_what_it_will_do_or_what_prevents_it(
    scene: bpy.types.Scene, product: Product, tmp_path: Path
) -> None:
    settings, status_line = (
        scene.reconstruct_from_depth,
        product("bridge.reconstruct.status_line").status_line,
    )
    line = "64 x 48, Depth, planar, camera Camera, frame 1"
    assert status_line(bpy.context).text == (
        f"Nothing is rendered yet. Render and Reconstruct will use: {line}"
    )
    scene.frame_set(12)
    file = render_file(scene, tmp_path / "shot.exr")
    scene.frame_set(1)
    assert status_line(bpy.context).text == "64 x 48, Depth, planar, camera Camera, frame 12"
    settings.source = "FILE"
    assert (
        status_line(bpy.context).problem
        == "Choose the file with the depth of a render, such as OpenEXR."
    )
    settings.filepath = str(tmp_path / "none.exr")
    assert "does not exist" in status_line(bpy.context).problem
    settings.filepath = file
    assert status_line(bpy.context).text == (
        "64 x 48, ViewLayer.Depth, planar, camera Camera, frame 12"
    )
    assert settings.file_layers[0].name == "ViewLayer.Depth"
    assert "ViewLayer.Combined" in settings.file_layers
    scene.render.resolution_x = 100
    assert "64 x 48 pixels, the scene's render 100 x 48, which is another aspect" in (
        status_line(bpy.context).problem
    )
    settings.ignore_aspect = True
    assert not status_line(bpy.context).problem
    settings.ignore_aspect = False
    scene.render.resolution_x = 64
    scene.camera.data.type = "PANO"
    assert ", ray, " in status_line(bpy.context).text
    if bpy.app.version >= (4, 5):
        scene.camera.data.type = "CUSTOM"
        assert "set Points From to Position Pass" in status_line(bpy.context).problem
    scene.camera = None
    scene.objects["Camera"].name = "Renamed"
    assert "no active camera; choose the one that rendered the image from: 'Renamed'" in (
        status_line(bpy.context).problem
    )
    assert bpy.ops.depth.render_and_reconstruct.poll()  # a camera may be chosen
    bpy.data.objects.remove(scene.objects["Renamed"])
    assert not bpy.ops.depth.render_and_reconstruct.poll()


def test_the_sidebar_lists_the_layers_of_a_file_without_depth(
    scene: bpy.types.Scene, product: Product, tmp_path: Path
) -> None:
    settings = scene.reconstruct_from_depth
    settings.source = "FILE"
    file = render_file(scene, tmp_path / "shot.exr")
    scene.view_layers[0].use_pass_z = False
    bpy.ops.render.render(write_still=True)
    settings.filepath = file
    assert (
        "No layer of the file looks like depth"
        in product("bridge.reconstruct.status_line").status_line(bpy.context).problem
    )
    assert "ViewLayer.Combined" in settings.file_layers


def test_buttons_and_scripts_have_the_same_defaults(
    scene: bpy.types.Scene, product: Product
) -> None:
    names = product("properties.reconstruct.options").OPTION_NAMES
    settings = scene.reconstruct_from_depth.bl_rna.properties
    for operator in (bpy.ops.depth.reconstruct, bpy.ops.depth.render_and_reconstruct):
        properties = operator.get_rna_type().properties
        for name in names:
            assert properties[name].default == settings[name].default, name
            assert properties[name].description == settings[name].description, name


def test_options_without_an_effect_are_known(scene: bpy.types.Scene) -> None:
    settings = scene.reconstruct_from_depth
    unused = settings.unused_options()
    assert {"grazing_angle", "region_index", "region_name"} <= unused
    assert not {"show_points", "ignore_aspect", "output", "region", "stride"} & unused
    settings.output, settings.region, settings.points_from = "SURFACE", "BOX", "POSITION"
    unused = settings.unused_options()
    assert {"show_points", "ignore_aspect", "region_name"} <= unused
    assert not {"grazing_angle", "max_jump", "region_corner", "region_size"} & unused


def test_files_that_blender_has_no_use_for_can_be_dropped_onto_a_3d_viewport() -> None:
    handler = bpy.types.DEPTH_FH_depth
    assert handler.bl_import_operator == "depth.reconstruct"
    assert handler.bl_file_extensions == ".exr;.pfm;.npy;.npz"
    assert "filepath" in bpy.ops.depth.reconstruct.get_rna_type().properties


def text_of_moved_camera(product: Product, path: str) -> str:
    camera = product("core").camera_of_file(path)
    matrix = camera.matrix.copy()
    matrix[:3, 3] += (2.0, -1.0, 0.5)
    moved = product("core.cameras.camera").Camera(camera.lens, matrix)
    return product("core.cameras.serialization").camera_to_text(moved)


def test_the_sidebar_says_that_a_corrected_camera_is_used(
    scene: bpy.types.Scene, product: Product, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    file = render_file(scene, tmp_path / "shot.exr")
    settings, line = scene.reconstruct_from_depth, "64 x 48, ViewLayer.Depth, planar, "
    settings.source, settings.filepath = "FILE", file
    assert settings.status_line().text == f"{line}camera Camera, frame 1"
    settings.camera_data = text = text_of_moved_camera(product, file)
    assert settings.status_line().text == f"{line}corrected camera, frame 1"
    assert "ose and lens: chosen" in settings.status_line().basis
    bpy.ops.depth.reconstruct(filepath=file, camera_data=text)
    assert "corrected camera, frame 1" in capfd.readouterr().out
    scene.render.resolution_x = 100  # whose aspect does not matter to it
    settings.camera_from = "SCENE"
    assert settings.status_line().text == f"{line}corrected camera, frame 1"
    settings.camera_data = "{}"
    assert "camera" in settings.status_line().problem


def test_a_corrected_camera_is_that_of_one_source(
    scene: bpy.types.Scene, product: Product, tmp_path: Path
) -> None:
    file = render_file(scene, tmp_path / "shot.exr")
    settings, text = scene.reconstruct_from_depth, text_of_moved_camera(product, file)
    settings.source, settings.filepath = "FILE", file
    settings.camera_data = text
    settings.source = "RENDER"
    assert settings.camera_data == ""
    settings.camera_data = text
    bpy.ops.render.render()
    assert settings.camera_data == ""
    settings.source = "FILE"
    settings.camera_data = text
    bpy.ops.render.render()  # which is another image than the file
    assert settings.camera_data == text
    with pytest.raises(RuntimeError, match="Render and Reconstruct makes a new one"):
        bpy.ops.depth.render_and_reconstruct(camera_data=text)
