"""What an object was reconstructed from, kept on the object itself."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import bpy

if TYPE_CHECKING:
    from ..core.camera import Camera
    from .kept import Removed
    from .source import Source

ORIGIN = "reconstructed_from"
"""Custom property of an object: the texts and numbers of an `Origin`."""


@dataclass(frozen=True, eq=False)
class Origin:
    """The image and the camera that an object's points came from.

    Attributes
    ----------
    image : str
        Path of the file; empty for the Render Result.
    layer, view : str
    frame : int
    camera_name : str
    camera : Camera, optional
        As it was in world space; None where the points came from a Position pass.
    """

    image: str
    layer: str
    view: str
    frame: int
    camera_name: str
    camera: Camera | None


def remember_origin(item: bpy.types.Object, source: Source, filepath: str) -> None:
    """Keep what `item` was made from on it, and so in the .blend and in the object's copies."""
    from ..core.camera_data import camera_to_data

    item[ORIGIN] = {
        "image": filepath,
        "layer": (source.position or source.depth).label,
        "view": source.shot.view,
        "frame": source.shot.frame,
        "camera_name": source.shot.camera_name,
        "camera": json.dumps(camera_to_data(source.camera)) if source.camera else "",
    }


def remember_removed(scene: bpy.types.Scene, removed: Iterable[Removed]) -> None:
    """Keep for the sidebar how many pixels each filter left out; undo takes it back."""
    kept = scene.reconstruct_from_depth.removed
    kept.clear()
    for each in removed:
        item = kept.add()
        item.name, item.count = each.filter, each.count


def is_reconstruction(item: bpy.types.Object | None) -> bool:
    """Whether this product made the object; cheap enough for polls and panels."""
    return item is not None and item.type in {"MESH", "POINTCLOUD"} and ORIGIN in item


def origin_of(item: bpy.types.Object) -> Origin:
    """What a reconstruction came from.

    Raises
    ------
    CameraError
        The camera was changed by hand, or is of another version of this product.
    """
    from ..core.camera_data import camera_from_data
    from ..core.errors import CameraError

    kept = item[ORIGIN]
    text = kept.get("camera", "")
    try:
        camera = camera_from_data(json.loads(text)) if text else None
    except ValueError:
        raise CameraError(
            f"The camera that {item.name} keeps is {text[:40]!r}, expected JSON: reconstruct again."
        ) from None
    return Origin(
        image=kept.get("image", ""),
        layer=kept.get("layer", ""),
        view=kept.get("view", ""),
        frame=kept.get("frame", 0),
        camera_name=kept.get("camera_name", ""),
        camera=camera,
    )
