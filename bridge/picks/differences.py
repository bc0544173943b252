"""How the present file, camera and frame differ from those that picks were made with."""

from __future__ import annotations

import json
import os
from typing import Any

import bpy
import numpy as np

from ...core.cameras.camera import Camera
from ...core.cameras.serialization import camera_from_data, camera_to_data
from ...core.errors import CameraError
from ...core.support.aspect import same_aspect
from ..cameras.from_object import camera_from_object
from ..renders.history import last_render
from .source import fingerprint_of

_SAME = 1e-6
"""Difference of two numbers of a camera, as a part of the greater or of 1, that is rounding."""


def differences(scene: bpy.types.Scene, shot: bpy.types.PropertyGroup) -> str:
    """What no longer matches, in lines; empty if all does, or if the user chose to keep it."""
    found = _found(scene, shot)
    return "" if _state(found) == shot.kept else "\n".join(text for text, _ in found)


def keep(scene: bpy.types.Scene, shot: bpy.types.PropertyGroup) -> None:
    """Say no more of what differs now; of other differences all the same."""
    shot.kept = _state(_found(scene, shot))


def _state(found: list[tuple[str, str]]) -> str:
    """What is different, without the words, that change with the frame."""
    return json.dumps([token for _, token in found])


def _found(scene: bpy.types.Scene, shot: bpy.types.PropertyGroup) -> list[tuple[str, str]]:
    """Each difference with what tells it from later ones."""
    found = [_file_difference(scene, shot), _camera_difference(scene, shot)]
    if shot.frame != scene.frame_current:
        text = f"Picked at frame {shot.frame}, the scene is at {scene.frame_current}."
        found.append((text, "frame"))
    return [each for each in found if each]


def _file_difference(
    scene: bpy.types.Scene, shot: bpy.types.PropertyGroup
) -> tuple[str, str] | None:
    fingerprint = fingerprint_of(shot.filepath, scene)
    if not shot.filepath:
        rendered = last_render(scene)  # unknown in a later session, until there is a new render
        if rendered is None or not rendered.may_be_of(shot.camera, shot.frame):
            return None
        return (
            None if fingerprint == shot.fingerprint else ("There is a newer render.", fingerprint)
        )
    name = os.path.basename(shot.filepath)
    if fingerprint == "missing":
        return f"{name} is no longer there.", fingerprint
    return None if fingerprint == shot.fingerprint else (f"{name} was written anew.", fingerprint)


def _camera_difference(
    scene: bpy.types.Scene, shot: bpy.types.PropertyGroup
) -> tuple[str, str] | None:
    camera_object = scene.objects.get(shot.camera)
    if camera_object is None or camera_object.type != "CAMERA":
        return f"Camera {shot.camera} is gone.", "missing"
    depsgraph = scene.view_layers[0].depsgraph
    if depsgraph is None or shot.frame != scene.frame_current:
        return None  # where the camera would be can only be found by going there
    if not camera_object.evaluated_get(depsgraph).is_evaluated:
        return None  # it is hidden, and where it would be is not known either
    try:
        now = camera_from_object(camera_object, scene, depsgraph, view=shot.view)
    except CameraError as error:
        return str(error), "error"
    then = camera_from_data(json.loads(shot.camera_data))
    if not np.allclose(now.matrix, then.matrix, rtol=_SAME, atol=_SAME):
        return f"{shot.camera} was moved.", json.dumps(now.matrix.tolist())
    if not _same_lens(now, then, scene.render):
        return f"The lens of {shot.camera} was changed.", json.dumps(camera_to_data(now))
    return None


def _same_lens(now: Camera, then: Camera, render: bpy.types.RenderSettings) -> bool:
    """Whether two lenses see the same; if their images differ in size, as of one size."""
    size, before = (now.lens.width, now.lens.height), (then.lens.width, then.lens.height)
    one, other = camera_to_data(now)["lens"], camera_to_data(then)["lens"]
    if size == before:
        return _same(one, other)
    # Another resolution or crop, as for test renders, is not another lens.
    crops = render.use_border and render.use_crop_to_border
    if crops or not same_aspect(size, before) or _is_cropped(one, other):
        return True
    rounding = 1.0 / min(*size, *before)
    return _same(one, camera_to_data(then.resized(*size))["lens"], rounding)


def _is_cropped(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether two planar lenses may be windows of one, whose focal length in pixels stays."""
    one, other = one.get("intrinsics", {}), other.get("intrinsics", {})
    return bool(one) and bool(other) and all(_same(one[key], other[key]) for key in ("fx", "fy"))


def _same(one: Any, other: Any, part: float = _SAME) -> bool:
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(one[key], other[key], part) for key in one)
    if isinstance(one, float) and isinstance(other, float):
        return abs(one - other) <= part * max(1.0, abs(one), abs(other))
    return bool(one == other)
