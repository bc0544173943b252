"""Geometry as binary PLY, in the words that other programs look for.

``red``, ``green``, ``blue`` (and ``alpha``) are bytes in sRGB; ``nx``, ``ny``, ``nz`` the normal;
``s``, ``t`` the texture's coordinates. Any other attribute is called ``scalar_<name>``, by which
CloudCompare knows a scalar field; of several numbers each has its own, called
``scalar_<name>_x``, ``_y``, ``_z`` or ``_r``, ``_g``, ``_b``, ``_a``. MeshLab reads no scalar but
``quality``, which therefore repeats the depth. Where there are quads and triangles, all become
triangles, as trimesh takes all faces to have as many corners as the first. What ids stand for is
said by comments, ``comment names scalar_<name> {"<id>": "<name>", …}``; what is long takes several,
to be joined. Source of the format: http://paulbourke.net/dataformats/ply/

Blender's own exporter writes point clouds without a point, whole numbers as floats that round them,
and normals of its own making in the place of ours.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np

from ..support.ply_comments import comment_lines
from ..support.srgb import srgb_bytes
from .geometry import BLOCK, Array, Geometry, unique_names

_TYPES = {
    "i1": "char",
    "u1": "uchar",
    "i2": "short",
    "u2": "ushort",
    "i4": "int",
    "u4": "uint",
    "f4": "float",
    "f8": "double",
}
_AS_TYPE = {"b1": "u1", "f2": "f4", "i8": "f8", "u8": "f8"}
"""Types that PLY does not have, and those that hold the same numbers (integers up to 2^53)."""


@dataclass(frozen=True)
class _Group:
    """Properties of one array, in the words of the header."""

    names: tuple[str, ...]
    type: str
    values: Array
    convert: Callable[[Array], Array] | None = None


def write_ply(file: BinaryIO, geometry: Geometry) -> None:
    """Write geometry as binary little-endian PLY."""
    groups, faces = list(_groups(geometry)), _faces(geometry)
    file.write("\n".join(_header(geometry, groups, len(faces))).encode("ascii"))
    # Fields of one array each, so that they are filled by few copies.
    row = np.dtype([(group.names[0], f"<{group.type}", (len(group.names),)) for group in groups])
    for start in range(0, len(geometry.points), BLOCK):
        part = slice(start, start + BLOCK)
        block = np.empty(len(geometry.points[part]), row)
        for group in groups:
            values = group.values[part]
            if group.convert is not None:
                values = group.convert(values)
            block[group.names[0]] = values.reshape(len(block), -1)
        file.write(block.tobytes())
    corners = faces.shape[1]
    face = np.dtype([("count", "u1"), ("indices", "<i4", (corners,))])
    for start in range(0, len(faces), BLOCK):
        indices = faces[start : start + BLOCK]
        block = np.empty(len(indices), face)
        block["count"], block["indices"] = corners, indices
        file.write(block.tobytes())


def _faces(geometry: Geometry) -> Array:
    if not len(geometry.triangles):
        return geometry.quads
    halves = geometry.quads[:, [[0, 1, 2], [0, 2, 3]]].reshape(-1, 3)
    return np.concatenate([halves, geometry.triangles])


def _header(geometry: Geometry, groups: list[_Group], faces: int) -> Iterator[str]:
    yield from ("ply", "format binary_little_endian 1.0")
    words = _words(geometry)
    for name, table in geometry.names.items():
        yield from comment_lines(f"names scalar_{words[name]}", dict(table))
    yield f"element vertex {len(geometry.points)}"
    for group in groups:
        for name in group.names:
            yield f"property {_TYPES[group.type]} {name}"
    if faces:
        yield from (f"element face {faces}", "property list uchar int vertex_indices")
    yield from ("end_header", "")


def _groups(geometry: Geometry) -> Iterator[_Group]:
    """What a vertex has; first the place, as some readers take that for granted."""
    yield _Group(("x", "y", "z"), "f4", geometry.points)
    if geometry.normals is not None:
        yield _Group(("nx", "ny", "nz"), "f4", geometry.normals)
    if geometry.colors is not None:
        names = ("red", "green", "blue", "alpha")[: geometry.colors.shape[1]]
        yield _Group(names, "u1", geometry.colors, _color_bytes)
    if geometry.uv is not None:
        yield _Group(("s", "t"), "f4", geometry.uv)
    words = _words(geometry)
    for name, values in geometry.attributes.items():
        kind = f"{values.dtype.kind}{values.dtype.itemsize}"
        width = 1 if values.ndim == 1 else values.shape[1]
        names = tuple(f"scalar_{words[name]}{part}" for part in _parts(width))
        yield _Group(names, _AS_TYPE.get(kind, kind), values)
    depth = geometry.attributes.get("depth")
    if depth is not None and depth.dtype == np.float32 and depth.ndim == 1:
        yield _Group(("quality",), "f4", depth)


def _words(geometry: Geometry) -> dict[str, str]:
    """Attributes' names, as PLY's have neither spaces nor letters other than ASCII."""
    words = [re.sub(r"\W", "_", name, flags=re.ASCII) for name in geometry.attributes]
    return dict(zip(geometry.attributes, unique_names(words, set()), strict=True))


def _parts(width: int) -> tuple[str, ...]:
    known = {1: "", 2: "xy", 3: "xyz", 4: "rgba"}
    if width == 1:
        return ("",)
    return tuple(f"_{part}" for part in known.get(width, range(width)))


def _color_bytes(colors: Array) -> Array:
    """As viewers show them; opacity is no color, and keeps its scale."""
    result = srgb_bytes(colors)
    if colors.shape[1] == 4:
        result[:, 3] = np.rint(255 * np.fmin(np.fmax(colors[:, 3], 0.0), 1.0))
    return result
