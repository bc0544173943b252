"""Cameras beside the geometry that they saw.

All formats place the camera in the world of the geometry. The center of the image's upper left
pixel is (0, 0) in OpenCV, and (0.5, 0.5) in this product, in COLMAP, and for the readers of
``transforms.json`` (nerfstudio, instant-ngp).
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..cameras.camera import Camera
from ..support.replacing import replacing
from .formats import CameraFormat


@dataclass(frozen=True)
class CameraRecord:
    """What files say of a camera and of the image that it took.

    Attributes
    ----------
    image : str
        Path of the image; empty if it was never in a file.
    name : str
        The camera's name.
    """

    camera: Camera
    image: str
    name: str = ""
    frame: int = 0


def camera_texts(
    geometry_path: str | Path, record: CameraRecord, file_format: CameraFormat
) -> dict[str, str]:
    """Texts of the files that describe a camera beside a file of geometry, by their names.

    For ``room.ply`` the names are ``room_camera.json``, ``room_opencv.json``,
    ``room_transforms.json``, or those of the files in the folder ``room_colmap``, such as
    ``room_colmap/images.txt``. The image's path is written relative to their folder.

    Raises
    ------
    ExportError
        The format cannot hold this camera: JSON holds all, the others perspective ones,
        equidistant fisheyes of up to 180 degrees, and OpenCV's lenses.
    """
    geometry_path = Path(geometry_path)
    image = record.image or geometry_path.stem
    if os.path.isabs(record.image):
        with contextlib.suppress(ValueError):  # on another drive
            image = Path(os.path.relpath(record.image, geometry_path.parent)).as_posix()
    name = geometry_path.stem + file_format.value.suffix
    texts = file_format.value.load_writer()(replace(record, image=image))
    if isinstance(texts, str):
        return {name: texts}
    return {f"{name}/{file_name}": text for file_name, text in texts.items()}


@contextlib.contextmanager
def replacing_texts(folder: str | Path, texts: Mapping[str, str]) -> Iterator[None]:
    """Write texts to files in a folder, which appear only once the block has ended well.

    Parameters
    ----------
    texts : mapping of str to str
        Text of each file by its name, which may be in a folder that is made if it is missing.

    Raises
    ------
    FileError
        A file cannot be written; if that shows before the block, none is.
    """
    with contextlib.ExitStack() as stack:
        for name, text in texts.items():
            path = Path(folder, name)
            is_in_new_folder = path.parent != Path(folder) and not path.parent.exists()
            if is_in_new_folder:
                stack.callback(_remove_if_empty, path.parent)
            temporary = stack.enter_context(replacing(path))
            if is_in_new_folder:
                path.parent.mkdir()
            # The name of an image may have bytes that are not UTF-8.
            temporary.write_text(text, "utf-8", errors="surrogateescape", newline="\n")
        yield


def _remove_if_empty(folder: Path) -> None:
    with contextlib.suppress(OSError):
        folder.rmdir()


def indented_json(data: dict[str, Any]) -> str:
    """Strict JSON of which people can read the lines, with a newline at its end."""
    return json.dumps(data, indent=1, allow_nan=False) + "\n"
