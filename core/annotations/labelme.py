"""LabelMe's JSON, one file for each image: shapes of the type ``point``.

Its coordinates are continuous, from the image's upper left corner, like this product's: the canvas
draws the image at (0, 0) and stores the cursor's position on it unrounded, from 0 to the full width
and height. Source: https://github.com/wkentaro/labelme, ``labelme/widgets/canvas.py`` and issue
278.
"""

from __future__ import annotations

from typing import Any

from ..errors import AnnotationError
from .annotation import AnnotatedImage, Annotation
from .image_collector import ImageCollector, not_a_point, numbered_name
from .parsing import (
    checked_type,
    finite_number,
    optional_size,
    optional_text,
    required_value,
)


def is_labelme(data: dict[str, Any]) -> bool:
    """Whether the object in a JSON file looks like LabelMe's."""
    return "shapes" in data and ("imagePath" in data or "imageHeight" in data)


def read_labelme(data: dict[str, Any]) -> tuple[AnnotatedImage, ...]:
    """Read the points of the only image in a LabelMe file.

    Raises
    ------
    AnnotationError
        The description of the image is broken.
    """
    file = "The LabelMe file"
    size = optional_size(data, "imageWidth", "imageHeight", file)
    image = ImageCollector(size, optional_text(data, "imagePath", file))
    for number, shape in enumerate(required_value(data, "shapes", list, file), 1):
        try:
            _add_shape(image, shape, f"Shape {number}")
        except AnnotationError as error:
            image.problems.append(str(error))
    return (image.collected(),)


def _add_shape(image: ImageCollector, shape: Any, where: str) -> None:
    shape = checked_type(shape, dict, where)
    label = optional_text(shape, "label", where)
    # Before version 3, files had no shape types, and all shapes were polygons.
    kind = optional_text(shape, "shape_type", where) or "polygon"
    if kind not in ("point", "points"):
        image.problems.append(not_a_point(where, label, kind.replace("_", " ")))
        return
    points = required_value(shape, "points", list, where)
    for number, point in enumerate(points):
        what = f'{where} ("{label}")'
        if len(checked_type(point, list, f"{what}'s point")) != 2:
            raise AnnotationError(
                f"{what} has {len(point)} coordinates, but x and y were expected."
            )
        x, y = (
            finite_number(one, f"{what}'s {axis}") for one, axis in zip(point, "xy", strict=True)
        )
        image.annotations.append(Annotation(numbered_name(label, number, len(points)), x, y))
