"""Every snippet of the documents runs in the installed extension, with what it says it needs."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable
from pathlib import Path

import bpy
import numpy as np
import pytest

from tests.blender.reconstruct_scene import HEIGHT, WIDTH, Product, render_file
from tests.docs.documents import NEEDS, Block, snippets
from tests.image_files import write_png

EXAMPLE_SIZE = 960, 540
"""Of the image that the snippets in numpy have."""


def _render_result(_folder: Path) -> None:
    layer = bpy.context.scene.view_layers[0]
    layer.use_pass_z = layer.use_pass_normal = layer.use_pass_cryptomatte_object = True
    bpy.ops.render.render()


def _render_file(folder: Path) -> None:
    bpy.context.scene.view_layers[0].use_pass_normal = True
    render_file(bpy.context.scene, folder / "render.exr", color_depth="32")


def _stereo_file(folder: Path) -> None:
    bpy.context.scene.render.use_multiview = True
    render_file(bpy.context.scene, folder / "stereo.exr", views_format="MULTIVIEW")


def _millimeters(folder: Path) -> None:
    write_png(folder / "frame.png", np.full((HEIGHT, WIDTH), 3000, np.uint16))


def _disparity(folder: Path) -> None:
    np.save(folder / "disparity.npy", np.full((HEIGHT, WIDTH), 2.0, np.float32))


def _keypoints(folder: Path) -> None:
    middle = WIDTH / 2, HEIGHT / 2
    data = {
        "images": [{"id": 1, "width": WIDTH, "height": HEIGHT, "file_name": "render.png"}],
        "categories": [{"id": 1, "name": "head", "keypoints": ["nose", "chin"], "skeleton": []}],
        "annotations": [
            {
                "id": 1,
                "image_id": 1,
                "category_id": 1,
                "keypoints": [*middle, 2, middle[0], middle[1] + 3, 2],
                "num_keypoints": 2,
            }
        ],
    }
    (folder / "keypoints.json").write_text(json.dumps(data), encoding="utf-8")


def _cube(_folder: Path) -> None:
    bpy.ops.mesh.primitive_cube_add(size=4, location=(0.5, 0, 1))
    bpy.context.object.hide_render = True
    assert bpy.context.object.name == "Cube"


def _reconstruction(folder: Path) -> None:
    _render_result(folder)
    bpy.ops.depth.reconstruct()


def _newer_blender(_folder: Path) -> None:
    if bpy.app.version < (4, 5):
        pytest.skip("the document says that it needs Blender 4.5")


PREPARE: dict[str, Callable[[Path], None]] = {
    "4.5": _newer_blender,
    "render": _render_result,
    "render.exr": _render_file,
    "stereo.exr": _stereo_file,
    "frame.png": _millimeters,
    "disparity.npy": _disparity,
    "keypoints.json": _keypoints,
    "Cube": _cube,
    "reconstruction": _reconstruction,
}


def test_every_need_can_be_prepared() -> None:
    assert set(PREPARE) == set(NEEDS["blender"])


@pytest.mark.usefixtures("scene")
@pytest.mark.parametrize("snippet", snippets("blender"), ids=lambda each: each.name)
def test_snippet_runs_in_the_console(snippet: Block, tmp_path: Path) -> None:
    """Line by line, and every operator finishes."""
    for need in snippet.info[2:]:
        PREPARE[need](tmp_path)
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "scene.blend"))
    names = {"bpy": bpy}
    for statement in ast.parse(snippet.code).body:
        if not isinstance(statement, ast.Expr):
            exec(compile(ast.Module([statement], []), snippet.name, "exec"), names)
            continue
        result = eval(compile(ast.Expression(statement.value), snippet.name, "eval"), names)
        line = f"{snippet.name}: {ast.unparse(statement)}"
        assert not isinstance(result, set) or result == {"FINISHED"}, line


@pytest.mark.parametrize("snippet", snippets("numpy"), ids=lambda each: each.name)
def test_snippet_of_numpy_runs_inside_blender(
    snippet: Block,
    scene: bpy.types.Scene,
    product: Product,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With the name that the package has there, and on a file that Blender wrote."""
    scene.render.resolution_x, scene.render.resolution_y = EXAMPLE_SIZE
    for name in snippet.info[2:]:
        render_file(scene, tmp_path / name, color_depth="32")
    monkeypatch.chdir(tmp_path)
    code = snippet.code.replace("from reconstruct_from_depth", f"from {product('').__name__}")
    exec(compile(code, snippet.name, "exec"), {})


def test_there_are_snippets() -> None:
    """An empty list would be skipped in silence."""
    assert len(snippets("blender")) >= 5
