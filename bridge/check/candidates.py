"""Other cameras, and the camera at other frames, that may have taken an image instead."""

from __future__ import annotations

from dataclasses import replace

import bpy

from ...core.cameras.camera import Camera
from ...core.check.truth import Candidate
from ...core.errors import DepthError
from ...core.pipeline.shot import Shot
from ..cameras.at_frame import FrameEvaluator
from ..cameras.shot_camera import camera_of_shot

MOST_FRAMES = 250
"""Frames of the scene that a moving camera is tried at."""

MOST_CAMERAS = 50


def candidate_cameras(
    context: bpy.types.Context, shot: Shot, camera: Camera
) -> tuple[Candidate, ...]:
    """The scene's other cameras at the frame of a shot, and its camera at other frames.

    Parameters
    ----------
    context : bpy.types.Context
    shot : Shot
    camera : Camera
        The one that the shot is believed to be of, whose image's size the others take.

    Those whose lens has no model, or whose image has another aspect, are left out; so are frames
    at which the camera stands where it stands at another one.
    """
    scene, size = context.scene, (camera.lens.width, camera.lens.height)
    others = [each.name for each in scene.objects if each.type == "CAMERA"][:MOST_CAMERAS]
    wanted = [(name, shot.frame) for name in others if name != shot.camera_name]
    if shot.camera_name in others:
        wanted += [(shot.camera_name, shot.frame)]
        wanted += [(shot.camera_name, frame) for frame in _frames(scene)]
    found: dict[tuple[str, bytes], Candidate] = {}
    with FrameEvaluator(context) as evaluator:
        for name, frame in wanted:
            if evaluator.drivers_read_frame and frame != scene.frame_current:
                continue  # it would take the scene itself there, and lose what is not keyed
            other = replace(shot, camera_name=name, frame=frame)
            try:
                made, _ = camera_of_shot(context, evaluator, other, size, False)
            except DepthError:
                continue
            key = (name, made.matrix.tobytes() + repr(made.lens).encode())
            is_it = name == shot.camera_name
            found.setdefault(key, Candidate(made, name, float(frame) if is_it else None))
    return tuple(found.values())


def _frames(scene: bpy.types.Scene) -> list[int]:
    """Frames of the range, evenly chosen where there are many."""
    frames = range(scene.frame_start, scene.frame_end + 1)
    step = max(1, -(-len(frames) // MOST_FRAMES))
    return list(frames[::step])
