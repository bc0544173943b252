"""The product's own JSON, which holds all of a pick exactly.

``images`` lists each picture with its size, frame and camera once; ``picks`` are in their order,
each with the index of its image. Only ``format``, and ``x`` and ``y`` of each pick, have to be
there for the points to be imported as annotations.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from ..depth.image import DepthKind
from ..errors import AnnotationError
from .annotation import AnnotatedImage, Annotation, Color
from .parsing import (
    Collector,
    checked,
    finite,
    member,
    rows,
    shown,
    size_of,
    text_of,
    vector,
    whole,
)
from .picks import PickFile, PickRecord

FORMAT = "reconstruct-from-depth picks"
VERSION = 1


def is_own(data: dict[str, Any]) -> bool:
    """Whether an object looks like this product's file."""
    return data.get("format") == FORMAT


def holds_picks(data: dict[str, Any]) -> bool:
    """Whether this product's JSON says of any point where it lies in 3D."""
    picks = data.get("picks")
    return isinstance(picks, list) and any(
        isinstance(pick, dict) and "world" in pick for pick in picks
    )


def shots_of(records: Sequence[PickRecord]) -> tuple[list[PickRecord], list[int]]:
    """One record for each different image and camera, and each record's index into them."""
    shots: list[PickRecord] = []
    index_of: dict[str, int] = {}
    indices = []
    for record in records:
        key = json.dumps(image_data(record), sort_keys=True)
        if key not in index_of:
            index_of[key] = len(shots)
            shots.append(record)
        indices.append(index_of[key])
    return shots, indices


def image_data(record: PickRecord) -> dict[str, Any]:
    """What picks of one image share."""
    return {
        "file_name": record.image,
        "width": record.size[0],
        "height": record.size[1],
        "frame": record.frame,
        "layer": record.layer,
        "view": record.view,
        "camera": {
            "name": record.camera,
            "intrinsics": record.intrinsics,
            "camera_to_world": record.camera_to_world,
            "lens": record.lens,
        },
    }


def pick_data(record: PickRecord) -> dict[str, Any]:
    """What is a pick's own, but for its name, pixel and place in the world."""
    return {
        "depth": record.depth,
        "depth_kind": record.depth_kind.value,
        "camera_space": record.camera_space,
        "footprint": record.footprint,
        "precision": record.precision,
        "edge": record.edge,
        "color": record.color,
        "hidden": record.hidden,
    }


def own_bytes(records: Sequence[PickRecord]) -> bytes:
    """Picks as this product's JSON."""
    shots, indices = shots_of(records)
    picks = [
        {
            "name": record.name,
            "image": index,
            "x": record.x,
            "y": record.y,
            "world": record.world,
            **pick_data(record),
        }
        for record, index in zip(records, indices, strict=True)
    ]
    images = [image_data(shot) for shot in shots]
    data = {"format": FORMAT, "version": VERSION, "images": images, "picks": picks}
    return json.dumps(data, indent=1, allow_nan=False).encode()


def read_own(data: dict[str, Any]) -> tuple[AnnotatedImage, ...]:
    """Points of every image of this product's JSON; those of no image come last.

    Raises
    ------
    AnnotationError
        The list of images is broken, or the file is of a newer version.
    """
    images = []
    for where, entry in _entries(data, "images"):
        size = size_of(entry, "width", "height", where)
        images.append(Collector(size, text_of(entry, "file_name", where)))
    strays = Collector()
    for number, pick in enumerate(member(data, "picks", list, "The file"), 1):
        where = f"Pick {number}"
        found = strays
        try:
            pick = checked(pick, dict, where)
            if pick.get("image") is not None:
                found = images[_index(pick, len(images), where)]
            found.annotations.append(_annotation(pick, where))
        except AnnotationError as error:
            found.problems.append(str(error))
    return tuple(found.image() for found in (*images, strays))


def read_own_picks(data: dict[str, Any]) -> PickFile:
    """All of the picks of this product's JSON.

    Raises
    ------
    AnnotationError
        There are no lists of images and picks, or the file is of another version.
    """
    images = [_shot_or_error(entry, where) for where, entry in _entries(data, "images")]
    records, problems = [], []
    for number, pick in enumerate(member(data, "picks", list, "The file"), 1):
        where = f"Pick {number}"
        try:
            records.append(_record(checked(pick, dict, where), images, where))
        except AnnotationError as error:
            problems.append(str(error))
    return PickFile(tuple(records), tuple(problems))


def _record(
    pick: dict[str, Any], images: Sequence[dict[str, Any] | AnnotationError], where: str
) -> PickRecord:
    one = _annotation(pick, where)
    what = f'{where} ("{one.name}")'
    image = images[_index(pick, len(images), what)]
    if isinstance(image, AnnotationError):
        raise AnnotationError(f"{what}: {image}")
    return PickRecord(
        name=one.name,
        x=one.x,
        y=one.y,
        depth=finite(pick.get("depth"), f"{what}: depth"),
        depth_kind=depth_kind(pick.get("depth_kind"), what),
        world=vector(pick.get("world"), f"{what}: world"),
        camera_space=vector(pick.get("camera_space"), f"{what}: camera_space"),
        footprint=finite(pick.get("footprint"), f"{what}: footprint"),
        precision=finite(pick.get("precision"), f"{what}: precision"),
        edge=member(pick, "edge", bool, what),
        **image,
        color=one.color,
        hidden=one.hidden,
    )


def _shot_or_error(entry: dict[str, Any], where: str) -> dict[str, Any] | AnnotationError:
    """A broken image is the problem of each of its picks, and of no other."""
    try:
        return _shot(entry, where)
    except AnnotationError as error:
        return error


def _entries(data: dict[str, Any], key: str) -> list[tuple[str, dict[str, Any]]]:
    """The objects of a list, each with what to call it in messages."""
    if data.get("version", VERSION) != VERSION:
        raise AnnotationError(
            f"The file is of version {shown(data['version'])}, but {VERSION} was expected: update "
            "this extension, or export the picks again."
        )
    entries = checked(data.get(key, []), list, f'The file\'s "{key}"')
    named = [(f"{key[:-1].capitalize()} {number}", one) for number, one in enumerate(entries, 1)]
    return [(where, checked(one, dict, where)) for where, one in named]


def _index(pick: dict[str, Any], count: int, where: str) -> int:
    index = whole(pick.get("image"), f"{where}: image")
    if not 0 <= index < count:
        raise AnnotationError(f"{where} is of image {index}, but the file lists {count}.")
    return index


def _annotation(pick: dict[str, Any], where: str) -> Annotation:
    name = text_of(pick, "name", where)
    what = f'{where} ("{name}")'
    x, y = (finite(pick.get(axis), f"{what}: {axis}") for axis in "xy")
    return Annotation(name, x, y, color_of(pick, what), hidden_of(pick, what))


def _shot(entry: dict[str, Any], where: str) -> dict[str, Any]:
    camera = member(entry, "camera", dict, where)
    size = size_of(entry, "width", "height", where)
    if size is None:
        raise AnnotationError(f'{where} has no "width" and "height": export the picks again.')
    intrinsics = camera.get("intrinsics")
    return {
        "image": member(entry, "file_name", str, where),
        "size": size,
        "frame": whole(entry.get("frame"), f"{where}: frame"),
        "layer": text_of(entry, "layer", where),
        "view": text_of(entry, "view", where),
        "camera": member(camera, "name", str, where),
        "intrinsics": None if intrinsics is None else rows(intrinsics, 3, f"{where}: intrinsics"),
        "camera_to_world": rows(camera.get("camera_to_world"), 4, f"{where}: camera_to_world"),
        "lens": member(camera, "lens", dict, where),
    }


def color_of(pick: dict[str, Any], what: str) -> Color | None:
    """A pick's color, if it has one.

    Raises
    ------
    AnnotationError
        It is not three finite numbers.
    """
    color = pick.get("color")
    return None if color is None else vector(color, f"{what}: color")


def hidden_of(pick: dict[str, Any], what: str) -> bool:
    """Whether a pick is hidden; it is not where nothing is said.

    Raises
    ------
    AnnotationError
        It is neither true nor false.
    """
    return checked(pick.get("hidden", False), bool, f"{what}: hidden")


def depth_kind(value: Any, what: str) -> DepthKind:
    """A kind of depth by its name.

    Raises
    ------
    AnnotationError
        There is no such kind.
    """
    try:
        return DepthKind(value)
    except ValueError:
        raise AnnotationError(
            f'{what}: the kind of depth is {shown(value)}, but "planar" or "ray" was expected.'
        ) from None
