"""Points from files of annotations and picks, whose format is recognized by their content.

To add a format of JSON, add how it is recognized and its reader to the table here.
"""

from __future__ import annotations

import codecs
import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..errors import AnnotationError
from ..support.messages import printable
from .annotation import AnnotatedImage
from .coco import is_coco, read_coco
from .csv_table import read_csv, read_csv_picks
from .cvat import read_cvat
from .labelme import is_labelme, read_labelme
from .native_json import (
    has_located_picks,
    is_native_json,
    read_native_json,
    read_native_json_picks,
)
from .parsing import load_json
from .picks import PickFile

_KNOWN_FORMATS = (
    "CSV, COCO keypoints, LabelMe, CVAT for images 1.1, and this extension's native JSON"
)
_JSON_READERS = (
    (is_native_json, read_native_json),
    (is_coco, read_coco),
    (is_labelme, read_labelme),
)
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_HEAD = 1024
"""Bytes in which a file that is not text is recognized, before all of a large one is read."""


def read_annotations(path: str | Path) -> tuple[AnnotatedImage, ...]:
    """Read the points of every image in a CSV, native JSON, COCO, LabelMe, or CVAT file.

    Points with bad data are left out, and named in the ``problems`` of their image or, if they
    have no image, of a last image without points. Images without points and problems are left out.

    Raises
    ------
    AnnotationError
        The file cannot be read, has no known format, is broken, or holds no points at all.
    """
    with _naming(path):
        images = tuple(one for one in _parse(_text(path)) if one.annotations or one.problems)
        if not images:
            raise AnnotationError("The file holds no points: annotate some and export it again.")
        return images


def read_picks(path: str | Path) -> PickFile | None:
    """Read picks and everything about them from a CSV or native JSON file that was exported.

    Picks with bad data are left out and named. The result is None if the file has another format,
    or no places in 3D: then it holds annotations.

    Raises
    ------
    AnnotationError
        The file cannot be read, or is broken as a whole.
    """
    with _naming(path):
        text = _text(path)
        if not text.lstrip().startswith("{"):
            return None if text.lstrip()[:1] in ("<", "[") else read_csv_picks(text)
        data = load_json(text)
        is_picks = is_native_json(data) and has_located_picks(data)
        return read_native_json_picks(data) if is_picks else None


@contextlib.contextmanager
def _naming(path: str | Path) -> Iterator[None]:
    """Begin errors with the path of the file."""
    try:
        yield
    except AnnotationError as error:
        raise AnnotationError(f"{printable(path)}: {error}") from None


def _parse(text: str) -> tuple[AnnotatedImage, ...]:
    start = text.lstrip()[:1]
    if start == "<":
        return read_cvat(text.lstrip())
    if start and start in "{[":
        return _parse_json(load_json(text))
    return read_csv(text)


def _parse_json(data: dict[str, Any]) -> tuple[AnnotatedImage, ...]:
    for is_format, read in _JSON_READERS:
        if is_format(data):
            return read(data)
    keys = ", ".join(f'"{key}"' for key in list(data)[:5]) or "nothing"
    raise AnnotationError(
        f"The JSON holds {keys}, which is not a known format: the known formats are "
        f"{_KNOWN_FORMATS}."
    )


def _text(path: str | Path) -> str:
    try:
        with open(path, "rb") as file:
            head = file.read(_HEAD)
            encoding = "utf-16" if head.startswith(_UTF16) else "utf-8-sig"
            if encoding != "utf-16" and b"\0" in head:
                raise AnnotationError(
                    f"The file is not text: the known formats are {_KNOWN_FORMATS}."
                )
            return (head + file.read()).decode(encoding)
    except OSError as error:
        raise AnnotationError(
            f"The file cannot be read ({error.strerror}): choose a file that can be read."
        ) from None
    except UnicodeDecodeError as error:
        raise AnnotationError(
            f"The file is not valid text at byte {error.start}: save it as UTF-8 text."
        ) from None
