"""Faults of the image: mirrored, shifted, cropped, or taken with another focal length.

All of these say that pixel p of the depth image shows what the believed camera has at
``scale * p + offset``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...cameras.camera import Camera, Lens
from ..evidence import Evidence, depth_of
from ..fault import Explanation, Fault
from ..remedy import Remedy
from ..truth import cast_through
from .fitting import POLISH, SEARCH, fit_linear, refine
from .lenses import principal_point, refocused, remapped
from .overview import Overview

Array = NDArray[Any]

_FIRST = 120
"""Samples that show which start leads somewhere."""

_WHOLE = 0.1
"""Pixels by which a fitted shift may miss whole or half pixels and still be of them."""


@dataclass(frozen=True)
class Family:
    """Which numbers of a map of pixels are fitted.

    Attributes
    ----------
    zooms : int
        0 for none, 1 for the same scale along both axes, 2 for one each.
    shifts : bool
        Whether the offset is fitted; else the center stays where it is.
    """

    zooms: int
    shifts: bool

    @property
    def size(self) -> int:
        """How many numbers are fitted."""
        return self.zooms + 2 * self.shifts

    def basis(self, pixels: Array, center: Array) -> Array:
        """Derivatives of the mapped pixels, shape (N, 2), by the numbers, shape (N, 2, K)."""
        zoom = (pixels - center)[:, :, None]
        columns = [zoom] if self.zooms == 1 else [zoom * np.eye(2)] if self.zooms else []
        if self.shifts:
            columns.append(np.broadcast_to(np.eye(2), (len(pixels), 2, 2)))
        return np.concatenate(columns, axis=2)

    def numbers(self, scale: Array, offset: Array, center: Array) -> Array:
        """The numbers, shape (K,), of a map."""
        zoom = (scale - 1.0)[: self.zooms]
        shift = offset + (scale - 1.0) * center
        return np.concatenate((zoom, shift)) if self.shifts else zoom

    def pixel_map(self, numbers: Array, center: Array) -> tuple[Array, Array]:
        """Scale and offset, shape (2,) each, that the numbers stand for."""
        scale = 1.0 + (np.resize(numbers[: self.zooms], 2) if self.zooms else np.zeros(2))
        shift = numbers[self.zooms :] if self.shifts else np.zeros(2)
        return scale, shift - (scale - 1.0) * center


ZOOM, SHIFT, ASPECT = Family(1, False), Family(0, True), Family(2, False)
WINDOW, STRETCH = Family(1, True), Family(2, True)


def flip_explanations(evidence: Evidence) -> Iterator[Explanation]:
    """The image mirrored left to right, and top to bottom."""
    for fault, remedy in (
        (Fault.FLIPPED_X, Remedy(flip_x=True)),
        (Fault.FLIPPED_Y, Remedy(flip_y=True)),
    ):
        yield Explanation(fault, remedy, 0, evidence.residuals(remedy))


def pixel_explanations(evidence: Evidence) -> Iterator[Explanation]:
    """Other focal lengths, shifts, and windows of the image, the simplest first."""
    maps = _projected_maps(evidence) if evidence.truth.cast is None else _cast_maps(evidence)
    for family, scale, offset in maps:
        for fault, remedy, parameters in _named(evidence, family, scale, offset):
            yield Explanation(fault, remedy, parameters, evidence.residuals(remedy))


def _projected_maps(evidence: Evidence) -> Iterator[tuple[Family, Array, Array]]:
    """Maps from each pixel to where the camera sees the true position."""
    pixels, center = evidence.samples.pixels, principal_point(evidence.camera.lens)
    with np.errstate(invalid="ignore"):
        seen = evidence.camera.project(evidence.points)
    known = np.isfinite(seen).all(axis=1)
    target = (seen - pixels)[known].ravel()
    sigma = np.full(len(target), 2.0 * evidence.jitter + 1e-3)
    for family in (ZOOM, SHIFT, ASPECT, WINDOW, STRETCH):
        basis = family.basis(pixels[known], center).reshape(-1, family.size)
        numbers = fit_linear(basis, target, sigma)
        if numbers is not None:
            yield family, *family.pixel_map(numbers, center)


def _cast_maps(evidence: Evidence) -> Iterator[tuple[Family, Array, Array]]:
    """Maps for which the rays through the mapped pixels have the depth of the samples."""
    smooth = evidence.take(np.flatnonzero(evidence.as_is.counted))
    few = smooth.take(slice(0, _FIRST))
    if len(few.samples) < 2 * STRETCH.size:
        return
    overview = Overview.of(evidence)
    zooms = overview.zooms(few.samples, principal_point(evidence.camera.lens))
    windows = overview.windows(few.samples)
    still = [(np.ones(2), np.zeros(2))]
    shifts = still + [start for start in windows if (start[0] == 1.0).all()][:2]
    starts = {ZOOM: zooms, SHIFT: shifts, ASPECT: zooms[:1], WINDOW: windows[:4]}
    found = {}
    for family, maps in starts.items():
        found[family] = _refined(few, smooth, family, maps)
        yield family, *found[family]
    yield STRETCH, *_refined(few, smooth, STRETCH, [found[WINDOW]])


def _refined(
    few: Evidence, all_smooth: Evidence, family: Family, starts: list[tuple[Array, Array]]
) -> tuple[Array, Array]:
    """The map of a family that fits best, from several starts."""
    center = principal_point(few.camera.lens)
    first = [_fit(few, family, family.numbers(*start, center), center, SEARCH) for start in starts]
    best = min(first, key=lambda numbers_and_cost: numbers_and_cost[1])[0]
    numbers, _ = _fit(all_smooth, family, best, center, POLISH)
    return family.pixel_map(numbers, center)


def _fit(
    evidence: Evidence, family: Family, numbers: Array, center: Array, schedule: tuple[int, float]
) -> tuple[Array, float]:
    samples, cast = evidence.samples, evidence.truth.cast
    assert cast is not None
    basis, gradient = family.basis(samples.pixels, center), samples.gradient()

    def linearized(numbers: Array) -> tuple[Array, Array]:
        scale, offset = family.pixel_map(numbers, center)
        points = cast_through(cast, evidence.camera, samples.pixels * scale + offset)
        depth = depth_of(evidence.camera, points, samples.kind)
        slopes = np.einsum("ni,nik->nk", gradient / scale, basis)
        sigma = evidence.tolerance
        return (depth - samples.values) / sigma, slopes / sigma[:, None]

    def moved(numbers: Array, step: Array) -> Array:
        after = numbers + step
        zooms = after[: family.zooms]
        zooms[:] = np.clip(zooms, 0.5 * (1.0 + numbers[: family.zooms]) - 1.0, 10.0)
        return after

    return refine(numbers, linearized, moved, schedule, samples.values / evidence.tolerance)


def _named(
    evidence: Evidence, family: Family, scale: Array, offset: Array
) -> Iterator[tuple[Fault, Remedy, int]]:
    """The faults that a map of pixels stands for."""
    if family is SHIFT:
        yield from _shifts(evidence, offset)
        return
    camera, size = evidence.camera, np.asarray(evidence.samples.size)
    if family.shifts:
        if _is_window(scale, offset, size):
            remedy = _remedy(camera, remapped(camera.lens, scale, offset), scale, offset)
            yield from _if_any(Fault.CROPPED, remedy, family.size)
        return
    if family is ZOOM:
        factor = 1.0 / float(scale[0])
        remedy = _remedy(camera, refocused(camera.lens, factor), scale, offset)
        remedy = remedy and replace(remedy, focal_factor=factor)
    else:
        remedy = _remedy(camera, remapped(camera.lens, scale, offset), scale, offset)
    yield from _if_any(Fault.WRONG_LENS, remedy, family.size)
    is_centered = np.abs(scale * size / 2.0 + offset - size / 2.0).max() < 1.0
    if family is ZOOM and scale[0] < 1.0 and is_centered:
        # The middle of a larger image is what a longer lens sees.
        yield from _if_any(Fault.CROPPED, remedy, family.size)


def _is_window(scale: Array, offset: Array, size: Array) -> bool:
    """Whether one of the two images lies within the other, give or take two pixels."""
    first, last = offset, offset + scale * size
    inside = (first > -2.0).all() and (last < size + 2.0).all()
    return bool(inside or ((first < 2.0).all() and (last > size - 2.0).all()))


def _if_any(
    fault: Fault, remedy: Remedy | None, parameters: int
) -> Iterator[tuple[Fault, Remedy, int]]:
    if remedy is not None:
        yield fault, remedy, parameters


def _shifts(evidence: Evidence, offset: Array) -> Iterator[tuple[Fault, Remedy, int]]:
    """A shift by half a pixel, by whole ones, or of the lens."""
    camera, one = evidence.camera, np.ones(2)
    halves, whole = np.rint(2.0 * offset) / 2.0, np.rint(offset)
    small = bool(np.abs(halves).max() <= 1.0)
    fault, nearest = (Fault.HALF_PIXEL, halves) if small else (Fault.CROPPED, whole)
    snapped = bool(nearest.any()) and np.abs(nearest - offset).max() <= _WHOLE
    if snapped:
        remedy = _remedy(camera, remapped(camera.lens, one, nearest), one, nearest)
        yield from _if_any(fault, remedy, 1 if small else 2)
    if not (snapped and small):
        remedy = _remedy(camera, remapped(camera.lens, one, offset), one, offset)
        yield from _if_any(Fault.WRONG_LENS, remedy, 2)


def _remedy(camera: Camera, lens: Lens | None, scale: Array, offset: Array) -> Remedy | None:
    if lens is None:
        return None
    return Remedy(
        camera=Camera(lens, camera.matrix),
        pixel_scale=(float(scale[0]), float(scale[1])),
        pixel_offset=(float(offset[0]), float(offset[1])),
    )
