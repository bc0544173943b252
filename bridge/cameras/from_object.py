"""Blender's camera objects as cameras of the core."""

from __future__ import annotations

import bpy
import numpy as np

from ...core.cameras.camera import Array, Camera
from ...core.depth.image import DepthKind
from ...core.errors import CameraError
from . import stereo
from .lens import CYCLES, cropped_lens, full_lens


def camera_from_object(
    camera_object: bpy.types.Object,
    scene: bpy.types.Scene,
    depsgraph: bpy.types.Depsgraph,
    *,
    view: str = "",
    engine: str | None = None,
) -> Camera:
    """Make the camera of the image that the scene's render settings produce.

    Parameters
    ----------
    camera_object : bpy.types.Object
        The camera; its evaluated transform and lens are taken from ``depsgraph``.
    scene : bpy.types.Scene
        Whose render settings (resolution, border, stereoscopy) apply.
    depsgraph : bpy.types.Depsgraph
        The scene's, at the frame of the image.
    view : str
        Name of the view, such as ``"left"``, of a stereo or multi-view render; if empty, that
        render's first view.
    engine : str, optional
        Identifier of the engine that renders; the scene's if not given. Only Cycles renders
        panoramas, other engines take a panoramic camera for a perspective one.

    Returns
    -------
    Camera
        Its lens has the size of the image, cropped as the render border says.

    Raises
    ------
    CameraError
        If the object is no camera, its lens is a custom shader, or there is no such view.
    """
    stereo.check_view(scene.render, view)
    camera_object = stereo.camera_of_view(camera_object, scene, view)
    check_camera(camera_object)
    engine = engine or scene.render.engine
    evaluated = camera_object.evaluated_get(depsgraph)
    data, eye = evaluated.data, stereo.eye_of(scene.render, view)
    matrix, shift_x = _without_scale(np.array(evaluated.matrix_world, np.float64)), data.shift_x
    spherical = eye is not None and engine == CYCLES and stereo.is_spherical(data)
    if eye is not None and not spherical:
        matrix = _without_scale(matrix @ stereo.eye_matrix(data.stereo, eye))
        shift_x += stereo.eye_shift(data, eye)
    lens = full_lens(data, scene.render, engine, shift_x)
    if eye is not None and spherical:
        lens = stereo.spherical_lens(lens, data, eye, matrix)
    return Camera(cropped_lens(lens, scene.render), matrix)


def check_camera(camera_object: bpy.types.Object) -> None:
    """Raise :class:`CameraError` unless the object is a camera."""
    if camera_object.type != "CAMERA":
        raise CameraError(
            f"'{camera_object.name}' is of type {camera_object.type}, expected a camera: choose a "
            "camera object."
        )


def depth_kind_of(camera_object: bpy.types.Object, engine: str) -> DepthKind:
    """What the Z pass of this camera measures: ray depth only for panoramas in Cycles."""
    is_panorama = camera_object.type == "CAMERA" and camera_object.data.type == "PANO"
    return DepthKind.RAY if is_panorama and engine == CYCLES else DepthKind.PLANAR


def _without_scale(matrix: Array) -> Array:
    """Rendering ignores a camera's scale, though not its mirroring or shear."""
    lengths = np.linalg.norm(matrix[:3, :3], axis=0)
    normalized = matrix.copy()
    normalized[:3, :3] /= np.where(lengths > 0.0, lengths, 1.0)
    return normalized
