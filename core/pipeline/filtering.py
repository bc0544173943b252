"""Filters: which pixels a reconstruction leaves out, in order, and how many each leaves out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..depth.clipping import within_clip
from ..depth.filters import where_equal, within_bounds, within_mask, within_window
from ..depth.flying import without_flying_pixels
from ..depth.image import DepthImage
from ..depth.thinning import thin
from ..errors import DepthError
from ..exr.cryptomatte import strongest_ids
from .options import ReconstructionOptions
from .source import Pixels, Source

Array = NDArray[Any]

_MAX_LISTED = 20
"""Number of indices that a message lists at most."""


@dataclass(frozen=True)
class FilterCount:
    """How many pixels a filter left out, and the reason, such as ``out of range``."""

    filter: str
    count: int
    reason: str

    def __str__(self) -> str:
        return f"{self.count:,} {'pixel' if self.count == 1 else 'pixels'} {self.reason}"


@dataclass(frozen=True, eq=False)
class FilteredDepth:
    """The depth that is left, and how many pixels each filter left out, in order."""

    depth: DepthImage
    counts: tuple[FilterCount, ...]


def filter_depth(options: ReconstructionOptions, source: Source, pixels: Pixels) -> FilteredDepth:
    """Apply the filters that the options choose.

    Raises
    ------
    DepthError
        No pixel is left, and the message names the filter that left out the last pixels; or a
        filter cannot be applied.
    """
    left, counts = pixels.depth, []
    remaining = int(np.count_nonzero(left.valid))
    if not remaining:
        raise DepthError(
            "No pixel holds a depth: all are no hit, not a number, zero, or negative; point the "
            "camera at something and render again, or choose another layer."
        )
    counts.append(FilterCount("hit", left.valid.size - remaining, "without a hit"))
    for step in _steps(options, source, pixels):
        before, left = left, step.apply(left)
        previous, remaining = remaining, int(np.count_nonzero(left.valid))
        if not remaining:
            raise DepthError(step.nothing_left(before))
        counts.append(FilterCount(step.filter, previous - remaining, step.reason))
    return FilteredDepth(left, tuple(each for each in counts if each.count))


@dataclass(frozen=True, eq=False)
class _Step:
    """A filter, the reason why it leaves out pixels, and the message if it leaves no pixel."""

    filter: str
    reason: str
    apply: Callable[[DepthImage], DepthImage]
    nothing_left: Callable[[DepthImage], str]


def _steps(options: ReconstructionOptions, source: Source, pixels: Pixels) -> list[_Step]:
    """The filters in order. Flying pixels come first, because their neighbors identify them."""
    steps = [_range_step(options, source), _region_step(options, source, pixels)]
    if options.remove_flying:
        steps.insert(0, _flying_step(source))
    bounds = options.bounds
    if bounds is not None:
        box = bounds
        steps.append(
            _Step(
                "bounds",
                "outside the bounding object",
                lambda depth: within_bounds(depth, source.points(depth, pixels), box.matrix),
                lambda _: (
                    f"No point lies in the bounding box of {box.name}; move or scale it to "
                    "the points, or choose no bounding object."
                ),
            )
        )
    steps.append(_stride_step(options))
    return steps


def _flying_step(source: Source) -> _Step:
    camera = source.camera
    if camera is None:
        raise DepthError(
            "Flying Pixels needs the camera to find them, but the camera's lens has no model; "
            "switch Flying Pixels off."
        )
    return _Step(
        "flying",
        "in the air",
        lambda depth: without_flying_pixels(depth, camera),
        lambda _: "Every pixel looks like a flying pixel; switch Flying Pixels off.",
    )


def _range_step(options: ReconstructionOptions, source: Source) -> _Step:
    shot = source.shot
    clip = shot.clip if options.use_clip else None
    comparable = clip is not None and clip.kind is shot.kind
    _check_range(options, (clip.start, clip.end) if clip and comparable else None)

    def apply(depth: DepthImage) -> DepthImage:
        if clip is not None:
            depth = within_clip(depth, clip, source.camera)
        if options.near is None and options.far is None:
            return depth
        return depth.within(options.near, options.far)

    def nothing_left(before: DepthImage) -> str:
        values = before.values[before.valid]
        near, far = _range(options, (clip.start, clip.end) if clip else (0.0, np.inf))
        advice = "change Near and Far"
        if clip is not None:
            advice += ", or the camera's Clip Start and End, or switch Camera Clip off"
        return (
            f"All depths lie from {values.min():.6g} to {values.max():.6g}, outside the range of "
            f"{near:.6g} to {far:.6g}; {advice}."
        )

    return _Step("range", "out of range", apply, nothing_left)


def _range(options: ReconstructionOptions, clip: tuple[float, float]) -> tuple[float, float]:
    near = 0.0 if options.near is None else options.near
    far = np.inf if options.far is None else options.far
    return max(near, clip[0]), min(far, clip[1])


def _check_range(options: ReconstructionOptions, clip: tuple[float, float] | None) -> None:
    near, far = _range(options, clip or (0.0, np.inf))
    if near >= far:
        with_clip = " together with the camera's clip range" if clip else ""
        raise DepthError(
            f"Near and Far{with_clip} leave no range: it starts at {near:.6g} and ends at "
            f"{far:.6g}; make the start less than the end."
        )


def _region_step(options: ReconstructionOptions, source: Source, pixels: Pixels) -> _Step:
    region, size = options.region, pixels.depth.size
    layer = source.layers.region
    window = region.window
    if region.border is not None:
        window = region.border.window(*size)

    def apply(depth: DepthImage) -> DepthImage:
        if window is not None:
            return within_window(depth, window)
        if region.mask is not None:
            return within_mask(depth, region.mask)
        if layer is None or pixels.region is None:
            return depth
        if layer.crypto is None:
            return where_equal(depth, pixels.region, region.index)
        return where_equal(depth, strongest_ids(pixels.region), layer.crypto.id_of(region.name))

    def nothing_left(before: DepthImage) -> str:
        present = _present_indices(before, pixels.region)
        return f"No pixel that has a depth lies in {region.title}{present}; choose another region."

    return _Step("region", "outside the region", apply, nothing_left)


def _present_indices(depth: DepthImage, indices: Array | None) -> str:
    """List the indices that occur, for a message; empty if there is no index pass."""
    if indices is None or indices.ndim != 2 or indices.shape != depth.values.shape:
        return ""
    found = np.unique(indices[depth.valid])
    more = f" and {len(found) - _MAX_LISTED} more" if len(found) > _MAX_LISTED else ""
    return f", only in {', '.join(f'{each:g}' for each in found[:_MAX_LISTED])}{more}"


def _stride_step(options: ReconstructionOptions) -> _Step:
    most = f", or Max Points of {options.max_points:,}, " if options.max_points else " "
    return _Step(
        "stride",
        "skipped by the stride",
        lambda depth: thin(depth, options.stride, options.max_points),
        lambda _: (
            f"The stride of {options.stride}{most}steps over every pixel that has a depth; "
            "lower the stride, or raise Max Points."
        ),
    )
