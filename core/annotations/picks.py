"""A pick that was located in 3D, as it is in files."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ..cameras.serialization import camera_from_data
from ..depth.image import DepthKind
from ..errors import CameraError
from ..support.aspect import Size
from .annotation import Color

Vector = tuple[float, float, float]
Rows = tuple[tuple[float, ...], ...]
"""A matrix, row by row."""


@dataclass(frozen=True)
class PickRecord:
    """A located pick, with the camera that it was located with.

    All numbers are finite Python floats, and all sequences are tuples.

    Attributes
    ----------
    name : str
    x, y : float
        Continuous image coordinates in pixels.
    depth : float
        In scene units; ``depth_kind`` says how it is measured.
    depth_kind : DepthKind
    world, camera_space : tuple of float
        The point in the world, and in the camera's space (+X right, +Y up, -Z forward).
    footprint : float
        Width of a pixel at that depth, in scene units.
    precision : float
        Half the spacing of the depths that the file can hold there, in scene units.
    edge : bool
        Whether the pick is at a discontinuity of depth, and so has its nearest pixel's depth.
    image : str
        Name or path of the picture that was picked on.
    size : tuple of int
        Width and height of that picture in pixels.
    frame : int
    camera : str
        The camera's name.
    intrinsics : tuple of tuple of float, or None
        The 3 x 3 matrix K for a camera space of +X right, +Y down, +Z forward and continuous
        image coordinates; None for lenses that have none.
    camera_to_world : tuple of tuple of float
        4 x 4, for column vectors, from the camera space of ``camera_space``.
    lens : dict
        The whole camera, as ``camera_to_data`` describes it, in types that JSON has.
    color : tuple of float, or None
    hidden : bool
    layer, view : str
        The depth layer, and the view of a stereo render, that it was picked on; "" if unknown.
    """

    name: str
    x: float
    y: float
    depth: float
    depth_kind: DepthKind
    world: Vector
    camera_space: Vector
    footprint: float
    precision: float
    edge: bool
    image: str
    size: Size
    frame: int
    camera: str
    intrinsics: Rows | None
    camera_to_world: Rows
    lens: dict[str, Any]
    color: Color | None = None
    hidden: bool = False
    layer: str = ""
    view: str = ""


@dataclass(frozen=True)
class PickFile:
    """The picks in a file.

    Attributes
    ----------
    records : tuple of PickRecord
        The picks that could be read, in the order of the file.
    problems : tuple of str
        For each pick that is left out, a sentence that says why.
    """

    records: tuple[PickRecord, ...]
    problems: tuple[str, ...] = ()


def with_usable_cameras(records: Iterable[PickRecord]) -> PickFile:
    """The picks whose stored camera can be made again.

    Returns
    -------
    PickFile
        Those picks in their order, and a sentence for each of the others.
    """
    errors: dict[str, str] = {}
    usable, problems = [], []
    for record in records:
        data = json.dumps(record.lens)
        if data not in errors:
            errors[data] = _camera_error(record)
        if errors[data]:
            problems.append(f"{record.name or 'A pick without a name'}: {errors[data]}")
        else:
            usable.append(record)
    return PickFile(tuple(usable), tuple(problems))


def _camera_error(record: PickRecord) -> str:
    """A sentence that says why the camera cannot be made; empty if it can."""
    try:
        camera_from_data(record.lens)
    except CameraError as error:
        return str(error)
    return ""
