"""Samples, the camera they are believed to be of, and the truth: how well a remedy fits them."""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..cameras.camera import Camera, Rays
from ..cameras.intrinsics import Orthographic
from ..depth.image import DepthKind
from ..support.vectors import lengths
from .remedy import Remedy
from .residuals import (
    RELATIVE,
    Residuals,
    distances_between,
    float32_rounding,
    in_pixels,
    pixel_widths,
)
from .samples import Samples, is_plateau
from .truth import Cast, Truth, cast_through
from .values import AS_IS, FARTHEST, ValueMap

Array = NDArray[Any]

_FEW_SMOOTH = 0.25
"""Share of samples away from edges below which those on edges count as well."""

_MOST = 0.1
"""Part of the depth beyond which no tolerance goes."""

_PLATEAU = 2
"""Samples that may share the greatest or the least value by chance, and see something."""


@dataclass(frozen=True, eq=False)
class Evidence:
    """What a verdict rests on.

    Attributes
    ----------
    samples : Samples
    camera : Camera
        The camera that the image is believed to be of.
    truth : Truth
    jitter : float
        Pixels from the center within which a renderer may have sampled the depth.
    """

    samples: Samples
    camera: Camera
    truth: Truth
    jitter: float

    def take(self, index: Any) -> Evidence:
        """The evidence of some of the samples."""
        return replace(self, samples=self.samples.take(index), truth=self.truth.take(index))

    @functools.cached_property
    def points(self) -> Array:
        """What the believed camera would see at the samples, shape (N, 3)."""
        return self.truth.seen_by(self.camera, self.samples.pixels)

    @functools.cached_property
    def depth(self) -> Array:
        """Depth of :attr:`points` in the samples' kind, shape (N,); NaN where nothing is."""
        return depth_of(self.camera, self.points, self.samples.kind)

    @functools.cached_property
    def noise(self) -> Array:
        """How far the values may be off by rounding and jitter, shape (N,)."""
        return self._noise(self.samples.lines, AS_IS)

    @functools.cached_property
    def tolerance(self) -> Array:
        """How far the values may be off, taken for distances, shape (N,)."""
        return self.noise + RELATIVE * np.abs(self.samples.values)

    @functools.cached_property
    def edges(self) -> Array:
        """Which samples lie on edges, shape (N,), bool."""
        return self.samples.on_edges(self.jitter)

    @functools.cached_property
    def as_is(self) -> Residuals:
        """Errors of the samples' points as they are believed to be."""
        return self.residuals(Remedy())

    def residuals(self, remedy: Remedy, cast: Cast | None = None) -> Residuals:
        """Errors of the samples' points once a remedy is applied.

        Parameters
        ----------
        remedy : Remedy
        cast : Cast or None
            Casts rays into the scene as the remedy has it, if that is not the evidence's own.
        """
        samples = self.samples
        camera, kind = remedy.camera or self.camera, remedy.kind or samples.kind
        pixels = remedy.pixels(samples.pixels, samples.size)
        distances = remedy.values.distances(samples.lines)
        with np.errstate(invalid="ignore"):
            rays = camera.rays(pixels, kind)
            own = distances[:, 0, 2]
            points = rays.at(own)
            truth = self._truth_under(remedy, camera, pixels, cast)
            widths = pixel_widths(camera, pixels, truth)
            tolerance = self._tolerances(remedy.values, distances, rays)
            tolerance += np.nan_to_num(float32_rounding(truth))
            if self.truth.positions is not None:
                tolerance += np.nan_to_num(self.jitter * widths)
        between = distances_between(points, truth)
        counted = self._counted(own, np.asarray(np.isnan(truth).any(axis=-1)))
        return Residuals(between, in_pixels(between, widths), tolerance, counted)

    def _noise(self, distances: Array, values: ValueMap) -> Array:
        """What rounding and jitter change of distances, shape (N,), for lines of them, (N, 2, 5).

        On a slope, depth changes with the place in the pixel where the renderer sampled it. On an
        edge the lesser slope counts.
        """
        steps = np.abs(np.diff(distances)[:, :, 1:3])
        slopes = np.where(self.edges[:, None], np.fmin.reduce(steps, -1), np.fmax.reduce(steps, -1))
        rounded = values.distances(self.samples.values + self.samples.rounding)
        rounding = np.abs(rounded - distances[:, 0, 2])
        noise: Array = self.jitter * np.nan_to_num(slopes).sum(axis=1) + np.nan_to_num(rounding)
        return noise

    def _tolerances(self, values: ValueMap, distances: Array, rays: Rays) -> Array:
        """How far points may be off along their rays, shape (N,)."""
        own = np.nan_to_num(distances[:, 0, 2])
        noise = self._noise(distances, values) + RELATIVE * own
        along = lengths(rays.directions) if rays.center is None else 1.0
        tolerance: Array = np.nan_to_num(np.minimum(noise, _MOST * own) * along)
        return tolerance

    def _truth_under(
        self, remedy: Remedy, camera: Camera, pixels: Array, cast: Cast | None
    ) -> Array:
        if cast is not None and self.truth.cast is not None:
            return cast_through(cast, camera, pixels)
        if camera is self.camera and not (remedy.flip_x or remedy.flip_y):
            return self.points
        return self.truth.seen_by(camera, pixels)

    def _counted(self, distances: Array, missing: Array) -> Array:
        """Which samples say something: not edges, and not what the image leaves empty as well."""
        empty = ~(distances < FARTHEST) | is_plateau(self.samples.values, _PLATEAU)
        seen = ~(missing & empty)
        smooth = seen & ~self.edges
        enough = np.count_nonzero(smooth) >= _FEW_SMOOTH * np.count_nonzero(seen)
        result: Array = smooth if enough else seen
        return result


def depth_of(camera: Camera, points: Array, kind: DepthKind) -> Array:
    """Depth of world points, shape (N, 3), as a camera measures it, shape (N,)."""
    offset = points - camera.matrix[:3, 3]
    if kind is DepthKind.RAY and not isinstance(camera.lens, Orthographic):
        return lengths(offset)
    result: Array = -(offset @ np.linalg.inv(camera.matrix[:3, :3]).T)[:, 2]
    return result
