"""Picks as records of the core's files, and back."""

from __future__ import annotations

import json
from collections.abc import Sequence

import bpy
import numpy as np

from ..core.annotations import Annotation, PickRecord
from ..core.camera import Camera
from ..core.camera_data import camera_from_data
from ..core.depth import DepthKind
from ..core.intrinsics import Perspective
from ..core.locate import locate
from .pick_numbers import PickNumbers
from .pick_source import PickSource, stamp_of
from .picks import add_pick, numbers_of, why_not

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


def add_records(picks: Group, records: Sequence[PickRecord]) -> None:
    """Append picks just as they were exported, with the cameras of that time."""
    for record in records:
        shot = _shot_of(picks, record)
        pick = picks.picks.add()
        pick.name = record.name or picks.next_name()
        pick.numbers = PickNumbers(
            record.x, record.y, record.depth, *record.world, record.footprint, record.precision
        )
        pick.edge, pick.hidden, pick.shot = record.edge, record.hidden, shot.identifier
        if record.color is not None:
            pick.color = record.color
    picks.active = len(picks.picks) - 1
    picks.touch()


def _shot_of(picks: Group, record: PickRecord) -> Group:
    """The shot that a record was picked on, added if there is none."""
    camera_text = json.dumps(record.lens)
    for shot in picks.shots:
        if (shot.filepath, shot.layer, shot.view, shot.camera, shot.frame, shot.camera_data) == (
            record.image,
            record.layer,
            record.view,
            record.camera,
            record.frame,
            camera_text,
        ):
            return shot
    identifier = picks.new_shot_identifier()
    shot = picks.shots.add()
    shot.identifier = identifier
    shot.filepath, shot.layer, shot.view = record.image, record.layer, record.view
    shot.camera, shot.frame = record.camera, record.frame
    shot.kind, shot.size, shot.camera_data = record.depth_kind.value, record.size, camera_text
    shot.stamp = stamp_of(record.image)
    return shot


def add_annotations(
    picks: Group, source: PickSource, annotations: Sequence[Annotation]
) -> list[str]:
    """Append a pick for each point that hits something; a sentence for each of the others."""
    if not annotations:
        return []
    pixels = [(one.x, one.y) for one in annotations]
    located = locate(source.depth, source.camera, pixels)
    problems = []
    for index, one in enumerate(annotations):
        problem = why_not(located, index, one.x, one.y, source.depth.size)
        if problem:
            problems.append(f"{one.name or 'A point without a name'}: {problem}")
            continue
        pick = add_pick(picks, source, *numbers_of(located, index, one.x, one.y), one.name)
        pick.hidden = one.hidden
        if one.color is not None:
            pick.color = one.color
    return problems


def scene_name_of(scene: bpy.types.Scene) -> str:
    """A name for a file of the scene's picks."""
    stem = bpy.path.display_name_from_filepath(bpy.data.filepath) or scene.name
    return f"{stem} picks"
