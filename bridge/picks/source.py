"""What picks are made on: the depth of an image, in memory, and the camera that took it."""

from __future__ import annotations

import itertools
import os
from dataclasses import dataclass, field

import bpy

from ...core.cameras.camera import Camera
from ...core.cameras.serialization import camera_to_text
from ...core.depth.image import DepthImage
from ...core.depth.mirroring import Mirroring
from ...core.errors import FileError
from ...core.pipeline.shot import Basis
from ..renders.history import render_fingerprint
from ..sources.depth_values import reading_state
from ..sources.paths import same_path


@dataclass(frozen=True)
class SourceKey:
    """Which depth; `filepath` is empty for the Render Result, `view` for the first or only one."""

    filepath: str
    view: str = ""

    @property
    def title(self) -> str:
        """What to call the image with the depth."""
        return bpy.path.basename(self.filepath) or "Render Result"


@dataclass(frozen=True, eq=False)
class PickSource:
    """Depth with its camera, in plain data that outlives undo.

    Attributes
    ----------
    key : SourceKey
    fingerprint : str
        What tells this state of the file, or this render, from others.
    layer, view : str
        The layer's label and the view that were read.
    camera_name : str
    frame : int
    depth : DepthImage
    camera : Camera
    notes : tuple of str
        What the user should know about it, a sentence each.
    mirroring : Mirroring
        How the image that was read had to be mirrored.
    pose : Basis
        How the camera's pose and lens are known.
    serial : int
        Another for every source that ever was.
    """

    key: SourceKey
    fingerprint: str
    layer: str
    view: str
    camera_name: str
    frame: int
    depth: DepthImage
    camera: Camera
    notes: tuple[str, ...]
    mirroring: Mirroring = field(default_factory=Mirroring)
    pose: Basis = Basis.SCENE
    serial: int = field(init=False, default_factory=itertools.count().__next__)

    @property
    def title(self) -> str:
        """Whose depth it is: the file or the Render Result, the layer, and the view."""
        return ", ".join(filter(None, (self.key.title, self.layer, self.view)))

    @property
    def camera_text(self) -> str:
        """The camera as JSON."""
        return camera_to_text(self.camera)


SETTLED = frozenset({Basis.FILE.name, Basis.CHOSEN.name})
"""How a pose is known that the scene's camera does not decide."""

MISSING = "missing"
"""The fingerprint of a file that is not there."""

NO_FILE = (
    "The sidebar of the 3D viewport, tab Depth, has File as its source, but no file: choose the "
    "OpenEXR file with the depth there, or Render Result."
)


def chosen_key(scene: bpy.types.Scene, view: str = "") -> SourceKey | None:
    """The source that the sidebar of the 3D viewport has; None for a file that is not chosen."""
    settings = scene.reconstruct_from_depth
    if settings.source != "FILE":
        return SourceKey("", view or settings.view)
    return SourceKey(settings.filepath, view or settings.view) if settings.filepath else None


def key_of(scene: bpy.types.Scene, filepath: str, view: str) -> SourceKey:
    """The file, or without one what the sidebar of the 3D viewport has.

    Raises
    ------
    FileError
        The sidebar has no file either.
    """
    key = SourceKey(filepath, view) if filepath else chosen_key(scene, view)
    if key is None:
        raise FileError(NO_FILE)
    return key


def fingerprint_of(filepath: str, scene: bpy.types.Scene | None = None) -> str:
    """What tells the present state of a file, or of a scene's Render Result, from others.

    To a scene, a source is another one once it is read otherwise.
    """
    state = reading_state(scene, filepath) if scene else ""
    if not filepath:
        return f"{render_fingerprint(scene)}{state}"
    try:
        status = os.stat(bpy.path.abspath(filepath))
    except OSError:
        return MISSING
    return f"{status.st_size}:{status.st_mtime_ns}{state}"


def same_pixels(one: str, other: str) -> bool:
    """Whether two fingerprints are of one state of a file or render, perhaps read otherwise."""
    return one.partition("(")[0] == other.partition("(")[0]


def is_shot_of(shot: bpy.types.PropertyGroup, source: PickSource) -> bool:
    """Whether a shot of the scene is this image, perhaps in another state."""
    return (
        same_path(shot.filepath, source.key.filepath)
        and shot.layer == source.layer
        and shot.view == source.view
        and (shot.camera, shot.frame) == (source.camera_name, source.frame)
    )
