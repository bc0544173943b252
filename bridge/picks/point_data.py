"""The text that a pick stores its numbers as; imports no numpy."""

from __future__ import annotations

import json

from ...core.geometry.located_point import LocatedPoint

Numbers = tuple[float, float, float, float, float, float, float, float]

_NO_POINT: Numbers = (0.0,) * 8
"""Numbers of a pick that has not been located."""


def parse_numbers(text: str) -> Numbers:
    """The eight numbers of a stored point; all 0 if it is empty."""
    return tuple(json.loads(text)) if text else _NO_POINT


def parse_point(text: str, edge: bool) -> LocatedPoint:
    """The point that a pick stores."""
    return LocatedPoint(*parse_numbers(text), edge)


def point_text(point: LocatedPoint) -> str:
    """A point as text, without loss; whether it lies at an edge is stored apart."""
    return json.dumps(point.numbers)
