"""A camera as lines of Python, to be pasted into a script."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from ..errors import CameraError
from .camera import Array, Camera, opencv_extrinsics
from .intrinsics import IntrinsicsLens, Orthographic


def numpy_text(camera: Camera, title: str) -> str:
    """Lines that make the camera's K, size and pose as numpy arrays, to the last bit.

    Parameters
    ----------
    camera : Camera
    title : str
        What the first line says that this is.

    Raises
    ------
    CameraError
        The lens is a panorama or another one that no K describes.
    """
    lens = camera.lens
    if not isinstance(lens, IntrinsicsLens):
        raise CameraError(
            f"The lens is {type(lens).__name__}, which no K describes: copy it as JSON, which "
            "holds every lens."
        )
    pose = opencv_extrinsics(camera.matrix)
    unit = "pixels per unit" if isinstance(lens, Orthographic) else "pixels"
    return "\n".join(
        (
            f"# {' '.join(title.split())}",
            "import numpy as np",
            "",
            f"width, height = {lens.width}, {lens.height}",
            f"# In {unit}; the center of the first pixel is (0.5, 0.5), for OpenCV subtract 0.5.",
            f"K = {_array(lens.intrinsics.matrix)}",
            "# Blender's camera axes: X right, Y up, Z backward.",
            f"camera_to_world = {_array(camera.matrix)}",
            "# OpenCV's camera axes: X right, Y down, Z forward.",
            f"R = {_array(pose[:, :3])}",
            f"t = np.array({_row(pose[:, 3])})",
            "",
        )
    )


def _array(matrix: Array) -> str:
    rows = ",\n    ".join(_row(row) for row in matrix)
    return f"np.array([\n    {rows},\n])"


def _row(values: Iterable[float]) -> str:
    # 0.0 is added to make -0.0, which says nothing here, 0.0.
    return "[" + ", ".join(repr(float(np.float64(value) + 0.0)) for value in values) + "]"
