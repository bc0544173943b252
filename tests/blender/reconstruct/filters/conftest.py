"""Give every test of filters a scene whose objects passes distinguish, and a file of it."""

from __future__ import annotations

from pathlib import Path

import bpy
import pytest
from filter_scene import prepare_objects

from tests.blender.reconstruct_scene import render_file


@pytest.fixture
def scene(empty_scene: bpy.types.Scene) -> bpy.types.Scene:
    return prepare_objects(empty_scene)


@pytest.fixture
def file(scene: bpy.types.Scene, tmp_path: Path) -> str:
    return render_file(scene, tmp_path / "shot.exr", color_depth="32")
