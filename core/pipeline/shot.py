"""Shots: how images were taken, and how that is known."""

from __future__ import annotations

import enum
from dataclasses import dataclass, fields

from ..depth.clipping import ClipRange
from ..depth.image import DepthKind
from .notes import Note

CYCLES = "CYCLES"
"""What Blender calls the engine whose depth is that of the pixel's center."""


class Basis(enum.Enum):
    """How something about a shot is known."""

    FILE = "read from the file"
    RENDER = "seen when it was rendered"
    CHOSEN = "chosen"
    SCENE = "assumed from the scene as it is now"


@dataclass(frozen=True)
class ShotBasis:
    """How everything about a shot is known.

    Attributes
    ----------
    camera : Basis
        Which camera it is.
    pose : Basis
        Where the camera stood, and its lens.
    frame, engine : Basis
    kind : Basis
        What the depth measures.
    unit : Basis
        That one unit of depth is one unit of the scene.
    """

    camera: Basis = Basis.CHOSEN
    pose: Basis = Basis.CHOSEN
    frame: Basis = Basis.CHOSEN
    engine: Basis = Basis.CHOSEN
    kind: Basis = Basis.CHOSEN
    unit: Basis = Basis.CHOSEN

    def __str__(self) -> str:
        """One sentence, such as ``Camera and frame: read from the file; unit: chosen.``."""
        groups: dict[Basis, list[str]] = {}
        for each in fields(self):
            groups.setdefault(getattr(self, each.name), []).append(_TITLES[each.name])
        text = "; ".join(f"{', '.join(names)}: {basis.value}" for basis, names in groups.items())
        return f"{text[:1].upper()}{text[1:]}."


_TITLES = {
    "camera": "camera",
    "pose": "pose and lens",
    "frame": "frame",
    "engine": "engine",
    "kind": "kind of depth",
    "unit": "unit",
}


@dataclass(frozen=True)
class Shot:
    """How an image was taken, as plain data that outlives undo and frame changes.

    Attributes
    ----------
    kind : DepthKind
        What the depth measures.
    clip : ClipRange, optional
        The clip range of the camera, if it is known.
    camera_name, engine : str
        The camera of the view, and the render engine; empty if they are not known.
    view : str
        Name of the stereo view; empty in a scene without them.
    frame : int
    basis : ShotBasis
        How each of these is known.
    notes : tuple of Note
        What differs from the scene's current state.
    """

    kind: DepthKind
    clip: ClipRange | None = None
    camera_name: str = ""
    engine: str = ""
    view: str = ""
    frame: int = 0
    basis: ShotBasis = ShotBasis()
    notes: tuple[Note, ...] = ()

    @property
    def camera_text(self) -> str:
        """How a line refers to the camera whose pose and lens are used."""
        if self.basis.pose is Basis.CHOSEN:
            return "corrected camera"
        return f"camera {self.camera_name or 'of the file'}"
