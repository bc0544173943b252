"""The formats of exported geometry and cameras.

To add a format, add a member here, write the function that it names as its writer, and name it in
the label of the menu entry (panels/menus.py). Operators and the file browser take everything else
from these tables.
"""

from __future__ import annotations

import enum

from ..support.export_format import ExportFormat


class GeometryFormat(enum.Enum):
    """Formats that geometry is written in.

    A writer takes an open binary file and a :class:`~core.export.geometry.Geometry`.
    """

    PLY = ExportFormat(
        "PLY",
        ".ply",
        "Points or surface with color, normals, and all attributes, for CloudCompare, MeshLab, "
        "Open3D, and others",
        "export.ply.write_ply",
    )
    NPZ = ExportFormat(
        "NumPy",
        ".npz",
        "Points or surface as numpy arrays, without any loss",
        "export.npz.write_npz",
    )
    XYZ = ExportFormat(
        "Text",
        ".xyz",
        "A line for each point: x, y, z, and the color from 0 to 255",
        "export.xyz.write_xyz",
    )


class CameraFormat(enum.Enum):
    """Formats that a camera is written in, beside the geometry that it saw.

    A writer takes a :class:`~core.export.cameras.CameraRecord` and returns the text of the file,
    or, for a format that is a folder, the text of each file in it by the file's name.
    """

    JSON = ExportFormat(
        "JSON",
        "_camera.json",
        "Native JSON: a camera of any kind, with all of its parameters",
        "export.camera_json.json_text",
    )
    OPENCV = ExportFormat(
        "OpenCV",
        "_opencv.json",
        "K, distortion, R, and t as JSON; perspective or fisheye",
        "export.camera_opencv.opencv_text",
    )
    COLMAP = ExportFormat(
        "COLMAP",
        "_colmap",
        "A folder with cameras.txt and images.txt; perspective or fisheye",
        "export.camera_colmap.colmap_texts",
    )
    NERF = ExportFormat(
        "NeRF",
        "_transforms.json",
        "transforms.json, for nerfstudio and instant-ngp; perspective or fisheye",
        "export.camera_nerf.nerf_text",
    )
