"""Which pixels a reconstruction keeps, and how many each reason left out."""

from __future__ import annotations

from dataclasses import dataclass

import bpy
import numpy as np

from ..core.backprojection import thin
from ..core.depth import DepthImage
from ..core.errors import DepthError
from .shot import within_clip
from .source import Source


@dataclass(frozen=True)
class Removed:
    """How many pixels were left out and why, as in ``out of range``."""

    count: int
    why: str


@dataclass(frozen=True, eq=False)
class Kept:
    """The pixels that are left, and what was left out, in the order in which it was."""

    depth: DepthImage
    removed: tuple[Removed, ...]


def kept(options: bpy.types.bpy_struct, source: Source, depth: DepthImage) -> Kept:
    """Leave out what the options say.

    Raises
    ------
    DepthError
        Nothing is left; the message says what took it.
    """
    images = [(depth, "without a hit")]
    images.append((_ranged(options, source, depth), "out of range"))
    thinned = thin(images[-1][0], options.stride, options.max_points or None)
    images.append((thinned, "skipped by the stride"))
    if not thinned.valid.any():
        raise DepthError(_why_nothing(depth, images[1][0], options, source))
    counts = [depth.valid.size, *(int(np.count_nonzero(image.valid)) for image, _ in images)]
    removed = (
        Removed(before - after, why)
        for before, after, (_, why) in zip(counts, counts[1:], images, strict=False)
    )
    return Kept(thinned, tuple(each for each in removed if each.count))


def _ranged(options: bpy.types.bpy_struct, source: Source, depth: DepthImage) -> DepthImage:
    shot = source.shot
    comparable = shot.kind is shot.clip_kind
    near, far = _range(options, shot.clip if comparable else (0.0, np.inf))
    if options.use_clip:
        depth = within_clip(depth, shot, source.camera)
    return depth.within(near, far) if options.near or options.far else depth


def _range(
    options: bpy.types.bpy_struct, clip: tuple[float, float]
) -> tuple[float | None, float | None]:
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


def _why_nothing(
    depth: DepthImage, ranged: DepthImage, options: bpy.types.bpy_struct, source: Source
) -> str:
    if ranged.valid.any():
        return (
            f"The stride of {options.stride} steps over every pixel that has a depth; lower it, "
            "or raise Max Points."
        )
    if not depth.valid.any():
        return (
            "No pixel holds a depth: all are no hit, not a number, zero, or negative; point the "
            "camera at something and render again, or choose another layer."
        )
    values = depth.values[depth.valid]
    near, far = _range(options, source.shot.clip)
    advice = "change Near and Far"
    if options.use_clip:
        advice += ", or the camera's Clip Start and End, or switch Camera Clip Range off"
    return (
        f"All depths lie from {values.min():.6g} to {values.max():.6g}, outside the range of "
        f"{near or 0.0:.6g} to {np.inf if far is None else far:.6g}; {advice}."
    )
