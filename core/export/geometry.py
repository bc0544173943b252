"""Points with their colors, normals, attributes, and faces, as they are written to files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from ..errors import ExportError
from ..support.replacing import replacing
from ..support.vectors import unit
from .formats import GeometryFormat

Array = NDArray[Any]
BLOCK = 1 << 16
"""Points that are converted at a time, so few that their data stays in the processor's cache."""


@dataclass(frozen=True, eq=False)
class Geometry:
    """A point cloud, or a surface if it has faces.

    Attributes
    ----------
    points : ndarray, shape (N, 3), float32
        In world space and scene units; at least one.
    colors : ndarray, shape (N, 3) or (N, 4), or None
        Linear, with the primaries of Rec. 709 and sRGB; the fourth component is the opacity.
    normals : ndarray, shape (N, 3), or None
        Unit vectors in world space.
    uv : ndarray, shape (N, 2), or None
        Texture coordinates, v upwards.
    attributes : mapping of str to ndarray, shape (N,) or (N, k)
        Further values of each point, by the attribute's name.
    names : mapping of str to mapping of int to str
        For each attribute that holds ids, the name that each id stands for.
    triangles, quads : ndarray, shape (T, 3) and (Q, 4), int32
        Indices of each face's points, counterclockwise seen from the front.

    Raises
    ------
    ExportError
        There is no point, a coordinate is not finite, or an array does not fit the points.
    """

    points: Array
    colors: Array | None = None
    normals: Array | None = None
    uv: Array | None = None
    attributes: Mapping[str, Array] = field(default_factory=dict)
    names: Mapping[str, Mapping[int, str]] = field(default_factory=dict)
    triangles: Array = field(default_factory=lambda: np.empty((0, 3), np.int32))
    quads: Array = field(default_factory=lambda: np.empty((0, 4), np.int32))

    def __post_init__(self) -> None:
        """Check the arrays."""
        if not len(self.points):
            raise ExportError("There are no points to export: reconstruct again.")
        _check_shape("points", self.points, (3,))
        if not np.isfinite(self.points).all():
            raise ExportError(
                "Some points have coordinates that are not finite, expected numbers: delete these "
                "points, or reconstruct again."
            )
        count = len(self.points)
        optional = (("colors", self.colors, (3, 4)), ("normals", self.normals, (3,)),
                    ("uv", self.uv, (2,)))  # fmt: skip
        for name, values, widths in optional:
            if values is not None:
                _check_shape(name, values, widths, count)
        for name, values in self.attributes.items():
            if values.ndim not in (1, 2) or len(values) != count:
                raise _shape_error(name, values, f"({count},) or ({count}, k)")
        for name, values, corners in (("triangles", self.triangles, 3), ("quads", self.quads, 4)):
            _check_shape(name, values, (corners,))
            if values.size and not 0 <= values.min() <= values.max() < count:
                raise ExportError(
                    f"The {name} name points from {values.min()} to {values.max()}, expected 0 "
                    f"to {count - 1}: count from 0."
                )

    def transformed(self, matrix: Array) -> Self:
        """Transform points and normals by an affine `matrix`, shape (4, 4).

        Faces are reversed where the matrix mirrors, so that their fronts stay fronts.

        Raises
        ------
        ExportError
            The matrix is singular.
        """
        matrix = np.asarray(matrix, np.float64)
        if np.array_equal(matrix, np.eye(4)):
            return self
        axes = matrix[:3, :3]
        if not np.linalg.det(axes):
            raise ExportError(
                "The object's scale is 0 on some axis, expected a size: clear its scale (Alt S)."
            )
        is_mirrored = np.linalg.det(axes) < 0.0
        corner_order = slice(None, None, -1 if is_mirrored else 1)
        normals = self.normals
        if normals is not None:
            # The inverse transpose keeps them perpendicular: R. Goldman, Graphics Gems, 1990.
            normals = _transformed_blocks(normals, lambda block: unit(block @ np.linalg.inv(axes)))
        return replace(
            self,
            points=_transformed_blocks(self.points, lambda block: block @ axes.T + matrix[:3, 3]),
            normals=normals,
            triangles=self.triangles[:, corner_order],
            quads=self.quads[:, corner_order],
        )


def write_geometry(path: str | Path, geometry: Geometry, file_format: GeometryFormat) -> None:
    """Write geometry to a file, which replaces an older one only once it is complete.

    The module of each format's writer describes what the file holds.

    Raises
    ------
    FileError
        The file cannot be written.
    """
    with replacing(path) as temporary, temporary.open("wb") as file:
        file_format.value.load_writer()(file, geometry)


def unique_names(names: list[str], reserved: set[str]) -> list[str]:
    """Names with a number appended where an earlier or a reserved name is the same."""
    used = set(reserved)
    unique = []
    for name in names:
        candidate, number = name, 2
        while candidate in used:
            candidate, number = f"{name}_{number}", number + 1
        used.add(candidate)
        unique.append(candidate)
    return unique


def _transformed_blocks(vectors: Array, transform: Callable[[Array], Array]) -> Array:
    """Vectors, shape (N, 3), by a function that gets a block of them at a time; float32."""
    result = np.empty(vectors.shape, np.float32)
    for start in range(0, len(vectors), BLOCK):
        result[start : start + BLOCK] = transform(vectors[start : start + BLOCK])
    return result


def _check_shape(
    name: str, values: Array, widths: tuple[int, ...], count: int | None = None
) -> None:
    if (
        values.ndim != 2
        or values.shape[1] not in widths
        or (count is not None and len(values) != count)
    ):
        rows = "N" if count is None else count
        raise _shape_error(name, values, " or ".join(f"({rows}, {width})" for width in widths))


def _shape_error(name: str, values: Array, expected: str) -> ExportError:
    return ExportError(
        f"The array {name} has shape {values.shape}, expected {expected}: give one row for each."
    )
