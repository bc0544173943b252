"""How the present file, camera, and frame differ from those that picks were made with."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass

import bpy

from ...core.cameras.comparison import same_lens, same_pose
from ...core.cameras.serialization import camera_from_text, camera_to_text
from ...core.errors import CameraError
from ..cameras.from_object import camera_from_object
from ..renders.history import last_render
from .source import MISSING, SETTLED, fingerprint_of, same_pixels

READ_OTHERWISE = (
    "The options in the sidebar now read {} otherwise: its depth values, Mirror, Camera From, or "
    "Corrected Camera changed."
)


@dataclass(frozen=True)
class _Change:
    """One thing that differs.

    Attributes
    ----------
    text : str
        A sentence for the user.
    state : str
        Identifies the change: the user accepts this one, and not another one later.
    """

    text: str
    state: str


def changes(scene: bpy.types.Scene, shot: bpy.types.PropertyGroup) -> str:
    """Lines that say what differs; empty if nothing does, or if the user accepted just that."""
    found = _changes(scene, shot)
    if _state(found) == shot.accepted_changes:
        return ""
    return "\n".join(each.text for each in found)


def accept_changes(scene: bpy.types.Scene, shot: bpy.types.PropertyGroup) -> None:
    """Stop reporting what changed up to now; later changes are reported again."""
    shot.accepted_changes = _state(_changes(scene, shot))


def _state(found: list[_Change]) -> str:
    """What differs, without the sentences, which change with the frame."""
    return json.dumps([each.state for each in found])


def _changes(scene: bpy.types.Scene, shot: bpy.types.PropertyGroup) -> list[_Change]:
    found = [_file_change(scene, shot), _camera_change(scene, shot)]
    if shot.frame != scene.frame_current:
        text = f"Picked at frame {shot.frame}, the scene is at {scene.frame_current}."
        found.append(_Change(text, "frame"))
    return [each for each in found if each is not None]


def _file_change(scene: bpy.types.Scene, shot: bpy.types.PropertyGroup) -> _Change | None:
    fingerprint = fingerprint_of(shot.filepath, scene)
    if not shot.filepath:
        rendered = last_render(scene)  # in a later session there is none until the next render
        if rendered is None or not rendered.may_be_of(shot.camera, shot.frame):
            return None
    if fingerprint == MISSING:
        name = os.path.basename(shot.filepath)
        return _Change(f"{name} no longer exists.", fingerprint)
    if fingerprint == shot.fingerprint:
        return None
    if same_pixels(fingerprint, shot.fingerprint):
        name = os.path.basename(shot.filepath) or "the Render Result"
        return _Change(READ_OTHERWISE.format(name), fingerprint)
    if not shot.filepath:
        return _Change("There is a newer render.", fingerprint)
    return _Change(f"{os.path.basename(shot.filepath)} has changed.", fingerprint)


def _camera_change(scene: bpy.types.Scene, shot: bpy.types.PropertyGroup) -> _Change | None:
    if shot.pose in SETTLED:
        return None
    camera_object: bpy.types.Object | None = scene.objects.get(shot.camera)
    if camera_object is None or camera_object.type != "CAMERA":
        return _Change(f"Camera {shot.camera} is not in the scene.", "missing")
    depsgraph = scene.view_layers[0].depsgraph
    if depsgraph is None or shot.frame != scene.frame_current:
        return None  # where the camera is at another frame shows only there
    if not camera_object.evaluated_get(depsgraph).is_evaluated:
        return None  # the camera is hidden, and where it would be is not known either
    try:
        now = camera_from_object(camera_object, scene, depsgraph, view=shot.view)
    except CameraError as error:
        return _Change(str(error), "error")
    then = camera_from_text(shot.camera_data)
    if not same_pose(now, then):
        return _Change(f"{shot.camera} was moved.", json.dumps(now.matrix.tolist()))
    # Another resolution or crop, as for test renders, is not another lens.
    may_be_cropped = scene.render.use_border and scene.render.use_crop_to_border
    if not same_lens(now, then, may_be_cropped):
        text = f"The lens of {shot.camera} was changed."
        return _Change(text, camera_to_text(now))
    return None
