"""What an object was reconstructed from, stored on the object itself."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import bpy

from ..renders.history import render_fingerprint

if TYPE_CHECKING:
    from ...core.cameras.camera import Camera
    from ...core.pipeline.filtering import FilterCount
    from ...core.pipeline.notes import Note
    from ...core.pipeline.source import Source

Data = TypeVar("Data", bound=bpy.types.ID)

OURS = "reconstruct_from_depth"
"""Custom property that marks data of this extension that objects share, such as materials."""

PICKS = "depth_picks"
"""Custom property of objects that were made from picks, which says as what."""

PROVENANCE = "reconstructed_from"
"""Custom property of an object: the texts and numbers of a `Provenance`."""


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
        With its pose in world space; None if the points came from a Position pass, and the lens
        has no model.
    engine : str
    kind : str
        Name of the `DepthKind` that the depth is of; empty in objects of earlier versions.
    pixel_type : str
        What the file stored the depth as.
    render : str
        Fingerprint of the Render Result that it was made from; empty for files.
    options : dict
        The options that it was reconstructed with, by their names.
    """

    image: str
    layer: str
    view: str
    frame: int
    camera_name: str
    camera: Camera | None
    engine: str
    kind: str
    pixel_type: str
    render: str
    options: dict[str, Any]


def store_provenance(
    item: bpy.types.Object, source: Source, filepath: str, options: Mapping[str, object]
) -> None:
    """Store on `item` what it was made from; the .blend and the object's copies hold it, too."""
    from ...core.cameras.serialization import camera_to_text

    item[PROVENANCE] = {
        "image": filepath,
        "layer": source.layers.points.label,
        "view": source.shot.view,
        "frame": source.shot.frame,
        "camera_name": source.shot.camera_name,
        "camera": camera_to_text(source.camera) if source.camera else "",
        "engine": source.shot.engine,
        "kind": source.shot.kind.name,
        "pixel_type": source.layers.depth.pixel_type,
        "render": "" if filepath else render_fingerprint(),
        "options": json.dumps(dict(options)),
    }


def store_result(
    scene: bpy.types.Scene, counts: Iterable[FilterCount], notes: Iterable[Note]
) -> None:
    """Store the filter counts and the warnings for the sidebar.

    Undo restores the earlier ones.
    """
    settings = scene.reconstruct_from_depth
    settings.warnings = "\n".join(note.text for note in notes if note.is_warning)
    stored = settings.filter_counts
    stored.clear()
    for each in counts:
        item = stored.add()
        item.name, item.count = each.filter, each.count


def is_ours(item: bpy.types.Object) -> bool:
    """Whether this extension made the object, as a reconstruction or from picks."""
    return PROVENANCE in item or PICKS in item  # type: ignore[operator]  # custom properties


def is_reconstruction(item: bpy.types.Object | None) -> bool:
    """Whether the object is a reconstruction; cheap enough for polls and panels."""
    if item is None or item.type not in {"MESH", "POINTCLOUD"}:
        return False
    return PROVENANCE in item  # type: ignore[operator]  # custom properties


def provenance_of(item: bpy.types.Object) -> Provenance:
    """Read what a reconstruction was made from.

    Raises
    ------
    CameraError
        The stored camera was edited, or another version of this extension wrote it.
    """
    from ...core.cameras.serialization import camera_from_text

    stored = item[PROVENANCE]
    text = stored.get("camera", "")
    camera = camera_from_text(text) if text else None
    return Provenance(
        image=stored.get("image", ""),
        layer=stored.get("layer", ""),
        view=stored.get("view", ""),
        frame=stored.get("frame", 0),
        camera_name=stored.get("camera_name", ""),
        camera=camera,
        engine=stored.get("engine", ""),
        kind=stored.get("kind", ""),
        pixel_type=stored.get("pixel_type", "float"),
        render=stored.get("render", ""),
        options=json.loads(stored.get("options", "{}")),
    )


def mark_as_ours(data: bpy.types.ID, name: str) -> None:
    """Mark data that objects share, so that `find_ours` finds it by `name`."""
    data[OURS] = name


def find_ours(collection: bpy.types.bpy_prop_collection[Data], name: str) -> Data | None:
    """Find what an earlier reconstruction made under this name.

    Data to which a user gave the same name is ignored, and so is linked data, which may disappear
    with its library.
    """
    local = (each for each in collection if each.library is None)
    return next((each for each in local if each.get(OURS) == name), None)
