"""Tables of points as delimited text, with any common delimiter, and with or without a header."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ..errors import AnnotationError
from .parsing import finite_float, parse_number, whole_number

_SEP = re.compile(r"\Asep=[^\r\n]*", re.IGNORECASE)
_DELIMITERS = "\t;,"
_NAME_COLUMNS = ("name", "label")


@dataclass(frozen=True)
class Table:
    """A parsed table.

    Attributes
    ----------
    lines : tuple of (int, list of str)
        Number in the file, and cells, of each line below the header.
    columns : dict of str to int
        Index of each column by its name.
    decimal_comma : bool
        Whether a comma in a number is a decimal point.
    """

    lines: tuple[tuple[int, list[str]], ...]
    columns: dict[str, int]
    decimal_comma: bool

    def rows(self) -> Iterator[Row]:
        """Iterate over the lines below the header."""
        return (Row(self, line, cells) for line, cells in self.lines)

    def present(self, columns: Sequence[str]) -> tuple[str, ...]:
        """Those of some columns that the table has."""
        return tuple(column for column in columns if column in self.columns)


class Row(NamedTuple):
    """One line of a table."""

    table: Table
    line: int
    cells: list[str]

    def text(self, column: str) -> str:
        """Text in a column; "" where the line or the table does not have the column."""
        index = self.table.columns.get(column, len(self.cells))
        return self.cells[index] if index < len(self.cells) else ""

    def number(self, column: str) -> float:
        """Number in a column."""
        text = self._number_text(column)
        number = finite_float(text)
        # To say where a number is takes longer than to parse it.
        return parse_number(text, f"{self.where()}: {column}") if number is None else number

    def numbers(self, columns: Sequence[str]) -> tuple[float, ...]:
        """Numbers in some columns."""
        return tuple(self.number(column) for column in columns)

    def integer(self, column: str) -> int:
        """Whole number in a column."""
        return whole_number(self.number(column), f"{self.where()}: {column}")

    def flag(self, column: str) -> bool:
        """Whether a column is 1, and not 0 or empty."""
        text = self.text(column)
        if text not in ("", "0", "1"):
            raise AnnotationError(f'{self.where()}: {column} is "{text}", but 0 or 1 was expected.')
        return text == "1"

    def is_point(self) -> bool:
        """Whether x and y are numbers."""
        return all(finite_float(self._number_text(column)) is not None for column in "xy")

    def where(self) -> str:
        """Name of the line in messages."""
        return f'Line {self.line} ("{self.text("name")}")'

    def _number_text(self, column: str) -> str:
        text = self.text(column)
        if self.table.decimal_comma and "." not in text:
            return text.replace(",", ".", 1)
        return text


def parse_table(text: str) -> Table:
    """Parse a table with the delimiter that gives the most points.

    Raises
    ------
    AnnotationError
        No line has a name and two numbers, and none is a header with x and y.
    """
    # A first line such as "sep=;", which is for spreadsheets, does not belong to the table.
    text = _SEP.sub("", text)
    tables: list[Table] = []
    broken: AnnotationError | None = None
    for delimiter in filter(text.__contains__, _DELIMITERS):
        try:
            table = _split(text, delimiter)
        except AnnotationError as error:
            broken = broken or error
            continue
        if table:
            tables.append(table)
    if len(tables) == 1:  # to count points takes as long as to read them
        return tables[0]
    if tables:
        return max(tables, key=lambda table: sum(map(Row.is_point, table.rows())))
    raise broken or AnnotationError(
        "The text is not a table of points: a name, x, and y were expected on each line, with a "
        "comma, semicolon, or tab between them."
    )


def _split(text: str, delimiter: str) -> Table | None:
    """Parse a table with one delimiter; None if it then has neither a header nor a point."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    lines = []
    try:
        start = 1
        for cells in reader:
            if any(map(str.strip, cells)):
                lines.append((start, cells))
            start = reader.line_num + 1
    except csv.Error as error:
        raise AnnotationError(
            f"Line {start} is broken CSV ({error}): double the quotation marks within a name, and "
            "put others only around whole names."
        ) from None
    if not lines:
        return None
    header = [cell.strip().casefold() for cell in lines[0][1]]
    decimal_comma = delimiter != ","
    if "x" in header and "y" in header:
        columns = {name: index for index, name in reversed(list(enumerate(header)))}
        name = next((name for name in _NAME_COLUMNS if name in columns), None)
        if name:
            columns["name"] = columns[name]
        return Table(tuple(lines[1:]), columns, decimal_comma)
    table = Table(tuple(lines), {"name": 0, "x": 1, "y": 2}, decimal_comma)
    if not any(map(Row.is_point, table.rows())):
        return None
    if len(header) > 2 and all(header[1:3]) and not any(map(_is_value, header[1:3])):
        return Table(tuple(lines[1:]), table.columns, decimal_comma)
    return table


def _is_value(text: str) -> bool:
    return text in ("nan", "inf", "-inf") or any(letter.isdigit() for letter in text)
