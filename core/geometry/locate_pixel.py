"""Locate a single pixel, with an error that says why where there is no point."""

from __future__ import annotations

from ..cameras.camera import Camera
from ..depth.image import DepthImage
from ..errors import DepthError
from ..support.aspect import Size
from .located_point import LocatedPoint
from .locating import Flag, Located, locate


class NoHitError(DepthError):
    """The image shows no surface at a pixel."""


def locate_pixel(depth: DepthImage, camera: Camera, x: float, y: float) -> LocatedPoint:
    """Locate the point that an image shows at one pixel; see :func:`locate`.

    Parameters
    ----------
    depth : DepthImage
        Distances in scene units.
    camera : Camera
        The camera that rendered the image; its lens has the image's size.
    x, y : float
        Continuous image coordinates in pixels, y down.

    Raises
    ------
    NoHitError
        The pixel shows no surface, or lies outside the image.
    SizeError
        The lens is not of the image's size.
    """
    located = locate(depth, camera, [(x, y)])
    reason = missing_reason(located, 0, x, y, depth.size)
    if reason:
        raise NoHitError(reason)
    return point_at(located, 0, x, y)


def missing_reason(located: Located, index: int, x: float, y: float, size: Size) -> str:
    """A sentence that says why the located pixel (x, y) has no point; empty if it has one."""
    if located.flags[index] & Flag.OUTSIDE:
        return f"({x:.2f}, {y:.2f}) lies outside the image of {size[0]} x {size[1]} pixels."
    if located.flags[index] & Flag.NO_HIT:
        return f"Nothing was hit at ({x:.2f}, {y:.2f}): the render shows only background there."
    return ""


def point_at(located: Located, index: int, x: float, y: float) -> LocatedPoint:
    """One of several located points as plain numbers; (x, y) is the pixel it was located at."""
    world_x, world_y, world_z = located.points[index].tolist()
    return LocatedPoint(
        x=float(x),
        y=float(y),
        depth=float(located.depth[index]),
        world_x=world_x,
        world_y=world_y,
        world_z=world_z,
        footprint=float(located.footprint[index]),
        precision=float(located.precision[index]),
        edge=bool(located.flags[index] & Flag.EDGE),
    )
