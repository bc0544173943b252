"""COCO keypoints, a JSON file for many images.

In COCO, the centers of pixels are at whole numbers, counted from 0, so its coordinates are half a
pixel less than this product's. Sources: https://cocodataset.org/#format-data ("0-indexed location
x,y"), and Detectron2, which adds the same half pixel
(https://detectron2.readthedocs.io/en/latest/tutorials/datasets.html, at ``keypoints``).

The picks are written as one category, whose keypoints are their names, with one annotation for
each image. In addition to COCO's fields, which are all that readers such as ``pycocotools`` look
at, each annotation has ``keypoints_3d``, the points in the world, and ``picks``, everything else
about each pick. Both are in the order of ``keypoints``, with null where the image does not have
that pick. Each image has its ``frame`` and ``camera`` as in native JSON.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

from ..errors import AnnotationError
from .annotation import AnnotatedImage, Annotation
from .image_collector import ImageCollector, occluded_note
from .native_json import color_of, distinct_shots, hidden_of, image_data, pick_data
from .parsing import (
    checked_type,
    finite_number,
    optional_size,
    optional_text,
    pair,
    required_value,
)
from .picks import PickRecord

_HALF = 0.5
_NOTE = "Half a pixel was added, because COCO's whole numbers are the centers of pixels."


def is_coco(data: dict[str, Any]) -> bool:
    """Whether the object in a JSON file looks like COCO."""
    return "images" in data and "annotations" in data


def read_coco(data: dict[str, Any]) -> tuple[AnnotatedImage, ...]:
    """Read the keypoints of every image in a COCO file.

    Annotations of images that the file does not list are problems of a last image without a name.

    Raises
    ------
    AnnotationError
        The list of images or categories is broken, or no annotation has keypoints.
    """
    file = "The COCO file"
    images = _images(required_value(data, "images", list, file))
    names = _keypoint_names(data.get("categories", []))
    without_image = ImageCollector()
    annotations = required_value(data, "annotations", list, file)
    with_keypoints = 0
    for number, annotation in enumerate(annotations, 1):
        where = f"Annotation {number}"
        try:
            annotation = checked_type(annotation, dict, where)
            if "keypoints" not in annotation:
                continue
            with_keypoints += 1
            image_id = annotation.get("image_id")
            if not isinstance(image_id, (int, str)) or image_id not in images:
                raise AnnotationError(f"{where} belongs to an image that the file does not list.")
        except AnnotationError as error:
            without_image.problems.append(str(error))
            continue
        _add_keypoints(images[image_id], annotation, names, where)
    if annotations and not with_keypoints and not without_image.problems:
        raise AnnotationError(
            "The COCO file has boxes or outlines but no keypoints: export COCO keypoints."
        )
    return tuple(image.collected() for image in (*images.values(), without_image))


def _images(entries: list[Any]) -> dict[int | str, ImageCollector]:
    images: dict[int | str, ImageCollector] = {}
    for number, entry in enumerate(entries, 1):
        where = f"Image {number}"
        image_id = checked_type(entry, dict, where).get("id")
        if not isinstance(image_id, (int, str)):
            raise AnnotationError(f'{where} has no "id", where a number or text was expected.')
        size = optional_size(entry, "width", "height", where)
        images[image_id] = ImageCollector(size, optional_text(entry, "file_name", where))
    return images


def _keypoint_names(entries: Any) -> dict[int | str, list[Any]]:
    names = {}
    entries = checked_type(entries, list, 'The COCO file\'s "categories"')
    for number, entry in enumerate(entries, 1):
        where = f"Category {number}"
        category_id = checked_type(entry, dict, where).get("id")
        if isinstance(category_id, (int, str)) and "keypoints" in entry:
            names[category_id] = required_value(entry, "keypoints", list, where)
    return names


def _add_keypoints(
    image: ImageCollector,
    annotation: dict[str, Any],
    all_names: dict[int | str, list[Any]],
    where: str,
) -> None:
    try:
        values = required_value(annotation, "keypoints", list, where)
        if len(values) % 3:
            raise AnnotationError(
                f"{where} has {len(values)} numbers as keypoints, but x, y, and visibility of each "
                "were expected."
            )
    except AnnotationError as error:
        image.problems.append(str(error))
        return
    category = annotation.get("category_id")
    names = all_names.get(category, []) if isinstance(category, (int, str)) else []
    picks = annotation.get("picks")
    picks = picks if isinstance(picks, list) else []
    occluded = 0
    for number in range(len(values) // 3):
        is_named = number < len(names) and isinstance(names[number], str)
        name = names[number] if is_named else f"keypoint {number + 1}"
        what = f'{where}, keypoint {number + 1} ("{name}")'
        pick = picks[number] if number < len(picks) else None
        try:
            x, y, visibility = values[3 * number : 3 * number + 3]
            visibility = finite_number(visibility, f"{what}: visibility")
            if visibility == 0:
                continue
            image.annotations.append(_annotation(name, x, y, pick, what))
            occluded += visibility == 1
        except AnnotationError as error:
            image.problems.append(str(error))
    if _NOTE not in image.notes:
        image.notes.append(_NOTE)
    if occluded:
        image.notes.append(f"{where}: {occluded_note(occluded)}")


def _annotation(name: str, x: Any, y: Any, pick: Any, what: str) -> Annotation:
    """Make the point of a keypoint; ``pick`` is what this product's files add to it, if any."""
    pick = pick if isinstance(pick, dict) else {}
    keypoint = finite_number(x, f"{what}: x"), finite_number(y, f"{what}: y")
    pixel = (keypoint[0] + _HALF, keypoint[1] + _HALF)
    # The exact pixel is preferred, since subtracting half a pixel rounds numbers below a quarter,
    # unless another tool has moved the keypoint since.
    if pick.get("pixel") is not None:
        exact = pair(pick["pixel"], f"{what}: pixel")
        pixel = exact if (exact[0] - _HALF, exact[1] - _HALF) == keypoint else pixel
    return Annotation(name, *pixel, color_of(pick, what), hidden_of(pick, what))


def coco_bytes(records: Sequence[PickRecord]) -> bytes:
    """Write picks as COCO keypoints."""
    shots, shot_of_record = distinct_shots(records)
    slots: dict[tuple[str, int], None] = {}
    of_image: list[dict[tuple[str, int], PickRecord]] = [{} for _ in shots]
    seen: list[Counter[str]] = [Counter() for _ in shots]
    for record, shot in zip(records, shot_of_record, strict=True):
        # Where an image has a name twice, the category needs a second keypoint of that name.
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
        # Boxes, unlike keypoints, are measured from the corner of the image.
        "bbox": [left, top, right - left, bottom - top],
        "num_keypoints": len(here),
        "keypoints": keypoints,
        "keypoints_3d": [list(pick.world) if pick else None for pick in picks],
        "picks": [
            {"pixel": [pick.x, pick.y], **pick_data(pick)} if pick else None for pick in picks
        ],
    }
