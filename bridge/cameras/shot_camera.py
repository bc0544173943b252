"""Make the camera that took a shot from the scene's camera."""

from __future__ import annotations

import bpy
import numpy as np

from ...core.cameras.camera import Camera
from ...core.cameras.viewpoint import Viewpoint
from ...core.pipeline.notes import Note, warning
from ...core.pipeline.shot import Shot
from .at_frame import FrameEvaluator
from .fit_to_image import camera_for_size
from .from_object import camera_from_object
from .lens import CYCLES
from .shot import camera_object_of


def camera_of_shot(
    context: bpy.types.Context,
    evaluator: FrameEvaluator,
    shot: Shot,
    size: tuple[int, int],
    ignore_aspect: bool,
) -> tuple[Camera, tuple[Note, ...]]:
    """Make the shot's camera for an image of this size, with notes on how it was fitted.

    Parameters
    ----------
    context : bpy.types.Context
    evaluator : FrameEvaluator
    shot : Shot
    size : tuple of int
        Width and height of the image.
    ignore_aspect : bool
        Whether an image of another aspect than the scene's render is accepted.

    Raises
    ------
    CameraError
        Depth cannot be back-projected through the camera's lens, or there is no such view.
    SizeError
        The image's aspect is not that of the scene's render.
    """
    camera_object = camera_object_of(context.scene, shot)
    at = evaluator.at(camera_object, shot.frame)

    def camera() -> Camera:
        return camera_from_object(
            camera_object, at.scene, at.depsgraph, view=shot.view, engine=shot.engine
        )

    fitted, note = camera_for_size(camera, at.scene.render, size, ignore_aspect)
    return fitted, (Note(note),) if note else ()


def viewpoint_of_shot(
    context: bpy.types.Context, evaluator: FrameEvaluator, shot: Shot
) -> Viewpoint:
    """Return where the rays of an image start, for cameras that the core has no model of."""
    item = camera_object_of(context.scene, shot)
    evaluated = item.evaluated_get(evaluator.at(item, shot.frame).depsgraph)
    return Viewpoint(np.array(evaluated.matrix_world.translation))


def blur_notes(
    context: bpy.types.Context, evaluator: FrameEvaluator, shot: Shot, from_position: bool
) -> tuple[Note, ...]:
    """Warn of blur in the settings of the camera and the render, which spoils the points.

    Parameters
    ----------
    from_position : bool
        Whether the points come from the Position pass, which depth of field does not spoil.
    """
    if shot.engine != CYCLES:
        return ()
    item = camera_object_of(context.scene, shot)
    at = evaluator.at(item, shot.frame)
    has_depth_of_field = item.evaluated_get(at.depsgraph).data.dof.use_dof and not from_position
    return notes_of_blur(has_depth_of_field, at.scene.render.use_motion_blur)


def notes_of_blur(has_depth_of_field: bool, has_motion_blur: bool) -> tuple[Note, ...]:
    """What Cycles' depth of field and motion blur do to depth."""
    notes = []
    if has_depth_of_field:
        notes.append(
            warning(
                "Depth of Field is on, which makes Cycles write depth that is off by about 1%: "
                "switch it off and render again, or take the points from the Position pass."
            )
        )
    if has_motion_blur:
        notes.append(
            warning(
                "Motion Blur is on, which makes Cycles render each pixel at a random moment: "
                "switch it off and render again."
            )
        )
    return tuple(notes)
