"""What an object was reconstructed from, read back from the object alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import bpy
import numpy as np
from numpy.typing import NDArray

from ...core.depth.image import DepthImage, DepthKind, Window
from ...core.errors import DepthError
from ...core.pipeline.shot import Shot
from ..scene.provenance import provenance_of
from .check import Subject

Array = NDArray[Any]

_SOME = 20_000
"""Points that are looked at to notice that the object was moved or edited."""


@dataclass(frozen=True, eq=False)
class Reconstructed:
    """The subject of a check, and where its pixels are among the object's points.

    Attributes
    ----------
    subject : Subject
    pixels : ndarray, shape (N, 2), int32
        Column and row of each point.
    some_pixels, some_points : ndarray, shape (M, 2), int32, and (M, 3), float64
        Of up to 20,000 points, in world space, as the object lies now.
    """

    subject: Subject
    pixels: Array
    some_pixels: Array
    some_points: Array

    def moved_by(self) -> float:
        """How many pixels the points lie from those they were reconstructed from, at most.

        They lie in the same ones unless the object was moved or edited.
        """
        camera = self.subject.camera
        if camera is None:
            return 0.0
        away = np.hypot(*(camera.project(self.some_points) - self.some_pixels - 0.5).T)
        known = away[np.isfinite(away)]
        return float(known.max()) if len(known) else np.inf


def read_back(item: bpy.types.Object) -> Reconstructed:
    """Rebuild the depth image of an object from its attributes, and its shot.

    Raises
    ------
    DepthError
        The object lacks its pixels: points were merged in voxels, joined, or come of an earlier
        version.
    """
    origin, attributes = provenance_of(item), item.data.attributes
    options = origin.options
    if (
        not origin.kind
        or options.get("voxel_size")
        or not {"pixel", "depth"} <= {*attributes.keys()}
    ):
        raise DepthError(
            f"{item.name} does not say which pixel each point came from, as merged points and "
            "those of earlier versions do not: reconstruct it again, without Voxel Size."
        )
    pixels = _values(attributes["pixel"], np.int32, 2)
    depth = _values(attributes["depth"], np.float32, 1)[:, 0]
    if not len(pixels):
        raise DepthError(f"{item.name} has no points: undo what deleted them, or reconstruct.")
    shot = Shot(
        kind=DepthKind[origin.kind],
        camera_name=origin.camera_name,
        engine=origin.engine,
        view=origin.view,
        frame=origin.frame,
    )
    columns, rows = pixels[:, 0], pixels[:, 1]
    left, top = int(columns.min()), int(rows.min())
    window = Window(left, top, int(columns.max()) - left + 1, int(rows.max()) - top + 1)
    values = np.full((window.height, window.width), np.nan, np.float32)
    values.reshape(-1)[(rows - top) * window.width + (columns - left)] = depth
    valid = np.isfinite(values)
    if np.count_nonzero(valid) < len(pixels):
        raise DepthError(
            f"{item.name} holds several points of one pixel, as objects do that were joined or "
            "extended: check each reconstruction before joining."
        )
    camera = origin.camera
    size = (camera.lens.width, camera.lens.height) if camera else (window.width, window.height)
    image = DepthImage(
        values,
        valid,
        shot.kind,
        window,
        size,
        _pixel_type(origin.pixel_type, options),
    )
    some = slice(None, None, max(1, len(pixels) // _SOME))
    matrix = np.array(item.matrix_world)
    points = _values(attributes["position"], np.float32, 3)[some].astype(np.float64)
    world = points @ matrix[:3, :3].T + matrix[:3, 3]
    return Reconstructed(Subject(image, camera, shot), pixels, pixels[some], world)


def _pixel_type(stored: str, options: dict[str, Any]) -> Any:
    """What limits the precision of distances: not the numbers that were turned into them."""
    return stored if options.get("depth_values", "AUTO") == "AUTO" else "float"


def _values(attribute: bpy.types.Attribute, dtype: type, width: int) -> Array:
    values: Array = np.empty(len(attribute.data) * width, dtype)
    attribute.data.foreach_get("vector" if width == 3 else "value", values)
    return values.reshape(-1, width)
