"""Depth images to world points in numpy, without Blender.

What scripts use most can be imported from here. Each name is looked up on first use, so that
Blender starts without loading numpy and OpenEXR for it.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .cameras.camera import Camera, from_opencv_extrinsics
    from .cameras.files.reading import read_camera, read_cameras
    from .cameras.intrinsics import Intrinsics, Orthographic, Perspective
    from .cameras.opencv import OpenCVFisheye, OpenCVPerspective
    from .cameras.viewpoint import Viewpoint
    from .depth.encoding import DepthEncoding, ValueKind
    from .depth.image import DepthImage, DepthKind, Window
    from .depth.thinning import thin
    from .errors import DepthError
    from .exr.reader import read_layer
    from .exr.regions import RegionKind
    from .files.reader import read_depth, read_info
    from .geometry.backprojection import PointCloud, Selection, backproject
    from .geometry.continuity import Continuity
    from .geometry.locating import Flag, Located, locate
    from .geometry.normals import normals_of
    from .geometry.surface import Surface, surface_of
    from .pipeline.file_camera import camera_of_file
    from .pipeline.options import Output, PointsFrom, ReconstructionOptions, Region
    from .pipeline.reconstruction import Reconstruction, reconstruct, reconstruct_file
    from .pipeline.source import source_from_file

_MODULES = {
    "Camera": "cameras.camera",
    "Continuity": "geometry.continuity",
    "DepthEncoding": "depth.encoding",
    "DepthError": "errors",
    "DepthImage": "depth.image",
    "DepthKind": "depth.image",
    "Flag": "geometry.locating",
    "Intrinsics": "cameras.intrinsics",
    "Located": "geometry.locating",
    "OpenCVFisheye": "cameras.opencv",
    "OpenCVPerspective": "cameras.opencv",
    "Orthographic": "cameras.intrinsics",
    "Output": "pipeline.options",
    "Perspective": "cameras.intrinsics",
    "PointCloud": "geometry.backprojection",
    "PointsFrom": "pipeline.options",
    "Reconstruction": "pipeline.reconstruction",
    "ReconstructionOptions": "pipeline.options",
    "Region": "pipeline.options",
    "RegionKind": "exr.regions",
    "Selection": "geometry.backprojection",
    "Surface": "geometry.surface",
    "ValueKind": "depth.encoding",
    "Viewpoint": "cameras.viewpoint",
    "Window": "depth.image",
    "backproject": "geometry.backprojection",
    "camera_of_file": "pipeline.file_camera",
    "from_opencv_extrinsics": "cameras.camera",
    "locate": "geometry.locating",
    "normals_of": "geometry.normals",
    "read_camera": "cameras.files.reading",
    "read_cameras": "cameras.files.reading",
    "read_depth": "files.reader",
    "read_info": "files.reader",
    "read_layer": "exr.reader",
    "reconstruct": "pipeline.reconstruction",
    "reconstruct_file": "pipeline.reconstruction",
    "source_from_file": "pipeline.source",
    "surface_of": "geometry.surface",
    "thin": "depth.thinning",
}

__all__ = [
    "Camera",
    "Continuity",
    "DepthEncoding",
    "DepthError",
    "DepthImage",
    "DepthKind",
    "Flag",
    "Intrinsics",
    "Located",
    "OpenCVFisheye",
    "OpenCVPerspective",
    "Orthographic",
    "Output",
    "Perspective",
    "PointCloud",
    "PointsFrom",
    "Reconstruction",
    "ReconstructionOptions",
    "Region",
    "RegionKind",
    "Selection",
    "Surface",
    "ValueKind",
    "Viewpoint",
    "Window",
    "backproject",
    "camera_of_file",
    "from_opencv_extrinsics",
    "locate",
    "normals_of",
    "read_camera",
    "read_cameras",
    "read_depth",
    "read_info",
    "read_layer",
    "reconstruct",
    "reconstruct_file",
    "source_from_file",
    "surface_of",
    "thin",
]


def __dir__() -> list[str]:
    return __all__


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f".{_MODULES[name]}", __name__), name)
