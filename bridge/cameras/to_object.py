"""Make Blender's camera objects from cameras of the core."""

from __future__ import annotations

import bpy
import numpy as np
from mathutils import Matrix

from ...core.cameras.camera import Camera
from ...core.depth.image import DepthKind
from ...core.errors import CameraError
from ..scene.mesh import add_object
from ..typed import camera_data
from .active_camera import present_camera
from .lens import CYCLES
from .lens_settings import LensSettings

TOLERANCE = 0.01
"""Pixels by which the made camera may miss what it should see before that is said."""

_DEPTHS = (1.0, 10.0, 100.0)


def new_camera(context: bpy.types.Context, name: str) -> bpy.types.Object:
    """Add a camera object at the 3D cursor, and select and activate it."""
    item = add_object(context, bpy.data.cameras.new(name))
    item.location = context.scene.cursor.location
    return item


def check_editable(item: bpy.types.Object) -> None:
    """Raise :class:`CameraError` if a camera comes from a library."""
    if not (item.is_editable and item.data.is_editable):
        raise CameraError(
            f"'{item.name}' is linked from another file: make it local first (Object > Relations > "
            "Make Local), or make a new camera."
        )


def set_camera(
    context: bpy.types.Context,
    item: bpy.types.Object,
    settings: LensSettings,
    matrix: np.ndarray | None,
) -> tuple[str, ...]:
    """Set a camera object, and the scene, so that Blender renders what a camera sees.

    The object becomes the scene's active camera; resolution, pixel aspect and render region are
    the image's.

    Parameters
    ----------
    context : bpy.types.Context
    item : bpy.types.Object
        A camera.
    settings : LensSettings
    matrix : ndarray, shape (4, 4), or None
        Camera to world; None leaves the object where it is.

    Returns
    -------
    tuple of str
        Sentences on what differs from the request.
    """
    scene = context.scene
    settings.apply(camera_data(item), scene.render)
    scene.camera = item
    if matrix is not None:
        _place(item, matrix)
    context.view_layer.update()
    notes = list(settings.notes)
    if item.data.type == "PANO" and scene.render.engine != CYCLES:
        notes.append("Only Cycles renders this lens: choose it as the render engine.")
    else:
        notes += _missed(context, item, settings, matrix)
    return tuple(notes)


def _place(item: bpy.types.Object, matrix: np.ndarray) -> None:
    """Set an object's pose to a matrix, as exactly as its properties allow.

    Blender decomposes matrices in single precision, which near a pitch of 90 degrees rotates a
    camera by up to 2e-6: 0.02 pixels at 4K. Angles from float64 are off by 2e-7 at most.
    """
    item.matrix_world = Matrix(matrix.tolist())
    axes = matrix[:3, :3]
    is_rotation = np.allclose(axes @ axes.T, np.eye(3), atol=1e-6) and np.linalg.det(axes) > 0.0
    is_free = item.parent is None and item.delta_rotation_euler[:] == (0.0, 0.0, 0.0)
    if is_rotation and is_free and item.rotation_mode == "XYZ":
        item.rotation_euler = _euler_angles(axes)


def _euler_angles(axes: np.ndarray) -> tuple[float, float, float]:
    """Return the angles x, y, z of a rotation R_z R_y R_x, which is Blender's order XYZ."""
    level = np.hypot(axes[0, 0], axes[1, 0])
    y = np.arctan2(-axes[2, 0], level)
    if level < 1e-12:  # x and z turn about one axis
        return np.arctan2(-axes[1, 2], axes[1, 1]), y, 0.0
    x, z = np.arctan2(axes[2, 1], axes[2, 2]), np.arctan2(axes[1, 0], axes[0, 0])
    return x, y, z


def _missed(
    context: bpy.types.Context,
    item: bpy.types.Object,
    settings: LensSettings,
    matrix: np.ndarray | None,
) -> list[str]:
    """Return a sentence if the evaluated object sees other pixels than requested, else nothing."""
    made = present_camera(context, item)
    wanted = Camera(settings.lens, made.matrix if matrix is None else matrix)
    size = np.array([wanted.lens.width, wanted.lens.height])
    places = np.stack(np.meshgrid(*[np.linspace(0.05, 0.95, 7)] * 2), axis=-1).reshape(-1, 2) * size
    rays = wanted.rays(places, DepthKind.RAY)
    points = np.concatenate([rays.at(np.full(len(places), depth)) for depth in _DEPTHS])
    # These are not compared with `places`: a shifted panorama sees some things twice.
    errors = made.project(points) - wanted.project(points)
    worst = float(np.nanmax(np.abs(errors), initial=0.0))
    if worst <= TOLERANCE:
        return []
    return [
        f"'{item.name}' sees things up to {worst:.2g} pixels from where it should: a constraint, a "
        "driver, animation or its parent changes it, or it stands too far from the world's origin "
        "for single precision."
    ]
