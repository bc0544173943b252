"""Files of annotations and picks to points: which format a file has is found by its content."""

from __future__ import annotations

import codecs
from pathlib import Path
from typing import Any

from ..errors import AnnotationError
from .annotation import AnnotatedImage
from .coco import is_coco, read_coco
from .cvat import read_cvat
from .labelme import is_labelme, read_labelme
from .native_json import holds_picks, is_own, read_own, read_own_picks
from .parsing import load_json
from .picks import PickFile
from .table import read_table, read_table_picks

_KNOWN = "CSV, COCO keypoints, LabelMe, CVAT for images 1.1 and this extension's JSON"
_JSON = (
    (is_own, read_own),
    (is_coco, read_coco),
    (is_labelme, read_labelme),
)
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_HEAD = 1024
"""Bytes that tell a text from another file, before all of what may be a large file is read."""


def read_annotations(path: str | Path) -> tuple[AnnotatedImage, ...]:
    """Points of every image in a CSV, JSON, COCO, LabelMe or CVAT file.

    Points with bad data are left out and named in the ``problems`` of their image, or, where
    they have none, of a last image without points. Images about which the file says nothing at
    all are left out.

    Raises
    ------
    AnnotationError
        The file cannot be read, is of no known format, is broken, or holds no points at all.
    """
    text = _text(path)
    try:
        images = _parse(text)
    except AnnotationError as error:
        raise AnnotationError(f"{path}: {error}") from None
    spoken_of = tuple(one for one in images if one.annotations or one.problems)
    if not spoken_of:
        raise AnnotationError(
            f"{path}: The file holds no points: annotate some and export it again."
        )
    return spoken_of


def read_picks(path: str | Path) -> PickFile | None:
    """Picks with all that was written of them, from this product's own CSV or JSON.

    Those with bad data are left out and named. A file of another kind, or one of this product's
    without places in 3D, gives None: it holds annotations.

    Raises
    ------
    AnnotationError
        The file cannot be read, or is broken as a whole.
    """
    text = _text(path)
    try:
        if not text.lstrip().startswith("{"):
            return None if text.lstrip()[:1] in ("<", "[") else read_table_picks(text)
        data = load_json(text)
        return read_own_picks(data) if is_own(data) and holds_picks(data) else None
    except AnnotationError as error:
        raise AnnotationError(f"{path}: {error}") from None


def _parse(text: str) -> tuple[AnnotatedImage, ...]:
    start = text.lstrip()[:1]
    if start == "<":
        return read_cvat(text.lstrip())
    if start and start in "{[":
        return _parse_json(load_json(text))
    return read_table(text)


def _parse_json(data: dict[str, Any]) -> tuple[AnnotatedImage, ...]:
    for is_format, read in _JSON:
        if is_format(data):
            return read(data)
    keys = ", ".join(f'"{key}"' for key in list(data)[:5]) or "nothing"
    raise AnnotationError(
        f"The JSON holds {keys}, which is no known format: the known ones are {_KNOWN}."
    )


def _text(path: str | Path) -> str:
    try:
        with open(path, "rb") as file:
            head = file.read(_HEAD)
            encoding = "utf-16" if head.startswith(_UTF16) else "utf-8-sig"
            if encoding != "utf-16" and b"\0" in head:
                raise AnnotationError(
                    f"{path}: The file is not a text: the known formats are {_KNOWN}."
                )
            return (head + file.read()).decode(encoding)
    except OSError as error:
        raise AnnotationError(
            f"{path}: The file cannot be read ({error.strerror}): choose one that can."
        ) from None
    except UnicodeDecodeError as error:
        raise AnnotationError(
            f"{path}: The file is no valid text at byte {error.start}: save it as UTF-8 text."
        ) from None
