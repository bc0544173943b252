"""A scene with surfaces all around, and renders of its Z and Position passes as arrays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import bmesh
import bpy
import numpy as np
from mathutils import Euler

RADIUS = 8.0


@dataclass(frozen=True)
class Passes:
    """Z, shape (H, W), and world position, shape (H, W, 3), of a render."""

    z: np.ndarray
    position: np.ndarray

    @property
    def hit(self) -> np.ndarray:
        return self.z < 1e9


@dataclass(frozen=True)
class Shot:
    """Settings of the camera, of the render, and of the camera's stereo, by attribute."""

    camera: Mapping[str, Any]
    render: Mapping[str, Any] = field(default_factory=dict)
    stereo: Mapping[str, Any] = field(default_factory=dict)


def build_cage(seed: int) -> None:
    """Build a dented sphere with holes around the origin, with some triangles inside."""
    rng = np.random.default_rng(seed)
    mesh = bmesh.new()
    bmesh.ops.create_icosphere(mesh, subdivisions=4, radius=RADIUS)
    for vertex, dent in zip(mesh.verts, rng.uniform(0.6, 1.0, len(mesh.verts)), strict=True):
        vertex.co *= dent
    faces = list(mesh.faces)
    holes = rng.choice(len(faces), len(faces) // 12, replace=False)
    bmesh.ops.delete(mesh, geom=[faces[i] for i in holes], context="FACES")
    for corners in rng.normal(size=(40, 1, 3)) * 3.0 + rng.normal(size=(40, 3, 3)):
        mesh.faces.new([mesh.verts.new(corner) for corner in corners])
    data = bpy.data.meshes.new("Cage")
    mesh.to_mesh(data)
    mesh.free()
    bpy.context.collection.objects.link(bpy.data.objects.new("Cage", data))


def add_camera(seed: int, settings: Mapping[str, Any], name: str = "Camera") -> bpy.types.Object:
    """Give the scene a camera with these settings, in a random pose near the origin."""
    rng = np.random.default_rng(seed)
    camera = bpy.data.objects.new(name, bpy.data.cameras.new(name))
    camera.location = rng.uniform(-1.0, 1.0, 3)
    camera.rotation_euler = Euler(rng.uniform(-np.pi, np.pi, 3))
    camera.scale = rng.uniform(0.3, 3.0, 3)
    for key, value in settings.items():
        setattr(camera.data, key, value)
    bpy.context.collection.objects.link(camera)
    bpy.context.scene.camera = camera
    return camera


def prepare_shot(shot: Shot, seed: int) -> bpy.types.Object:
    """Build the cage and the camera of a shot; each pixel has one sample, at its center."""
    build_cage(seed)
    camera = add_camera(seed, shot.camera)
    for key, value in shot.stereo.items():
        setattr(camera.data.stereo, key, value)
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    scene.cycles.samples = 1
    scene.cycles.max_bounces = 0
    scene.cycles.use_denoising = False
    scene.cycles.filter_width = 0.01
    scene.render.resolution_x, scene.render.resolution_y = 64, 48
    scene.render.resolution_percentage = 100
    for key, value in shot.render.items():
        setattr(scene.render, key, value)
    layer = bpy.context.view_layer
    layer.use_pass_z = layer.use_pass_position = True
    layer.update()
    return camera


def render_passes(folder: Path) -> dict[str, Passes]:
    """Render the scene; return the passes of each view, which is "" without stereo."""
    import OpenEXR

    render = bpy.context.scene.render
    settings = render.image_settings
    if hasattr(settings, "media_type"):
        settings.media_type = "MULTI_LAYER_IMAGE"
    settings.file_format = "OPEN_EXR_MULTILAYER"
    settings.color_depth = "32"
    settings.views_format = "MULTIVIEW"
    if hasattr(settings, "use_exr_interleave"):
        # Blender 5.0 cannot write a multi-part file with a pixel aspect other than 1.
        settings.use_exr_interleave = True
    path = folder / "render.exr"
    render.use_file_extension = False
    render.filepath = str(path)
    bpy.ops.render.render(write_still=True)
    channels: dict[str, np.ndarray] = {}
    for part in OpenEXR.File(str(path), separate_channels=True).parts:
        channels.update({name: channel.pixels for name, channel in part.channels.items()})
    return _split_views(channels)


def _split_views(channels: Mapping[str, np.ndarray]) -> dict[str, Passes]:
    views: dict[str, Passes] = {}
    for name, z in channels.items():
        layer, _, rest = name.partition(".Depth.")
        if rest.endswith("Z"):
            view = rest.rpartition(".")[0]
            stem = f"{layer}.Position.{view}." if view else f"{layer}.Position."
            position = np.stack([channels[stem + axis] for axis in "XYZ"], axis=-1)
            views[view] = Passes(z, position.astype(np.float64))
    return views
