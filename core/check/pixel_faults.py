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

from ..cameras.camera import Camera, Lens
from ..support.vectors import dot
from .evidence import Evidence, depth_of
from .fault import Explanation, Fault
from .fitting import fit_linear, refine
from .lenses import principal_point, refocused, remapped
from .overview import Overview
from .remedy import Remedy
from .truth import cast_through

Array = NDArray[Any]

_FIRST, _FIRST_STEPS, _STEPS = 120, 8, 6
"""Samples and steps that show which start leads somewhere; steps that all samples then take."""

_WHOLE = 0.1
"""Pixels by which a fitted shift may miss whole or half pixels and still be of them."""

_SAME_SCALE = 2e-3


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
    first = [
        _fit(few, family, family.numbers(*start, center), center, _FIRST_STEPS) for start in starts
    ]
    best = min(first, key=lambda numbers_and_cost: numbers_and_cost[1])[0]
    numbers, _ = _fit(all_smooth, family, best, center, _STEPS)
    return family.pixel_map(numbers, center)


def _fit(
    evidence: Evidence, family: Family, numbers: Array, center: Array, steps: int
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

    return refine(numbers, linearized, moved, steps)


def _named(
    evidence: Evidence, family: Family, scale: Array, offset: Array
) -> Iterator[tuple[Fault, Remedy, int]]:
    """The faults that a map of pixels stands for."""
    if family is SHIFT:
        yield from _shifts(evidence, offset)
        return
    fault = Fault.CROPPED if family.shifts else Fault.WRONG_LENS
    lens = evidence.camera.lens
    remedy = _remedy(evidence.camera, remapped(lens, scale, offset), scale, offset)
    if family is ZOOM:
        factor = 1.0 / float(scale[0])
        remedy = _remedy(evidence.camera, refocused(lens, factor), scale, offset)
        remedy = remedy and replace(remedy, focal_factor=factor)
    if remedy:
        yield fault, remedy, family.size
    centered = dot(scale - 1.0, np.array([lens.width, lens.height]) / 2.0) + offset.sum()
    if remedy and family is ZOOM and scale[0] < 1.0 and abs(centered) < 1.0:
        # The middle of a larger image is what a longer lens sees.
        yield Fault.CROPPED, replace(remedy, focal_factor=None), family.size


def _shifts(evidence: Evidence, offset: Array) -> Iterator[tuple[Fault, Remedy, int]]:
    """A shift by half a pixel, by whole ones, or of the lens."""
    lens, one = evidence.camera.lens, np.ones(2)
    halves, whole = np.rint(2.0 * offset) / 2.0, np.rint(offset)
    kinds = (
        (Fault.HALF_PIXEL, halves, 1, np.abs(halves).max() <= 1.0),
        (Fault.CROPPED, whole, 2, np.abs(whole).max() > 1.0),
    )
    snapped = False
    for fault, nearest, parameters, applies in kinds:
        if applies and np.abs(nearest - offset).max() <= _WHOLE and nearest.any():
            remedy = _remedy(evidence.camera, remapped(lens, one, nearest), one, nearest)
            if remedy:
                snapped = True
                yield fault, remedy, parameters
    remedy = _remedy(evidence.camera, remapped(lens, one, offset), one, offset)
    if remedy and not (snapped and np.abs(halves).max() <= 1.0):
        yield Fault.WRONG_LENS, remedy, 2


def _remedy(camera: Camera, lens: Lens | None, scale: Array, offset: Array) -> Remedy | None:
    if lens is None:
        return None
    return Remedy(
        camera=Camera(lens, camera.matrix),
        pixel_scale=(float(scale[0]), float(scale[1])),
        pixel_offset=(float(offset[0]), float(offset[1])),
    )
