"""Every test of picks has a scene to pick on."""

from __future__ import annotations

import bpy
import pytest
from pick_scene import build_scene


@pytest.fixture
def scene(empty_scene: bpy.types.Scene) -> bpy.types.Scene:
    """Smooth and flat things, some sky, and a camera that is shifted and turned."""
    return build_scene(empty_scene)
