"""What the samples that disagree have in common: objects, places, or edges."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .evidence import Evidence
from .residuals import Residuals, pixel_widths
from .samples import Samples, steps_of

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

_OTHERS = 0.5
"""Samples that are off but not on a slope, as a part of those that are: more of them is noise."""

_FEWEST, _BOTH = 3, 0.12
"""Number and share of the samples in the air that lie beyond, and before, what is there."""


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
    """Share, 0 to 1, of the samples on edges that lie between two surfaces, if a filter did it.

    A filter draws the pixels of both sides toward each other: some lie beyond the truth and others
    before it. Hair and transparent things are on one side of it.
    """
    samples, wrong = evidence.samples, ~evidence.as_is.agrees
    steps = steps_of(samples.around)
    widths = pixel_widths(evidence.camera, samples.pixels, evidence.points)
    with np.errstate(invalid="ignore"):
        onward = wrong & (steps[:, :, 0] * steps[:, :, 1] > 0.0).any(axis=1)
        steep = (np.abs(steps).min(axis=2) > _STEEP * widths[:, None]).any(axis=1)
        flies = onward & steep
        beyond = np.count_nonzero(samples.values[flies] > evidence.depth[flies])
    count, others = np.count_nonzero(flies), np.count_nonzero(wrong & ~onward)
    one_sided = min(beyond, count - beyond) < max(_FEWEST, _BOTH * count)
    if one_sided or others > _OTHERS * np.count_nonzero(onward):
        return 0.0
    return float(count / np.count_nonzero(evidence.edges | flies))


def _counts(residuals: Residuals, labels: Sequence[str]) -> dict[str, tuple[int, int]]:
    """How many samples of each label disagree, and how many there are."""
    names, index = np.unique(np.asarray(labels, str), return_inverse=True)
    counted = residuals.counted
    wrong = np.bincount(index[counted & ~residuals.agrees], minlength=len(names))
    seen = np.bincount(index[counted], minlength=len(names))
    return {str(name): (int(w), int(s)) for name, w, s in zip(names, wrong, seen, strict=True) if s}
