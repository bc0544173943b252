"""Points with what belongs to them, as they go into files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from ..errors import ExportError

Array = NDArray[Any]
BLOCK = 1 << 16
"""Points that are converted at once: what they take stays in the processor's cache."""


@dataclass(frozen=True, eq=False)
class Geometry:
    """A cloud of points, or a surface if it has faces.

    Attributes
    ----------
    points : ndarray, shape (N, 3), float32
        In world space and scene units; at least one.
    colors : ndarray, shape (N, 3) or (N, 4), or None
        Linear, with the primaries of Rec. 709 and sRGB; the fourth is the opacity.
    normals : ndarray, shape (N, 3), or None
        Unit vectors in world space.
    uv : ndarray, shape (N, 2), or None
        Texture coordinates, v upwards.
    attributes : mapping of str to ndarray, shape (N,) or (N, k)
        What else each point has, by its name.
    names : mapping of str to mapping of int to str
        Of attributes that are ids, what each id stands for.
    triangles, quads : ndarray, shape (T, 3) and (Q, 4), int32
        Points of each face, counterclockwise from the front.

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
        known = (("colors", self.colors, (3, 4)), ("normals", self.normals, (3,)),
                 ("uv", self.uv, (2,)))  # fmt: skip
        for name, values, widths in known:
            if values is not None:
                _check_shape(name, values, widths, count)
        for name, values in self.attributes.items():
            if values.ndim not in (1, 2) or len(values) != count:
                raise _misfit(name, values, f"({count},) or ({count}, k)")
        for name, values, corners in (("triangles", self.triangles, 3), ("quads", self.quads, 4)):
            _check_shape(name, values, (corners,))
            if values.size and not 0 <= values.min() <= values.max() < count:
                raise ExportError(
                    f"The {name} name points from {values.min()} to {values.max()}, expected 0 "
                    f"to {count - 1}: count from 0."
                )

    def transformed(self, matrix: Array) -> Self:
        """Points, normals and front sides moved by an affine `matrix`, shape (4, 4).

        Raises
        ------
        ExportError
            The matrix flattens what it moves.
        """
        matrix = np.asarray(matrix, np.float64)
        if np.array_equal(matrix, np.eye(4)):
            return self
        axes = matrix[:3, :3]
        if not np.linalg.det(axes):
            raise ExportError(
                "The object's scale is 0 on some axis, expected a size: clear its scale (Alt S)."
            )
        mirrored = np.linalg.det(axes) < 0.0
        turn = slice(None, None, -1 if mirrored else 1)
        normals = self.normals
        if normals is not None:
            # Normals stay at right angles to surfaces: R. Goldman, Graphics Gems, 1990.
            normals = _mapped(normals, np.linalg.inv(axes), unit=True)
        return replace(
            self,
            points=_mapped(self.points, axes.T, matrix[:3, 3]),
            normals=normals,
            triangles=self.triangles[:, turn],
            quads=self.quads[:, turn],
        )


def unique_names(names: list[str], reserved: set[str]) -> list[str]:
    """The names, numbered where one is already taken, be it by another or reserved."""
    taken = set(reserved)
    found = []
    for name in names:
        free, number = name, 2
        while free in taken:
            free, number = f"{name}_{number}", number + 1
        taken.add(free)
        found.append(free)
    return found


def _mapped(vectors: Array, axes: Array, offset: Array | float = 0.0, unit: bool = False) -> Array:
    result = np.empty(vectors.shape, np.float32)
    for start in range(0, len(vectors), BLOCK):
        block = vectors[start : start + BLOCK] @ axes + offset
        if unit:
            length = np.linalg.norm(block, axis=1, keepdims=True)
            block /= np.where(length > 0.0, length, 1.0)
        result[start : start + BLOCK] = block
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
        raise _misfit(name, values, " or ".join(f"({rows}, {width})" for width in widths))


def _misfit(name: str, values: Array, expected: str) -> ExportError:
    return ExportError(
        f"The array {name} has shape {values.shape}, expected {expected}: give one row for each."
    )
