"""Geometry as binary PLY, with the property names that other programs look for.

``red``, ``green``, ``blue`` (and ``alpha``) are bytes in sRGB; ``nx``, ``ny``, ``nz`` are the
normal; ``s``, ``t`` the texture coordinates. Every other attribute is called ``scalar_<name>``, by
which CloudCompare recognizes a scalar field; the components of a vector or a color are called
``scalar_<name>_x``, ``_y``, ``_z`` or ``_r``, ``_g``, ``_b``, ``_a``. MeshLab reads no scalar
except ``quality``, which therefore repeats the depth. Where there are both quads and triangles,
all become triangles, because trimesh assumes that all faces have as many corners as the first.
Comments ``names scalar_<name> {"<id>": "<name>", ...}`` hold the names of ids; long ones continue
on further lines, see :mod:`core.support.ply`.

Blender's own exporter writes point clouds without any points, whole numbers as floats that round
them, and normals that it computes itself in place of ours.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np

from ..support.ply import comment_lines, header_bytes
from ..support.srgb import srgb_bytes
from .geometry import BLOCK, Array, Geometry, unique_names

_STORED_TYPE = {"b1": "u1", "f2": "f4", "i8": "f8", "u8": "f8"}
"""Types that PLY lacks, each with one that holds the same numbers (integers up to 2^53)."""


@dataclass(frozen=True)
class _Properties:
    """Properties of a vertex that come from one array.

    Attributes
    ----------
    names : tuple of str
        One for each column of the array.
    type : str
        Their numpy type, without byte order.
    convert : callable, optional
        Makes what is stored from a block of rows; None where the values are stored as they are.
    """

    names: tuple[str, ...]
    type: str
    values: Array
    convert: Callable[[Array], Array] | None = None


def write_ply(file: BinaryIO, geometry: Geometry) -> None:
    """Write geometry as binary little-endian PLY."""
    properties, faces = list(_vertex_properties(geometry)), _faces(geometry)
    names = [(name, group.type) for group in properties for name in group.names]
    file.write(header_bytes(_comments(geometry), len(geometry.points), names, len(faces)))
    # One field for each array, because that fills a row in the fewest copies.
    row = np.dtype([(each.names[0], f"<{each.type}", (len(each.names),)) for each in properties])
    for start in range(0, len(geometry.points), BLOCK):
        rows = slice(start, start + BLOCK)
        block = np.empty(len(geometry.points[rows]), row)
        for group in properties:
            values = group.values[rows]
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
    """Faces that all have the same number of corners, shape (F, 3) or (F, 4)."""
    if not len(geometry.triangles):
        return geometry.quads
    halves = geometry.quads[:, [[0, 1, 2], [0, 2, 3]]].reshape(-1, 3)
    return np.concatenate([halves, geometry.triangles])


def _comments(geometry: Geometry) -> Iterator[str]:
    ply_names = _attribute_names(geometry)
    for name, id_names in geometry.names.items():
        yield from comment_lines(f"names scalar_{ply_names[name]}", dict(id_names))


def _vertex_properties(geometry: Geometry) -> Iterator[_Properties]:
    """What a vertex has; its position is first, because some readers assume that."""
    yield _Properties(("x", "y", "z"), "f4", geometry.points)
    if geometry.normals is not None:
        yield _Properties(("nx", "ny", "nz"), "f4", geometry.normals)
    if geometry.colors is not None:
        names = ("red", "green", "blue", "alpha")[: geometry.colors.shape[1]]
        yield _Properties(names, "u1", geometry.colors, _color_bytes)
    if geometry.uv is not None:
        yield _Properties(("s", "t"), "f4", geometry.uv)
    ply_names = _attribute_names(geometry)
    for name, values in geometry.attributes.items():
        kind = f"{values.dtype.kind}{values.dtype.itemsize}"
        width = 1 if values.ndim == 1 else values.shape[1]
        names = tuple(f"scalar_{ply_names[name]}{suffix}" for suffix in _component_suffixes(width))
        yield _Properties(names, _STORED_TYPE.get(kind, kind), values)
    depth = geometry.attributes.get("depth")
    if depth is not None and depth.dtype == np.float32 and depth.ndim == 1:
        yield _Properties(("quality",), "f4", depth)


def _attribute_names(geometry: Geometry) -> dict[str, str]:
    """Each attribute's name in PLY, where names have only ASCII letters and no spaces."""
    names = [re.sub(r"\W", "_", name, flags=re.ASCII) for name in geometry.attributes]
    return dict(zip(geometry.attributes, unique_names(names, set()), strict=True))


def _component_suffixes(width: int) -> tuple[str, ...]:
    if width == 1:
        return ("",)
    known = {2: "xy", 3: "xyz", 4: "rgba"}
    return tuple(f"_{component}" for component in known.get(width, range(width)))


def _color_bytes(colors: Array) -> Array:
    """Colors as viewers show them; opacity is not a color, and stays linear."""
    result = srgb_bytes(colors)
    if colors.shape[1] == 4:
        result[:, 3] = np.rint(255 * np.fmin(np.fmax(colors[:, 3], 0.0), 1.0))
    return result
