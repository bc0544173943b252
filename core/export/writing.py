"""Geometry to files."""

from __future__ import annotations

import enum
from pathlib import Path
from typing import BinaryIO

import numpy as np

from ..support.replacing import replacing
from .geometry import Geometry, unique_names
from .ply import write_ply
from .text import write_xyz


class GeometryFormat(enum.Enum):
    """Formats that geometry can be written in."""

    PLY = "PLY"
    NPZ = "NPZ"
    XYZ = "XYZ"


def write_geometry(path: str | Path, geometry: Geometry, format: GeometryFormat) -> None:  # noqa: A002
    """Write geometry to a file, which is replaced only once it is complete.

    PLY and XYZ are described in their modules. NPZ holds the arrays of :class:`Geometry` by their
    names as far as there are any, and each attribute by its own. Of ``names``, it has the arrays
    ``<name> ids`` and ``<name> names``, one for one.

    Raises
    ------
    FileError
        The file cannot be written.
    """
    with replacing(path) as half, half.open("wb") as file:
        write_geometry_into(file, geometry, format)


def write_geometry_into(file: BinaryIO, geometry: Geometry, format: GeometryFormat) -> None:  # noqa: A002
    """Write geometry to an open file, which is to replace another when all is done."""
    _WRITERS[format](file, geometry)


def _write_npz(file: BinaryIO, geometry: Geometry) -> None:
    known = {
        "points": geometry.points,
        "colors": geometry.colors,
        "normals": geometry.normals,
        "uv": geometry.uv,
        "triangles": geometry.triangles if len(geometry.triangles) else None,
        "quads": geometry.quads if len(geometry.quads) else None,
    }
    arrays = {name: values for name, values in known.items() if values is not None}
    # The last two are parameters of numpy's own.
    names = unique_names(list(geometry.attributes), {*known, "file", "allow_pickle"})
    arrays |= zip(names, geometry.attributes.values(), strict=True)
    called = dict(zip(geometry.attributes, names, strict=True))
    for name, table in geometry.names.items():
        arrays[f"{called[name]} ids"] = np.array(list(table), np.int64)
        arrays[f"{called[name]} names"] = np.array(list(table.values()), str)
    np.savez(file, **arrays)  # type: ignore[arg-type]


_WRITERS = {
    GeometryFormat.PLY: write_ply,
    GeometryFormat.NPZ: _write_npz,
    GeometryFormat.XYZ: write_xyz,
}
