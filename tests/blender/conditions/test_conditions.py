"""Points are right, or an error says why not, where a scene or its files are not as usual."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import bpy
import numpy as np
import pytest

from tests.blender.reconstruct_scene import (
    Product,
    assert_meets_position,
    fails,
    prepare_scene,
    reconstruct,
    render_file,
)


def render_with_position(scene: bpy.types.Scene, path: Path) -> str:
    scene.view_layers[0].use_pass_position = True
    return render_file(scene, path)


@pytest.mark.parametrize("overridden", [False, True], ids=["linked", "overridden"])
def test_a_camera_of_another_blend_file(tmp_path: Path, overridden: bool) -> None:
    """An overridden camera is moved in this file, a linked one cannot be."""
    library = tmp_path / "library.blend"
    scene = prepare_scene(bpy.context.scene)
    name, place = scene.camera.name, np.array(scene.camera.location)
    bpy.data.libraries.write(str(library), {scene.camera}, fake_user=True)
    bpy.data.objects.remove(scene.camera)
    with bpy.data.libraries.load(str(library), link=True) as (_, data):
        data.objects = [name]
    (camera,) = data.objects
    scene.collection.objects.link(camera)
    if overridden:
        camera = camera.override_create(remap_local_usages=True)
        camera.location.x += 0.5
        assert camera.override_library is not None
    else:
        assert camera.library is not None
    scene.camera = camera
    scene.reconstruct_from_depth.describe_renders = False  # the scene has to give the camera
    file = render_with_position(scene, tmp_path / "render.exr")
    assert_meets_position(filepath=file)
    moved = np.array(camera.matrix_world.translation) - place
    np.testing.assert_allclose(moved, [0.5 if overridden else 0.0, 0.0, 0.0], atol=1e-6)


def test_a_scene_without_a_world(scene: bpy.types.Scene, tmp_path: Path) -> None:
    scene.world = None
    assert_meets_position(filepath=render_with_position(scene, tmp_path / "render.exr"))


def test_files_of_any_language_and_of_250_characters(
    scene: bpy.types.Scene, tmp_path: Path
) -> None:
    file = render_file(scene, tmp_path / "render.exr")
    expected = reconstruct(filepath=file)
    folder = tmp_path / "Räume, links 左 \U0001f600"
    folder.mkdir()
    for stem in ("Würfel 左 100%s #1", "x" * 246):
        path = shutil.copy(file, folder / f"{stem}.exr")
        found = reconstruct(filepath=str(path))
        for one, other in zip(found, expected, strict=True):
            np.testing.assert_array_equal(one, other)


def test_a_file_that_nobody_may_write_to(scene: bpy.types.Scene, tmp_path: Path) -> None:
    """Reading leaves nothing beside it."""
    folder = tmp_path / "read only"
    folder.mkdir()
    file = render_file(scene, folder / "render.exr")
    before = sorted(folder.iterdir())
    os.chmod(file, 0o400)
    os.chmod(folder, 0o500)
    try:
        assert len(reconstruct(filepath=file)[0]) > 300
        assert sorted(folder.iterdir()) == before
    finally:
        os.chmod(folder, 0o700)


@pytest.mark.parametrize("replaced_by", ["another render", "half of it", "nothing"])
def test_a_file_that_is_replaced_while_it_is_read(
    scene: bpy.types.Scene, tmp_path: Path, product: Product,
    monkeypatch: pytest.MonkeyPatch, replaced_by: str,
) -> None:  # fmt: skip
    """After its header was read, and before its pixels are."""
    file = Path(render_file(scene, tmp_path / "render.exr"))
    content = file.read_bytes()
    scene.camera.location.x += 1.0
    other = Path(render_file(scene, tmp_path / "other.exr")).read_bytes()
    scene.camera.location.x -= 1.0
    new = {"another render": other, "half of it": content[: len(content) // 2], "nothing": b""}
    reader = product("core.exr.reader")
    original = reader.read_channels

    def read_channels(*arguments: object) -> object:
        (tmp_path / "new.exr").write_bytes(new[replaced_by])
        os.replace(tmp_path / "new.exr", file)
        return original(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(reader, "read_channels", read_channels)
        fails("changed while it was read; wait for it", filepath=str(file))
    file.write_bytes(content)
    assert len(reconstruct(filepath=str(file))[0]) > 300


def test_slashes_mean_nothing_to_a_source_before_the_blend_file_is_saved(
    scene: bpy.types.Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    render_file(scene, tmp_path / "render.exr")
    monkeypatch.chdir(tmp_path)
    fails('path begins with "//".* save it first', filepath="//render.exr")
