"""What an object was reconstructed from, kept on the object itself."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import bpy

if TYPE_CHECKING:
    from ...core.cameras.camera import Camera
    from ..reconstruct.filtering import FilterCount
    from ..sources.source import Source

PROVENANCE = "reconstructed_from"
"""Custom property of an object: the texts and numbers of an `Provenance`."""


@dataclass(frozen=True, eq=False)
class Provenance:
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


def store_provenance(item: bpy.types.Object, source: Source, filepath: str) -> None:
    """Keep what `item` was made from on it, and so in the .blend and in the object's copies."""
    from ...core.cameras.serialization import camera_to_data

    item[PROVENANCE] = {
        "image": filepath,
        "layer": (source.position or source.depth).label,
        "view": source.shot.view,
        "frame": source.shot.frame,
        "camera_name": source.shot.camera_name,
        "camera": json.dumps(camera_to_data(source.camera)) if source.camera else "",
    }


def store_filter_counts(scene: bpy.types.Scene, removed: Iterable[FilterCount]) -> None:
    """Keep for the sidebar how many pixels each filter left out; undo takes it back."""
    kept = scene.reconstruct_from_depth.removed
    kept.clear()
    for each in removed:
        item = kept.add()
        item.name, item.count = each.filter, each.count


def is_reconstruction(item: bpy.types.Object | None) -> bool:
    """Whether this product made the object; cheap enough for polls and panels."""
    return item is not None and item.type in {"MESH", "POINTCLOUD"} and PROVENANCE in item


def provenance_of(item: bpy.types.Object) -> Provenance:
    """What a reconstruction came from.

    Raises
    ------
    CameraError
        The camera was changed by hand, or is of another version of this product.
    """
    from ...core.cameras.serialization import camera_from_data
    from ...core.errors import CameraError

    kept = item[PROVENANCE]
    text = kept.get("camera", "")
    try:
        camera = camera_from_data(json.loads(text)) if text else None
    except ValueError:
        raise CameraError(
            f"The camera that {item.name} keeps is {text[:40]!r}, expected JSON: reconstruct again."
        ) from None
    return Provenance(
        image=kept.get("image", ""),
        layer=kept.get("layer", ""),
        view=kept.get("view", ""),
        frame=kept.get("frame", 0),
        camera_name=kept.get("camera_name", ""),
        camera=camera,
    )
