"""Reconstructions to export."""

from __future__ import annotations

from pathlib import Path

import bpy
import numpy as np
import pytest
from export_scene import attribute

from tests.blender.reconstruct_scene import render_file, the_object

PASSES = "Combined, Normal"


@pytest.fixture
def rendered(scene: bpy.types.Scene, tmp_path: Path) -> str:
    scene.view_layers[0].use_pass_normal = True
    return render_file(scene, tmp_path / "my render.exr")


@pytest.fixture
def cloud(rendered: str) -> bpy.types.Object:
    """A reconstruction, as a mesh of points, with random colors, because the scene is dark."""
    bpy.ops.depth.reconstruct(filepath=rendered, passes=PASSES)
    item = the_object()
    colors = item.data.attributes["Color"].data
    values = np.random.default_rng(0).uniform(-0.1, 1.5, 4 * len(colors))
    colors.foreach_set("color", values.astype(np.float32))
    return item


@pytest.fixture
def surface(cloud: bpy.types.Object) -> bpy.types.Object:
    """The same with three quads, a triangle, and UVs."""
    points = [tuple(vertex.co) for vertex in cloud.data.vertices]
    mesh = bpy.data.meshes.new("surface")
    faces = [(0, 1, 2, 3), (3, 2, 4, 5), (5, 4, 6, 7), (5, 7, 8)]
    mesh.from_pydata(points[:9], [], faces)
    colors = mesh.attributes.new("Color", "FLOAT_COLOR", "POINT")
    colors.data.foreach_set("color", attribute(cloud, "Color")[:9].ravel())
    layer = mesh.uv_layers.new(name="UVMap")
    corners = [corner for face in faces for corner in face]
    layer.uv.foreach_set(
        "vector", np.array([(c / 8, 1 - c / 16) for c in corners], np.float32).ravel()
    )
    mesh.materials.append(cloud.data.materials[0])
    cloud.data = mesh
    return cloud
