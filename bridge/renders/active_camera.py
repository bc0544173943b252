"""The camera that a scene renders with, changed for the time of a render."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import bpy


@contextlib.contextmanager
def rendering_from(scene: bpy.types.Scene, camera_name: str) -> Iterator[None]:
    """Render with another camera than the scene's, or with the scene's if no name is given.

    Markers of the timeline that would make a camera the active one are unbound meanwhile. Names,
    not references, live through the body, which may last as long as a render does.
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
        scene_now = bpy.data.scenes.get(scene_name)
        if scene_now is not None:
            _set_camera(scene_now, before, bound)


def _set_camera(scene: bpy.types.Scene, camera_name: str, markers: dict[int, str]) -> None:
    scene.camera = bpy.data.objects.get(camera_name)
    for index, name in markers.items():
        if index < len(scene.timeline_markers):
            scene.timeline_markers[index].camera = bpy.data.objects.get(name)
