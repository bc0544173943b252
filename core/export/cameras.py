"""Cameras beside geometry, in the files of other programs.

All are in the world of the geometry, with camera axes as each program has them. Of the center of
the image's upper left pixel, OpenCV says (0, 0); this product, COLMAP and the readers of
``transforms.json`` (nerfstudio, instant-ngp) say (0.5, 0.5).
"""

from __future__ import annotations

import contextlib
import enum
import json
import math
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..cameras.camera import Camera, opencv_extrinsics
from ..cameras.fisheye import FisheyeEquidistant
from ..cameras.intrinsics import Intrinsics, Perspective
from ..cameras.serialization import camera_to_data
from ..depth.image import DepthKind
from ..errors import CameraError, ExportError
from ..support.replacing import replacing

Array = NDArray[Any]
TOLERANCE = 0.01
"""Pixels by which a camera may miss what it saw, once it is in another form."""
_WIDEST = math.radians(180.001)
"""Points behind the camera have no place in the equations of OpenCV and COLMAP."""


class CameraFormat(enum.Enum):
    """Formats that a camera can be written in."""

    JSON = "JSON"
    OPENCV = "OPENCV"
    COLMAP = "COLMAP"
    NERF = "NERF"


@dataclass(frozen=True)
class View:
    """An image, and the camera that it shows the world by.

    Attributes
    ----------
    image : str
        The image's path, as it is to stand in the file.
    name : str
        The camera's name.
    """

    camera: Camera
    image: str
    name: str = ""
    frame: int = 0


def camera_files(geometry: str | Path, view: View, format: CameraFormat) -> dict[Path, str]:  # noqa: A002
    """What is to be written, and where, so that the camera stands beside a file of geometry.

    For ``room.ply`` that is ``room_camera.json``, ``room_opencv.json``, ``room_transforms.json``,
    or ``room_colmap`` with ``cameras.txt``, ``images.txt`` and an empty ``points3D.txt``, without
    which COLMAP opens no model.

    Raises
    ------
    ExportError
        The format cannot hold this camera: JSON holds all, the others perspective ones and
        equidistant fisheyes of up to 180 degrees.
    """
    beside = Path(geometry)
    image = view.image or beside.stem
    if view.image and os.path.isabs(view.image):
        with contextlib.suppress(ValueError):  # on another drive
            image = Path(os.path.relpath(view.image, beside.parent)).as_posix()
    files = _CONTENTS[format](replace(view, image=image))
    return {beside.parent / (beside.stem + name): text for name, text in files.items()}


def write_files(files: Mapping[Path, str]) -> None:
    """Write texts, each replacing its file only once it is complete.

    Raises
    ------
    FileError
        A file cannot be written.
    """
    for path, text in files.items():
        with replacing(path) as half:
            path.parent.mkdir(exist_ok=True)
            half.write_text(text, encoding="utf-8", newline="\n")


def moved(camera: Camera, matrix: ArrayLike) -> Camera:
    """The camera that sees points, once they are moved by `matrix`, where it saw them before.

    Raises
    ------
    ExportError
        There is no such camera, as `matrix` scales some directions more than others, or scales
        what an orthographic or stereo camera saw.
    """
    moving = np.asarray(matrix, np.float64)
    axes = moving[:3, :3] @ camera.matrix[:3, :3]
    placed = np.eye(4)
    placed[:3, :3] = axes / np.cbrt(abs(np.linalg.det(axes)) or 1.0)
    placed[:3, 3] = moving[:3, :3] @ camera.matrix[:3, 3] + moving[:3, 3]
    with contextlib.suppress(CameraError):
        result = Camera(camera.lens, placed)
        if _error(camera, result, moving) <= TOLERANCE:
            return result
    raise ExportError(
        "The object's scale differs between its axes, or its camera is one whose image depends on "
        "scale: clear the object's scale (Alt S), or export without the camera."
    )


def _error(camera: Camera, other: Camera, moving: Array) -> float:
    """Pixels by which `other` misses at most what `camera` sees, once that was moved."""
    size = camera.lens.width, camera.lens.height
    places = np.stack(np.meshgrid(*[np.linspace(0.02, 0.98, 7)] * 2), axis=-1).reshape(-1, 2) * size
    rays = camera.rays(places, DepthKind.RAY)
    seen = np.concatenate([rays.at(np.full(len(places), depth)) for depth in (1.0, 10.0)])
    pixels = other.project(seen @ moving[:3, :3].T + moving[:3, 3])
    expected = camera.project(seen)  # not `places`: a shifted panorama sees some things twice
    missing = np.isnan(pixels) & ~np.isnan(expected)
    return math.inf if missing.any() else float(np.nanmax(np.abs(pixels - expected)))


def _json(view: View) -> dict[str, str]:
    lens = view.camera.lens
    matrix = lens.intrinsics.matrix.tolist() if isinstance(lens, Perspective) else None
    data = {
        "format": "reconstruct-from-depth camera",
        "file_name": view.image,
        "width": lens.width,
        "height": lens.height,
        "frame": view.frame,
        "camera": {
            "name": view.name,
            "intrinsics": matrix,
            "camera_to_world": view.camera.matrix.tolist(),
            "lens": camera_to_data(view.camera),
        },
    }
    return {"_camera.json": _text(data)}


def _opencv(view: View) -> dict[str, str]:
    model = _model(view.camera, "OpenCV")
    pose = opencv_extrinsics(model.camera_to_world)
    i = model.intrinsics
    data = {
        "image": view.image,
        "width": i.width,
        "height": i.height,
        "model": "fisheye" if model.is_fisheye else "pinhole",
        "K": [[i.fx, 0.0, i.cx - 0.5], [0.0, i.fy, i.cy - 0.5], [0.0, 0.0, 1.0]],
        "dist": [0.0] * (4 if model.is_fisheye else 5),
        "R": pose[:3, :3].tolist(),
        "t": pose[:3, 3].tolist(),
    }
    return {"_opencv.json": _text(data)}


def _colmap(view: View) -> dict[str, str]:
    """As documented at https://colmap.github.io/format.html#text-format."""
    model = _model(view.camera, "COLMAP")
    pose = opencv_extrinsics(model.camera_to_world)
    i = model.intrinsics
    numbers = (i.fx, i.fy, i.cx, i.cy, *([0.0] * 4 if model.is_fisheye else ()))
    kind = "OPENCV_FISHEYE" if model.is_fisheye else "PINHOLE"
    place = (*_quaternion(pose[:3, :3]), *pose[:3, 3].tolist())
    name = re.sub(r"\s", "_", Path(view.image).name)  # its readers take a space for the end
    return {
        "_colmap/cameras.txt": _line("# CAMERA_ID, MODEL, WIDTH, HEIGHT, PARAMS[]")
        + _line(1, kind, i.width, i.height, *numbers),
        "_colmap/images.txt": _line("# IMAGE_ID, QW, QX, QY, QZ, TX, TY, TZ, CAMERA_ID, NAME")
        + _line(1, *place, 1, name)
        + _line(),  # it has no keypoints
        "_colmap/points3D.txt": "",
    }


def _nerf(view: View) -> dict[str, str]:
    """As documented at https://docs.nerf.studio/quickstart/data_conventions.html."""
    model = _model(view.camera, "NeRF's transforms.json")
    i = model.intrinsics
    data = {
        "camera_model": "OPENCV_FISHEYE" if model.is_fisheye else "PINHOLE",
        **({} if model.is_fisheye else {"camera_angle_x": 2 * math.atan(i.width / (2 * i.fx))}),
        "fl_x": i.fx,
        "fl_y": i.fy,
        "cx": i.cx,
        "cy": i.cy,
        "w": i.width,
        "h": i.height,
        **dict.fromkeys(("k1", "k2", "k3", "k4") if model.is_fisheye else (), 0.0),
        "frames": [
            {"file_path": view.image, "transform_matrix": model.camera_to_world.tolist()},
        ],
    }
    return {"_transforms.json": _text(data)}


@dataclass(frozen=True, eq=False)
class _Model:
    """A camera of the kinds that others have too; pixels as in :class:`Intrinsics`."""

    intrinsics: Intrinsics
    is_fisheye: bool
    camera_to_world: Array


def _model(camera: Camera, format: str) -> _Model:  # noqa: A002
    lens = camera.lens
    if isinstance(lens, Perspective):
        return _Model(lens.intrinsics, False, _rigid(camera, format))
    if isinstance(lens, FisheyeEquidistant) and lens.fov <= _WIDEST:
        return _Model(_fisheye_intrinsics(lens), True, _rigid(camera, format))
    kind = type(lens).__name__
    if isinstance(lens, FisheyeEquidistant):
        kind += f" of {math.degrees(lens.fov):.6g} degrees"
    raise ExportError(
        f"The camera is of the kind {kind}, which {format} cannot hold; expected Perspective, or "
        "FisheyeEquidistant of up to 180 degrees: export the camera as JSON, or none."
    )


def _fisheye_intrinsics(lens: FisheyeEquidistant) -> Intrinsics:
    """Pixels per radian in the place of focal lengths, which makes theta * f the radius."""
    f = lens.frame
    x, y = f.width / (f.right - f.left), f.height / (f.top - f.bottom)
    return Intrinsics(
        x / lens.fov, y / lens.fov, (0.5 - f.left) * x, (f.top - 0.5) * y, f.width, f.height
    )


def _rigid(camera: Camera, format: str) -> Array:  # noqa: A002
    """Camera to world with the rotation nearest to the camera's axes.

    That is the orthogonal factor of the polar decomposition (N. Higham, 1986).
    """
    left, _, right = np.linalg.svd(camera.matrix[:3, :3])
    matrix: Array = np.array(camera.matrix)
    matrix[:3, :3] = left @ right
    rotation = np.linalg.det(matrix[:3, :3]) > 0.0
    if not rotation or _error(camera, Camera(camera.lens, matrix), np.eye(4)) > TOLERANCE:
        raise ExportError(
            f"The camera is mirrored or sheared, which {format} cannot hold; expected a rotation: "
            "export the camera as JSON, or none, or render without the scale of its parents."
        )
    return matrix


def _quaternion(rotation: Array) -> tuple[float, ...]:
    """W, x, y, z: the main eigenvector of I. Bar-Itzhack's matrix (J. Guidance, 2000)."""
    r = rotation
    k = np.zeros((4, 4))
    k[:3, :3] = r + r.T - np.trace(r) * np.eye(3)
    k[3, :3] = k[:3, 3] = r[2, 1] - r[1, 2], r[0, 2] - r[2, 0], r[1, 0] - r[0, 1]
    k[3, 3] = np.trace(r)
    x, y, z, w = np.linalg.eigh(k)[1][:, -1].tolist()
    return (w, x, y, z) if w >= 0.0 else (-w, -x, -y, -z)


def _line(*values: object) -> str:
    return " ".join(map(str, values)) + "\n"


def _text(data: dict[str, Any]) -> str:
    return json.dumps(data, indent=1, allow_nan=False) + "\n"


_CONTENTS = {
    CameraFormat.JSON: _json,
    CameraFormat.OPENCV: _opencv,
    CameraFormat.COLMAP: _colmap,
    CameraFormat.NERF: _nerf,
}
