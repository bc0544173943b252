"""Text models of COLMAP: https://colmap.github.io/format.html#text-format.

Camera models are those of https://colmap.github.io/cameras.html; pixels are as here, with the
center of the first one at (0.5, 0.5), and poses are as OpenCV's.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from ...errors import CameraError
from ..camera import Array, Camera, Lens
from ..intrinsics import Intrinsics
from .described_camera import DescribedCamera
from .opencv_terms import fisheye, opencv_pose, perspective
from .values import shown

_Make = Callable[..., Lens]


@dataclass(frozen=True)
class _Model:
    """How many focal lengths and coefficients a model has, and in which lens they go."""

    focal_lengths: int
    coefficients: int
    lens: _Make


_MODELS = {
    "SIMPLE_PINHOLE": _Model(1, 0, perspective),
    "PINHOLE": _Model(2, 0, perspective),
    "SIMPLE_RADIAL": _Model(1, 1, perspective),
    "RADIAL": _Model(1, 2, perspective),
    "OPENCV": _Model(2, 4, perspective),
    "FULL_OPENCV": _Model(2, 8, perspective),
    "SIMPLE_RADIAL_FISHEYE": _Model(1, 1, fisheye),
    "RADIAL_FISHEYE": _Model(1, 2, fisheye),
    "OPENCV_FISHEYE": _Model(2, 4, fisheye),
}


def read_colmap(cameras: str, images: str) -> tuple[DescribedCamera, ...]:
    """Cameras of all images of a model.

    Parameters
    ----------
    cameras, images : str
        The texts of ``cameras.txt`` and ``images.txt``.

    Raises
    ------
    CameraError
        A line is broken, or names a camera model that is unknown here.
    """
    lines = {}
    for line in _lines(cameras):
        identity, *rest = line.split()
        lines[identity] = rest
    lenses: dict[str, Lens] = {}
    found = []
    for line in _image_lines(images):
        words = line.split(maxsplit=9)
        if len(words) < 10:
            raise _broken("images.txt", line, "an id, 7 numbers, a camera's id, and a name")
        identity, name = words[8], words[9].strip()
        if identity not in lenses:
            if identity not in lines:
                raise CameraError(
                    f"The image '{name}' has the camera {identity}, which cameras.txt does not "
                    "have: choose a folder whose files belong together."
                )
            lenses[identity] = _lens(lines[identity])
        turn = np.array(_numbers(words[1:8], "images.txt", line))
        pose = opencv_pose(_rotation(turn[:4], name), turn[4:])
        found.append(DescribedCamera(Camera(lenses[identity], pose), image=name))
    if not found:
        raise CameraError("The model has no images: choose one that COLMAP has registered some in.")
    return tuple(found)


def _lines(text: str) -> Iterator[str]:
    return (line for line in text.splitlines() if line.strip() and not line.startswith("#"))


def _image_lines(text: str) -> Iterator[str]:
    """Every image's first line; its second one lists keypoints, and is empty if it has none."""
    lines = iter(text.splitlines())
    for line in lines:
        if line.strip() and not line.startswith("#"):
            yield line
            next(lines, None)


def _lens(words: list[str]) -> Lens:
    kind = words[0] if words else ""
    model, line = _MODELS.get(kind), " ".join(words)
    if model is None:
        raise CameraError(
            f"The camera model is {shown(kind)}, expected one of {', '.join(_MODELS)}: undistort "
            "the images in COLMAP (image_undistorter), and choose their model."
        )
    count = model.focal_lengths + 2 + model.coefficients
    if len(words) != 3 + count:
        raise _broken("cameras.txt", line, f"{kind}, two sizes, and {count} numbers")
    width, height, *numbers = _numbers(words[1:], "cameras.txt", line)
    if width != round(width) or height != round(height):
        raise _broken("cameras.txt", line, "whole numbers for width and height")
    focal, rest = numbers[: model.focal_lengths], numbers[model.focal_lengths :]
    intrinsics = Intrinsics(focal[0], focal[-1], rest[0], rest[1], round(width), round(height))
    return model.lens(intrinsics, *rest[2:])


def _rotation(quaternion: Array, name: str) -> Array:
    """Matrix of a quaternion w, x, y, z, which need not be of length 1."""
    length = math.hypot(*quaternion)
    if not 0.0 < length < math.inf:
        listed = ", ".join(f"{each:g}" for each in quaternion)
        raise CameraError(
            f"The image '{name}' has the quaternion {listed}, expected a rotation: export the "
            "model from COLMAP again as text."
        )
    w, x, y, z = quaternion / length
    return np.array(
        [
            [1.0 - 2.0 * (y * y + z * z), 2.0 * (x * y - w * z), 2.0 * (x * z + w * y)],
            [2.0 * (x * y + w * z), 1.0 - 2.0 * (x * x + z * z), 2.0 * (y * z - w * x)],
            [2.0 * (x * z - w * y), 2.0 * (y * z + w * x), 1.0 - 2.0 * (x * x + y * y)],
        ]
    )


def _numbers(words: list[str], file: str, line: str) -> list[float]:
    try:
        numbers = [float(word) for word in words]
    except ValueError:
        numbers = [np.nan]
    if not np.isfinite(numbers).all():
        raise _broken(file, line, "finite numbers")
    return numbers


def _broken(file: str, line: str, expected: str) -> CameraError:
    return CameraError(
        f"A line of {file} is {shown(line)}, expected {expected}: export the model from COLMAP "
        "again as text."
    )
