"""Annotated points in and out of files: other tools' annotations in, located picks out.

Points are continuous image coordinates (x right, y down) from the image's upper left corner, with
the center of pixel (column c, row r) at (c + 0.5, r + 0.5). Each format's own convention is
converted by its reader and writer, and is said in its module.
"""

from .annotation import AnnotatedImage, Annotation, choose_image
from .picks import Format, PickFile, PickRecord
from .reading import read_annotations, read_picks
from .writing import write_picks

__all__ = [
    "AnnotatedImage",
    "Annotation",
    "Format",
    "PickFile",
    "PickRecord",
    "choose_image",
    "read_annotations",
    "read_picks",
    "write_picks",
]
