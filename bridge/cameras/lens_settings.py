"""A lens of the core as Blender's lens and render settings: the inverse of `lens`.

Blender's properties are single precision, which leaves of a float64 what 24 bits hold, 6e-8 of it.
A lens read back is off by as much: fx by 6e-8 of itself, fy, of which the pixel aspect is a part,
by 1.2e-7, and the principal point by 6e-8 of its distance from the middle of the image. At the
edges of a 4K image that is 3e-4 pixels, less than what Cycles' own pixel filter moves every pixel
by. Numbers that single precision holds, as those of a K that was read from Blender, lose nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import bpy
import numpy as np

from ...compat import CENTRAL_CYLINDRICAL
from ...core.cameras import fisheye, panorama
from ...core.cameras.camera import Lens
from ...core.cameras.intrinsics import Orthographic, Perspective
from ...core.cameras.opencv import OpenCVFisheye, OpenCVPerspective
from ...core.errors import CameraError

MIN_FOCAL_LENGTH = 1.0
"""Millimeters: Blender's lower limit of a camera's lens."""

_SAME = 1e-6
"""Relative difference up to which a frame is taken for a whole one."""

_WHOLE_TURN = 2.0 * np.pi


@dataclass(frozen=True)
class LensSettings:
    """Properties by their names, of a camera's data and of a scene's render settings.

    Attributes
    ----------
    lens : Lens
        The lens of the image that Blender renders with them.
    notes : tuple of str
        What they lack of the lens that was asked for, as sentences.
    """

    lens: Lens
    camera: dict[str, Any]
    render: dict[str, Any]
    notes: tuple[str, ...] = ()

    def apply(self, data: bpy.types.Camera, render: bpy.types.RenderSettings) -> None:
        """Set all of them."""
        for owner, values in ((data, self.camera), (render, self.render)):
            for name, value in values.items():
                setattr(owner, name, value)


def lens_settings(lens: Lens, sensor_width: float) -> LensSettings:
    """The settings by which Blender renders an image through a lens.

    Parameters
    ----------
    lens : Lens
    sensor_width : float
        Width of the sensor in millimeters, along the image's width. Where it would take a lens
        shorter than Blender's lower limit, the sensor is widened.

    Raises
    ------
    CameraError
        Blender has no such lens, or has it only for a whole image, and this is a part of one; or
        it does not take one of the numbers.
    """
    settings = _settings(lens, sensor_width)
    _check_ranges(bpy.types.Camera, settings.camera)
    _check_ranges(bpy.types.RenderSettings, settings.render)
    return settings


def _settings(lens: Lens, sensor_width: float) -> LensSettings:
    if isinstance(lens, (Perspective, Orthographic)):
        return _from_intrinsics(lens, sensor_width)
    if isinstance(lens, OpenCVPerspective):
        plain = _from_intrinsics(Perspective(lens.intrinsics), sensor_width)
        return LensSettings(plain.lens, plain.camera, plain.render, _no_distortion(lens))
    if isinstance(lens, OpenCVFisheye):
        return _from_opencv_fisheye(lens, sensor_width)
    if isinstance(lens, panorama.Panorama):
        return _from_panorama(lens)
    raise CameraError(
        f"The lens is {type(lens).__name__}, one eye of a stereo camera, for which a camera of "
        "its own has no settings: make the camera between the eyes, and set up stereoscopy."
    )


def _from_intrinsics(lens: Perspective | Orthographic, sensor_width: float) -> LensSettings:
    """Sensor fit is horizontal, so that portraits and wide pixels have the same equations.

    See `bridge.cameras.lens`. Each value is made of what single precision leaves of those before.
    """
    i = lens.intrinsics
    pixel_x, pixel_y = _pixel_aspect(i.fx / i.fy)
    camera: dict[str, Any] = {
        "sensor_fit": "HORIZONTAL",
        "shift_x": 0.5 - i.cx / i.width,
        "shift_y": (i.cy - i.height / 2.0) * pixel_y / (i.width * pixel_x),
    }
    if isinstance(lens, Orthographic):
        camera |= {"type": "ORTHO", "ortho_scale": i.width / i.fx}
    else:
        wide = i.width / i.fx * MIN_FOCAL_LENGTH
        sensor = _single(wide * (1.0 + 1e-6) if wide > sensor_width else sensor_width)
        height = sensor * i.height * pixel_y / (i.width * pixel_x)
        camera |= {
            "type": "PERSP",
            "sensor_width": sensor,
            "sensor_height": max(height, 1.0),  # of no consequence here; 1 is its lower limit
            "lens": i.fx * sensor / i.width,
        }
    return LensSettings(lens, camera, _render(i.width, i.height, pixel_x, pixel_y))


def _from_opencv_fisheye(lens: OpenCVFisheye, sensor_width: float) -> LensSettings:
    """Equidistant where the image is as wide as high in radians, else the general polynomial."""
    i, notes = lens.intrinsics, _no_distortion(lens)
    across, up = i.width / i.fx, i.height / i.fy
    shift = {"shift_x": 0.5 - i.cx / i.width, "shift_y": i.cy / i.height - 0.5}
    pano = {"type": "PANO", **shift}
    if abs(across - up) <= _SAME * across:
        frame = panorama.Frame(i.width, i.height).shifted(shift["shift_x"], shift["shift_y"])
        seen = fisheye.FisheyeEquidistant(frame, across)
        camera = {**pano, "panorama_type": "FISHEYE_EQUIDISTANT", "fisheye_fov": across}
        return LensSettings(seen, camera, _render(i.width, i.height, 1.0, 1.0), notes)
    pixel_x, pixel_y = _pixel_aspect(i.fx / i.fy)
    camera = {
        **pano,
        "panorama_type": "FISHEYE_LENS_POLYNOMIAL",
        "fisheye_fov": _WHOLE_TURN,
        "sensor_fit": "HORIZONTAL",
        "sensor_width": sensor_width,
        **{f"fisheye_polynomial_k{power}": 0.0 for power in (0, 2, 3, 4)},
        "fisheye_polynomial_k1": -i.width / (_single(sensor_width) * i.fx),
    }
    seen = OpenCVFisheye(i)
    return LensSettings(seen, camera, _render(i.width, i.height, pixel_x, pixel_y), notes)


def _from_panorama(lens: panorama.Panorama) -> LensSettings:
    frame = lens.frame
    if max(abs(frame.right - frame.left - 1.0), abs(frame.top - frame.bottom - 1.0)) > _SAME:
        raise CameraError(
            "The image is a part of a panorama, cropped to a render region, which lens settings "
            "cannot say: take the camera of the whole image, and set the region."
        )
    camera: dict[str, Any] = {"type": "PANO", "shift_x": frame.left, "shift_y": frame.bottom}
    pixels = (1.0, 1.0)
    match lens:
        case panorama.Equirectangular():
            camera["panorama_type"] = "EQUIRECTANGULAR"
            for name in ("longitude_min", "longitude_max", "latitude_min", "latitude_max"):
                camera[name] = getattr(lens, name)
        case panorama.CubeFace():
            camera["panorama_type"] = "EQUIANGULAR_CUBEMAP_FACE"
        case fisheye.MirrorBall():
            camera["panorama_type"] = "MIRRORBALL"
        case panorama.CentralCylindrical() if CENTRAL_CYLINDRICAL:
            camera |= {
                "panorama_type": "CENTRAL_CYLINDRICAL",
                "central_cylindrical_range_u_min": lens.angle_min,
                "central_cylindrical_range_u_max": lens.angle_max,
                "central_cylindrical_range_v_min": lens.height_min,
                "central_cylindrical_range_v_max": lens.height_max,
                "central_cylindrical_radius": 1.0,
            }
        case fisheye.FisheyeEquidistant():
            camera |= {"panorama_type": "FISHEYE_EQUIDISTANT", "fisheye_fov": lens.fov}
        case fisheye.FisheyeEquisolid():
            camera |= {"panorama_type": "FISHEYE_EQUISOLID", "fisheye_lens": lens.focal_length}
            pixels = _on_sensor(lens, camera)
        case fisheye.FisheyePolynomial():
            camera["panorama_type"] = "FISHEYE_LENS_POLYNOMIAL"
            for power in range(5):
                camera[f"fisheye_polynomial_k{power}"] = getattr(lens, f"k{power}")
            pixels = _on_sensor(lens, camera)
        case _:
            raise CameraError(
                f"The lens is {type(lens).__name__}, which this Blender does not have: use one "
                "that has it (4.5 or later)."
            )
    return LensSettings(lens, camera, _render(frame.width, frame.height, *pixels))


def _on_sensor(
    lens: fisheye.FisheyeEquisolid | fisheye.FisheyePolynomial, camera: dict[str, Any]
) -> tuple[float, float]:
    """Add a fisheye's sensor to the settings; return the pixel aspect that gives its height."""
    frame = lens.frame
    camera |= {
        "sensor_fit": "HORIZONTAL",
        "sensor_width": lens.sensor_width,
        "fisheye_fov": lens.fov,
    }
    pixel_width, pixel_height = lens.sensor_width / frame.width, lens.sensor_height / frame.height
    return _pixel_aspect(pixel_height / pixel_width)


def _pixel_aspect(ratio: float) -> tuple[float, float]:
    """X and y of Blender's pixel aspect, neither below 1, whose y / x is this ratio."""
    return (1.0, _single(ratio)) if ratio >= 1.0 else (_single(1.0 / ratio), 1.0)


def _render(width: int, height: int, pixel_x: float, pixel_y: float) -> dict[str, Any]:
    return {
        "resolution_x": width,
        "resolution_y": height,
        "resolution_percentage": 100,
        "pixel_aspect_x": pixel_x,
        "pixel_aspect_y": pixel_y,
        "use_border": False,
    }


def _no_distortion(lens: OpenCVPerspective | OpenCVFisheye) -> tuple[str, ...]:
    """What Blender leaves out of a lens."""
    names = ("k1", "k2", "p1", "p2", "k3", "k4", "k5", "k6")
    if isinstance(lens, OpenCVFisheye):
        names = ("k1", "k2", "k3", "k4")
    values = ", ".join(
        f"{name} = {value:g}" for name, value in zip(names, lens.coefficients, strict=True) if value
    )
    if not values:
        return ()
    return (
        f"Blender renders no lens distortion: left out {values}, so that the image is that of the "
        "undistorted camera.",
    )


def _check_ranges(owner: type[bpy.types.bpy_struct], values: dict[str, Any]) -> None:
    """Raise :class:`CameraError` for a number that Blender would silently cut to its range."""
    for name, value in values.items():
        found = owner.bl_rna.properties[name]
        if found.type not in {"INT", "FLOAT"}:
            continue
        if not found.hard_min <= _single(value) <= found.hard_max:
            raise CameraError(
                f"The camera would have a {found.name} of {value:g}, but Blender takes "
                f"{found.hard_min:g} to {found.hard_max:g}: check the focal length, the principal "
                "point, and the image's size."
            )


def _single(value: float) -> float:
    return float(np.float32(value))
