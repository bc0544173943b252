"""How far points are from where they should be, and how far correct ones may be."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..cameras.camera import Camera, as_vectors
from ..depth.image import DepthKind
from ..errors import SizeError
from ..support.vectors import dot, lengths

Array = NDArray[Any]

RELATIVE = 5e-5
"""Part of the depth that a correct point may be off by: a render's float32 arithmetic.

Measured against Cycles' Position pass: 7e-6 for perspective and orthographic cameras, 3e-5 for
panoramas. The mirror ball's 7e-4 at its rim is beyond it.
"""

_STEP = 1e-3
"""Pixels over which a ray's change is measured: what float64 differences are best at."""


@dataclass(frozen=True)
class Statistics:
    """Errors of the points that were compared.

    Attributes
    ----------
    count : int
        How many points were compared.
    median, p95, largest : float
        In scene units, the last two of those that have something to be compared with; inf if too
        few have.
    median_pixels, p95_pixels, largest_pixels : float
        The same in widths of a pixel at the place of the point.
    outliers : float
        Share of points, 0 to 1, that are farther off than a correct render explains.
    missing : float
        Share of points where the truth holds nothing.
    """

    count: int
    median: float
    p95: float
    largest: float
    median_pixels: float
    p95_pixels: float
    largest_pixels: float
    outliers: float
    missing: float


@dataclass(frozen=True, eq=False)
class Residuals:
    """Errors of points, one by one.

    Attributes
    ----------
    distances : ndarray, shape (N,), float64
        From the point to the truth in scene units; inf where one of the two is missing.
    pixels : ndarray, shape (N,), float64
        The same in widths of a pixel at that place.
    tolerances : ndarray, shape (N,), float64
        Distances that a correct render explains.
    counted : ndarray, shape (N,), bool
        False where nothing follows from the distance: on silhouettes, and where neither the image
        nor the truth holds anything.
    """

    distances: Array
    pixels: Array
    tolerances: Array
    counted: Array

    @property
    def agrees(self) -> Array:
        """Whether a point is where it should be, shape (N,), bool."""
        result: Array = self.distances <= self.tolerances
        return result

    @property
    def count(self) -> int:
        """How many points count."""
        return int(np.count_nonzero(self.counted))

    @property
    def outliers(self) -> int:
        """How many of the points that count are not where they should be."""
        return int(np.count_nonzero(self.counted & ~self.agrees))

    @property
    def share(self) -> float:
        """Share, 0 to 1, of the points that count and are where they should be."""
        return 1.0 - self.outliers / max(1, self.count)

    def loosened(self, distance: float) -> Residuals:
        """The same with a tolerance of at least ``distance``."""
        return replace(self, tolerances=np.maximum(self.tolerances, distance))

    def statistics(self) -> Statistics:
        """Summarize the points that count."""
        distances, pixels = self.distances[self.counted], self.pixels[self.counted]
        present = np.isfinite(distances)
        known, known_pixels = distances[present], pixels[present]
        return Statistics(
            count=self.count,
            median=_quantile(distances, 0.5),
            p95=_quantile(known, 0.95),
            largest=_quantile(known, 1.0),
            median_pixels=_quantile(pixels, 0.5),
            p95_pixels=_quantile(known_pixels, 0.95),
            largest_pixels=_quantile(known_pixels, 1.0),
            outliers=self.outliers / max(1, self.count),
            missing=1.0 - len(known) / max(1, len(distances)),
        )


def compare_points(
    points: ArrayLike,
    truth: ArrayLike,
    camera: Camera,
    *,
    tolerance: float = 0.1,
) -> Residuals:
    """Compare points with where they should be.

    Parameters
    ----------
    points, truth : array_like, shape (N, 3)
        World space; NaN where there is none.
    camera : Camera
        The camera that sees them, which turns distances into pixels.
    tolerance : float
        Widths of a pixel by which a correct point may be off, beyond float32 rounding.

    Raises
    ------
    CameraError
        The arrays do not hold three coordinates for each point.
    SizeError
        They do not hold as many points as each other.
    """
    given, right = as_vectors(points, 3), as_vectors(truth, 3)
    if given.shape != right.shape:
        raise SizeError(
            f"The points have shape {given.shape} and the truth {right.shape}; they must be the "
            "same: give one true position for each point."
        )
    with np.errstate(invalid="ignore"):
        widths = pixel_widths(camera, camera.project(right), right)
        distances = distances_between(given, right)
        far = lengths(right - camera.matrix[:3, 3])
        tolerances = tolerance * widths + RELATIVE * far + float32_rounding(right)
    missing = np.isnan(given).any(axis=-1), np.isnan(right).any(axis=-1)
    counted = ~np.logical_and(*missing)
    return Residuals(distances, in_pixels(distances, widths), tolerances, counted)


def compare_depth(
    depth: ArrayLike,
    truth: ArrayLike,
    camera: Camera,
    pixels: ArrayLike,
    kind: DepthKind,
    *,
    tolerance: float = 0.1,
) -> Residuals:
    """Compare depth with the true one of the same kind, under a camera.

    Parameters
    ----------
    depth, truth : array_like, shape (N,)
        Distances in scene units; NaN where there is none.
    camera : Camera
    pixels : array_like, shape (N, 2)
        Where the depth lies in the image of the camera, in image coordinates.
    kind : DepthKind
    tolerance : float
        As for :func:`compare_points`.

    Raises
    ------
    CameraError
        The pixels do not hold two coordinates each.
    SizeError
        The arrays do not hold as many points as each other.
    """
    rays = camera.rays(as_vectors(pixels, 2), kind)
    given, right = np.asarray(depth, np.float64), np.asarray(truth, np.float64)
    if not given.shape == right.shape == rays.directions.shape[:-1]:
        raise SizeError(
            f"The depth has shape {given.shape}, the truth {right.shape}, and the pixels "
            f"{np.shape(pixels)}; expected (N,), (N,), and (N, 2): give one of each for each pixel."
        )
    return compare_points(rays.at(given), rays.at(right), camera, tolerance=tolerance)


def pixel_widths(camera: Camera, pixels: Array, points: Array) -> Array:
    """Longer side of a pixel, across the ray, at points, shape (N,), in scene units.

    Parameters
    ----------
    camera : Camera
    pixels : ndarray, shape (N, 2)
        The pixels that see the points.
    points : ndarray, shape (N, 3)
    """
    # Toward the middle, where also pixels on a lens circle's rim have neighbors.
    middle = np.array([camera.lens.width, camera.lens.height]) / 2.0
    steps = np.where(pixels < middle, _STEP, -_STEP)
    beside = np.stack((pixels, pixels + steps * [1.0, 0.0], pixels + steps * [0.0, 1.0]))
    rays = camera.rays(beside, DepthKind.RAY)
    along = dot(points - rays.origins[0], rays.directions[0])
    places = rays.origins + along[:, None] * rays.directions
    result: Array = lengths(places[1:] - places[0]).max(axis=0) / _STEP
    return result


def float32_rounding(points: Array) -> Array:
    """What float32 may have rounded off the coordinates of points, shape (N,)."""
    result: Array = 2.0**-22 * np.abs(points).max(axis=-1)
    return result


def distances_between(points: Array, truth: Array) -> Array:
    """Distances between points, shape (N,); inf where one is missing."""
    distances = lengths(points - truth)
    return np.where(np.isfinite(distances), distances, np.inf)


def in_pixels(distances: Array, widths: Array) -> Array:
    """Distances in widths of a pixel; inf where the width is not known."""
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = distances / widths
    return np.where(np.isfinite(ratio), ratio, np.inf)


def _quantile(values: Array, share: float) -> float:
    """The smallest value that this share of the values does not exceed; inf for no values."""
    if not len(values):
        return float(np.inf)
    index = min(max(int(np.ceil(share * len(values))) - 1, 0), len(values) - 1)
    return float(np.partition(values, index)[index])
