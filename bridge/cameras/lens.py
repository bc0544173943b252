"""A camera's lens settings, with the scene's render settings, as a lens of the core."""

from __future__ import annotations

import bpy

from ...core.cameras import fisheye, panorama
from ...core.cameras.camera import Lens
from ...core.cameras.intrinsics import Intrinsics, Orthographic, Perspective
from ...core.depth.image import Window
from ...core.errors import CameraError
from ...core.pipeline.options import Border
from ...core.pipeline.shot import CYCLES as CYCLES


def full_lens(
    data: bpy.types.Camera, render: bpy.types.RenderSettings, engine: str, shift_x: float
) -> Lens:
    """Lens of the full frame, before a crop to the render border.

    Parameters
    ----------
    data : bpy.types.Camera
        The evaluated camera, because drivers and animation may change the lens.
    render : bpy.types.RenderSettings
        Gives resolution and pixel aspect.
    engine : str
        Identifier of the engine that renders.
    shift_x : float
        Lens shift, including that of a stereo eye.

    Raises
    ------
    CameraError
        The lens is a custom shader or an unknown panorama.
    """
    if engine == CYCLES and data.type == "CUSTOM":
        raise CameraError(
            f"The lens of '{data.name}' is a custom shader, whose depth cannot be back-projected: "
            "enable the Position pass, render again, and set Points From to Position Pass."
        )
    if engine == CYCLES and data.type == "PANO":
        return _panoramic_lens(data, render, shift_x)
    return _plane_lens(data, render, shift_x)


def image_intrinsics(
    data: bpy.types.Camera, render: bpy.types.RenderSettings, engine: str
) -> Intrinsics | None:
    """Intrinsics of the image that a camera renders, without stereo; None if its lens has none."""
    if data.type not in {"PERSP", "ORTHO"} and engine == CYCLES:
        return None
    window = image_window(render)
    whole = _plane_intrinsics(data, render, data.shift_x)
    return whole.cropped(window.x, window.y, window.width, window.height)


def cropped_lens(lens: Lens, render: bpy.types.RenderSettings) -> Lens:
    """Lens of the image: a window of the full frame if the render is cropped to its border."""
    window = image_window(render)
    if window == Window(0, 0, lens.width, lens.height):
        return lens
    return lens.cropped(window.x, window.y, window.width, window.height)


def image_window(render: bpy.types.RenderSettings) -> Window:
    """The window of the full frame that the image covers, in pixels."""
    width, height = _render_size(render)
    if not (render.use_border and render.use_crop_to_border):
        return Window(0, 0, width, height)
    return render_border(render).window(width, height)


def image_size(render: bpy.types.RenderSettings) -> tuple[int, int]:
    """Width and height of the image in pixels."""
    window = image_window(render)
    return window.width, window.height


def render_border(render: bpy.types.RenderSettings) -> Border:
    """The render border, whether it is used or not."""
    return Border(
        render.border_min_x, render.border_max_x, render.border_min_y, render.border_max_y
    )


def _render_size(render: bpy.types.RenderSettings) -> tuple[int, int]:
    """Width and height of the full frame in pixels, as ``BKE_render_resolution`` rounds them."""
    return (
        render.resolution_x * render.resolution_percentage // 100,
        render.resolution_y * render.resolution_percentage // 100,
    )


def _fit(data: bpy.types.Camera, render: bpy.types.RenderSettings) -> tuple[float, float, float]:
    """Return the width and height of the fitted sensor, and the pixels across the fitted side.

    The number of pixels is scaled by the pixel aspect. See ``BKE_camera_sensor_fit`` and
    ``BKE_camera_sensor_size``: automatic fit uses the sensor's width for both sides.
    """
    width, height = _render_size(render)
    x, y = width * render.pixel_aspect_x, height * render.pixel_aspect_y
    horizontal = x >= y if data.sensor_fit == "AUTO" else data.sensor_fit == "HORIZONTAL"
    sensor = data.sensor_height if data.sensor_fit == "VERTICAL" else data.sensor_width
    if horizontal:
        return sensor, sensor * y / x, x
    return sensor * x / y, sensor, y


def _plane_lens(
    data: bpy.types.Camera, render: bpy.types.RenderSettings, shift_x: float
) -> Perspective | Orthographic:
    intrinsics = _plane_intrinsics(data, render, shift_x)
    return Orthographic(intrinsics) if data.type == "ORTHO" else Perspective(intrinsics)


def _plane_intrinsics(
    data: bpy.types.Camera, render: bpy.types.RenderSettings, shift_x: float
) -> Intrinsics:
    """Intrinsics of the full frame, after ``BKE_camera_params_compute_viewplane``."""
    width, height = _render_size(render)
    aspect_x, aspect_y = render.pixel_aspect_x, render.pixel_aspect_y
    sensor_width, _, view = _fit(data, render)
    if data.type == "ORTHO":
        scale = view / data.ortho_scale
    else:
        scale = data.lens * width * aspect_x / sensor_width
    return Intrinsics(
        fx=scale / aspect_x,
        fy=scale / aspect_y,
        cx=width / 2 - shift_x * view / aspect_x,
        cy=height / 2 + data.shift_y * view / aspect_y,
        width=width,
        height=height,
    )


def _panoramic_lens(
    data: bpy.types.Camera, render: bpy.types.RenderSettings, shift_x: float
) -> panorama.Panorama:
    """Lens of a panoramic camera.

    Settings are converted as in Blender's ``intern/cycles/blender/camera.cpp`` and Cycles'
    ``scene/camera.cpp``.
    """
    frame = panorama.Frame(*_render_size(render)).shifted(shift_x, data.shift_y)
    match data.panorama_type:
        case "EQUIRECTANGULAR":
            return panorama.Equirectangular(
                frame,
                longitude_min=data.longitude_min,
                longitude_max=data.longitude_max,
                latitude_min=data.latitude_min,
                latitude_max=data.latitude_max,
            )
        case "EQUIANGULAR_CUBEMAP_FACE":
            return panorama.CubeFace(frame)
        case "CENTRAL_CYLINDRICAL":
            return panorama.CentralCylindrical(
                frame,
                angle_min=data.central_cylindrical_range_u_min,
                angle_max=data.central_cylindrical_range_u_max,
                height_min=data.central_cylindrical_range_v_min / data.central_cylindrical_radius,
                height_max=data.central_cylindrical_range_v_max / data.central_cylindrical_radius,
            )
        case "MIRRORBALL":
            return fisheye.MirrorBall(frame)
        case "FISHEYE_EQUIDISTANT":
            return fisheye.FisheyeEquidistant(frame, fov=data.fisheye_fov)
    width, height, _ = _fit(data, render)
    match data.panorama_type:
        case "FISHEYE_EQUISOLID":
            return fisheye.FisheyeEquisolid(
                frame, width, height, data.fisheye_fov, data.fisheye_lens
            )
        case "FISHEYE_LENS_POLYNOMIAL":
            coefficients = (getattr(data, f"fisheye_polynomial_k{power}") for power in range(5))
            return fisheye.FisheyePolynomial(frame, width, height, data.fisheye_fov, *coefficients)
    raise CameraError(
        f"The panorama type of '{data.name}' is {data.panorama_type}, which is unknown: enable "
        "the Position pass, render again, and set Points From to Position Pass."
    )
