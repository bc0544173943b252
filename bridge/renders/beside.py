"""Write how a render was taken beside its file, where the file itself cannot say it."""

from __future__ import annotations

import os
from collections.abc import Iterator

import bpy

from ...core.errors import FileError
from ...core.exr.shot_metadata import ShotMetadata
from ...core.exr.sidecar import write_sidecar

_EXR = frozenset({"OPEN_EXR", "OPEN_EXR_MULTILAYER"})

_CLOCK_SLACK = 2.0
"""Seconds by which the clock of a file system may be late."""


def write_beside(scene: bpy.types.Scene, metadata: ShotMetadata, began: float) -> Iterator[str]:
    """Write a sidecar for each OpenEXR file of a frame; give a sentence for each that cannot be.

    Parameters
    ----------
    scene : bpy.types.Scene
    metadata : ShotMetadata
    began : float
        When the frame began, in seconds since 1970, so that older files are left alone.
    """
    if scene.render.image_settings.file_format not in _EXR:
        return
    for path in _written_files(scene, metadata, began):
        try:
            write_sidecar(metadata, path)
        except FileError as error:
            yield str(error)


def _written_files(scene: bpy.types.Scene, metadata: ShotMetadata, began: float) -> Iterator[str]:
    """The files of a frame: one, or one for each view."""
    is_individual = scene.render.image_settings.views_format == "INDIVIDUAL"
    for shot in metadata.views if is_individual else metadata.views[:1]:
        view, suffix = (shot.view, shot.suffix) if is_individual else ("", "")
        ages = {
            path: os.path.getmtime(path)
            for path in _possible_files(scene.render, view, suffix, metadata.frame)
            if os.path.isfile(path)
        }
        newest = max(ages, key=lambda path: ages[path], default="")
        if newest and ages[newest] >= began - _CLOCK_SLACK:
            yield newest


def _possible_files(
    render: bpy.types.RenderSettings, view: str, suffix: str, frame: int
) -> Iterator[str]:
    """Paths that a frame of an animation and a still may have; a still's leaves the frame out."""
    yield bpy.path.abspath(
        render.frame_path(frame=frame, view=view) if view else render.frame_path(frame=frame)
    )
    path, extension = bpy.path.abspath(render.filepath), render.file_extension
    stem = path.removesuffix(extension)
    if render.use_file_extension or stem != path:
        yield f"{stem}{suffix}{extension}"
    yield f"{path}{suffix}"
