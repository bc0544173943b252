"""Which pixels a reconstruction keeps, and how many each reason left out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...core.depth.clipping import within_clip
from ...core.depth.filters import within_bounds
from ...core.depth.flying import without_flying_pixels
from ...core.depth.image import DepthImage
from ...core.depth.thinning import thin
from ...core.errors import DepthError
from ..sources.source import Pixels, Source
from .limits import Limits


@dataclass(frozen=True)
class FilterCount:
    """How many pixels a filter left out and why, as in ``out of range``."""

    filter: str
    count: int
    why: str

    def __str__(self) -> str:
        return f"{self.count:,} {'pixel' if self.count == 1 else 'pixels'} {self.why}"


@dataclass(frozen=True, eq=False)
class Kept:
    """The pixels that are left, and what was left out, in the order in which it was."""

    depth: DepthImage
    removed: tuple[FilterCount, ...]


def kept(options: Any, source: Source, pixels: Pixels, limits: Limits) -> Kept:
    """Leave out what the options say; touches nothing of Blender but the options.

    Parameters
    ----------
    options
        What has the properties of `FilterOptions`.
    source : Source
    pixels : Pixels
    limits : Limits
        Of the region and the bounding object.

    Raises
    ------
    DepthError
        Nothing is left; the message says what took it. Or a filter cannot be applied.
    """
    left, removed = pixels.depth, []
    count = int(np.count_nonzero(left.valid))
    if not count:
        raise DepthError(
            "No pixel holds a depth: all are no hit, not a number, zero, or negative; point the "
            "camera at something and render again, or choose another layer."
        )
    removed.append(FilterCount("hit", left.valid.size - count, "without a hit"))
    for name, why, step in _steps(options, source, pixels, limits):
        before, left = left, step(left)
        remaining = int(np.count_nonzero(left.valid))
        if not remaining:
            raise DepthError(_why_nothing(name, before, options, source))
        removed.append(FilterCount(name, count - remaining, why))
        count = remaining
    return Kept(left, tuple(each for each in removed if each.count))


Step = tuple[str, str, Callable[[DepthImage], DepthImage]]


def _steps(options: Any, source: Source, pixels: Pixels, limits: Limits) -> list[Step]:
    """The filters in their order: name, what is said of those left out, and what leaves them out.

    Flying pixels come first, as they are known by their neighbors.
    """
    steps: list[Step] = []
    if options.remove_flying:
        camera = source.camera
        if camera is None:
            raise DepthError(
                "Flying Pixels are found by depth and the camera, which points from a Position "
                "pass do without; switch Flying Pixels off, or set Points From to Depth."
            )
        steps.append(("flying", "in the air", lambda depth: without_flying_pixels(depth, camera)))
    steps.append(("range", "out of range", lambda depth: _ranged(options, source, depth)))
    steps.append(("region", "outside the region", lambda depth: limits.keep(depth, pixels.region)))
    box = limits.box
    if box is not None:
        steps.append(
            (
                "bounds",
                "outside the bounding object",
                lambda depth: within_bounds(depth, source.points(depth, pixels), box),
            )
        )
    most = options.max_points or None
    steps.append(
        ("stride", "skipped by the stride", lambda depth: thin(depth, options.stride, most))
    )
    return steps


def _ranged(options: Any, source: Source, depth: DepthImage) -> DepthImage:
    shot = source.shot
    clip = (shot.clip.start, shot.clip.end) if shot.kind is shot.clip.kind else (0.0, np.inf)
    near, far = _range(options, clip)
    if options.use_clip:
        depth = within_clip(depth, shot.clip, source.camera)
    return depth.within(near, far) if options.near or options.far else depth


def _range(options: Any, clip: tuple[float, float]) -> tuple[float | None, float | None]:
    near, far = options.near or None, options.far or None
    if options.use_clip:
        near, far = max(near or 0.0, clip[0]), min(far or clip[1], clip[1])
    if near is not None and far is not None and near >= far:
        with_clip = " together with the camera's clip range" if options.use_clip else ""
        raise DepthError(
            f"Near and Far{with_clip} leave no range: it starts at {near:.6g} and ends at "
            f"{far:.6g}; make the start less than the end."
        )
    return near, far


def _why_nothing(name: str, before: DepthImage, options: Any, source: Source) -> str:
    """What is said when a filter leaves no pixel of those before."""
    if name == "flying":
        return "Every pixel seems to hang in the air; switch Flying Pixels off."
    if name == "bounds":
        return (
            f"No point lies in the bounding box of {options.bounds}; move or scale it to the "
            "points, or choose no bounding object."
        )
    if name == "stride":
        most = f", or Max Points of {options.max_points:,}, " if options.max_points else " "
        return (
            f"The stride of {options.stride}{most}steps over every pixel that has a depth; lower "
            "the stride, or raise Max Points."
        )
    values = before.values[before.valid]
    near, far = _range(options, (source.shot.clip.start, source.shot.clip.end))
    advice = "change Near and Far"
    if options.use_clip:
        advice += ", or the camera's Clip Start and End, or switch Camera Clip off"
    return (
        f"All depths lie from {values.min():.6g} to {values.max():.6g}, outside the range of "
        f"{near or 0.0:.6g} to {np.inf if far is None else far:.6g}; {advice}."
    )
