"""Annotated points of an image as a file has them, and how they are fitted to a render."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..errors import AnnotationError
from ..support.aspect import Size, same_aspect

Color = tuple[float, float, float]
"""Red, green, and blue, linear, as in Blender's color properties."""


@dataclass(frozen=True)
class Annotation:
    """One annotated point.

    Attributes
    ----------
    name : str
        As in the file; "" where it has none. Several points may have the same name.
    x, y : float
        Continuous image coordinates of the annotated image, in pixels.
    color : tuple of float, or None
        Only files that this product wrote have it.
    hidden : bool
        Whether the user had hidden the pick; only files that this product wrote have it.
    """

    name: str
    x: float
    y: float
    color: Color | None = None
    hidden: bool = False


@dataclass(frozen=True)
class AnnotatedImage:
    """The annotated points of one image.

    Attributes
    ----------
    size : tuple of int, or None
        Width and height of the annotated image; None where the file does not say.
    file_name : str
        Name or path of the image as in the file; "" where it does not say.
    annotations : tuple of Annotation
        The points that could be read, in the order of the file.
    problems : tuple of str
        For each point that is left out, a sentence that says why.
    notes : tuple of str
        Sentences about the points that were read, such as that they were scaled.
    """

    size: Size | None
    file_name: str
    annotations: tuple[Annotation, ...]
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def fit_to(self, size: Size) -> AnnotatedImage:
        """Scale the points to an image of ``size`` (width, height) that has the same aspect.

        If that changes them, a note says so. An image whose size is unknown is assumed to have
        that size.

        Raises
        ------
        AnnotationError
            The aspects differ by more than the rounding of a size to whole pixels.
        """
        if self.size is None or self.size == size:
            return replace(self, size=size)
        if not same_aspect(self.size, size):
            raise AnnotationError(
                f"The points were annotated on an image of {_size_text(self.size)} pixels, whose "
                f"aspect differs from the render's {_size_text(size)}: choose the annotations of "
                "this render, or render at the aspect of that image."
            )
        (old_width, old_height), (width, height) = self.size, size
        scaled = tuple(
            replace(one, x=one.x * width / old_width, y=one.y * height / old_height)
            for one in self.annotations
        )
        note = f"Points were scaled from {_size_text(self.size)} to {_size_text(size)} pixels."
        return replace(self, size=size, annotations=scaled, notes=(*self.notes, note))

    def inside(self, size: Size) -> AnnotatedImage:
        """Leave out the points outside an image of ``size``; points on its border are inside."""
        width, height = size
        is_inside = [0 <= one.x <= width and 0 <= one.y <= height for one in self.annotations]
        pairs = list(zip(self.annotations, is_inside, strict=True))
        problems = tuple(
            f'Point "{one.name}" at ({one.x:g}, {one.y:g}) lies outside the image of '
            f"{_size_text(size)} pixels."
            for one, inside in pairs
            if not inside
        )
        return replace(
            self,
            annotations=tuple(one for one, inside in pairs if inside),
            problems=(*self.problems, *problems),
        )


def choose_image(images: Sequence[AnnotatedImage], file_name: str) -> AnnotatedImage:
    """Choose the image in a file of annotations that is the picture ``file_name``.

    If there are several, it is the one of the same name, or else the one whose name differs only
    in its extension. Problems that belong to no image are added to it.

    Raises
    ------
    AnnotationError
        There are points for several images, and none or more than one has that name.
    """
    nameless = [one for one in images if not one.annotations and not one.file_name]
    problems = tuple(problem for one in nameless for problem in one.problems)
    candidates = [one for one in images if one not in nameless]
    if not candidates:
        return AnnotatedImage(None, "", (), problems)
    matches = candidates
    for part_of in (_base_name, _stem):
        if len(matches) == 1:
            break
        matches = [one for one in candidates if part_of(one.file_name) == part_of(file_name)]
    if len(matches) != 1:
        names = ", ".join(f'"{one.file_name}"' for one in candidates[:3])
        more = f" and {len(candidates) - 3} more" if len(candidates) > 3 else ""
        raise AnnotationError(
            f"The file has points for {len(candidates)} images ({names}{more}), of which "
            f'{len(matches)} match "{_base_name(file_name)}": rename the picture, or the image in '
            "the file, so that both have the same name."
        )
    return replace(matches[0], problems=(*matches[0].problems, *problems))


def _size_text(size: Size) -> str:
    return f"{size[0]} x {size[1]}"


def _base_name(file_name: str) -> str:
    """Last component of a path, of whichever operating system."""
    # pathlib reads Blender's "//folder/image.png" as a network share without a file.
    return re.split(r"[\\/]", file_name)[-1]


def _stem(file_name: str) -> str:
    return os.path.splitext(_base_name(file_name))[0]
