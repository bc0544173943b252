"""Convert a lens of the core to Blender's lens and render settings: the inverse of `lens`.

Blender's properties are single precision, which rounds a float64 to 24 bits, by up to 6e-8 of it.
A lens that is read back is therefore off: fx by 6e-8 of itself; fy, which includes the pixel
aspect, by 1.2e-7; and the principal point by 6e-8 of its distance from the middle of the image. At
the edges of a 4K image that is 3e-4 pixels, less than the pixel filter of Cycles moves every pixel.
Numbers that fit into single precision, such as those of a K that was read from Blender, stay exact.
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
"""Relative difference up to which a frame counts as a whole one."""

_WHOLE_TURN = 2.0 * np.pi


@dataclass(frozen=True)
class LensSettings:
    """Values of properties, by name, for a camera's data and a scene's render settings.

    Attributes
    ----------
    lens : Lens
        The lens of the image that Blender renders with them.
    notes : tuple of str
        Sentences on how this lens differs from the requested one.
    """

    lens: Lens
    camera: dict[str, Any]
    render: dict[str, Any]
    notes: tuple[str, ...] = ()

    def apply(self, data: bpy.types.Camera, render: bpy.types.RenderSettings) -> None:
        """Set all properties."""
        for owner, values in ((data, self.camera), (render, self.render)):
            for name, value in values.items():
                setattr(owner, name, value)


def lens_settings(lens: Lens, sensor_width: float) -> LensSettings:
    """Return the settings with which Blender renders an image through a lens.

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
    """Convert a lens with intrinsics; see `bridge.cameras.lens` for the equations.

    The sensor fit is horizontal, so that the same equations serve portraits and wide pixels. Each
    value is computed from earlier ones after their rounding to single precision.
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
            "sensor_height": max(height, 1.0),  # has no effect here; 1 is its lower limit
            "lens": i.fx * sensor / i.width,
        }
    return LensSettings(lens, camera, _render(i.width, i.height, pixel_x, pixel_y))


def _from_opencv_fisheye(lens: OpenCVFisheye, sensor_width: float) -> LensSettings:
    """Use an equidistant lens if the image's sides are equal in radians, else a polynomial one."""
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
    return LensSettings(
        OpenCVFisheye(i), camera, _render(i.width, i.height, pixel_x, pixel_y), notes
    )


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
    """Return x and y of Blender's pixel aspect, neither below 1, for this ratio y / x."""
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
    """Return a note on the lens distortion that Blender leaves out, if there is any."""
    names: tuple[str, ...] = ("k1", "k2", "p1", "p2", "k3", "k4", "k5", "k6")
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


def _check_ranges(owner: type[bpy.types.bpy_struct[Any]], values: dict[str, Any]) -> None:
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
