"""The renders of this session: what tells them apart, and the cameras that took them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
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
        Empty if the render was canceled.
    frame : int
    cameras : dict of str to Camera
        The camera as it was when the render began, by view; empty if it could not be had.
    """

    stamp: str
    camera_name: str
    frame: int
    cameras: dict[str, Camera]


@dataclass
class _Pending:
    """A render under way; its handlers may run in another thread, so that it is plain data."""

    slot: int
    first: tuple[str, int]
    last: tuple[str, int]
    cameras: dict[str, Camera]


_by_slot: dict[tuple[int, int], Rendered] = {}
_pending: dict[int, _Pending] = {}
_slots = 0
_epoch = time.time_ns()

forgetters: list[Callable[[], None]] = []
"""What to call where renders are forgotten; modules that need numpy add to it when imported."""


def render_result() -> bpy.types.Image | None:
    """The image that shows renders, if there was one."""
    return next((image for image in bpy.data.images if image.type == "RENDER_RESULT"), None)


def shown_slot() -> int:
    """The slot that the Render Result shows; -1 without a Render Result."""
    image = render_result()
    return image.render_slots.active_index if image else -1


def last_render(scene: bpy.types.Scene | None = None) -> Rendered | None:
    """The render of a scene, or of the context's, in the slot that the Render Result shows."""
    _forget_if_a_slot_is_gone()
    scene = scene or bpy.context.scene
    return _by_slot.get((scene.session_uid, shown_slot())) if scene else None


def render_stamp(scene: bpy.types.Scene | None = None) -> str:
    """What tells the present state of the Render Result from others."""
    rendered = last_render(scene)
    return rendered.stamp if rendered else f"slot {shown_slot()} of {_epoch}"


def is_rendering() -> bool:
    """Whether a render runs beside the interface."""
    return bool(bpy.app.is_job_running("RENDER"))


def forget_renders() -> None:
    """Forget all renders, and what was read of them."""
    global _epoch, _slots
    _by_slot.clear()
    _pending.clear()
    _epoch, _slots = time.time_ns(), 0
    for forget in forgetters:
        forget()


def _forget_if_a_slot_is_gone() -> None:
    """The slots behind one that is removed change their numbers; new ones are appended."""
    global _slots
    image = render_result()
    count = len(image.render_slots) if image else 0
    if count < _slots:
        forget_renders()
    _slots = count


@bpy.app.handlers.persistent
def _on_init(scene: bpy.types.Scene, _depsgraph: object = None) -> None:
    _forget_if_a_slot_is_gone()
    state = _state(scene)
    _pending[scene.session_uid] = _Pending(max(shown_slot(), 0), state, state, _cameras(scene))


@bpy.app.handlers.persistent
def _on_frame(scene: bpy.types.Scene, _depsgraph: object = None) -> None:
    """Once an animation is over, the scene is back at the frame where it was."""
    if scene.session_uid in _pending:
        _pending[scene.session_uid].last = _state(scene)


@bpy.app.handlers.persistent
def _on_complete(scene: bpy.types.Scene, _depsgraph: object = None) -> None:
    pending = _pending.pop(scene.session_uid, None)
    if pending is not None:
        # Of a later frame the camera is found where it is asked for, by going there.
        cameras = pending.cameras if pending.last == pending.first else {}
        _store(scene, pending, Rendered(str(time.time_ns()), *pending.last, cameras))


@bpy.app.handlers.persistent
def _on_cancel(scene: bpy.types.Scene, _depsgraph: object = None) -> None:
    pending = _pending.pop(scene.session_uid, None)
    if pending is not None:
        _store(scene, pending, Rendered(str(time.time_ns()), "", pending.last[1], {}))


@bpy.app.handlers.persistent
def _on_load(*_arguments: object) -> None:
    forget_renders()


def _store(scene: bpy.types.Scene, pending: _Pending, rendered: Rendered) -> None:
    _by_slot[scene.session_uid, pending.slot] = rendered


def _state(scene: bpy.types.Scene) -> tuple[str, int]:
    return scene.camera.name if scene.camera else "", scene.frame_current


def _cameras(scene: bpy.types.Scene) -> dict[str, Camera]:
    from ..core.errors import CameraError  # numpy is for those who render
    from .camera import camera_from_object

    if scene.camera is None:
        return {}
    if threading.current_thread() is threading.main_thread():
        scene.view_layers[0].update()
    depsgraph = next((each.depsgraph for each in scene.view_layers if each.depsgraph), None)
    if depsgraph is None:  # where a job renders, Blender's data may not be evaluated
        return {}
    render = scene.render
    views = [view.name for view in render.views if view.use] if render.use_multiview else [""]
    try:
        return {view: camera_from_object(scene.camera, scene, depsgraph, view=view)
                for view in views}  # fmt: skip
    except CameraError:  # said where somebody picks
        return {}


_HANDLERS = (
    (bpy.app.handlers.render_init, _on_init),
    (bpy.app.handlers.render_pre, _on_frame),
    (bpy.app.handlers.render_post, _on_frame),
    (bpy.app.handlers.render_complete, _on_complete),
    (bpy.app.handlers.render_cancel, _on_cancel),
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
    forget_renders()
