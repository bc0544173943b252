"""Reconstructed geometry, and the camera it was seen by, as files of other programs."""

from .cameras import CameraFormat, View, camera_files, moved, write_files
from .geometry import Geometry
from .writing import GeometryFormat, write_geometry, write_geometry_into

__all__ = [
    "CameraFormat",
    "Geometry",
    "GeometryFormat",
    "View",
    "camera_files",
    "moved",
    "write_files",
    "write_geometry",
    "write_geometry_into",
]
