"""Located picks to files."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path

from ..errors import AnnotationError
from ..support.replacing import replacing
from .formats import PickFormat
from .picks import PickRecord


def write_picks(path: str | Path, records: Sequence[PickRecord], file_format: PickFormat) -> None:
    """Write picks, in their order, to a file, which replaces an older one only once it is complete.

    Raises
    ------
    AnnotationError
        There are no picks, or a number is not finite.
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
    content = file_format.value.load_writer()(records)
    with replacing(path) as temporary:
        temporary.write_bytes(content)


def _numbers(record: PickRecord) -> Iterator[float]:
    yield from (record.x, record.y, record.depth, record.footprint, record.precision)
    yield from (*record.world, *record.camera_space, *(record.color or ()))
    for row in (*record.camera_to_world, *(record.intrinsics or ())):
        yield from row
