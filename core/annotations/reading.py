"""Files of annotations and picks to points: which format a file has is found by its content."""

from __future__ import annotations

from pathlib import Path

from .annotation import AnnotatedImage
from .picks import PickRecord


def read_annotations(path: str | Path) -> tuple[AnnotatedImage, ...]:
    """Points of every image in a CSV, JSON, COCO, LabelMe or CVAT file.

    Points with bad data are left out and named in the image's ``problems``.

    Raises
    ------
    AnnotationError
        The file cannot be read, is of no known format, is broken, or holds no points at all.
    """
    raise NotImplementedError


def read_picks(path: str | Path) -> tuple[PickRecord, ...]:
    """Picks with all that was written of them, from this product's own CSV or JSON.

    Raises
    ------
    AnnotationError
        The file cannot be read, was not written by :func:`write_picks`, or is broken.
    """
    raise NotImplementedError
