"""The YAML that cameras are written in: names, numbers, and lists of them.

That is what OpenCV's ``FileStorage``, ROS, and PyYAML write. Anchors, several documents and texts
over several lines are not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ...errors import CameraError
from .values import Fields, shown

_KEY = re.compile(r"(\"[^\"]*\"|'[^']*'|[^\s\"'\[\]{},#&*!|>%@`-][^:#\[\]{}]*?)\s*:(?=\s|$)")
_TAG = re.compile(r"!\S*\s*")
_TOKEN = re.compile(r"[\[\],]|[^\[\],]+")
_MAX_DEPTH = 20


@dataclass(frozen=True)
class _Line:
    number: int
    indent: int
    text: str


class _Lines:
    """Lines to be read, one after the other."""

    def __init__(self, text: str) -> None:
        self._lines = list(_split(text))
        self._next = 0

    @property
    def current(self) -> _Line | None:
        """The line to be read next."""
        return self._lines[self._next] if self._next < len(self._lines) else None

    def take(self) -> _Line:
        """Read the line."""
        self._next += 1
        return self._lines[self._next - 1]

    def replace(self, indent: int, text: str) -> None:
        """Put the rest of a line in its place."""
        line = self._lines[self._next]
        self._lines[self._next] = _Line(line.number, indent, text)


def parse_yaml(text: str) -> Fields:
    """The named values of a text.

    Raises
    ------
    CameraError
        The text is no YAML, or one that this cannot read.
    """
    lines = _Lines(text)
    if lines.current is None:
        raise CameraError("The file is empty: choose the file of a camera.")
    data = _block(lines, 0)
    if lines.current is not None:
        raise _broken(lines.current)
    if not isinstance(data, dict):
        raise CameraError(
            f"The file holds {shown(data)}, expected named values: choose the file of a camera."
        )
    return data


def _split(text: str) -> Iterator[_Line]:
    for number, line in enumerate(text.splitlines(), 1):
        content = re.sub(r"(^|\s)#.*", "", line).rstrip()
        stripped = content.lstrip(" ")
        if stripped and not content.startswith(("%YAML", "---", "...")):
            yield _Line(number, len(content) - len(stripped), stripped)


def _block(lines: _Lines, depth: int) -> Any:
    """The value that starts at the current line: a mapping, a list, or what stands there."""
    line = lines.current
    if line is None:
        return None
    if depth > _MAX_DEPTH:
        raise _broken(line)
    if line.text == "-" or line.text.startswith("- "):
        return _list(lines, line.indent, depth)
    if _KEY.match(line.text):
        return _mapping(lines, line.indent, depth)
    return _inline(lines, lines.take().text)


def _mapping(lines: _Lines, indent: int, depth: int) -> dict[str, Any]:
    values: dict[str, Any] = {}
    while (line := lines.current) is not None and line.indent == indent:
        key = _KEY.match(line.text)
        if key is None:
            break
        rest = _TAG.sub("", line.text[key.end() :].strip(), count=1)
        lines.take()
        name = key[1].strip("\"'")
        values[name] = _inline(lines, rest) if rest else _below(lines, indent, depth)
    return values


def _below(lines: _Lines, indent: int, depth: int) -> Any:
    """The block under a name: deeper, or a list at the name's own depth."""
    line = lines.current
    if line is not None and (
        line.indent > indent or (line.indent == indent and line.text.startswith("-"))
    ):
        return _block(lines, depth + 1)
    return None


def _list(lines: _Lines, indent: int, depth: int) -> list[Any]:
    values = []
    while (line := lines.current) is not None and line.indent == indent:
        if line.text != "-" and not line.text.startswith("- "):
            break
        rest = line.text[1:].lstrip()
        if rest:
            lines.replace(indent + len(line.text) - len(rest), rest)
        else:
            lines.take()
        values.append(_block(lines, depth + 1))
    return values


def _inline(lines: _Lines, text: str) -> Any:
    """A value on a line; a list in brackets may go on over the next ones."""
    if not text.startswith("["):
        return _scalar(text)
    while text.count("[") > text.count("]") and lines.current is not None:
        text += " " + lines.take().text
    outer: list[Any] = []
    stack = [outer]
    for token in _TOKEN.findall(text):
        if token == "[":
            stack[-1].append([])
            stack.append(stack[-1][-1])
        elif token == "]" and len(stack) > 1:
            stack.pop()
        elif token != "," and token.strip():
            stack[-1].append(_scalar(token.strip()))
    if len(stack) > 1 or len(outer) != 1:
        raise CameraError(
            f"The list {shown(text)} has brackets that do not match: write the file again."
        )
    return outer[0]


def _scalar(text: str) -> Any:
    if text[:1] in {'"', "'"}:
        return text.strip(text[0])
    for kind in (int, float):
        try:
            return kind(text.replace(".Inf", "inf").replace(".Nan", "nan").replace(".NaN", "nan"))
        except ValueError:
            continue
    return text


def _broken(line: _Line) -> CameraError:
    return CameraError(
        f"The file cannot be read at line {line.number} ({shown(line.text)}): write it again as "
        "OpenCV's YAML or JSON."
    )
