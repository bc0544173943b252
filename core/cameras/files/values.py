"""Numbers out of parsed files of cameras, each checked, with errors that say what was found."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from ...errors import CameraError
from ...support.json_text import parse_json
from ..camera import Array

Fields = Mapping[str, Any]


def load_json(text: str) -> Fields:
    """The object that a JSON text holds.

    Raises
    ------
    CameraError
        The text is no JSON, or holds something else than an object.
    """
    data = parse_json(text, CameraError)
    if not isinstance(data, dict):
        raise CameraError(
            f"The JSON holds {shown(data)}, expected an object of named values: choose the file of "
            "a camera."
        )
    return data


def number(value: object, name: str) -> float:
    """A finite number."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        try:
            result = float(value)
        except OverflowError:  # a whole number of more digits than a float has room for
            result = math.inf
        if math.isfinite(result):
            return result
    raise CameraError(f"{name} is {shown(value)}, expected a finite number: correct the file.")


def whole(value: object, name: str) -> int:
    """A whole number, which some programs write with a decimal point."""
    result = number(value, name)
    if result != round(result):
        raise CameraError(f"{name} is {shown(value)}, expected a whole number: correct the file.")
    return round(result)


def array(value: object, name: str) -> Array:
    """Finite numbers, from lists or from ``rows``, ``cols`` and ``data`` as OpenCV writes them."""
    shape = None
    if isinstance(value, Mapping):
        shape = (
            whole(value.get("rows"), f"{name}'s rows"),
            whole(value.get("cols"), f"{name}'s cols"),
        )
        value = value.get("data")
    try:
        numbers = np.array(value, np.float64)
        if not np.isfinite(numbers).all():
            raise ValueError
        return numbers if shape is None else numbers.reshape(shape)
    except (TypeError, ValueError, OverflowError):
        expected = "finite numbers" if shape is None else "{} x {} finite numbers".format(*shape)
        raise CameraError(
            f"{name} is {shown(value)}, expected {expected}: correct the file."
        ) from None


def shown(value: object) -> str:
    """A value for an error, cut where it is long."""
    text = "missing" if value is None else json.dumps(value, default=str, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:57]}..."
