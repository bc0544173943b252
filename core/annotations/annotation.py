"""What is read from a file of annotations, and how it is made to fit a render."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..errors import AnnotationError
from ..support.aspect import Size, same_aspect

Color = tuple[float, float, float]
"""Red, green and blue, linear, as Blender's color properties keep them."""


@dataclass(frozen=True)
class Annotation:
    """One annotated point.

    Attributes
    ----------
    name : str
        As in the file; "" where it gives none. Names may repeat.
    x, y : float
        Continuous image coordinates of the annotated image, in pixels.
    color : tuple of float, or None
        Only files of this product carry it.
    hidden : bool
        Whether the user had hidden the pick; only files of this product carry it.
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
        One sentence for each point that is left out, with the reason.
    notes : tuple of str
        Sentences on points that are kept, such as that they were scaled.
    """

    size: Size | None
    file_name: str
    annotations: tuple[Annotation, ...]
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def fit_to(self, size: Size) -> AnnotatedImage:
        """The same points on an image of ``size`` (width, height) of the same aspect.

        A note is added where they were scaled. An image whose size is unknown is taken as it is.

        Raises
        ------
        AnnotationError
            The aspects differ by more than the rounding of a size to whole pixels.
        """
        if self.size is None or self.size == size:
            return replace(self, size=size)
        if not same_aspect(self.size, size):
            raise AnnotationError(
                f"The points were annotated on an image of {_text(self.size)} pixels, which has "
                f"another aspect than the render's {_text(size)}: choose the annotations of this "
                "render, or render at the aspect of that image."
            )
        (old_width, old_height), (width, height) = self.size, size
        scaled = tuple(
            replace(one, x=one.x * width / old_width, y=one.y * height / old_height)
            for one in self.annotations
        )
        note = f"Points were scaled from {_text(self.size)} to {_text(size)} pixels."
        return replace(self, size=size, annotations=scaled, notes=(*self.notes, note))

    def inside(self, size: Size) -> AnnotatedImage:
        """Only the points on an image of ``size``, edges included; the others become problems."""
        width, height = size
        within = [0 <= one.x <= width and 0 <= one.y <= height for one in self.annotations]
        kept = tuple(one for one, is_in in zip(self.annotations, within, strict=True) if is_in)
        outside = tuple(
            f'Point "{one.name}" at ({one.x:g}, {one.y:g}) lies outside the image of '
            f"{_text(size)} pixels."
            for one, is_in in zip(self.annotations, within, strict=True)
            if not is_in
        )
        return replace(self, annotations=kept, problems=(*self.problems, *outside))


def choose_image(images: Sequence[AnnotatedImage], file_name: str) -> AnnotatedImage:
    """The image of a file of annotations that belongs to the picture ``file_name``.

    That is the only one, else the one of the same name, else the one whose name differs only by
    its extension. Problems that belong to no image are added to it.

    Raises
    ------
    AnnotationError
        There are points for several images and none, or more than one, has that name.
    """
    strays = [one for one in images if not one.annotations and not one.file_name]
    problems = tuple(problem for one in strays for problem in one.problems)
    candidates = [one for one in images if one not in strays]
    if not candidates:
        return AnnotatedImage(None, "", (), problems)
    matches = candidates
    for part in (_base_name, _stem):
        if len(matches) == 1:
            break
        matches = [one for one in candidates if part(one.file_name) == part(file_name)]
    if len(matches) != 1:
        names = ", ".join(f'"{one.file_name}"' for one in candidates[:3])
        more = f" and {len(candidates) - 3} more" if len(candidates) > 3 else ""
        raise AnnotationError(
            f"The file has points for {len(candidates)} images ({names}{more}), of which "
            f'{len(matches)} match "{_base_name(file_name)}": give the picture or the file the '
            "name that the other has."
        )
    return replace(matches[0], problems=(*matches[0].problems, *problems))


def _text(size: Size) -> str:
    return f"{size[0]} x {size[1]}"


def _base_name(file_name: str) -> str:
    """Last part of a path of any system."""
    # pathlib takes Blender's "//folder/image.png" for a network's share without a file.
    return re.split(r"[\\/]", file_name)[-1]


def _stem(file_name: str) -> str:
    return os.path.splitext(_base_name(file_name))[0]
