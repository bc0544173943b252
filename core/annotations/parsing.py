"""Values out of parsed files, each checked, with errors that say where it was."""

from __future__ import annotations

import json
import math
import re
from typing import Any, TypeVar

from ..errors import AnnotationError
from ..support.aspect import Size
from .annotation import AnnotatedImage, Annotation
from .picks import Rows, Vector

T = TypeVar("T")

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)
_SURROGATE = re.compile(r"\\ud[89a-f]", re.IGNORECASE)
_KINDS = {dict: "an object", list: "a list", str: "a text", bool: "true or false"}


def load_json(text: str) -> dict[str, Any]:
    """The object that a JSON text holds.

    Raises
    ------
    AnnotationError
        The text is no JSON, or holds something else than an object.
    """
    try:
        data = json.loads(text)
        if _SURROGATE.search(text):
            # Half of a pair, which JSON can spell, is no text: this raises a ValueError.
            json.dumps(data, ensure_ascii=False).encode()
    except json.JSONDecodeError as error:
        raise AnnotationError(
            f"The JSON is broken at line {error.lineno}, column {error.colno} ({error.msg}): "
            "write the file again."
        ) from None
    except (ValueError, RecursionError) as error:
        raise AnnotationError(f"The JSON cannot be read ({error}): write the file again.") from None
    return checked(data, dict, "The JSON's outermost value")


def checked(value: Any, kind: type[T], what: str) -> T:
    """The value, if it is of that kind.

    Raises
    ------
    AnnotationError
        It is of another kind.
    """
    if not isinstance(value, kind):
        raise AnnotationError(f"{what} is {shown(value)}, but {_KINDS[kind]} was expected.")
    return value


def member(owner: dict[str, Any], key: str, kind: type[T], where: str) -> T:
    """The value of a key that must be there, of the kind it must have.

    Raises
    ------
    AnnotationError
        There is no such key, or its value is of another kind.
    """
    if key not in owner:
        raise AnnotationError(f'{where} has no "{key}", where {_KINDS[kind]} was expected.')
    return checked(owner[key], kind, f'{where}\'s "{key}"')


def finite(value: Any, what: str) -> float:
    """A number as float.

    Raises
    ------
    AnnotationError
        It is no number, or not a finite one.
    """
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if math.isfinite(number):
            return number
    raise AnnotationError(f"{what} is {shown(value)}, but a finite number was expected.")


def to_number(text: str, what: str) -> float:
    """A number as written in files, which is less than what Python takes for one.

    Raises
    ------
    AnnotationError
        It is no finite number.
    """
    text = text.strip()
    number = float(text) if _NUMBER.fullmatch(text) else math.nan
    if not math.isfinite(number):
        raise AnnotationError(f'{what} is "{text[:40]}", but a finite number was expected.')
    return number


def whole(value: Any, what: str) -> int:
    """A whole number as int; some tools write it with a decimal point.

    Raises
    ------
    AnnotationError
        It is no whole number, or does not fit into the 32 bits that Blender has for it.
    """
    number = finite(value, what)
    if abs(number) >= 2**31:
        raise AnnotationError(
            f"{what} is {shown(value)}, but a whole number between -2147483647 and 2147483647 was "
            "expected."
        )
    if number != int(number):
        raise AnnotationError(f"{what} is {shown(value)}, but a whole number was expected.")
    return int(number)


def size_of(owner: dict[str, Any], width: str, height: str, where: str) -> Size | None:
    """An image's size by the keys of its width and height; None where one is missing or null.

    Raises
    ------
    AnnotationError
        One is no positive whole number.
    """
    if owner.get(width) is None or owner.get(height) is None:
        return None
    size = (
        whole(owner[width], f'{where}\'s "{width}"'),
        whole(owner[height], f'{where}\'s "{height}"'),
    )
    if min(size) < 1:
        raise AnnotationError(
            f"{where} is {size[0]} x {size[1]} pixels, but at least one pixel each was expected."
        )
    return size


def rows(value: Any, size: int, what: str) -> Rows:
    """A square matrix of that size.

    Raises
    ------
    AnnotationError
        It is no such matrix.
    """
    return tuple(_numbers(row, size, what) for row in _list(value, size, what))


def vector(value: Any, what: str) -> Vector:
    """Three numbers.

    Raises
    ------
    AnnotationError
        They are not three finite numbers.
    """
    x, y, z = _numbers(value, 3, what)
    return x, y, z


def pair(value: Any, what: str) -> tuple[float, float]:
    """Two numbers.

    Raises
    ------
    AnnotationError
        They are not two finite numbers.
    """
    x, y = _numbers(value, 2, what)
    return x, y


def _list(value: Any, size: int, what: str) -> list[Any]:
    if not isinstance(value, list) or len(value) != size:
        raise AnnotationError(f"{what} is {shown(value)}, but a list of {size} was expected.")
    return value


def _numbers(value: Any, size: int, what: str) -> tuple[float, ...]:
    return tuple(finite(one, what) for one in _list(value, size, what))


def text_of(owner: dict[str, Any], key: str, where: str) -> str:
    """A text that may be missing or null: "" then.

    Raises
    ------
    AnnotationError
        It is something else than a text.
    """
    return "" if owner.get(key) is None else member(owner, key, str, where)


def shown(value: Any) -> str:
    """A value for a message, shortened."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 40 else f"{text[:37]}..."


def numbered(name: str, number: int, count: int) -> str:
    """Name of one of ``count`` points that share a name, counted from 0."""
    return name if count == 1 else f"{name} {number + 1}".lstrip()


def not_a_point(where: str, name: str, shape: str) -> str:
    """The problem of a shape that is not a point."""
    article = "an" if shape.startswith(("a", "e", "i", "o", "u")) else "a"
    return f'{where}: "{name}" is {article} {shape}, but only points are taken.'


class Collector:
    """Gathers the points of one image, good and bad."""

    def __init__(self, size: Size | None = None, file_name: str = "") -> None:
        self.size = size
        self.file_name = file_name
        self.annotations: list[Annotation] = []
        self.problems: list[str] = []
        self.notes: list[str] = []

    def image(self) -> AnnotatedImage:
        """What was gathered."""
        return AnnotatedImage(
            self.size,
            self.file_name,
            tuple(self.annotations),
            tuple(self.problems),
            tuple(self.notes),
        )


def occluded_note(count: int) -> str:
    """The note on points that other things hide in the annotated image."""
    points = "1 point is" if count == 1 else f"{count} points are"
    return f"{points} marked as hidden by something else, on whose surface the 3D point will be."
