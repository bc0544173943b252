"""Render a scene with another camera than its active one."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import bpy


@contextlib.contextmanager
def rendering_from(scene: bpy.types.Scene, camera_name: str) -> Iterator[None]:
    """Make a camera the scene's active one while the body runs; an empty name changes nothing.

    Timeline markers that would make another camera the active one are unbound meanwhile. Only
    names live through the body, no references, because it may last as long as a render.
    """
    if not camera_name:
        yield
        return
    scene_name = scene.name
    before = scene.camera.name if scene.camera else ""
    bound = {
        index: marker.camera.name
        for index, marker in enumerate(scene.timeline_markers)
        if marker.camera is not None
    }
    _set_camera(scene, camera_name, dict.fromkeys(bound, ""))
    try:
        yield
    finally:
        scene_now: bpy.types.Scene | None = bpy.data.scenes.get(scene_name)
        if scene_now is not None:
            _set_camera(scene_now, before, bound)


def _set_camera(scene: bpy.types.Scene, camera_name: str, markers: dict[int, str]) -> None:
    scene.camera = bpy.data.objects.get(camera_name)
    for index, name in markers.items():
        if index < len(scene.timeline_markers):
            scene.timeline_markers[index].camera = bpy.data.objects.get(name)
