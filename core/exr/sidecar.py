"""Shot metadata of a file: in its own header, or in a JSON file beside it (a sidecar).

A sidecar stands in where the header of a render has no room. It identifies its file by a checksum,
so that it is not taken for the metadata of a later render of the same name.
"""

from __future__ import annotations

import json
import os
import zlib

from ..errors import CameraError, FileError
from ..support.messages import printable
from ..support.opening import opened
from ..support.replacing import replacing
from .header import read_header
from .layers import FileInfo
from .shot_metadata import ShotMetadata

FORMAT = "reconstruct-from-depth shot"

_MAX_BYTES = 1 << 20
"""Far more than a sidecar has."""

_CHUNK_OFFSET_BYTES = 8


def sidecar_path(path: str | os.PathLike[str]) -> str:
    """Path of the sidecar of a file, such as ``render.exr.json``."""
    return f"{os.fspath(path)}.json"


def sidecar_text(metadata: ShotMetadata, path: str | os.PathLike[str]) -> str:
    """The text of the sidecar of an OpenEXR file that has been written.

    Raises
    ------
    FileError
        The file is missing, or not an OpenEXR file.
    """
    data = {
        "format": FORMAT,
        "file_checksum": file_checksum(path),
        "shot": metadata.to_data(),
    }
    return json.dumps(data, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def write_sidecar(metadata: ShotMetadata, path: str | os.PathLike[str]) -> None:
    """Write the sidecar of an OpenEXR file that has been written, in the place of an earlier one.

    Raises
    ------
    FileError
        The sidecar cannot be written, or another program's file has its name; or `path` is not an
        OpenEXR file.
    """
    beside = sidecar_path(path)
    if os.path.isfile(beside) and not _is_sidecar(beside):
        raise FileError(
            f"{printable(beside)} is another program's file, and {os.path.basename(path)} was not "
            "described: move that file, and render again."
        )
    text = sidecar_text(metadata, path)
    with replacing(beside) as temporary:
        temporary.write_text(text, encoding="utf-8")


def _is_sidecar(beside: str) -> bool:
    with opened(beside) as file:
        try:
            data = json.loads(file.read(_MAX_BYTES))
        except (ValueError, RecursionError):
            return False
    return isinstance(data, dict) and data.get("format") == FORMAT


def file_checksum(path: str | os.PathLike[str]) -> int:
    """CRC-32 of an OpenEXR file's headers and of its tables of chunk offsets.

    The headers hold the time of the render unless all of Blender's stamps are off; the tables hold
    the compressed size of each chunk.

    Raises
    ------
    FileError
        The file is missing, or not an OpenEXR file.
    """
    name = os.fspath(path)
    with opened(name) as file:
        header = read_header(file, name)
        offsets = sum(part.chunk_count for part in header.parts)
        file.seek(0)
        return zlib.crc32(file.read(header.tables_at + _CHUNK_OFFSET_BYTES * offsets))


def shot_metadata_of(info: FileInfo) -> ShotMetadata | None:
    """What a file says of how it was rendered, in its header or else in its sidecar.

    Returns
    -------
    ShotMetadata, optional
        None where neither says anything.

    Raises
    ------
    CameraError
        As of `ShotMetadata.from_attributes`; or the sidecar is damaged, or of another file.
    """
    in_header = ShotMetadata.from_attributes(info.attributes)
    return in_header if in_header is not None else _in_sidecar(info.path)


def _in_sidecar(path: str) -> ShotMetadata | None:
    beside = sidecar_path(path)
    name = os.path.basename(beside)
    try:
        with open(beside, "rb") as file:
            data = json.loads(file.read(_MAX_BYTES))
    except OSError:  # there is none
        return None
    except (ValueError, RecursionError):
        raise CameraError(
            f"{name} is not the JSON that belongs to the render: render it again, remove that "
            "file, or choose the camera."
        ) from None
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        return None  # of another program
    if data.get("file_checksum") != file_checksum(path):
        raise CameraError(
            f"{name} belongs to another file than {os.path.basename(path)}, which was written "
            "later or by another program: remove it, or choose the camera."
        )
    return ShotMetadata.from_data(data.get("shot"))
