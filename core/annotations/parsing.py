"""Checked values from parsed files, with errors that say where in the file a value was."""

from __future__ import annotations

import json
import math
from typing import Any, TypeVar

from ..depth.image import DepthKind
from ..errors import AnnotationError
from ..support.aspect import Size
from ..support.json_text import parse_json
from .picks import Rows, Vector

T = TypeVar("T")

_TYPE_NAMES = {dict: "an object", list: "a list", str: "text", bool: "true or false"}


def load_json(text: str) -> dict[str, Any]:
    """Parse a JSON text that holds an object.

    Raises
    ------
    AnnotationError
        The text is not JSON, or its outermost value is not an object.
    """
    data = parse_json(text, AnnotationError)
    return checked_type(data, dict, "The JSON's outermost value")


def checked_type(value: Any, expected: type[T], what: str) -> T:
    """Return a value that must be of a type.

    Raises
    ------
    AnnotationError
        It is of another type.
    """
    if not isinstance(value, expected):
        raise AnnotationError(
            f"{what} is {excerpt(value)}, but {_TYPE_NAMES[expected]} was expected."
        )
    return value


def required_value(owner: dict[str, Any], key: str, expected: type[T], where: str) -> T:
    """Value of a key that an object must have, of the type that it must have.

    Raises
    ------
    AnnotationError
        There is no such key, or its value is of another type.
    """
    if key not in owner:
        raise AnnotationError(
            f'{where} has no "{key}", where {_TYPE_NAMES[expected]} was expected.'
        )
    return checked_type(owner[key], expected, f'{where}\'s "{key}"')


def optional_text(owner: dict[str, Any], key: str, where: str) -> str:
    """Text of a key that may be missing or null, and then is "".

    Raises
    ------
    AnnotationError
        It is not text.
    """
    return "" if owner.get(key) is None else required_value(owner, key, str, where)


def finite_number(value: Any, what: str) -> float:
    """Return a finite number as float.

    Raises
    ------
    AnnotationError
        It is not a number, or not finite.
    """
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if math.isfinite(number):
            return number
    raise AnnotationError(f"{what} is {excerpt(value)}, but a finite number was expected.")


def parse_number(text: str, what: str) -> float:
    """Parse a number as files write it, which excludes some notations that Python accepts.

    Raises
    ------
    AnnotationError
        It is not a finite number.
    """
    number = finite_float(text)
    if number is None:
        raise AnnotationError(f'{what} is "{text.strip()[:40]}", but a finite number was expected.')
    return number


def finite_float(text: str) -> float | None:
    """Parse a number like `parse_number`; None if it is not a finite number."""
    text = text.strip()
    try:
        number = float(text)
    except ValueError:
        return None
    # Python also accepts 1_000, and the digits of every script.
    is_plain = text.isascii() and "_" not in text
    return number if is_plain and math.isfinite(number) else None


def whole_number(value: Any, what: str) -> int:
    """Return a whole number as int; some tools write it with a decimal point.

    Raises
    ------
    AnnotationError
        It is not a whole number, or does not fit into the 32 bits that Blender has for it.
    """
    number = finite_number(value, what)
    if abs(number) >= 2**31:
        raise AnnotationError(
            f"{what} is {excerpt(value)}, but a whole number between -2147483647 and 2147483647 "
            "was expected."
        )
    if number != int(number):
        raise AnnotationError(f"{what} is {excerpt(value)}, but a whole number was expected.")
    return int(number)


def optional_size(owner: dict[str, Any], width: str, height: str, where: str) -> Size | None:
    """Size of an image by the keys of its width and height; None if one is missing or null.

    Raises
    ------
    AnnotationError
        One is not a positive whole number.
    """
    if owner.get(width) is None or owner.get(height) is None:
        return None
    size = (
        whole_number(owner[width], f'{where}\'s "{width}"'),
        whole_number(owner[height], f'{where}\'s "{height}"'),
    )
    return checked_size(size, f"{where} is")


def checked_size(size: Size, subject: str) -> Size:
    """Return the size of an image that must have pixels.

    Parameters
    ----------
    subject : str
        Beginning of the message, such as "Image 1 is".

    Raises
    ------
    AnnotationError
        Its width or height is less than one pixel.
    """
    if min(size) < 1:
        raise AnnotationError(
            f"{subject} {size[0]} x {size[1]} pixels, but at least one pixel each was expected."
        )
    return size


def depth_kind(value: Any, what: str) -> DepthKind:
    """Return the kind of depth that has that name.

    Raises
    ------
    AnnotationError
        There is no such kind.
    """
    try:
        return DepthKind(value)
    except ValueError:
        raise AnnotationError(
            f'{what}: the kind of depth is {excerpt(value)}, but "planar" or "ray" was expected.'
        ) from None


def square_matrix(value: Any, size: int, what: str) -> Rows:
    """Return a square matrix that must be of that size.

    Raises
    ------
    AnnotationError
        It is not a list of that many rows of that many finite numbers.
    """
    return tuple(_numbers(row, size, what) for row in _list(value, size, what))


def vector(value: Any, what: str) -> Vector:
    """Return a list that must be three numbers.

    Raises
    ------
    AnnotationError
        They are not three finite numbers.
    """
    x, y, z = _numbers(value, 3, what)
    return x, y, z


def pair(value: Any, what: str) -> tuple[float, float]:
    """Return a list that must be two numbers.

    Raises
    ------
    AnnotationError
        They are not two finite numbers.
    """
    x, y = _numbers(value, 2, what)
    return x, y


def _list(value: Any, size: int, what: str) -> list[Any]:
    if not isinstance(value, list) or len(value) != size:
        raise AnnotationError(f"{what} is {excerpt(value)}, but a list of {size} was expected.")
    return value


def _numbers(value: Any, size: int, what: str) -> tuple[float, ...]:
    return tuple(finite_number(one, what) for one in _list(value, size, what))


def excerpt(value: Any) -> str:
    """Show a value in a message, in at most 40 characters."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 40 else f"{text[:37]}..."
