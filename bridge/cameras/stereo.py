"""Views of stereo and multi-view renders: their cameras, positions of eyes, and lens shifts.

This follows ``BKE_camera_multiview_model_matrix``, ``BKE_camera_multiview_shift_x`` and
``BKE_camera_multiview_render`` in Blender's ``blenkernel/intern/camera.cc``.
"""

from __future__ import annotations

import math
import os

import bpy
import numpy as np

from ...compat import CUBE_FACE_BENDS_STEREO
from ...core.cameras.camera import Array, Lens
from ...core.cameras.stereo import SphericalStereo
from ...core.errors import CameraError

LEFT, RIGHT = "left", "right"


def eye_of(render: bpy.types.RenderSettings, view: str) -> str | None:
    """``LEFT`` or ``RIGHT`` if the view is one eye of a stereo render, else None."""
    if render.use_multiview and render.views_format == "STEREO_3D":
        return view or LEFT
    return None


def check_view(render: bpy.types.RenderSettings, view: str) -> None:
    """Raise :class:`CameraError` if a view is named that the scene does not render."""
    if not view:
        return
    if not render.use_multiview:
        raise CameraError(
            f"The view '{view}' is asked for, but the scene renders a single view: enable "
            "Stereoscopy in the output properties, as it was for the render."
        )
    views = [each.name for each in _views(render)]
    if view not in views:
        raise CameraError(
            f"The scene has no view '{view}', expected one of {', '.join(views)}: choose one of "
            "them, or add it in the output properties, under Stereoscopy."
        )


def rendered_views(render: bpy.types.RenderSettings) -> list[str]:
    """Names of the views that a render makes; a single empty name without stereoscopy."""
    if not render.use_multiview:
        return [""]
    return [each.name for each in _views(render) if each.use]


def view_in_file(render: bpy.types.RenderSettings, views: tuple[str, ...], view: str) -> str:
    """Return the view to look for in a file that holds these views.

    It is empty for a file that names no views, such as Blender 5.0 and later write for each view:
    there, the view decides only which camera is used.
    """
    return view if views or not render.use_multiview else ""


def view_of_file(render: bpy.types.RenderSettings, filepath: str) -> tuple[str, str]:
    """Find the view of an image by the name of its file, and a note about it, or "".

    Parameters
    ----------
    render : bpy.types.RenderSettings
    filepath : str
        Its name may end, before the extension, in a view's suffix; empty for the Render Result.

    Raises
    ------
    CameraError
        The image may be of any of several views.
    """
    rendered = rendered_views(render)
    stem = os.path.splitext(os.path.basename(filepath))[0]
    fitting = {
        each.file_suffix: each.name
        for each in (_views(render) if render.use_multiview else ())
        if each.file_suffix and stem.endswith(each.file_suffix)
    }
    if fitting:
        suffix = max(fitting, key=len)
        return fitting[suffix], (
            f"The file's name ends in {suffix}: used the view {fitting[suffix]}."
        )
    if len(rendered) == 1:
        return rendered[0], ""
    raise CameraError(
        "The image does not say its view, and the scene renders the views "
        f"{', '.join(rendered)}: choose one of them as View, or switch Stereoscopy off if the "
        "image was rendered without it."
    )


def _views(render: bpy.types.RenderSettings) -> list[bpy.types.SceneRenderView]:
    """The views of the chosen format, whether they are rendered or not."""
    is_stereo = render.views_format == "STEREO_3D"
    return [each for each in render.views if not is_stereo or each.name in (LEFT, RIGHT)]


def camera_of_view(
    camera_object: bpy.types.Object, scene: bpy.types.Scene, view: str
) -> bpy.types.Object:
    """Return the camera that renders the view; in multi-view, its name has the view's suffix."""
    render = scene.render
    if not (render.use_multiview and render.views_format == "MULTIVIEW"):
        return camera_object
    if view and view not in render.views:
        return camera_object
    suffix = render.views[view].camera_suffix if view else render.views[0].camera_suffix
    matching = [
        v.camera_suffix for v in render.views if camera_object.name.endswith(v.camera_suffix)
    ]
    if not matching:
        return camera_object
    stem = camera_object.name[: len(camera_object.name) - max(map(len, matching))]
    return scene.objects.get(stem + suffix, camera_object)


def is_spherical(data: bpy.types.Camera) -> bool:
    """Whether Cycles renders the camera's eyes in spherical stereo."""
    return data.stereo.use_spherical_stereo and data.type in {"PANO", "PERSP"}


def eye_matrix(stereo: bpy.types.CameraStereoData, eye: str) -> Array:
    """Return the eye-to-camera matrix, (4, 4), as in ``camera_stereo3d_model_matrix``."""
    factor = _pivot_factor(stereo, eye)
    offset = np.eye(4)
    offset[0, 3] = -stereo.interocular_distance * factor
    if stereo.convergence_mode != "TOE" or not factor:
        return offset
    angle = math.atan(stereo.interocular_distance / 2 / stereo.convergence_distance)
    turn = _turn_matrix(math.copysign(angle, factor))
    # If one eye is the pivot, the other one turns by both angles, around its offset's midpoint.
    return offset @ turn if stereo.pivot == "CENTER" else turn @ offset @ turn


def eye_shift(data: bpy.types.Camera, eye: str) -> float:
    """Return what an off-axis eye adds to the lens shift, as in ``camera_stereo3d_shift_x``."""
    if data.type == "PANO" or data.stereo.convergence_mode != "OFFAXIS":
        return 0.0
    stereo = data.stereo
    apart = stereo.interocular_distance / data.sensor_width
    return apart * data.lens / stereo.convergence_distance * _pivot_factor(stereo, eye)


def spherical_lens(lens: Lens, data: bpy.types.Camera, eye: str, matrix: Array) -> Lens:
    """Make the lens of one eye in spherical stereo, for a camera with this camera-to-world matrix.

    Raises
    ------
    CameraError
        A perspective camera is sheared, or this version of Blender renders such an eye wrongly.
    """
    stereo = data.stereo
    parallel = stereo.convergence_mode == "PARALLEL"
    is_cube_face = data.type == "PANO" and data.panorama_type == "EQUIANGULAR_CUBEMAP_FACE"
    if CUBE_FACE_BENDS_STEREO and is_cube_face and not (parallel and not stereo.use_pole_merge):
        raise CameraError(
            f"The camera '{data.name}' is a cube face in spherical stereo, which this Blender "
            "distorts: use Blender 4.3 or later, or parallel eyes without pole merge."
        )
    offset = stereo.interocular_distance * (-0.5 if eye == LEFT else 0.5)
    up = (0.0, 1.0, 0.0)
    if data.type != "PANO":
        # Cycles moves eyes in camera space for panoramas, but in world space for perspective.
        axes = matrix[:3, :3]
        if np.abs(axes.T @ axes - np.eye(3)).max() > 1e-4:
            raise CameraError(
                f"The camera '{data.name}' is sheared by its parent's scale, which spherical "
                "stereo with a perspective lens does not support: apply the parent's scale."
            )
        up = tuple(axes[2].tolist())
        offset *= np.sign(np.linalg.det(axes))
    return SphericalStereo(
        lens,
        offset=float(offset),
        convergence=math.inf if parallel else stereo.convergence_distance,
        merge_from=stereo.pole_merge_angle_from if stereo.use_pole_merge else math.inf,
        merge_to=stereo.pole_merge_angle_to if stereo.use_pole_merge else math.inf,
        up=up,
    )


def _pivot_factor(stereo: bpy.types.CameraStereoData, eye: str) -> float:
    """Distance of the eye from the camera, to the left, in interocular distances."""
    if stereo.pivot == eye.upper():
        return 0.0
    side = 1.0 if eye == LEFT else -1.0
    return side / 2 if stereo.pivot == "CENTER" else side


def _turn_matrix(angle: float) -> Array:
    cos, sin = math.cos(angle), math.sin(angle)
    return np.array([[cos, 0, -sin, 0], [0, 1, 0, 0], [sin, 0, cos, 0], [0, 0, 0, 1.0]])
