"""Picks as records of the core's files, and back."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence

import bpy
import numpy as np

from ...core.annotations.annotation import Annotation
from ...core.annotations.picks import PickRecord
from ...core.cameras.camera import Camera
from ...core.cameras.intrinsics import Perspective
from ...core.cameras.serialization import camera_from_data
from ...core.depth.image import DepthKind
from ...core.errors import CameraError
from ...core.geometry.locating import locate
from .model import ensure_shot, numbers_of, why_not
from .numbers import PickNumbers
from .source import PickSource

Group = bpy.types.PropertyGroup


def records_of(picks: Group) -> list[PickRecord]:
    """All picks, hidden ones too, in their order."""
    shots = {shot.identifier: shot for shot in picks.shots}
    cameras = {key: camera_from_data(json.loads(shot.camera_data)) for key, shot in shots.items()}
    return [_record(pick, shots[pick.shot], cameras[pick.shot]) for pick in picks.picks]


def _record(pick: Group, shot: Group, camera: Camera) -> PickRecord:
    numbers = pick.numbers
    lens = camera.lens
    intrinsics = lens.intrinsics.matrix if isinstance(lens, Perspective) else None
    to_camera = np.linalg.inv(camera.matrix)
    local = to_camera[:3, :3] @ numbers.world + to_camera[:3, 3]
    return PickRecord(
        name=pick.name,
        x=numbers.x,
        y=numbers.y,
        depth=numbers.depth,
        depth_kind=DepthKind(shot.kind),
        world=numbers.world,
        camera_space=tuple(local.tolist()),
        footprint=numbers.footprint,
        precision=numbers.precision,
        edge=pick.edge,
        image=shot.filepath,
        size=tuple(shot.size),
        frame=shot.frame,
        camera=shot.camera,
        intrinsics=None if intrinsics is None else tuple(map(tuple, intrinsics.tolist())),
        camera_to_world=tuple(map(tuple, camera.matrix.tolist())),
        lens=json.loads(shot.camera_data),
        color=tuple(pick.color),
        hidden=pick.hidden,
        layer=shot.layer,
        view=shot.view,
    )


def add_records(picks: Group, records: Sequence[PickRecord]) -> list[str]:
    """Append picks just as they were exported, with the cameras of that time.

    Those whose camera cannot be made are left out; a sentence for each of them.
    """
    good, problems = _with_good_cameras(records)
    names = _names(picks, [record.name for record in good])
    for record, name in zip(good, names, strict=True):
        numbers = PickNumbers(
            record.x, record.y, record.depth, *record.world, record.footprint, record.precision
        )
        pick = _append(picks, _shot_of(picks, record), name, numbers, record.edge)
        pick.hidden = record.hidden
        if record.color is not None:
            pick.color = record.color
    picks.active = len(picks.picks) - 1
    picks.touch()
    return problems


def _with_good_cameras(records: Iterable[PickRecord]) -> tuple[list[PickRecord], list[str]]:
    """The records that can be shown and exported again, and what is wrong with the others."""
    wrong: dict[str, str] = {}
    good, problems = [], []
    for record in records:
        text = json.dumps(record.lens)
        if text not in wrong:
            wrong[text] = _what_is_wrong(record)
        if wrong[text]:
            problems.append(f"{record.name or 'A pick without a name'}: {wrong[text]}")
        else:
            good.append(record)
    return good, problems


def _what_is_wrong(record: PickRecord) -> str:
    """Why there is no such camera; empty if there is."""
    try:
        camera_from_data(record.lens)
    except CameraError as error:
        return str(error)
    return ""


def _shot_of(picks: Group, record: PickRecord) -> Group:
    """The imported shot that a record was picked on, added if there is none.

    What state of the file it was is not known. So it has no fingerprint, and is never a shot of
    this scene itself, whose camera and depth may be of another render of the same name.
    """
    camera_text = json.dumps(record.lens)
    filepath = _absolute(record.image)
    for shot in picks.shots:
        if (
            *(shot.fingerprint, shot.filepath, shot.layer, shot.view, shot.camera, shot.frame),
            *(shot.kind, tuple(shot.size), shot.camera_data),
        ) == (
            *("", filepath, record.layer, record.view, record.camera, record.frame),
            *(record.depth_kind.value, record.size, camera_text),
        ):
            return shot
    identifier = picks.new_shot_identifier()
    shot = picks.shots.add()
    shot.identifier = identifier
    shot.filepath, shot.layer, shot.view = filepath, record.layer, record.view
    shot.camera, shot.frame = record.camera, record.frame
    shot.kind, shot.size, shot.camera_data = record.depth_kind.value, record.size, camera_text
    return shot


def _absolute(filepath: str) -> str:
    return bpy.path.abspath(filepath) if filepath else ""


def add_annotations(
    picks: Group, source: PickSource, annotations: Sequence[Annotation]
) -> list[str]:
    """Append a pick for each point that hits something; a sentence for each of the others."""
    if not annotations:
        return []
    located = locate(source.depth, source.camera, [(one.x, one.y) for one in annotations])
    size = source.depth.size
    wrong = [why_not(located, index, one.x, one.y, size) for index, one in enumerate(annotations)]
    hits = [index for index, problem in enumerate(wrong) if not problem]
    if hits:
        shot = ensure_shot(picks, source)
        names = _names(picks, [annotations[index].name for index in hits])
        for index, name in zip(hits, names, strict=True):
            one = annotations[index]
            pick = _append(picks, shot, name, *numbers_of(located, index, one.x, one.y))
            pick.hidden = one.hidden
            if one.color is not None:
                pick.color = one.color
        picks.active = len(picks.picks) - 1
        picks.touch()
    return [
        f"{one.name or 'A point without a name'}: {problem}"
        for one, problem in zip(annotations, wrong, strict=True)
        if problem
    ]


def _names(picks: Group, given: Sequence[str]) -> Iterator[str]:
    """The given names, and in the place of each empty one the next of the pattern."""
    free = picks.free_names(given)
    return (name or next(free) for name in given)


def _append(picks: Group, shot: Group, name: str, numbers: PickNumbers, edge: bool) -> Group:
    pick = picks.new_pick(name, shot)
    pick.numbers, pick.edge = numbers, edge
    return pick


def scene_name_of(scene: bpy.types.Scene) -> str:
    """A name for a file of the scene's picks."""
    stem = bpy.path.display_name_from_filepath(bpy.data.filepath) or scene.name
    return f"{stem} picks"
