"""The errors that the core raises.

Every message says what was found, what was expected, and what to do about it.
"""

from __future__ import annotations


class DepthError(Exception):
    """Base of everything the core raises on bad input; its text is meant for the user."""


class FileError(DepthError):
    """A file is missing, truncated, too large, of an unsupported kind, or cannot be written."""


class LayerError(DepthError):
    """The file holds no depth, or not the layer or view that was asked for."""


class CameraError(DepthError):
    """A camera cannot be described by one of the camera models, or is given wrong numbers."""


class SizeError(DepthError):
    """The image and the camera, or two images, do not have matching sizes."""


class AnnotationError(DepthError):
    """A file of annotated points cannot be read, written, or does not fit the render."""


class ExportError(DepthError):
    """Geometry or a camera is not one that the chosen format can hold."""
