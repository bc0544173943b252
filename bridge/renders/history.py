"""The renders of this session: their fingerprints, and the cameras that took them."""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import bpy

from ..session import free_caches, register_cache, size_of
from .handlers import add_handlers, remove_handlers

if TYPE_CHECKING:
    from ...core.cameras.camera import Camera


@dataclass(frozen=True)
class Rendered:
    """A render that ended while the extension was enabled.

    Attributes
    ----------
    fingerprint : str
        Differs from that of every other render.
    camera_name : str
        The scene's camera; empty if the render was canceled.
    frame : int
    engine : str
    names : dict of str to str
        The name of the camera that took each view.
    cameras : dict of str to Camera
        The cameras as they were at that frame, by view; without those that the core has no model
        of, or that were not evaluated.
    """

    fingerprint: str
    camera_name: str
    frame: int
    engine: str
    names: dict[str, str]
    cameras: dict[str, Camera]

    def may_be_of(self, camera_name: str, frame: int) -> bool:
        """Whether it may show this frame from this camera; a canceled render's is not known."""
        return frame == self.frame and (not self.names or camera_name in self.names.values())


@dataclass
class _Pending:
    """A render in progress, as plain data because its handlers may run in another thread."""

    slot: int
    camera_name: str
    frame: int
    names: dict[str, str] = field(default_factory=dict)
    cameras: dict[str, Camera] = field(default_factory=dict)
    is_recorded: bool = False
    """Whether the cameras of the current frame have been recorded."""


_by_slot: dict[tuple[int, int], Rendered] = {}
_pending: dict[int, _Pending] = {}
_slots: tuple[str, ...] = ()
_epoch = time.time_ns()


def render_result() -> bpy.types.Image | None:
    """The image that shows renders, if something was rendered."""
    return next((image for image in bpy.data.images if image.type == "RENDER_RESULT"), None)


def displayed_slot() -> int:
    """The slot that the Render Result shows; -1 without a Render Result."""
    image = render_result()
    return image.render_slots.active_index if image else -1


def last_render(scene: bpy.types.Scene | None = None) -> Rendered | None:
    """The render of a scene, or of the context's, in the slot that the Render Result shows."""
    check_slots()
    scene = scene or bpy.context.scene
    return _by_slot.get((scene.session_uid, displayed_slot())) if scene else None


def render_fingerprint(scene: bpy.types.Scene | None = None) -> str:
    """The fingerprint of the Render Result as it is now."""
    rendered = last_render(scene)
    return rendered.fingerprint if rendered else f"slot {displayed_slot()} of {_epoch}"


def is_rendering() -> bool:
    """Whether a render is running while the interface stays responsive."""
    return bool(bpy.app.is_job_running("RENDER"))


def forget_renders() -> None:
    """Forget all renders, and the cameras that took them."""
    global _epoch, _slots
    _by_slot.clear()
    _pending.clear()
    _epoch, _slots = time.time_ns(), ()


register_cache(
    __name__,
    "_by_slot",
    "_pending",
    "_slots",
    "_epoch",
    title="Cameras of Renders",
    limit="1 render for each render slot of a scene",
    dropped="When another file is loaded, or a slot is removed; Free Memory keeps them.",
    held_bytes=lambda: size_of((_by_slot, _pending)),
    free=forget_renders,
    is_reloadable=False,
)


def check_slots() -> None:
    """Forget all renders if a slot was removed, which changes the numbers of the slots after it.

    This also notices a removed slot if another one was added since: then the slots at more than one
    number have new names, while renaming a slot changes only one name.
    """
    global _slots
    image = render_result()
    slots = tuple(slot.name for slot in image.render_slots) if image else ()
    renamed = sum(one != other for one, other in zip(slots, _slots, strict=False))
    if len(slots) < len(_slots) or renamed > 1:
        forget_renders()
        free_caches()  # they may hold what was read from those renders
    _slots = slots


@bpy.app.handlers.persistent
def _on_init(scene: bpy.types.Scene, _depsgraph: object = None) -> None:
    check_slots()
    _pending[scene.session_uid] = _Pending(max(displayed_slot(), 0), *_camera_and_frame(scene))


@bpy.app.handlers.persistent
def _on_frame(scene: bpy.types.Scene, _depsgraph: object = None) -> None:
    """Start the next frame of the render."""
    pending = _pending.get(scene.session_uid)
    if pending is not None:
        pending.camera_name, pending.frame = _camera_and_frame(scene)
        pending.names, pending.cameras, pending.is_recorded = {}, {}, False


@bpy.app.handlers.persistent
def _on_evaluated(scene: bpy.types.Scene, depsgraph: bpy.types.Depsgraph | None = None) -> None:
    """Record the cameras at the first evaluation; later ones are for other times of motion blur."""
    pending = _pending.get(scene.session_uid)
    if pending is None or pending.is_recorded or depsgraph is None or depsgraph.mode != "RENDER":
        return
    pending.camera_name, pending.frame = _camera_and_frame(scene)
    pending.names, pending.cameras = _cameras(scene, depsgraph)
    pending.is_recorded = True


@bpy.app.handlers.persistent
def _on_complete(scene: bpy.types.Scene, _depsgraph: object = None) -> None:
    """Store the render with its recorded frame; an animation returns the scene to another one."""
    pending = _pending.pop(scene.session_uid, None)
    if pending is not None:
        settings = scene.reconstruct_from_depth
        if settings.source == "RENDER" and settings.camera_data:
            settings.camera_data = ""  # it was that of an earlier render
        _store(
            scene,
            pending,
            Rendered(
                fingerprint=str(time.time_ns()),
                camera_name=pending.camera_name,
                frame=pending.frame,
                engine=scene.render.engine,
                names=pending.names,
                cameras=pending.cameras,
            ),
        )


@bpy.app.handlers.persistent
def _on_cancel(scene: bpy.types.Scene, _depsgraph: object = None) -> None:
    pending = _pending.pop(scene.session_uid, None)
    if pending is not None:
        canceled = Rendered(
            str(time.time_ns()), "", pending.frame, scene.render.engine, names={}, cameras={}
        )
        _store(scene, pending, canceled)


def _store(scene: bpy.types.Scene, pending: _Pending, rendered: Rendered) -> None:
    _by_slot[scene.session_uid, pending.slot] = rendered


def _camera_and_frame(scene: bpy.types.Scene) -> tuple[str, int]:
    return scene.camera.name if scene.camera else "", scene.frame_current


def _cameras(
    scene: bpy.types.Scene, depsgraph: bpy.types.Depsgraph
) -> tuple[dict[str, str], dict[str, Camera]]:
    """Return the cameras' names by view, and the cameras of the views that the core can model."""
    from ...core.errors import CameraError  # late, as it imports numpy
    from ..cameras.from_object import camera_from_object
    from ..cameras.stereo import camera_of_view, rendered_views

    names, cameras = {}, {}
    for view in rendered_views(scene.render) if scene.camera else ():
        camera_object = camera_of_view(scene.camera, scene, view)
        names[view] = camera_object.name
        with contextlib.suppress(CameraError):  # reported when the user reconstructs or picks
            if camera_object.evaluated_get(depsgraph).is_evaluated:
                cameras[view] = camera_from_object(scene.camera, scene, depsgraph, view=view)
    return names, cameras


_HANDLERS = (
    (bpy.app.handlers.render_init, _on_init),
    (bpy.app.handlers.render_pre, _on_frame),
    (bpy.app.handlers.frame_change_post, _on_evaluated),
    (bpy.app.handlers.render_complete, _on_complete),
    (bpy.app.handlers.render_cancel, _on_cancel),
)


def register() -> None:
    """Watch renders."""
    add_handlers(_HANDLERS)


def unregister() -> None:
    """Stop watching renders."""
    remove_handlers(_HANDLERS)
