"""Picks to files."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path

from ..errors import AnnotationError
from ..support.replacing import replacing
from .coco import coco_bytes
from .native_json import own_bytes
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
        There is no pick, or a number is not finite.
    FileError
        The file cannot be written.
    """
    if not records:
        raise AnnotationError("There are no picks to export: pick some points first.")
    for record in records:
        if not all(map(math.isfinite, _numbers(record))):
            raise AnnotationError(
                f'Pick "{record.name}" has a number that is not finite: recompute or delete '
                "it before exporting."
            )
    content = _BYTES[format](records)
    with replacing(path) as half:
        half.write_bytes(content)


def _numbers(record: PickRecord) -> Iterator[float]:
    yield from (record.x, record.y, record.depth, record.footprint, record.precision)
    yield from (*record.world, *record.camera_space, *(record.color or ()))
    for row in (*record.camera_to_world, *(record.intrinsics or ())):
        yield from row
