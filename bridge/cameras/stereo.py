"""Views of stereo and multi-view renders: which camera sees them, from where, and how shifted.

After ``BKE_camera_multiview_model_matrix``, ``BKE_camera_multiview_shift_x`` and
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
    """Raise :class:`CameraError` unless the scene renders the view, or none is asked for."""
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
    """Names of the views that a render makes; a single empty one without stereoscopy."""
    if not render.use_multiview:
        return [""]
    return [each.name for each in _views(render) if each.use]


def view_in_file(render: bpy.types.RenderSettings, views: tuple[str, ...], view: str) -> str:
    """The view to look for in a file of these views.

    None in a file that says nothing of views, as Blender 5.0 and later write for each view: there
    the view tells the camera alone.
    """
    return view if views or not render.use_multiview else ""


def view_of_file(render: bpy.types.RenderSettings, filepath: str) -> tuple[str, str]:
    """The view of an image that does not tell it, and what is worth saying about it.

    Parameters
    ----------
    render : bpy.types.RenderSettings
    filepath : str
        Ends, before the extension, in the view's suffix; empty for the Render Result.

    Raises
    ------
    CameraError
        It may be any of several views.
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
            f"The file's name ends in {suffix}: took it for the view {fitting[suffix]}."
        )
    if len(rendered) == 1:
        return rendered[0], ""
    raise CameraError(
        "The image does not tell its view, and the scene renders the views "
        f"{', '.join(rendered)}: choose one of them as View, or switch Stereoscopy off if the "
        "image was rendered without it."
    )


def _views(render: bpy.types.RenderSettings) -> list[bpy.types.SceneRenderView]:
    """Those of the present format, rendered or not."""
    is_stereo = render.views_format == "STEREO_3D"
    return [each for each in render.views if not is_stereo or each.name in (LEFT, RIGHT)]


def camera_of_view(
    camera_object: bpy.types.Object, scene: bpy.types.Scene, view: str
) -> bpy.types.Object:
    """The camera that renders the view: another one by its name's suffix, if there is."""
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
    """Eye to camera, (4, 4), of ``camera_stereo3d_model_matrix``."""
    factor = _pivot_factor(stereo, eye)
    offset = np.eye(4)
    offset[0, 3] = -stereo.interocular_distance * factor
    if stereo.convergence_mode != "TOE" or not factor:
        return offset
    angle = math.atan(stereo.interocular_distance / 2 / stereo.convergence_distance)
    turn = _turned(math.copysign(angle, factor))
    # A pivot in one eye turns the other one by both eyes' angles, around the middle of its way.
    return offset @ turn if stereo.pivot == "CENTER" else turn @ offset @ turn


def eye_shift(data: bpy.types.Camera, eye: str) -> float:
    """What an off-axis eye adds to the lens shift, of ``camera_stereo3d_shift_x``."""
    if data.type == "PANO" or data.stereo.convergence_mode != "OFFAXIS":
        return 0.0
    stereo = data.stereo
    apart = stereo.interocular_distance / data.sensor_width
    return apart * data.lens / stereo.convergence_distance * _pivot_factor(stereo, eye)


def spherical_lens(lens: Lens, data: bpy.types.Camera, eye: str, matrix: Array) -> Lens:
    """One eye in spherical stereo of a lens of a camera with this camera-to-world matrix.

    Raises
    ------
    CameraError
        If a perspective camera is sheared, or this Blender renders such an eye wrongly.
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
        # Cycles does this to panoramas in camera space, but to perspective cameras in the world.
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


def _turned(angle: float) -> Array:
    cos, sin = math.cos(angle), math.sin(angle)
    return np.array([[cos, 0, -sin, 0], [0, 1, 0, 0], [sin, 0, cos, 0], [0, 0, 0, 1.0]])
