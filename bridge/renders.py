"""The renders of this session: what tells them apart, and the cameras that took them."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import bpy

if TYPE_CHECKING:
    from ..core.camera import Camera


@dataclass(frozen=True)
class Rendered:
    """A render that ended while the extension was enabled.

    Attributes
    ----------
    stamp : str
        Differs from that of every other render.
    camera_name : str
    frame : int
    cameras : dict of str to Camera
        The camera as it was then, by view; empty if it could not be had.
    """

    stamp: str
    camera_name: str
    frame: int
    cameras: dict[str, Camera]


_by_slot: dict[int, Rendered] = {}


def render_result() -> bpy.types.Image | None:
    """The image that shows renders, if there was one."""
    return next((image for image in bpy.data.images if image.type == "RENDER_RESULT"), None)


def shown_slot() -> int:
    """The slot that the Render Result shows; -1 without a Render Result."""
    image = render_result()
    return image.render_slots.active_index if image else -1


def last_render() -> Rendered | None:
    """The render in the slot that the Render Result shows."""
    return _by_slot.get(shown_slot())


@bpy.app.handlers.persistent
def _on_complete(scene: bpy.types.Scene, _depsgraph: object = None) -> None:
    name = scene.name
    if threading.current_thread() is threading.main_thread():
        _remember(name)
    else:  # where a job renders, Blender's data may not be evaluated
        bpy.app.timers.register(lambda: _remember(name), first_interval=0.0)


@bpy.app.handlers.persistent
def _on_load(*_arguments: object) -> None:
    _by_slot.clear()


def _remember(scene_name: str) -> None:
    scene, image = bpy.data.scenes.get(scene_name), render_result()
    if scene is None or image is None or scene.camera is None:
        return
    _by_slot[image.render_slots.active_index] = Rendered(
        str(time.time_ns()), scene.camera.name, scene.frame_current, _cameras(scene)
    )


def _cameras(scene: bpy.types.Scene) -> dict[str, Camera]:
    from ..core.errors import CameraError  # numpy is for those who render
    from .camera import camera_from_object

    depsgraph = scene.view_layers[0].depsgraph or bpy.context.evaluated_depsgraph_get()
    render = scene.render
    views = [view.name for view in render.views if view.use] if render.use_multiview else [""]
    try:
        return {view: camera_from_object(scene.camera, scene, depsgraph, view=view)
                for view in views}  # fmt: skip
    except CameraError:  # said where somebody picks
        return {}


_HANDLERS = (
    (bpy.app.handlers.render_complete, _on_complete),
    (bpy.app.handlers.load_pre, _on_load),
)


def register() -> None:
    """Watch the renders."""
    for handlers, function in _HANDLERS:
        handlers.append(function)


def unregister() -> None:
    """Stop watching them."""
    for handlers, function in _HANDLERS:
        handlers.remove(function)
