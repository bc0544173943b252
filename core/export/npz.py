"""Geometry as arrays in one NPZ file, numpy's own format.

It holds the arrays of :class:`~core.export.geometry.Geometry` by their names, as far as there are
any, and each attribute by its own name. For an attribute of ids with names, the arrays ``<name>
ids`` and ``<name> names`` hold each id and, at the same index, its name.
"""

from __future__ import annotations

import zipfile
from typing import BinaryIO

import numpy as np

from .geometry import Geometry, unique_names


def write_npz(file: BinaryIO, geometry: Geometry) -> None:
    """Write geometry as NPZ, without compression."""
    known = {
        "points": geometry.points,
        "colors": geometry.colors,
        "normals": geometry.normals,
        "uv": geometry.uv,
        "triangles": geometry.triangles if len(geometry.triangles) else None,
        "quads": geometry.quads if len(geometry.quads) else None,
    }
    arrays = {name: values for name, values in known.items() if values is not None}
    # "file" and "allow_pickle" are reserved, so that np.savez(path, **np.load(path)) works.
    names = unique_names(list(geometry.attributes), {*known, "file", "allow_pickle"})
    arrays |= zip(names, geometry.attributes.values(), strict=True)
    name_in_file = dict(zip(geometry.attributes, names, strict=True))
    for attribute, id_names in geometry.names.items():
        arrays[f"{name_in_file[attribute]} ids"] = np.array(list(id_names), np.int64)
        arrays[f"{name_in_file[attribute]} names"] = np.array(list(id_names.values()), str)
    # np.savez would leave its archive open after an error, which Python then complains about.
    with zipfile.ZipFile(file, "w") as archive:
        for name, values in arrays.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as entry:
                np.lib.format.write_array(entry, values, allow_pickle=False)
