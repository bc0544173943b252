"""Make cameras of the core from Blender's camera objects."""

from __future__ import annotations

import bpy
import numpy as np

from ...core.cameras.camera import Array, Camera
from ...core.depth.image import DepthKind
from ...core.errors import CameraError
from ..typed import camera_data
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
        Its render settings (resolution, border, stereoscopy) apply.
    depsgraph : bpy.types.Depsgraph
        The scene's depsgraph, at the frame of the image.
    view : str
        Name of the view, such as ``"left"``, of a stereo or multi-view render; empty for that
        render's first view.
    engine : str, optional
        Identifier of the engine that renders; by default the scene's. Only Cycles renders
        panoramas; other engines treat a panoramic camera as a perspective one.

    Returns
    -------
    Camera
        Its lens has the size of the image, after a crop to the render border.

    Raises
    ------
    CameraError
        The object is not a camera, its lens is a custom shader, or there is no such view.
    """
    stereo.check_view(scene.render, view)
    camera_object = stereo.camera_of_view(camera_object, scene, view)
    check_camera(camera_object)
    engine = engine or scene.render.engine
    evaluated = camera_object.evaluated_get(depsgraph)
    data, eye = camera_data(evaluated), stereo.eye_of(scene.render, view)
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
    """The kind of depth in the Z pass of this camera: ray depth only for panoramas in Cycles."""
    is_panorama = camera_object.type == "CAMERA" and camera_object.data.type == "PANO"
    return DepthKind.RAY if is_panorama and engine == CYCLES else DepthKind.PLANAR


def _without_scale(matrix: Array) -> Array:
    """Remove the scale, which rendering ignores; it does not ignore mirroring or shear."""
    lengths = np.linalg.norm(matrix[:3, :3], axis=0)
    normalized = matrix.copy()
    normalized[:3, :3] /= np.where(lengths > 0.0, lengths, 1.0)
    return normalized
