"""Where a pick lies, in double precision, which Blender's own properties do not have."""

from __future__ import annotations

import json
import math
from dataclasses import astuple, dataclass

Vector = tuple[float, float, float]


@dataclass(frozen=True)
class PickNumbers:
    """Where a pick lies.

    Attributes
    ----------
    x, y : float
        Continuous image coordinates in pixels, y down.
    depth : float
        In scene units, planar or along the ray as its shot says.
    world_x, world_y, world_z : float
    footprint, precision : float
        What a pixel covers at that depth, and half of the depth's own spacing, in scene units.
    """

    x: float
    y: float
    depth: float
    world_x: float
    world_y: float
    world_z: float
    footprint: float
    precision: float

    @classmethod
    def from_text(cls, text: str) -> PickNumbers:
        """The numbers of :attr:`text`; all 0 for an empty one."""
        return cls(*json.loads(text)) if text else cls(*[0.0] * 8)

    @property
    def text(self) -> str:
        """All numbers, without loss."""
        return json.dumps(astuple(self))

    @property
    def world(self) -> Vector:
        """The point in the world."""
        return self.world_x, self.world_y, self.world_z

    @property
    def uncertainty(self) -> float:
        """How far off the point may be: half a pixel across, and the precision along, the view."""
        return math.hypot(self.footprint / 2.0, self.precision)
