"""One pixel's point in the world, as plain numbers; imports no numpy."""

from __future__ import annotations

from dataclasses import dataclass

from .uncertainty import uncertainty

Vector = tuple[float, float, float]


@dataclass(frozen=True)
class LocatedPoint:
    """The point in the world that an image shows at one pixel.

    Attributes
    ----------
    x, y : float
        Continuous image coordinates in pixels, y down.
    depth : float
        Distance in scene units, planar or along the ray like the depth image's.
    world_x, world_y, world_z : float
        World space, in scene units.
    footprint : float
        Longer side of one pixel at that depth, in scene units.
    precision : float
        Half the spacing at that depth of the numbers that the file stored, in scene units.
    edge : bool
        Whether the point lies at the edge of a surface, and so has its own pixel's depth.
    """

    x: float
    y: float
    depth: float
    world_x: float
    world_y: float
    world_z: float
    footprint: float
    precision: float
    edge: bool = False

    @property
    def numbers(self) -> tuple[float, ...]:
        """All eight numbers in their order, without `edge`."""
        place = self.x, self.y, self.depth
        return *place, *self.world, self.footprint, self.precision

    @property
    def world(self) -> Vector:
        """The point in world space."""
        return self.world_x, self.world_y, self.world_z

    @property
    def uncertainty(self) -> float:
        """How far off the point may be, in scene units."""
        return uncertainty(self.footprint, self.precision)
