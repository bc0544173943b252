"""Files of cameras to cameras: which format a file has is found by its content."""

from __future__ import annotations

import os
import re
import warnings
from pathlib import Path

from ...errors import CameraError, FileError
from ...support.messages import printable
from ..camera import Camera
from .colmap import read_colmap
from .described_camera import DescribedCamera, choose_camera
from .native_json import is_native, read_native
from .nerf import is_nerf, read_nerf
from .opencv import is_opencv, read_opencv
from .values import Fields, load_json
from .yaml_text import parse_yaml

_KNOWN = (
    "this extension's JSON, OpenCV's JSON or YAML with a camera matrix (K), transforms.json with "
    "frames, or the folder of a COLMAP text model"
)
_COLMAP = ("cameras.txt", "images.txt", "points3D.txt")
_NAMED = re.compile(r"^\s*[\"']?\w[\w .-]*[\"']?\s*:(\s|$)", re.MULTILINE)


def read_camera(
    path: str | os.PathLike[str], image: str = "", size: tuple[int, int] | None = None
) -> Camera:
    """The camera of one image.

    Parameters
    ----------
    path : path-like
        A file, or the folder of a COLMAP model.
    image : str
        Which of several: the image's path as in the file, or its name if no other has it.
    size : tuple of int, optional
        Width and height in pixels, for a file that does not say them.

    Raises
    ------
    FileError, CameraError
        As of :func:`read_cameras`; or there is no such image, or more than one.

    Warns
    -----
    UserWarning
        Something was assumed that the file does not say.
    """
    cameras = read_cameras(path, size)
    try:
        found = choose_camera(cameras, image)
    except CameraError as error:
        raise CameraError(f"{printable(path)}: {error}") from None
    for note in found.notes:
        warnings.warn(note, stacklevel=2)
    return found.camera


def read_cameras(
    path: str | os.PathLike[str], size: tuple[int, int] | None = None
) -> tuple[DescribedCamera, ...]:
    """The cameras of all images of a file, in its order.

    These are read: what this product exports as a camera's JSON; JSON and YAML with a camera
    matrix as OpenCV, its samples and ROS write it, with distortion and, where there is one, a
    pose; ``transforms.json`` of NeRF programs; and text models of COLMAP, by their folder or one
    of their files.

    Parameters
    ----------
    path : path-like
    size : tuple of int, optional
        Width and height in pixels, for a file that does not say them.

    Raises
    ------
    FileError
        The file cannot be read, or is not a text.
    CameraError
        The file is of no known format, broken, or holds a camera that is unknown here.
    """
    place = Path(path)
    try:
        if place.is_dir() or place.name in _COLMAP:
            folder = place if place.is_dir() else place.parent
            return read_colmap(*(_text(_of_model(folder, name)) for name in _COLMAP[:2]))
        return parse_cameras(_text(place), size)
    except CameraError as error:
        raise CameraError(f"{printable(path)}: {error}") from None


def parse_cameras(text: str, size: tuple[int, int] | None = None) -> tuple[DescribedCamera, ...]:
    """The cameras of a text: of all that :func:`read_cameras` reads but COLMAP's.

    Parameters
    ----------
    text : str
    size : tuple of int, optional
        Width and height in pixels, for a text that does not say them.

    Raises
    ------
    CameraError
        The text is of no known format, broken, or holds a camera that is unknown here.
    """
    data = _parse(text)
    if is_native(data):
        return read_native(data)
    if is_nerf(data):
        return read_nerf(data, size)
    if is_opencv(data):
        return read_opencv(data, size)
    names = ", ".join(f"'{name}'" for name in list(data)[:5]) or "nothing"
    raise CameraError(f"The file holds {names}, which is no camera; expected {_KNOWN}.")


def _parse(text: str) -> Fields:
    if text.lstrip().startswith("{"):
        return load_json(text)
    if text.startswith("%YAML") or _NAMED.search(text):
        return parse_yaml(text)
    if text.lstrip().startswith("<"):
        raise CameraError("The file is XML, which is not read: write it as .json or .yml instead.")
    raise CameraError(f"The file is of no known format; expected {_KNOWN}.")


def _of_model(folder: Path, name: str) -> Path:
    path = folder / name
    if path.is_file():
        return path
    if path.with_suffix(".bin").is_file():
        raise CameraError(
            "The model is COLMAP's binary one, expected text: convert it by 'colmap "
            "model_converter --output_type TXT'."
        )
    raise CameraError(f"The folder has no {name}: choose that of a COLMAP text model.")


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise FileError(
            f"{printable(path)}: The file cannot be read ({error.strerror}): choose another one."
        ) from None
    except UnicodeDecodeError as error:
        raise FileError(
            f"{printable(path)}: The file is not text, as its byte {error.start} is not UTF-8; "
            f"expected {_KNOWN}."
        ) from None
