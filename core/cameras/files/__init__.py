"""Cameras from files: this product's own, and those of OpenCV, COLMAP, and NeRF programs."""

from .described_camera import DescribedCamera, choose_camera
from .reading import parse_cameras, read_camera, read_cameras

__all__ = ["DescribedCamera", "choose_camera", "parse_cameras", "read_camera", "read_cameras"]
