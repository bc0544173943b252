"""What the samples that disagree have in common: objects, places, or edges."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .evidence import Evidence
from .residuals import Residuals, pixel_widths
from .samples import Samples

Array = NDArray[Any]

_MOST_OF_IT = 0.7
"""Share of an object's samples that disagree if it has changed."""

_LEAST_OF_ALL = 0.1
"""Share of all outliers that an object must hold to be named."""

_NAMED = 3

_BESIDE = 0.8
"""Share of neighboring samples that are both right or both wrong where a part has changed."""

_STEEP = 2.0
"""Widths of a pixel by which depth changes from one pixel to the next between two surfaces."""

_ENDS = 0.3
"""Part of a step that the one beyond it is at most where a ramp from surface to surface ends."""

_FLYING, _BEYOND, _SHARE = 6, 2, 0.2
"""Samples on ramps from which a filter is concluded, those of them beyond what is there, and their
share of all that are off."""

_SPIKES = 0.25
"""Samples before or beyond both neighbors, as a part of those on ramps: more of them is noise."""


def changed_objects(residuals: Residuals, labels: Sequence[str] | None) -> tuple[str, ...]:
    """Labels of most outliers, those with most of them first; at most three."""
    if labels is None:
        return ()
    counts = _counts(residuals, labels)
    total = sum(wrong for wrong, _ in counts.values())
    named = [
        (wrong, name)
        for name, (wrong, seen) in counts.items()
        if name and wrong >= max(3, _LEAST_OF_ALL * total) and wrong >= _MOST_OF_IT * seen
    ]
    return tuple(name for _, name in sorted(named, key=lambda each: -each[0])[:_NAMED])


def is_concentrated(residuals: Residuals, samples: Samples, labels: Sequence[str] | None) -> bool:
    """Whether the outliers lie on some objects, or in some places of the image, and not others."""
    if labels is not None:
        counts = _counts(residuals, labels).values()
        total = sum(seen for _, seen in counts)
        typical = sum(max(wrong, seen - wrong) for wrong, seen in counts)
        if typical >= _BESIDE * total:
            return True
    counted = residuals.counted
    wrong, pixels = ~residuals.agrees[counted], samples.pixels[counted]
    if len(pixels) < 2:
        return False
    some = slice(0, 400)
    apart = np.abs(pixels[some, None] - pixels[None]).sum(axis=-1)
    np.fill_diagonal(apart, np.inf)
    same = wrong[some] == wrong[np.argmin(apart, axis=1)]
    return bool(same.mean() >= _BESIDE)


def share_in_the_air(evidence: Evidence) -> float:
    """Share, 0 to 1, of the samples on edges that a filter has drawn between two surfaces.

    Such a sample lies on a short ramp from one surface to the other. Hair and noise make spikes as
    well, and hair and hidden things are never beyond what the scene has there.
    """
    samples, wrong = evidence.samples, ~evidence.as_is.agrees
    least = _STEEP * pixel_widths(evidence.camera, samples.pixels, evidence.points)
    steps = np.diff(samples.lines)
    size = np.abs(steps)
    with np.errstate(invalid="ignore"):
        onward = steps[:, :, 1] * steps[:, :, 2] > 0.0
        lesser = np.minimum(size[:, :, 1], size[:, :, 2])
        ends = np.fmin(size[:, :, 0], size[:, :, 3]) < _ENDS * lesser
        ramp = np.where(onward & ends, lesser, 0.0).max(axis=1)
        spike = np.where(onward, 0.0, lesser).max(axis=1)
        error = samples.values - evidence.depth
        flying = wrong & (ramp > least) & (np.abs(error) > ramp / 2.0)
        spikes = np.count_nonzero(wrong & (spike > least) & (spike > ramp))
        beyond = np.count_nonzero(error[flying] > 0.0)
    count = np.count_nonzero(flying)
    few = count < max(_FLYING, _SHARE * np.count_nonzero(wrong)) or beyond < _BEYOND
    if few or spikes > _SPIKES * count:
        return 0.0
    return float(count / np.count_nonzero(evidence.edges | flying))


def _counts(residuals: Residuals, labels: Sequence[str]) -> dict[str, tuple[int, int]]:
    """How many samples of each label disagree, and how many there are."""
    names, index = np.unique(np.asarray(labels, str), return_inverse=True)
    counted = residuals.counted
    wrong = np.bincount(index[counted & ~residuals.agrees], minlength=len(names))
    seen = np.bincount(index[counted], minlength=len(names))
    return {str(name): (int(w), int(s)) for name, w, s in zip(names, wrong, seen, strict=True) if s}
