"""Depth images to world points, in numpy: the part of the product that needs no Blender.

What scripts use most can be imported from here. Each name is looked up on first use, so that
Blender starts without loading numpy and OpenEXR for it.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .backprojection import PointCloud, Selection, backproject, thin
    from .camera import Camera, from_opencv_extrinsics
    from .depth import DepthImage, DepthKind, Window
    from .errors import DepthError
    from .exr import read_depth, read_info, read_layer
    from .intrinsics import Intrinsics, Orthographic, Perspective
    from .joins import Joining
    from .locating import Flag, Located, locate
    from .normals import normals_of
    from .surface import Surface, surface_of
    from .viewpoint import Viewpoint

_MODULES = {
    "Camera": "camera",
    "DepthError": "errors",
    "DepthImage": "depth",
    "DepthKind": "depth",
    "Flag": "locating",
    "Intrinsics": "intrinsics",
    "Joining": "joins",
    "Located": "locating",
    "Orthographic": "intrinsics",
    "Perspective": "intrinsics",
    "PointCloud": "backprojection",
    "Selection": "backprojection",
    "Surface": "surface",
    "Viewpoint": "viewpoint",
    "Window": "depth",
    "backproject": "backprojection",
    "from_opencv_extrinsics": "camera",
    "locate": "locating",
    "normals_of": "normals",
    "read_depth": "exr",
    "read_info": "exr",
    "read_layer": "exr",
    "surface_of": "surface",
    "thin": "backprojection",
}

__all__ = [
    "Camera",
    "DepthError",
    "DepthImage",
    "DepthKind",
    "Flag",
    "Intrinsics",
    "Joining",
    "Located",
    "Orthographic",
    "Perspective",
    "PointCloud",
    "Selection",
    "Surface",
    "Viewpoint",
    "Window",
    "backproject",
    "from_opencv_extrinsics",
    "locate",
    "normals_of",
    "read_depth",
    "read_info",
    "read_layer",
    "surface_of",
    "thin",
]


def __dir__() -> list[str]:
    return __all__


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f".{_MODULES[name]}", __name__), name)
