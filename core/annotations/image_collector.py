"""The points of one image while its file is read, and sentences that readers have in common."""

from __future__ import annotations

from ..support.aspect import Size
from .annotation import AnnotatedImage, Annotation


class ImageCollector:
    """Collects the points of one image, and the problems of those that cannot be read."""

    def __init__(self, size: Size | None = None, file_name: str = "") -> None:
        self.size = size
        self.file_name = file_name
        self.annotations: list[Annotation] = []
        self.problems: list[str] = []
        self.notes: list[str] = []

    def collected(self) -> AnnotatedImage:
        """Return the image with all that was collected."""
        return AnnotatedImage(
            self.size,
            self.file_name,
            tuple(self.annotations),
            tuple(self.problems),
            tuple(self.notes),
        )


def numbered_name(name: str, number: int, count: int) -> str:
    """Name of the point ``number``, counted from 0, of ``count`` points that share a name."""
    return name if count == 1 else f"{name} {number + 1}".lstrip()


def not_a_point(where: str, name: str, shape: str) -> str:
    """Say that a shape is left out because it is not a point."""
    article = "an" if shape.startswith(("a", "e", "i", "o", "u")) else "a"
    return f'{where}: "{name}" is {article} {shape}, but only points are imported.'


def occluded_note(count: int) -> str:
    """Say that some points are hidden by other things in the annotated image."""
    points = "1 point is" if count == 1 else f"{count} points are"
    return f"{points} marked as hidden by something else, on whose surface the 3D point will be."
