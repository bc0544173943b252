"""One depth image: its values, which of them are valid, and what they measure."""

from __future__ import annotations

import enum


class DepthKind(enum.Enum):
    """What a depth value measures."""

    PLANAR = "planar"
    """Distance along the camera's -Z axis."""

    RAY = "ray"
    """Euclidean distance along the ray."""
