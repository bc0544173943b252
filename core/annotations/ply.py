"""Picks as binary PLY, one vertex each.

PLY holds no text, so names and cameras stand in the header's comments, as JSON in ASCII:
``comment name <vertex> "<name>"`` and ``comment image <index> {…}`` with what this product's JSON
says of an image; what is long takes several such lines, to be joined. To the index of an image
the vertices' property ``image`` points. ``ray_depth`` is 1 where ``depth`` is the distance along
the ray, 0 where it is planar. Source of the format:
http://paulbourke.net/dataformats/ply/
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

import numpy as np

from ..depth.image import DepthKind
from ..support.ply_comments import comment_lines
from ..support.srgb import srgb_bytes
from .native_json import image_data, shots_of
from .picks import PickRecord

_TYPES = {"<f8": "double", "<i4": "int", "u1": "uchar"}
_PROPERTIES = (
    *((name, "<f8") for name in ("x", "y", "z", "pixel_x", "pixel_y", "depth")),
    *((name, "<f8") for name in ("camera_x", "camera_y", "camera_z", "footprint", "precision")),
    *((name, "u1") for name in ("edge", "hidden", "ray_depth")),
    ("image", "<i4"),
)
_COLOR = (("red", "u1"), ("green", "u1"), ("blue", "u1"))


def ply_bytes(records: Sequence[PickRecord]) -> bytes:
    """Picks as binary little-endian PLY; with colors where each pick has one."""
    shots, indices = shots_of(records)
    colors = [record.color for record in records if record.color]
    is_colored = len(colors) == len(records)
    properties = (*_PROPERTIES, *_COLOR) if is_colored else _PROPERTIES
    vertices = np.zeros(len(records), np.dtype(list(properties)))
    for index, record in enumerate(records):
        values = (
            *(*record.world, record.x, record.y, record.depth, *record.camera_space),
            *(record.footprint, record.precision, record.edge, record.hidden),
            *(record.depth_kind is DepthKind.RAY, indices[index]),
        )
        color = srgb_bytes(colors[index]) if is_colored else ()
        vertices[index] = (*values, *color)
    header = [
        "ply",
        "format binary_little_endian 1.0",
        *chain(
            *(comment_lines(f"image {index}", image_data(one)) for index, one in enumerate(shots))
        ),
        *chain(*(comment_lines(f"name {index}", one.name) for index, one in enumerate(records))),
        f"element vertex {len(records)}",
        *(f"property {_TYPES[kind]} {name}" for name, kind in properties),
        "end_header",
        "",
    ]
    return "\n".join(header).encode("ascii") + vertices.tobytes()
