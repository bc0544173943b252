"""Files of File Output nodes: JSON beside them describes the camera, so that none is needed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import bpy
import numpy as np
import pytest

from tests.blender.reconstruct_scene import (
    assert_lies_on_the_scene,
    ray_casts,
    the_object,
    use_multilayer,
)

Product = Callable[[str], ModuleType]
UNTIL_4_5 = bpy.app.version < (5, 0)


def compositor(scene: bpy.types.Scene) -> bpy.types.NodeTree:
    """Give the scene a compositor that shows the render as it is."""
    scene.view_layers[0].use_pass_z = True
    if UNTIL_4_5:
        scene.use_nodes = True
        tree = scene.node_tree
        tree.nodes.clear()
        end = tree.nodes.new("CompositorNodeComposite")
    else:
        tree = bpy.data.node_groups.new("Compositor", "CompositorNodeTree")
        scene.compositing_node_group = tree
        tree.interface.new_socket("Image", in_out="OUTPUT", socket_type="NodeSocketColor")
        end = tree.nodes.new("NodeGroupOutput")
    layers = tree.nodes.new("CompositorNodeRLayers")
    tree.links.new(layers.outputs["Image"], end.inputs[0])
    return tree


def add_output(
    tree: bpy.types.NodeTree, folder: Path, name: str = "depth_", *, multilayer: bool = False
) -> bpy.types.Node:
    """A File Output node that writes the Depth pass to OpenEXR files."""
    node = tree.nodes.new("CompositorNodeOutputFile")
    if UNTIL_4_5:
        node.format.file_format = "OPEN_EXR_MULTILAYER" if multilayer else "OPEN_EXR"
        if multilayer:
            node.base_path = str(folder / name)
            node.layer_slots.clear()
            node.layer_slots.new("Depth")
        else:
            node.base_path = str(folder)
            node.file_slots.clear()
            node.file_slots.new(name)
    else:
        node.format.media_type = "MULTI_LAYER_IMAGE" if multilayer else "IMAGE"
        node.format.file_format = "OPEN_EXR_MULTILAYER" if multilayer else "OPEN_EXR"
        node.format.exr_codec = "ZIP"
        node.directory, node.file_name = str(folder), name if multilayer else ""
        node.file_output_items.clear()
        node.file_output_items.new("FLOAT", "Depth" if multilayer else name)
    node.format.color_depth = "32"
    layers = next(each for each in tree.nodes if each.type == "R_LAYERS")
    tree.links.new(layers.outputs["Depth"], node.inputs[0])
    return node


def exr_files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.exr"))


def sidecars(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("*.json"))


def assert_exact_without_the_camera(path: Path, truth: np.ndarray, place: object) -> None:
    """The file alone gives the points that rays of the camera hit, wherever it is now."""
    bpy.ops.depth.reconstruct(filepath=str(path), camera_from="FILE")
    made = the_object()
    assert_lies_on_the_scene(made, truth, place)
    bpy.data.objects.remove(made)


@pytest.mark.parametrize("multilayer", [False, True])
@pytest.mark.parametrize("way", ["still", "animation", "burned stamp", "long note"])
def test_files_are_reconstructed_after_the_camera_is_moved_and_deleted(
    scene: bpy.types.Scene, tmp_path: Path, multilayer: bool, way: str
) -> None:
    camera, folder = scene.camera, tmp_path / "out"
    add_output(compositor(scene), folder, multilayer=multilayer)
    use_multilayer(scene)
    scene.render.filepath = str(tmp_path / "main" / "render_")
    scene.render.use_stamp = way == "burned stamp"
    scene.render.stamp_note_text = note = "x" * 500 if way == "long note" else "mine"
    scene.render.use_stamp_note = True
    truths = []
    for frame, x in ((3, 3.0), (4, 4.0)):
        camera.location.x = x
        camera.keyframe_insert("location", frame=frame)
        scene.frame_set(frame)
        truths.append((ray_casts(scene, camera), camera.matrix_world.translation.copy()))
    scene.frame_start, scene.frame_end = 3, 4
    scene.frame_set(4)
    is_animation = way == "animation"
    bpy.ops.render.render(animation=is_animation)
    assert scene.render.stamp_note_text == note
    files = exr_files(folder)
    assert len(files) == (2 if is_animation else 1)
    assert sidecars(folder) == [f"{path.name}.json" for path in files]
    camera.animation_data_clear()
    camera.location.x += 3.0
    camera.data.lens = 70.0
    scene.frame_set(1)
    for path, truth in zip(files, truths if is_animation else truths[1:], strict=True):
        assert_exact_without_the_camera(path, *truth)
    bpy.data.objects.remove(camera)
    assert_exact_without_the_camera(files[-1], *truths[-1])


@pytest.mark.parametrize("multilayer", [False, True])
@pytest.mark.parametrize("views_format", ["INDIVIDUAL", "MULTIVIEW"])
def test_both_eyes_are_described(
    scene: bpy.types.Scene, product: Product, tmp_path: Path, multilayer: bool, views_format: str
) -> None:
    scene.render.use_multiview = True
    use_multilayer(scene).views_format = views_format
    node = add_output(compositor(scene), tmp_path, multilayer=multilayer)
    node.format.views_format = views_format
    bpy.ops.render.render()
    files = exr_files(tmp_path)
    assert len(files) == (2 if views_format == "INDIVIDUAL" else 1)
    assert sidecars(tmp_path) == [f"{path.name}.json" for path in files]
    views = ("left", "right") if views_format == "MULTIVIEW" else ("",)
    camera_of_file = product("core").camera_of_file
    places = [camera_of_file(path, view).matrix[:3, 3] for path in files for view in views]
    distance = scene.camera.data.stereo.interocular_distance
    assert np.linalg.norm(places[0] - places[1]) == pytest.approx(distance, rel=1e-5)


@pytest.mark.parametrize("what", ["option off", "muted node", "no compositing", "another format"])
def test_nothing_is_written_where_there_is_nothing_to_describe(
    scene: bpy.types.Scene, tmp_path: Path, what: str
) -> None:
    node = add_output(compositor(scene), tmp_path)
    if what == "option off":
        scene.reconstruct_from_depth.describe_renders = False
    elif what == "muted node":
        node.mute = True
    elif what == "no compositing":
        scene.render.use_compositing = False
    else:
        node.format.file_format = "PNG"
    bpy.ops.render.render()
    assert sidecars(tmp_path) == []
    assert scene.reconstruct_from_depth.warnings == ""


def test_pixels_that_the_camera_did_not_see_there_are_not_described(
    scene: bpy.types.Scene, tmp_path: Path
) -> None:
    tree = compositor(scene)
    node = add_output(tree, tmp_path / "flipped")
    add_output(tree, tmp_path / "plain")
    flip = tree.nodes.new("CompositorNodeFlip")
    tree.links.new(node.inputs[0].links[0].from_socket, flip.inputs[0])
    tree.links.new(flip.outputs[0], node.inputs[0])
    bpy.ops.render.render()
    assert len(exr_files(tmp_path / "flipped")) == len(exr_files(tmp_path / "plain")) == 1
    assert sidecars(tmp_path / "flipped") == []
    assert len(sidecars(tmp_path / "plain")) == 1


def test_other_files_in_the_folder_stay_as_they_are(
    scene: bpy.types.Scene, product: Product, tmp_path: Path
) -> None:
    """Such as frames of earlier renders, and those that other machines of a farm write now."""
    add_output(compositor(scene), tmp_path, "depth_##_")
    bpy.ops.render.render()
    (first,) = exr_files(tmp_path)
    beside = Path(f"{first}.json").read_bytes()
    elsewhere = tmp_path / "of_another_machine.exr"

    def write(_scene: bpy.types.Scene, _depsgraph: object = None) -> None:
        elsewhere.write_bytes(first.read_bytes())  # of frame 1

    scene.frame_set(2)
    bpy.app.handlers.render_post.insert(0, write)
    try:
        bpy.ops.render.render()
    finally:
        bpy.app.handlers.render_post.remove(write)
    assert Path(f"{first}.json").read_bytes() == beside
    assert len(sidecars(tmp_path)) == 2
    assert not Path(f"{elsewhere}.json").exists()
    second = product("core.exr.reader").read_info(str(exr_files(tmp_path)[1]))
    assert product("core.exr.sidecar").shot_metadata_of(second).frame == 2


@pytest.mark.parametrize("what", ["another program's", "a folder", "no frame"])
def test_a_description_that_cannot_be_written_is_a_warning(
    scene: bpy.types.Scene, tmp_path: Path, what: str, capfd: pytest.CaptureFixture[str]
) -> None:
    add_output(compositor(scene), tmp_path, "depth")
    scene.reconstruct_from_depth.describe_renders = False
    bpy.ops.render.render()
    beside = Path(f"{exr_files(tmp_path)[0]}.json")
    if what == "a folder":
        beside.mkdir()
        said = "The file cannot be written"
    elif what == "no frame":
        scene.render.use_stamp_frame = False
        said = "does not say its frame"
    else:
        beside.write_text('{"of": "another program"}')
        said = "is another program's file"
    settings = scene.reconstruct_from_depth
    settings.describe_renders, settings.warnings = True, "Something else."
    for _ in range(2):
        bpy.ops.render.render()
    first, second = settings.warnings.splitlines()
    assert first == "Something else."
    assert said in second
    assert said in capfd.readouterr().err
    if what == "another program's":
        assert json.loads(beside.read_text()) == {"of": "another program"}


def test_a_sidecar_of_the_render_that_cannot_be_written_is_a_warning(
    scene: bpy.types.Scene, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    use_multilayer(scene)
    scene.render.stamp_note_text, scene.render.use_stamp_note = "x" * 500, True
    scene.render.filepath = str(tmp_path / "a_")
    scene.frame_start, scene.frame_end = 1, 3
    for frame in (1, 2, 3):
        (tmp_path / f"a_{frame:04}.exr.json").mkdir()
    bpy.ops.render.render(animation=True)
    (line,) = scene.reconstruct_from_depth.warnings.splitlines()
    assert "a_0001.exr.json: The file cannot be written" in line
    assert capfd.readouterr().err.count("The file cannot be written") == 3
