"""Picks as binary PLY, a vertex for each.

PLY elements hold no text, so names and cameras are in the header's comments, as JSON in ASCII:
``comment name <vertex> "<name>"``, and ``comment image <index> {…}`` with what native JSON says
about an image. Long ones continue on further lines, see :mod:`core.support.ply`. The vertices'
property ``image`` is the index of an image. ``ray_depth`` is 1 where ``depth`` is the distance
along the ray, 0 where it is planar.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

import numpy as np

from ..depth.image import DepthKind
from ..support.ply import comment_lines, header_bytes
from ..support.srgb import srgb_bytes
from .native_json import distinct_shots, image_data
from .picks import PickRecord

_PROPERTIES = (
    *((name, "f8") for name in ("x", "y", "z", "pixel_x", "pixel_y", "depth")),
    *((name, "f8") for name in ("camera_x", "camera_y", "camera_z", "footprint", "precision")),
    *((name, "u1") for name in ("edge", "hidden", "ray_depth")),
    ("image", "i4"),
)
_COLOR = (("red", "u1"), ("green", "u1"), ("blue", "u1"))


def ply_bytes(records: Sequence[PickRecord]) -> bytes:
    """Write picks as binary little-endian PLY, with colors if every pick has one."""
    shots, indices = distinct_shots(records)
    colors = [record.color for record in records if record.color]
    is_colored = len(colors) == len(records)
    properties = (*_PROPERTIES, *_COLOR) if is_colored else _PROPERTIES
    row = np.dtype([(name, f"<{kind}") for name, kind in properties])
    vertices = np.zeros(len(records), row)
    for index, record in enumerate(records):
        values = (
            *(*record.world, record.x, record.y, record.depth, *record.camera_space),
            *(record.footprint, record.precision, record.edge, record.hidden),
            *(record.depth_kind is DepthKind.RAY, indices[index]),
        )
        color = srgb_bytes(colors[index]) if is_colored else ()
        vertices[index] = (*values, *color)
    comments = chain(
        *(comment_lines(f"image {index}", image_data(one)) for index, one in enumerate(shots)),
        *(comment_lines(f"name {index}", one.name) for index, one in enumerate(records)),
    )
    return header_bytes(comments, len(records), properties) + vertices.tobytes()
