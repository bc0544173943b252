"""Picks to files."""

from __future__ import annotations

import contextlib
import math
import os
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path

from ..errors import AnnotationError
from .coco import coco_bytes
from .own import own_bytes
from .picks import Format, PickRecord
from .ply import ply_bytes
from .table import table_bytes

_BYTES = {
    Format.CSV: table_bytes,
    Format.JSON: own_bytes,
    Format.COCO: coco_bytes,
    Format.PLY: ply_bytes,
}


def write_picks(path: str | Path, records: Sequence[PickRecord], format: Format) -> None:  # noqa: A002
    """Write picks, in their order, to a file, which is replaced only once it is complete.

    Raises
    ------
    AnnotationError
        There is no pick, a number is not finite, or the file cannot be written.
    """
    if not records:
        raise AnnotationError("There are no picks to export: pick some points first.")
    for record in records:
        if not all(map(math.isfinite, _numbers(record))):
            raise AnnotationError(
                f'Pick "{record.name}" has a number that is not finite: recompute or delete '
                "it before exporting."
            )
    _replace(Path(path), _BYTES[format](records))


def _numbers(record: PickRecord) -> Iterator[float]:
    yield from (record.x, record.y, record.depth, record.footprint, record.precision)
    yield from (*record.world, *record.camera_space, *(record.color or ()))
    for row in (*record.camera_to_world, *(record.intrinsics or ())):
        yield from row


def _replace(path: Path, content: bytes) -> None:
    """Put a whole file in the place of an old one, which stays as it is if that fails."""
    # Through links, so that a link stays one.
    target = Path(os.path.realpath(path))
    half = target.with_name(f".{uuid.uuid4().hex}.tmp")
    try:
        half.write_bytes(content)
        os.replace(half, target)
    except OSError as error:
        raise AnnotationError(
            f"{path}: The file cannot be written ({error.strerror}): choose a folder that can be "
            "written to, and a name that is no folder's."
        ) from None
    finally:
        with contextlib.suppress(OSError):
            half.unlink()
