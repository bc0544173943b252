"""Picks to files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from .picks import Format, PickRecord


def write_picks(path: str | Path, records: Sequence[PickRecord], format: Format) -> None:  # noqa: A002
    """Write picks, in their order, to a file, which is replaced only once it is complete.

    Raises
    ------
    AnnotationError
        There is no pick, a number is not finite, or the file cannot be written.
    """
    raise NotImplementedError
