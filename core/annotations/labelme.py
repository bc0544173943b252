"""LabelMe's JSON, one image a file: shapes of the type ``point``.

Its coordinates are continuous, from the image's upper left corner, and so as this product's: the
canvas draws the image at (0, 0) and keeps the cursor's place on it unrounded, from 0 to the full
width and height. Source: https://github.com/wkentaro/labelme, ``labelme/widgets/canvas.py`` and
issue 278.
"""

from __future__ import annotations

from typing import Any

from ..errors import AnnotationError
from .annotation import AnnotatedImage, Annotation
from .parsing import Collector, checked, finite, member, not_a_point, numbered, size_of, text_of


def is_labelme(data: dict[str, Any]) -> bool:
    """Whether an object looks like a LabelMe file."""
    return "shapes" in data and ("imagePath" in data or "imageHeight" in data)


def read_labelme(data: dict[str, Any]) -> tuple[AnnotatedImage, ...]:
    """Points of a LabelMe file's only image.

    Raises
    ------
    AnnotationError
        What describes the image is broken.
    """
    file = "The LabelMe file"
    size = size_of(data, "imageWidth", "imageHeight", file)
    found = Collector(size, text_of(data, "imagePath", file))
    for number, shape in enumerate(member(data, "shapes", list, file), 1):
        try:
            _add_shape(found, shape, f"Shape {number}")
        except AnnotationError as error:
            found.problems.append(str(error))
    return (found.image(),)


def _add_shape(found: Collector, shape: Any, where: str) -> None:
    shape = checked(shape, dict, where)
    label = text_of(shape, "label", where)
    # Files of before version 3 give no type, and all of their shapes are polygons.
    kind = text_of(shape, "shape_type", where) or "polygon"
    if kind not in ("point", "points"):
        found.problems.append(not_a_point(where, label, kind.replace("_", " ")))
        return
    points = member(shape, "points", list, where)
    for number, point in enumerate(points):
        what = f'{where} ("{label}")'
        if len(checked(point, list, f"{what}'s point")) != 2:
            raise AnnotationError(
                f"{what} has {len(point)} coordinates, but x and y were expected."
            )
        x, y = (finite(one, f"{what}'s {axis}") for one, axis in zip(point, "xy", strict=True))
        found.annotations.append(Annotation(numbered(label, number, len(points)), x, y))
