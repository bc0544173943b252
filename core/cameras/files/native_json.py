"""Cameras that this product exported as JSON: every lens, without loss."""

from __future__ import annotations

from ..serialization import camera_from_data
from .described_camera import DescribedCamera
from .values import Fields


def is_native(data: Fields) -> bool:
    """Whether a JSON is an exported camera, or the data of one alone."""
    return str(data.get("format", "")).startswith("reconstruct-from-depth") or {
        "version",
        "lens",
        "matrix",
    } <= set(data)


def read_native(data: Fields) -> tuple[DescribedCamera, ...]:
    """The camera, equal to the last bit.

    Raises
    ------
    CameraError
        The data is of another version, incomplete, or holds values that no camera has.
    """
    if "lens" in data:
        return (DescribedCamera(camera_from_data(data)),)
    described = data.get("camera")
    fields = described if isinstance(described, dict) else {}
    camera = camera_from_data(fields.get("lens"))
    return (
        DescribedCamera(
            camera, image=str(data.get("file_name", "")), name=str(fields.get("name", ""))
        ),
    )
