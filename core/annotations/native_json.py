"""Native JSON: this product's file of picks, which holds everything about a pick exactly.

``images`` lists each picture with its size, frame, and camera once. ``picks`` are in the order of
the list, each with the index of its image. If a file has only ``format``, and ``x`` and ``y`` of
each pick, the points are imported as annotations.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from ..errors import AnnotationError
from .annotation import AnnotatedImage, Annotation, Color
from .image_collector import ImageCollector
from .parsing import (
    checked_type,
    depth_kind,
    excerpt,
    finite_number,
    optional_size,
    optional_text,
    required_value,
    square_matrix,
    vector,
    whole_number,
)
from .picks import PickFile, PickRecord

FORMAT = "reconstruct-from-depth picks"
VERSION = 1


def is_native_json(data: dict[str, Any]) -> bool:
    """Whether the object in a JSON file says that it is native JSON."""
    return data.get("format") == FORMAT


def has_located_picks(data: dict[str, Any]) -> bool:
    """Whether native JSON has the place in 3D of any of its points."""
    picks = data.get("picks")
    return isinstance(picks, list) and any(
        isinstance(pick, dict) and "world" in pick for pick in picks
    )


def distinct_shots(records: Sequence[PickRecord]) -> tuple[list[PickRecord], list[int]]:
    """One record for each distinct image and camera, and each record's index into that list."""
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
    """Describe what all picks on one image share: the image and its camera."""
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
    """Describe a pick, except for its image, name, pixel, and place in the world."""
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


def native_json_bytes(records: Sequence[PickRecord]) -> bytes:
    """Write picks as native JSON."""
    shots, indices = distinct_shots(records)
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


def read_native_json(data: dict[str, Any]) -> tuple[AnnotatedImage, ...]:
    """Read the points of every image in native JSON; points without an image come last.

    Raises
    ------
    AnnotationError
        The list of images is broken, or the file is of a newer version.
    """
    images = []
    for where, entry in _entries(data, "images"):
        size = optional_size(entry, "width", "height", where)
        images.append(ImageCollector(size, optional_text(entry, "file_name", where)))
    without_image = ImageCollector()
    for number, pick in enumerate(required_value(data, "picks", list, "The file"), 1):
        where = f"Pick {number}"
        image = without_image
        try:
            pick = checked_type(pick, dict, where)
            if pick.get("image") is not None:
                image = images[_image_index(pick, len(images), where)]
            image.annotations.append(_annotation(pick, where))
        except AnnotationError as error:
            image.problems.append(str(error))
    return tuple(image.collected() for image in (*images, without_image))


def read_native_json_picks(data: dict[str, Any]) -> PickFile:
    """Read everything about the picks in native JSON.

    Raises
    ------
    AnnotationError
        There are no lists of images and picks, or the file is of another version.
    """
    images = [_shot_or_error(entry, where) for where, entry in _entries(data, "images")]
    records, problems = [], []
    for number, pick in enumerate(required_value(data, "picks", list, "The file"), 1):
        where = f"Pick {number}"
        try:
            records.append(_record(checked_type(pick, dict, where), images, where))
        except AnnotationError as error:
            problems.append(str(error))
    return PickFile(tuple(records), tuple(problems))


def _record(
    pick: dict[str, Any], images: Sequence[dict[str, Any] | AnnotationError], where: str
) -> PickRecord:
    one = _annotation(pick, where)
    what = f'{where} ("{one.name}")'
    image = images[_image_index(pick, len(images), what)]
    if isinstance(image, AnnotationError):
        raise AnnotationError(f"{what}: {image}")
    return PickRecord(
        name=one.name,
        x=one.x,
        y=one.y,
        depth=finite_number(pick.get("depth"), f"{what}: depth"),
        depth_kind=depth_kind(pick.get("depth_kind"), what),
        world=vector(pick.get("world"), f"{what}: world"),
        camera_space=vector(pick.get("camera_space"), f"{what}: camera_space"),
        footprint=finite_number(pick.get("footprint"), f"{what}: footprint"),
        precision=finite_number(pick.get("precision"), f"{what}: precision"),
        edge=required_value(pick, "edge", bool, what),
        **image,
        color=one.color,
        hidden=one.hidden,
    )


def _shot_or_error(entry: dict[str, Any], where: str) -> dict[str, Any] | AnnotationError:
    """Description of an image, or what is wrong with it, which each of its picks reports."""
    try:
        return _shot(entry, where)
    except AnnotationError as error:
        return error


def _entries(data: dict[str, Any], key: str) -> list[tuple[str, dict[str, Any]]]:
    """Objects of a list, each with what messages call it."""
    if data.get("version", VERSION) != VERSION:
        raise AnnotationError(
            f"The file is of version {excerpt(data['version'])}, but {VERSION} was expected: "
            "update this extension, or export the picks again."
        )
    entries = checked_type(data.get(key, []), list, f'The file\'s "{key}"')
    named = [(f"{key[:-1].capitalize()} {number}", one) for number, one in enumerate(entries, 1)]
    return [(where, checked_type(one, dict, where)) for where, one in named]


def _image_index(pick: dict[str, Any], count: int, where: str) -> int:
    index = whole_number(pick.get("image"), f"{where}: image")
    if not 0 <= index < count:
        raise AnnotationError(
            f"{where} belongs to image {index}, but the number of images in the file is {count}."
        )
    return index


def _annotation(pick: dict[str, Any], where: str) -> Annotation:
    name = optional_text(pick, "name", where)
    what = f'{where} ("{name}")'
    x, y = (finite_number(pick.get(axis), f"{what}: {axis}") for axis in "xy")
    return Annotation(name, x, y, color_of(pick, what), hidden_of(pick, what))


def _shot(entry: dict[str, Any], where: str) -> dict[str, Any]:
    camera = required_value(entry, "camera", dict, where)
    size = optional_size(entry, "width", "height", where)
    if size is None:
        raise AnnotationError(f'{where} has no "width" and "height": export the picks again.')
    intrinsics = camera.get("intrinsics")
    return {
        "image": required_value(entry, "file_name", str, where),
        "size": size,
        "frame": whole_number(entry.get("frame"), f"{where}: frame"),
        "layer": optional_text(entry, "layer", where),
        "view": optional_text(entry, "view", where),
        "camera": required_value(camera, "name", str, where),
        "intrinsics": None
        if intrinsics is None
        else square_matrix(intrinsics, 3, f"{where}: intrinsics"),
        "camera_to_world": square_matrix(
            camera.get("camera_to_world"), 4, f"{where}: camera_to_world"
        ),
        "lens": required_value(camera, "lens", dict, where),
    }


def color_of(pick: dict[str, Any], what: str) -> Color | None:
    """Color of a pick; None if it has none.

    Raises
    ------
    AnnotationError
        The color is not three finite numbers.
    """
    color = pick.get("color")
    return None if color is None else vector(color, f"{what}: color")


def hidden_of(pick: dict[str, Any], what: str) -> bool:
    """Whether a pick is hidden, which it is only if it says so.

    Raises
    ------
    AnnotationError
        The value is neither true nor false.
    """
    return checked_type(pick.get("hidden", False), bool, f"{what}: hidden")
