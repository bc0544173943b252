"""Export a scene's picks as records of the core, and add records and annotations as picks."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

import bpy
import numpy as np

from ...core.annotations.annotation import Annotation
from ...core.annotations.picks import PickRecord, with_usable_cameras
from ...core.cameras.camera import Camera
from ...core.cameras.intrinsics import Perspective
from ...core.cameras.serialization import camera_from_text
from ...core.depth.image import DepthKind
from ...core.geometry.locate_pixel import missing_reason, point_at
from ...core.geometry.located_point import LocatedPoint
from ...core.geometry.locating import locate
from .scene_picks import ensure_shot
from .source import PickSource

Group = bpy.types.PropertyGroup


def records_of(picks: Group) -> list[PickRecord]:
    """All picks in their order, hidden ones too."""
    shots = {shot.identifier: shot for shot in picks.shots}
    cameras = {key: camera_from_text(shot.camera_data) for key, shot in shots.items()}
    return [_record(pick, shots[pick.shot], cameras[pick.shot]) for pick in picks.picks]


def _record(pick: Group, shot: Group, camera: Camera) -> PickRecord:
    point, lens = pick.point, camera.lens
    intrinsics = lens.intrinsics.matrix if isinstance(lens, Perspective) else None
    to_camera = np.linalg.inv(camera.matrix)
    camera_space = to_camera[:3, :3] @ point.world + to_camera[:3, 3]
    return PickRecord(
        name=pick.name,
        x=point.x,
        y=point.y,
        depth=point.depth,
        depth_kind=DepthKind(shot.kind),
        world=point.world,
        camera_space=tuple(camera_space.tolist()),
        footprint=point.footprint,
        precision=point.precision,
        edge=point.edge,
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
    """Append picks just as they were exported, with their own cameras.

    Returns
    -------
    list of str
        A sentence for each record that is left out because its camera cannot be made.
    """
    file = with_usable_cameras(records)
    names = _fill_names(picks, [record.name for record in file.records])
    for record, name in zip(file.records, names, strict=True):
        pick = picks.new_pick(name, _ensure_imported_shot(picks, record))
        pick.point = LocatedPoint(
            *(record.x, record.y, record.depth, *record.world),
            *(record.footprint, record.precision, record.edge),
        )
        pick.hidden = record.hidden
        if record.color is not None:
            pick.color = record.color
    picks.active = len(picks.picks) - 1
    picks.touch()
    return list(file.problems)


def _ensure_imported_shot(picks: Group, record: PickRecord) -> Group:
    """The imported shot that a record was picked on, added to the scene if it has none yet.

    Which state the file had then is unknown. So the shot has no fingerprint, and is never taken for
    a shot of this scene, whose camera and depth may be of another render with the same name.
    """
    camera_data = json.dumps(record.lens)
    filepath = bpy.path.abspath(record.image) if record.image else ""
    for shot in picks.shots:
        if (
            *(shot.fingerprint, shot.filepath, shot.layer, shot.view, shot.camera, shot.frame),
            *(shot.kind, tuple(shot.size), shot.camera_data),
        ) == (
            *("", filepath, record.layer, record.view, record.camera, record.frame),
            *(record.depth_kind.value, record.size, camera_data),
        ):
            return shot
    identifier = picks.new_shot_identifier()
    shot = picks.shots.add()
    shot.identifier = identifier
    shot.filepath, shot.layer, shot.view = filepath, record.layer, record.view
    shot.camera, shot.frame = record.camera, record.frame
    shot.kind, shot.size, shot.camera_data = record.depth_kind.value, record.size, camera_data
    return shot


def add_annotations(
    picks: Group, source: PickSource, annotations: Sequence[Annotation]
) -> list[str]:
    """Append a pick for each annotated point that hits a surface.

    Returns
    -------
    list of str
        A sentence for each point that hits none.
    """
    if not annotations:
        return []
    located = locate(source.depth, source.camera, [(each.x, each.y) for each in annotations])
    size = source.depth.size
    reasons = [
        missing_reason(located, index, each.x, each.y, size)
        for index, each in enumerate(annotations)
    ]
    hits = [index for index, reason in enumerate(reasons) if not reason]
    if hits:
        shot = ensure_shot(picks, source)
        names = _fill_names(picks, [annotations[index].name for index in hits])
        for index, name in zip(hits, names, strict=True):
            annotation = annotations[index]
            pick = picks.new_pick(name, shot)
            pick.point = point_at(located, index, annotation.x, annotation.y)
            pick.hidden = annotation.hidden
            if annotation.color is not None:
                pick.color = annotation.color
        picks.active = len(picks.picks) - 1
        picks.touch()
    return [
        f"{each.name or 'A point without a name'}: {reason}"
        for each, reason in zip(annotations, reasons, strict=True)
        if reason
    ]


def _fill_names(picks: Group, given: Sequence[str]) -> Iterator[str]:
    """The given names, with each empty one replaced by the next free name of the pattern."""
    free = picks.free_names(given)
    return (name or next(free) for name in given)


def export_file_name(scene: bpy.types.Scene) -> str:
    """A name, without extension, for a file of the scene's picks."""
    stem = bpy.path.display_name_from_filepath(bpy.data.filepath) or scene.name
    return f"{stem} picks"
