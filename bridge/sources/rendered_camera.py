"""The camera of the Render Result as it was when the image was rendered."""

from __future__ import annotations

import bpy
import numpy as np

from ...core.cameras.camera import Camera
from ...core.pipeline.shot import Shot
from ..renders.history import last_render

CAMERA_CHANGED = "The camera has changed since the render: used it as it was."


def rendered_camera(scene: bpy.types.Scene, shot: Shot, size: tuple[int, int]) -> Camera | None:
    """Return the camera recorded at the render; None if there is none, or of another size."""
    rendered = last_render(scene)
    if rendered is None or rendered.frame != shot.frame:
        return None
    if rendered.names.get(shot.view) != shot.camera_name:
        return None
    camera = rendered.cameras.get(shot.view)
    if camera is None or (camera.lens.width, camera.lens.height) != size:
        return None
    return camera


def same_camera(one: Camera, other: Camera) -> bool:
    """Whether two cameras are the same, except for the rounding of single precision."""
    return one.lens == other.lens and np.allclose(one.matrix, other.matrix, rtol=0, atol=1e-6)
