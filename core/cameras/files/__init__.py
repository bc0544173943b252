"""Cameras from files: this product's own, and those of OpenCV, COLMAP, and NeRF programs."""

from .image_camera import ImageCamera, choose_camera
from .reading import parse_cameras, read_camera, read_cameras

__all__ = ["ImageCamera", "choose_camera", "parse_cameras", "read_camera", "read_cameras"]
