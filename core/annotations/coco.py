"""COCO keypoints, a JSON file for many images.

COCO counts whole pixels from 0 and so has their centers at whole numbers: half a pixel lies
between its coordinates and this product's. Sources: https://cocodataset.org/#format-data
("0-indexed location x,y"), and Detectron2, which adds the same half
(https://detectron2.readthedocs.io/en/latest/tutorials/datasets.html, at ``keypoints``).

The picks are written as one category, whose keypoints are their names, with one annotation an
image. Beside the fields of COCO, which readers such as ``pycocotools`` take no notice of, each
annotation has ``keypoints_3d``, the points in the world, and ``picks``, all else of each pick,
both in the order of ``keypoints`` with null where the image lacks that pick; and each image has
its ``frame`` and ``camera`` as in this product's JSON.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

from ..errors import AnnotationError
from .annotation import AnnotatedImage, Annotation
from .native_json import color_of, hidden_of, image_data, pick_data, shots_of
from .parsing import Collector, checked, finite, member, occluded_note, pair, size_of, text_of
from .picks import PickRecord

_HALF = 0.5
_NOTE = "Half a pixel was added: COCO's whole numbers are the centers of pixels."


def is_coco(data: dict[str, Any]) -> bool:
    """Whether an object looks like a COCO file."""
    return "images" in data and "annotations" in data


def read_coco(data: dict[str, Any]) -> tuple[AnnotatedImage, ...]:
    """Keypoints of every image of a COCO file.

    Annotations of images that the file does not list are the problems of a last, unnamed image.

    Raises
    ------
    AnnotationError
        The list of images or categories is broken, or no annotation has keypoints.
    """
    file = "The COCO file"
    images = _images(member(data, "images", list, file))
    names = _keypoint_names(data.get("categories", []))
    strays = Collector()
    annotations = member(data, "annotations", list, file)
    with_keypoints = 0
    for number, annotation in enumerate(annotations, 1):
        where = f"Annotation {number}"
        try:
            annotation = checked(annotation, dict, where)
            if "keypoints" not in annotation:
                continue
            with_keypoints += 1
            image_id = annotation.get("image_id")
            if not isinstance(image_id, (int, str)) or image_id not in images:
                raise AnnotationError(f"{where} is of an image that the file does not list.")
        except AnnotationError as error:
            strays.problems.append(str(error))
            continue
        _add_keypoints(images[image_id], annotation, names, where)
    if annotations and not with_keypoints and not strays.problems:
        raise AnnotationError(
            "The COCO file has boxes or outlines but no keypoints: export COCO keypoints."
        )
    return tuple(found.image() for found in (*images.values(), strays))


def _images(entries: list[Any]) -> dict[int | str, Collector]:
    images: dict[int | str, Collector] = {}
    for number, entry in enumerate(entries, 1):
        where = f"Image {number}"
        image_id = checked(entry, dict, where).get("id")
        if not isinstance(image_id, (int, str)):
            raise AnnotationError(f'{where} has no "id", where a number or a text was expected.')
        size = size_of(entry, "width", "height", where)
        images[image_id] = Collector(size, text_of(entry, "file_name", where))
    return images


def _keypoint_names(entries: Any) -> dict[int | str, list[Any]]:
    names = {}
    for number, entry in enumerate(checked(entries, list, 'The COCO file\'s "categories"'), 1):
        where = f"Category {number}"
        category_id = checked(entry, dict, where).get("id")
        if isinstance(category_id, (int, str)) and "keypoints" in entry:
            names[category_id] = member(entry, "keypoints", list, where)
    return names


def _add_keypoints(
    found: Collector, annotation: dict[str, Any], all_names: dict[int | str, list[Any]], where: str
) -> None:
    try:
        values = member(annotation, "keypoints", list, where)
        if len(values) % 3:
            raise AnnotationError(
                f"{where} has {len(values)} numbers as keypoints, but x, y and visibility of each "
                "were expected."
            )
    except AnnotationError as error:
        found.problems.append(str(error))
        return
    category = annotation.get("category_id")
    names = all_names.get(category, []) if isinstance(category, (int, str)) else []
    own = annotation.get("picks")
    extras = own if isinstance(own, list) else []
    occluded = 0
    for number in range(len(values) // 3):
        is_named = number < len(names) and isinstance(names[number], str)
        name = names[number] if is_named else f"keypoint {number + 1}"
        what = f'{where}, keypoint {number + 1} ("{name}")'
        extra = extras[number] if number < len(extras) else None
        try:
            x, y, seen = values[3 * number : 3 * number + 3]
            visibility = finite(seen, f"{what}: visibility")
            if visibility == 0:
                continue
            found.annotations.append(_annotation(name, x, y, extra, what))
            occluded += visibility == 1
        except AnnotationError as error:
            found.problems.append(str(error))
    if _NOTE not in found.notes:
        found.notes.append(_NOTE)
    if occluded:
        found.notes.append(f"{where}: {occluded_note(occluded)}")


def _annotation(name: str, x: Any, y: Any, extra: Any, what: str) -> Annotation:
    own = extra if isinstance(extra, dict) else {}
    place = finite(x, f"{what}: x"), finite(y, f"{what}: y")
    pixel = (place[0] + _HALF, place[1] + _HALF)
    # Half a pixel less is rounded below a quarter; and other tools may have moved the keypoint.
    if own.get("pixel") is not None:
        exact = pair(own["pixel"], f"{what}: pixel")
        pixel = exact if (exact[0] - _HALF, exact[1] - _HALF) == place else pixel
    return Annotation(name, *pixel, color_of(own, what), hidden_of(own, what))


def coco_bytes(records: Sequence[PickRecord]) -> bytes:
    """Picks as a COCO keypoints file."""
    shots, shot_of_record = shots_of(records)
    slots: dict[tuple[str, int], None] = {}
    of_image: list[dict[tuple[str, int], PickRecord]] = [{} for _ in shots]
    seen: list[Counter[str]] = [Counter() for _ in shots]
    for record, shot in zip(records, shot_of_record, strict=True):
        # A name that an image has twice needs a second keypoint of that name.
        repeat = seen[shot][record.name]
        seen[shot][record.name] += 1
        of_image[shot][record.name, repeat] = record
        slots[record.name, repeat] = None
    category = {"id": 1, "name": "picks", "supercategory": "picks", "skeleton": []}
    data = {
        "info": {"description": "Picks located in 3D", "version": "1.0"},
        "licenses": [],
        "images": [{**image_data(shot), "id": number} for number, shot in enumerate(shots, 1)],
        "categories": [{**category, "keypoints": [name for name, _ in slots]}],
        "annotations": [
            _annotation_data(number, [picks.get(slot) for slot in slots])
            for number, picks in enumerate(of_image, 1)
        ],
    }
    return json.dumps(data, indent=1, allow_nan=False).encode()


def _annotation_data(number: int, picks: Sequence[PickRecord | None]) -> dict[str, Any]:
    keypoints: list[float] = []
    for pick in picks:
        keypoints += (pick.x - _HALF, pick.y - _HALF, 2) if pick else (0, 0, 0)
    here = [pick for pick in picks if pick]
    left, right = min(pick.x for pick in here), max(pick.x for pick in here)
    top, bottom = min(pick.y for pick in here), max(pick.y for pick in here)
    return {
        "id": number,
        "image_id": number,
        "category_id": 1,
        "iscrowd": 0,
        "segmentation": [],
        "area": (right - left) * (bottom - top),
        # Boxes, unlike keypoints, are measured from the image's corner.
        "bbox": [left, top, right - left, bottom - top],
        "num_keypoints": len(here),
        "keypoints": keypoints,
        "keypoints_3d": [list(pick.world) if pick else None for pick in picks],
        "picks": [
            {"pixel": [pick.x, pick.y], **pick_data(pick)} if pick else None for pick in picks
        ],
    }
