"""Metadata: what a file's header, or the history of renders, says about a shot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import bpy

from ...core.errors import CameraError
from ...core.exr.header import Matrix
from ...core.exr.layers import FileInfo
from ...core.exr.shot_metadata import ShotMetadata
from ...core.exr.sidecar import shot_metadata_of
from ...core.pipeline.file_camera import image_size
from ...core.pipeline.shot import Basis
from ..cameras.lens import CYCLES
from .history import last_render

_NONE = "<none>"
"""What the File Output node writes for the camera."""


@dataclass(frozen=True, eq=False)
class Metadata:
    """What is recorded about a shot.

    Attributes
    ----------
    basis : Basis
        FILE or RENDER.
    camera_name, engine : str
        Empty if not recorded. In a stereo rig, the camera may be that of another view.
    frame : int, optional
    shot : ShotMetadata, optional
        How the file says it was rendered, complete with its cameras.
    problem : str
        Why that cannot be used; empty where it can, or there is none.
    matrices : mapping of str to mapping of str to Matrix
        As of `FileInfo`.
    size : tuple of int
        Width and height of the image.
    """

    basis: Basis
    camera_name: str = ""
    engine: str = ""
    frame: int | None = None
    shot: ShotMetadata | None = None
    problem: str = ""
    matrices: Mapping[str, Mapping[str, Matrix]] = field(default_factory=dict)
    size: tuple[int, int] = (0, 0)


def read_metadata(info: FileInfo) -> Metadata:
    """What a file says, in its header or in the JSON file beside it."""
    metadata = replace(
        metadata_of_attributes(info.attributes), matrices=info.matrices, size=image_size(info)
    )
    try:
        return with_shot(metadata, shot_metadata_of(info))
    except CameraError as error:
        return replace(metadata, problem=str(error))


def with_shot(metadata: Metadata, shot: ShotMetadata | None) -> Metadata:
    """Metadata with how the file says it was rendered, where it does."""
    if shot is None:
        return metadata
    return replace(
        metadata,
        camera_name=metadata.camera_name or shot.views[0].camera_name,
        engine=shot.engine,
        frame=shot.frame,
        shot=shot,
    )


def metadata_of_attributes(attributes: Mapping[str, str]) -> Metadata:
    """What Blender itself writes into the header of a file.

    Parameters
    ----------
    attributes : mapping of str to str
        The header's attributes that are strings.
    """
    camera_name = attributes.get("Camera", "")
    try:
        frame = int(attributes.get("Frame", ""))
    except ValueError:  # not recorded, or by another program
        frame = None
    by_cycles = any(name.startswith("cycles.") for name in attributes)
    return Metadata(
        Basis.FILE,
        camera_name="" if camera_name == _NONE else camera_name,
        engine=CYCLES if by_cycles else "",
        frame=frame,
    )


def metadata_of_render(scene: bpy.types.Scene, attributes: Mapping[str, str]) -> Metadata:
    """Return what was recorded while the Render Result was rendered.

    Parameters
    ----------
    scene : bpy.types.Scene
    attributes : mapping of str to str
        The header of a file saved from the Render Result. It names the camera and the frame of the
        render, but not the camera of each view.
    """
    rendered = last_render(scene)
    if rendered is None:
        return Metadata(Basis.RENDER, engine=metadata_of_attributes(attributes).engine)
    return Metadata(Basis.RENDER, rendered.camera_name, rendered.engine, rendered.frame)
