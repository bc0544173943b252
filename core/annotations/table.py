"""CSV: a line a point, with a comma, semicolon or tab between name, x and y.

No document says what coordinates a CSV file has: they are taken as this product writes them,
continuous from the image's upper left corner. Further columns are the product's own, and are read
where they are there. Its files have a comma between columns and each number in full.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ..aspect import Size
from ..errors import AnnotationError
from .annotation import AnnotatedImage, Annotation, Color
from .own import depth_kind
from .parsing import Collector, load_json, to_number, whole
from .picks import PickFile, PickRecord, Rows

_SEP = re.compile(r"\Asep=[^\r\n]*", re.IGNORECASE)
_DELIMITERS = "\t;,"
_NAMES = ("name", "label")

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
"""The columns that are written, of which ``lens`` is JSON."""

_OWN_COLUMN = "camera_to_world11"
"""A column that no other program's table has."""


@dataclass(frozen=True)
class _Table:
    """Lines of a CSV file, each with its number, and the index of each column by its name."""

    lines: tuple[tuple[int, list[str]], ...]
    columns: dict[str, int]
    decimal_comma: bool

    def rows(self) -> Iterator[_Row]:
        """The lines below the header."""
        return (_Row(self, line, cells) for line, cells in self.lines)


@dataclass(frozen=True)
class _Row:
    """One line of a table."""

    table: _Table
    line: int
    cells: list[str]

    def text(self, column: str) -> str:
        """What stands in a column; "" where the line or the table lacks it."""
        index = self.table.columns.get(column, len(self.cells))
        return self.cells[index] if index < len(self.cells) else ""

    def number(self, column: str) -> float:
        """The number in a column."""
        text = self.text(column)
        if self.table.decimal_comma and "." not in text:
            text = text.replace(",", ".", 1)
        return to_number(text, f"{self.where()}: {column}")

    def numbers(self, columns: Sequence[str]) -> tuple[float, ...]:
        """The numbers in some columns."""
        return tuple(self.number(column) for column in columns)

    def integer(self, column: str) -> int:
        """The whole number in a column."""
        return whole(self.number(column), f"{self.where()}: {column}")

    def flag(self, column: str) -> bool:
        """Whether a column says 1; an empty one does not."""
        text = self.text(column)
        if text not in ("", "0", "1"):
            raise AnnotationError(f'{self.where()}: {column} is "{text}", but 0 or 1 was expected.')
        return text == "1"

    def where(self) -> str:
        """What to call the line in messages."""
        return f'Line {self.line} ("{self.text("name")}")'


def read_table(text: str) -> tuple[AnnotatedImage, ...]:
    """Points of a CSV text, one image for each different one that its lines name.

    Raises
    ------
    AnnotationError
        No line has a name and two numbers, and none is a header with x and y.
    """
    images: dict[tuple[str, ...], Collector] = {}
    for row in _parse(text).rows():
        key = tuple(map(row.text, _IMAGE))
        found = images.setdefault(key, Collector(None, row.text("image")))
        try:
            found.size = _size(row)
            found.annotations.append(
                Annotation(
                    row.text("name"),
                    row.number("x"),
                    row.number("y"),
                    _color(row),
                    row.flag("hidden"),
                )
            )
        except AnnotationError as error:
            found.problems.append(str(error))
    return tuple(found.image() for found in images.values())


def read_table_picks(text: str) -> PickFile | None:
    """All of the picks of a CSV text; None if it has no column of this product's own.

    Raises
    ------
    AnnotationError
        It is no table, or has only some of this product's columns.
    """
    table = _parse(text)
    if _OWN_COLUMN not in table.columns:
        return None
    missing = [column for column in COLUMNS if column not in table.columns]
    if missing:
        raise AnnotationError(
            f'The CSV file has the column "{_OWN_COLUMN}" but not "{missing[0]}": export the '
            "picks again, or leave only name, x and y to have the points located anew."
        )
    records, problems = [], []
    for row in table.rows():
        try:
            records.append(_record(row))
        except AnnotationError as error:
            problems.append(str(error))
    return PickFile(tuple(records), tuple(problems))


def table_bytes(records: Sequence[PickRecord]) -> bytes:
    """Picks as CSV."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream)
    writer.writerow(COLUMNS)
    writer.writerows(_cells(record) for record in records)
    # Paths may hold bytes that are no text.
    return stream.getvalue().encode(errors="backslashreplace")


def _parse(text: str) -> _Table:
    """The table by the delimiter that gives the most points."""
    # A line such as "sep=;", which tells spreadsheets the delimiter, is no part of the table.
    text = _SEP.sub("", text)
    best: _Table | None = None
    points = 0
    broken: AnnotationError | None = None
    for delimiter in _DELIMITERS:
        try:
            table = _split(text, delimiter)
        except AnnotationError as error:
            broken = broken or error
            continue
        count = sum(map(_is_point, table.rows())) if table else 0
        if table and (best is None or count > points):
            best, points = table, count
    if best:
        return best
    raise broken or AnnotationError(
        "The text is no table of points: a name, x and y were expected on each line, with a comma, "
        "semicolon or tab between them."
    )


def _split(text: str, delimiter: str) -> _Table | None:
    """The table by that delimiter, or None if it has neither a header nor a point."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    lines = []
    try:
        start = 1
        for cells in reader:
            if any(cell.strip() for cell in cells):
                lines.append((start, cells))
            start = reader.line_num + 1
    except csv.Error as error:
        raise AnnotationError(
            f"Line {start} is broken CSV ({error}): write quotation marks within a name twice, and "
            "others around whole names."
        ) from None
    if not lines:
        return None
    header = [cell.strip().casefold() for cell in lines[0][1]]
    decimal_comma = delimiter != ","
    if "x" in header and "y" in header:
        columns = {name: index for index, name in reversed(list(enumerate(header)))}
        name = next((name for name in _NAMES if name in columns), None)
        if name:
            columns["name"] = columns[name]
        return _Table(tuple(lines[1:]), columns, decimal_comma)
    table = _Table(tuple(lines), {"name": 0, "x": 1, "y": 2}, decimal_comma)
    if not any(map(_is_point, table.rows())):
        return None
    if len(header) > 2 and all(header[1:3]) and not any(map(_is_value, header[1:3])):
        return _Table(tuple(lines[1:]), table.columns, decimal_comma)
    return table


def _is_value(text: str) -> bool:
    return text in ("nan", "inf", "-inf") or any(letter.isdigit() for letter in text)


def _is_point(row: _Row) -> bool:
    try:
        row.numbers(("x", "y"))
    except AnnotationError:
        return False
    return True


def _size(row: _Row) -> Size | None:
    if not row.text("image_width") or not row.text("image_height"):
        return None
    size = row.integer("image_width"), row.integer("image_height")
    if min(size) < 1:
        raise AnnotationError(
            f"{row.where()}: the image is {size[0]} x {size[1]} pixels, but at least one pixel "
            "each was expected."
        )
    return size


def _color(row: _Row) -> Color | None:
    if not any(row.text(column) for column in _COLOR):
        return None
    red, green, blue = row.numbers(_COLOR)
    return red, green, blue


def _record(row: _Row) -> PickRecord:
    world = row.numbers(_WORLD)
    camera_space = row.numbers(_CAMERA)
    size = _size(row)
    if size is None:
        raise AnnotationError(
            f"{row.where()} has no image_width and image_height: export the picks again."
        )
    has_intrinsics = any(row.text(column) for column in _K)
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
