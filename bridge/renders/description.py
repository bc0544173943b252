"""Write into each render how it was taken, so that its file describes itself.

While a frame renders, the scene's stamp note holds the text of its `ShotMetadata` after the words
of the user; Blender copies the note into the render, and from there into every file that is saved
of it. Then the note and its switch are put back.

Stamps that are burned into the picture would show the text, and long notes leave no room for it;
then a JSON file beside the written OpenEXR file holds it (see `core.exr.sidecar`). So it does for
files of File Output nodes, which get the note as it was before the render.

Renders in the interface run these handlers in another thread: they read the depsgraph that they are
given, and assign settings of the scene, but touch neither `bpy.data` nor the context.
"""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import bpy

from ..session import RecentValues, register_cache, size_of
from .handlers import add_handlers, remove_handlers

if TYPE_CHECKING:
    from ...core.exr.shot_metadata import ShotMetadata
    from .file_output import OutputFolders

KEPT_NOTES = 64
"""Notes whose replacement is remembered, so that undo cannot bring ours back."""


@dataclass(frozen=True)
class _Note:
    """A scene's stamp note, and whether it is written into files."""

    text: str
    is_used: bool


@dataclass
class _Pending:
    """A render under way."""

    before: _Note | None = None
    """The user's note, while ours is in its place."""

    ours: str = ""
    metadata: ShotMetadata | None = None
    """Of the present frame."""

    is_beside: bool = False
    """Whether it has to go into a file beside the render."""

    outputs: OutputFolders | None = None
    """What was in the folders of File Output nodes when the frame began."""

    has_warned: bool = False
    """Whether a description of this render could not be written; one warning is enough."""

    began: float = 0.0
    is_described: bool = False
    """Whether the present frame was looked at; motion blur evaluates it at other times too."""


_pending: dict[int, _Pending] = {}
"""By the session identifier of the scene that renders."""

_replaced: RecentValues[str, _Note] = RecentValues(KEPT_NOTES)
"""The notes of users that cannot be found in those that stood in their place, by the latter: a text
whose switch is off is not to be written into the render."""


def _forget() -> None:
    _pending.clear()
    _replaced.clear()


register_cache(
    __name__,
    "_pending",
    "_replaced",
    title="Descriptions of Renders",
    limit=f"1 render for each scene, {KEPT_NOTES} stamp notes",
    dropped="When a render ends; notes when newer ones take their place.",
    held_bytes=lambda: size_of((_pending, _replaced)),
    free=_forget,
    is_reloadable=False,
)


@bpy.app.handlers.persistent
def _on_init(scene: bpy.types.Scene, _depsgraph: object = None) -> None:
    if scene.reconstruct_from_depth.describe_renders:
        _pending[scene.session_uid] = _Pending()


@bpy.app.handlers.persistent
def _on_frame(scene: bpy.types.Scene, _depsgraph: object = None) -> None:
    """Another frame begins."""
    pending = _pending.get(scene.session_uid)
    if pending is not None:
        _put_back(scene, pending)
        _pending[scene.session_uid] = _Pending(has_warned=pending.has_warned)


@bpy.app.handlers.persistent
def _on_evaluated(scene: bpy.types.Scene, depsgraph: bpy.types.Depsgraph | None = None) -> None:
    """The scene is evaluated for the render, first at the frame itself."""
    pending = _pending.get(scene.session_uid)
    if pending is None or pending.is_described or depsgraph is None or depsgraph.mode != "RENDER":
        return
    from ...core.errors import CameraError  # It loads numpy.
    from ...core.exr.stamp_note import note_with_text
    from .file_output import OutputFolders
    from .shot_metadata import shot_metadata

    pending.is_described, pending.began = True, time.time()
    with contextlib.suppress(CameraError):  # a lens without a model
        pending.metadata = shot_metadata(scene, depsgraph)
    if pending.metadata is None:
        return
    pending.outputs = OutputFolders.of(scene)
    if scene.render.use_stamp:
        pending.is_beside = True
        return
    before = _Note(scene.render.stamp_note_text, scene.render.use_stamp_note)
    users = before.text if before.is_used else ""
    both = note_with_text(users, pending.metadata.to_text())
    pending.is_beside = both is None
    if both is not None:
        pending.before, pending.ours = before, both
        if _cleaned(both, is_used=True) != before:
            _replaced[both] = before
        _set_note(scene, _Note(both, True))


@bpy.app.handlers.persistent
def _on_rendered(scene: bpy.types.Scene, _depsgraph: object = None) -> None:
    """The frame is rendered and composited, and has copied the note."""
    pending = _pending.get(scene.session_uid)
    if pending is None:
        return
    _put_back(scene, pending)
    if pending.metadata is not None and pending.outputs is not None:
        from .file_output import describe_outputs

        _warn(scene, pending, describe_outputs(scene, pending.metadata, pending.outputs))


@bpy.app.handlers.persistent
def _on_written(scene: bpy.types.Scene, _depsgraph: object = None) -> None:
    pending = _pending.get(scene.session_uid)
    if pending is not None and pending.metadata is not None and pending.is_beside:
        from .beside import write_beside

        _warn(scene, pending, write_beside(scene, pending.metadata, pending.began))


def _warn(scene: bpy.types.Scene, pending: _Pending, problems: Iterable[str]) -> None:
    """Show the first problem of a render in the sidebar, and all of them in the console."""
    for problem in problems:
        sys.stderr.write(f"Warning: {problem}\n")
        settings = scene.reconstruct_from_depth
        if not pending.has_warned and problem not in settings.warnings.splitlines():
            settings.warnings = f"{settings.warnings}\n{problem}".strip()
        pending.has_warned = True


@bpy.app.handlers.persistent
def _on_end(scene: bpy.types.Scene, _depsgraph: object = None) -> None:
    pending = _pending.pop(scene.session_uid, None)
    if pending is not None:
        _put_back(scene, pending)


@bpy.app.handlers.persistent
def _before_saving(*_arguments: object) -> None:
    """The .blend holds the user's note even if it is saved during a render."""
    for scene in bpy.data.scenes:
        pending = _pending.get(scene.session_uid)
        if pending is not None and pending.before is not None:
            _exchange(scene, pending.ours, pending.before)


@bpy.app.handlers.persistent
def _after_saving(*_arguments: object) -> None:
    for scene in bpy.data.scenes:
        pending = _pending.get(scene.session_uid)
        if pending is not None and pending.before is not None:
            _exchange(scene, pending.before.text, _Note(pending.ours, True))


@bpy.app.handlers.persistent
def _after_loading(*_arguments: object) -> None:
    _forget()
    clean_notes()


@bpy.app.handlers.persistent
def _after_undo(*_arguments: object) -> None:
    """A step that was stored during a render brings back the note of that moment."""
    clean_notes()


def clean_notes() -> None:
    """Take what describes a render out of all notes, as nothing of it is to stay in a scene."""
    for scene in bpy.data.scenes:
        note = _Note(scene.render.stamp_note_text, scene.render.use_stamp_note)
        before = _replaced.get(note.text) or _cleaned(note.text, note.is_used)
        if before != note:
            _set_note(scene, before)


def _cleaned(text: str, is_used: bool) -> _Note:
    """A note without what describes a render; its switch is as it was, unless nothing is left."""
    from ...core.exr.stamp_note import note_without_text

    users = note_without_text(text)
    return _Note(users, is_used and (users == text or bool(users)))


def _put_back(scene: bpy.types.Scene, pending: _Pending) -> None:
    """Put the user's note back, unless the user has written another one since."""
    before, pending.before = pending.before, None
    if before is None:
        return
    if not _exchange(scene, pending.ours, before):
        render = scene.render
        _set_note(scene, _cleaned(render.stamp_note_text, render.use_stamp_note))


def _exchange(scene: bpy.types.Scene, expected: str, note: _Note) -> bool:
    """Set the note if the present one is as expected; return whether it was."""
    is_expected = scene.render.stamp_note_text == expected
    if is_expected:
        _set_note(scene, note)
    return is_expected


def _set_note(scene: bpy.types.Scene, note: _Note) -> None:
    scene.render.stamp_note_text, scene.render.use_stamp_note = note.text, note.is_used


_HANDLERS = (
    (bpy.app.handlers.render_init, _on_init),
    (bpy.app.handlers.render_pre, _on_frame),
    (bpy.app.handlers.frame_change_post, _on_evaluated),
    (bpy.app.handlers.render_post, _on_rendered),
    (bpy.app.handlers.render_write, _on_written),
    (bpy.app.handlers.render_complete, _on_end),
    (bpy.app.handlers.render_cancel, _on_end),
    (bpy.app.handlers.save_pre, _before_saving),
    (bpy.app.handlers.save_post, _after_saving),
    (bpy.app.handlers.save_post_fail, _after_saving),
    (bpy.app.handlers.load_post, _after_loading),
    (bpy.app.handlers.undo_post, _after_undo),
    (bpy.app.handlers.redo_post, _after_undo),
)


def register() -> None:
    """Describe the renders from now on."""
    add_handlers(_HANDLERS)


def unregister() -> None:
    """Stop describing them, and leave nothing in the notes, even of a render under way."""
    remove_handlers(_HANDLERS)
    if hasattr(bpy.data, "scenes"):  # while Blender starts or ends, there is no data
        clean_notes()
    _forget()
