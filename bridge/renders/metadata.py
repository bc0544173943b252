"""Metadata: what a file's header, or the history of renders, says about a shot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import bpy

from ...core.pipeline.shot import Basis
from ..cameras.lens import CYCLES
from .history import last_render

_NONE = "<none>"
"""What the File Output node writes for the camera."""


@dataclass(frozen=True)
class Metadata:
    """What is recorded about a shot.

    Attributes
    ----------
    basis : Basis
        FILE or RENDER.
    camera_name, engine : str
        Empty if not recorded. In a stereo rig, the camera may be that of another view.
    frame : int, optional
    """

    basis: Basis
    camera_name: str = ""
    engine: str = ""
    frame: int | None = None


def metadata_of_file(attributes: Mapping[str, str]) -> Metadata:
    """Read the metadata from the header of a file.

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
        The header of a file saved from the Render Result. It names the camera and the frame that
        the scene has when it is saved, not when it was rendered; only the engine is the render's.
    """
    rendered = last_render(scene)
    if rendered is None:
        return Metadata(Basis.RENDER, engine=metadata_of_file(attributes).engine)
    return Metadata(Basis.RENDER, rendered.camera_name, rendered.engine, rendered.frame)
