"""CSV: a line for each point, with a comma, semicolon, or tab between name, x, and y.

No standard says what coordinates in a CSV file mean. They are read as this product writes them:
continuous, from the image's upper left corner. This product writes further columns, and reads
those that a file has. It writes commas between columns, and every digit of a number.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from typing import Any

from ..errors import AnnotationError
from ..support.aspect import Size
from .annotation import AnnotatedImage, Annotation, Color
from .delimited import Row, parse_table
from .image_collector import ImageCollector
from .parsing import checked_size, depth_kind, load_json
from .picks import PickFile, PickRecord, Rows

_WORLD = ("world_x", "world_y", "world_z")
_CAMERA = ("camera_x", "camera_y", "camera_z")
_COLOR = ("color_r", "color_g", "color_b")
_IMAGE = ("image", "image_width", "image_height", "frame", "layer", "view", "camera")
_K = tuple(f"k{row}{column}" for row in "123" for column in "123")
_MATRIX = tuple(f"camera_to_world{row}{column}" for row in "1234" for column in "1234")
COLUMNS = (
    *("name", "x", "y", "depth", "depth_kind", *_WORLD, *_CAMERA, "footprint", "precision"),
    *("edge", *_COLOR, "hidden", *_IMAGE),
    *(*_K, *_MATRIX, "lens"),
)
"""The columns of exported picks; ``lens`` is JSON."""

_PICKS_COLUMN = "camera_to_world11"
"""The column by which a table of exported picks is recognized; no other program writes it."""


def read_csv(text: str) -> tuple[AnnotatedImage, ...]:
    """Read the points of a CSV text; lines of the same image columns are points of one image.

    Raises
    ------
    AnnotationError
        No line has a name and two numbers, and none is a header with x and y.
    """
    images: dict[tuple[str, ...], ImageCollector] = {}
    table = parse_table(text)
    image_columns = table.present(_IMAGE)
    for row in table.rows():
        key = tuple(map(row.text, image_columns))
        if key not in images:
            images[key] = ImageCollector(None, row.text("image"))
        image = images[key]
        try:
            image.size = image.size or _size(row)
            image.annotations.append(
                Annotation(
                    row.text("name"),
                    row.number("x"),
                    row.number("y"),
                    _color(row),
                    row.flag("hidden"),
                )
            )
        except AnnotationError as error:
            image.problems.append(str(error))
    return tuple(image.collected() for image in images.values())


def read_csv_picks(text: str) -> PickFile | None:
    """Read everything about the picks of a CSV text; None if no picks were exported to it.

    Raises
    ------
    AnnotationError
        It is not a table, or has only some of the columns of exported picks.
    """
    if _PICKS_COLUMN not in text.casefold():  # without parsing what is parsed again as points
        return None
    table = parse_table(text)
    if _PICKS_COLUMN not in table.columns:
        return None
    missing = [column for column in COLUMNS if column not in table.columns]
    if missing:
        raise AnnotationError(
            f'The CSV file has the column "{_PICKS_COLUMN}" but not "{missing[0]}": export the '
            "picks again, or leave only name, x, and y in it to have the points located again."
        )
    records, problems = [], []
    for row in table.rows():
        try:
            records.append(_record(row))
        except AnnotationError as error:
            problems.append(str(error))
    return PickFile(tuple(records), tuple(problems))


def csv_bytes(records: Sequence[PickRecord]) -> bytes:
    """Write picks as CSV."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream)
    writer.writerow(COLUMNS)
    writer.writerows(_cells(record) for record in records)
    # Paths may have bytes that are not UTF-8.
    return stream.getvalue().encode(errors="backslashreplace")


def _size(row: Row) -> Size | None:
    if not row.text("image_width") or not row.text("image_height"):
        return None
    size = row.integer("image_width"), row.integer("image_height")
    return checked_size(size, f"{row.where()}: the image is")


def _color(row: Row) -> Color | None:
    if not any(map(row.text, _COLOR)):
        return None
    red, green, blue = row.numbers(_COLOR)
    return red, green, blue


def _record(row: Row) -> PickRecord:
    world = row.numbers(_WORLD)
    camera_space = row.numbers(_CAMERA)
    size = _size(row)
    if size is None:
        raise AnnotationError(
            f"{row.where()} has no image_width and image_height: export the picks again."
        )
    has_intrinsics = any(map(row.text, _K))
    return PickRecord(
        name=row.text("name"),
        x=row.number("x"),
        y=row.number("y"),
        depth=row.number("depth"),
        depth_kind=depth_kind(row.text("depth_kind"), row.where()),
        world=(world[0], world[1], world[2]),
        camera_space=(camera_space[0], camera_space[1], camera_space[2]),
        footprint=row.number("footprint"),
        precision=row.number("precision"),
        edge=row.flag("edge"),
        image=row.text("image"),
        size=size,
        frame=row.integer("frame"),
        layer=row.text("layer"),
        view=row.text("view"),
        camera=row.text("camera"),
        intrinsics=_matrix(row.numbers(_K), 3) if has_intrinsics else None,
        camera_to_world=_matrix(row.numbers(_MATRIX), 4),
        lens=load_json(row.text("lens")),
        color=_color(row),
        hidden=row.flag("hidden"),
    )


def _cells(record: PickRecord) -> list[Any]:
    values = {
        "name": record.name,
        "x": record.x,
        "y": record.y,
        "depth": record.depth,
        "depth_kind": record.depth_kind.value,
        **dict(zip(_WORLD, record.world, strict=True)),
        **dict(zip(_CAMERA, record.camera_space, strict=True)),
        "footprint": record.footprint,
        "precision": record.precision,
        "edge": int(record.edge),
        **dict(zip(_COLOR, record.color or (), strict=bool(record.color))),
        "hidden": int(record.hidden),
        "image": record.image,
        "image_width": record.size[0],
        "image_height": record.size[1],
        "frame": record.frame,
        "layer": record.layer,
        "view": record.view,
        "camera": record.camera,
        **(dict(zip(_K, _flat(record.intrinsics), strict=True)) if record.intrinsics else {}),
        **dict(zip(_MATRIX, _flat(record.camera_to_world), strict=True)),
        "lens": json.dumps(record.lens, allow_nan=False),
    }
    return [values.get(column, "") for column in COLUMNS]


def _flat(rows: Rows) -> list[float]:
    return [value for row in rows for value in row]


def _matrix(values: Sequence[float], size: int) -> Rows:
    return tuple(tuple(values[start : start + size]) for start in range(0, size * size, size))
