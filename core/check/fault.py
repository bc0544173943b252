"""The names of what a check can find, and what it found out for one of them."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from .remedy import Remedy
from .residuals import Residuals
from .truth import Cast


class Fault(enum.StrEnum):
    """What is wrong with a depth image or its camera, or that nothing is."""

    RIGHT = "RIGHT"
    NOT_CHECKED = "NOT_CHECKED"
    WRONG_CAMERA = "WRONG_CAMERA"
    WRONG_FRAME = "WRONG_FRAME"
    CAMERA_MOVED = "CAMERA_MOVED"
    WRONG_LENS = "WRONG_LENS"
    RAY_NOT_PLANAR = "RAY_NOT_PLANAR"
    PLANAR_NOT_RAY = "PLANAR_NOT_RAY"
    SCALED = "SCALED"
    OFFSET = "OFFSET"
    INVERSE = "INVERSE"
    INVERTED = "INVERTED"
    NORMALIZED = "NORMALIZED"
    FLIPPED_X = "FLIPPED_X"
    FLIPPED_Y = "FLIPPED_Y"
    HALF_PIXEL = "HALF_PIXEL"
    CROPPED = "CROPPED"
    SRGB_ENCODED = "SRGB_ENCODED"
    FILTERED = "FILTERED"
    SCENE_CHANGED = "SCENE_CHANGED"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, eq=False)
class Explanation:
    """One fault, with the remedy that fits the samples best.

    Attributes
    ----------
    fault : Fault
        RIGHT for no fault at all.
    remedy : Remedy
    parameters : int
        How many numbers were fitted: the fewer, the more an agreement says.
    residuals : Residuals
        Errors that are left with the remedy.
    cast : Cast or None
        Casts rays into the scene as the remedy has it, if that is another than now.
    """

    fault: Fault
    remedy: Remedy
    parameters: int
    residuals: Residuals
    cast: Cast | None = None
