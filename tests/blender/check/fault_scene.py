"""A room whose renders are planted with faults, and files of them that say nothing of a camera."""

from __future__ import annotations

from pathlib import Path

import bpy
import installed
import numpy as np

from tests.blender.reconstruct_scene import add_camera, render_file

WIDTH, HEIGHT = 192, 144


def prepare_room(empty_scene: bpy.types.Scene) -> bpy.types.Scene:
    """A room with things at many depths, and a second camera."""
    bpy.ops.mesh.primitive_plane_add(size=30)
    bpy.ops.mesh.primitive_plane_add(size=30, location=(0, 9, 0), rotation=(1.2, 0.2, 0))
    bpy.ops.mesh.primitive_monkey_add(size=2, location=(0.5, 0, 1.2), rotation=(0.2, 0.3, 0.4))
    bpy.ops.mesh.primitive_uv_sphere_add(radius=0.8, location=(-1.5, 1, 1))
    bpy.ops.mesh.primitive_torus_add(location=(2.5, 2, 1), rotation=(0.3, 0.5, 0))
    bpy.ops.mesh.primitive_cube_add(size=1.2, location=(-0.5, 4, 0.5), rotation=(0.3, 0.2, 0.7))
    scene = add_camera(empty_scene)
    scene.render.resolution_x, scene.render.resolution_y = WIDTH, HEIGHT
    bpy.ops.object.camera_add(location=(-4, -5, 3.5), rotation=(1.2, 0.0, -0.6))
    bpy.context.object.name = "Other"
    bpy.context.view_layer.update()
    return scene


def depth_of(scene: bpy.types.Scene, tmp_path: Path) -> np.ndarray:
    """Planar depth as Cycles renders it, shape (H, W); 1e10 for the sky."""
    core = installed.product("core")
    read = core.read_depth(render_file(scene, tmp_path / "render.exr"), kind=core.DepthKind.PLANAR)
    return read.values.copy()


def write(path: Path, depth: np.ndarray) -> str:
    """A file of a program that says nothing of its camera."""
    import OpenEXR

    header = {"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage}
    OpenEXR.File(header, {"Z": np.ascontiguousarray(depth, np.float32)}).write(str(path))
    return str(path)


def show_in_sidebar(file: str) -> None:
    settings = bpy.context.scene.reconstruct_from_depth
    settings.source, settings.filepath = "FILE", file


def verdict() -> tuple[str, str]:
    settings = bpy.context.scene.reconstruct_from_depth
    return settings.verdict, settings.verdict_text
