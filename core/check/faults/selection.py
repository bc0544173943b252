"""Which of the faults explains the samples: the simplest that leaves few of them unexplained."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..evidence import Evidence
from ..fault import Explanation, Fault
from ..remedy import Remedy
from ..residuals import distances_between, pixel_widths
from ..truth import Candidate
from .camera import candidate_explanations, moved_explanations
from .fitting import fit_rigid
from .pixels import flip_explanations, pixel_explanations
from .values import value_explanations

Array = NDArray[Any]

CLEAR = 0.97
"""Share of samples that agree from which nothing else is tried."""

ENOUGH = 0.65
"""Share of samples that must agree: hair, transparent and moved things may be up to a third."""

_LEFT, _LEFT_OF_RIGHT = 0.35, 0.2
"""Part of the outliers that a fault may leave to be preferred; less where points may be right."""

_GAIN, _GAIN_EACH = 8, 4
"""Samples that a fault has to explain, and for each number that is fitted."""

_FACTOR, _MOST = 20.0, 0.9
"""A remedy that most samples come nearer by so great a factor with is one, exact or not."""

_CAMERA = (Fault.RIGHT, Fault.WRONG_CAMERA, Fault.WRONG_FRAME, Fault.CAMERA_MOVED)


@dataclass(frozen=True, eq=False)
class Selection:
    """The explanation that was preferred, and what explains the samples as well.

    Attributes
    ----------
    chosen : Explanation or None
        None if nothing explains them.
    also : tuple of Fault
    """

    chosen: Explanation | None
    also: tuple[Fault, ...] = ()


def select(
    evidence: Evidence, candidates: Sequence[Candidate], camera_name: str, with_rays: bool
) -> Selection:
    """Try all faults, from those without a number to fit to those with many.

    Parameters
    ----------
    evidence : Evidence
    candidates : sequence of Candidate
    camera_name : str
        The name of the believed camera among them.
    with_rays : bool
        Whether to try those faults too that cast rays anew.
    """
    found = [Explanation(Fault.RIGHT, Remedy(), 0, evidence.as_is)]
    for explanations in _stages(evidence, candidates, camera_name, with_rays):
        found.extend(explanations)
        best = _best(found)
        if best.fault is not Fault.RIGHT and best.residuals.share >= CLEAR:
            break
    best = _best(found)
    if best.residuals.share < ENOUGH:
        found = _loosened(found)
        best = _best(found)
        if best.fault is Fault.RIGHT or best.residuals.share < _MOST:
            return Selection(None)
    return Selection(best, tuple(_also(evidence, best, found)))


def _stages(
    evidence: Evidence, candidates: Sequence[Candidate], camera_name: str, with_rays: bool
) -> Iterator[Iterable[Explanation]]:
    if with_rays:
        yield candidate_explanations(evidence, candidates, camera_name)
    yield value_explanations(evidence)
    if with_rays:
        yield flip_explanations(evidence)
        yield pixel_explanations(evidence)
        yield moved_explanations(evidence)


def _best(found: Sequence[Explanation]) -> Explanation:
    """The simplest explanation that no other one beats; the first is that nothing is wrong."""
    best = found[0]
    for parameters in sorted({each.parameters for each in found}):
        alike = [each for each in found if each.parameters == parameters]
        other = min(alike, key=lambda each: each.residuals.outliers)
        if _beats(other, best):
            best = other
    return best


def _beats(other: Explanation, best: Explanation) -> bool:
    before, after = best.residuals.outliers, other.residuals.outliers
    could_be_right = best.fault is Fault.RIGHT and best.residuals.share >= ENOUGH
    left = _LEFT_OF_RIGHT if could_be_right else _LEFT
    gain = _GAIN + _GAIN_EACH * (other.parameters - best.parameters)
    return after <= left * before and before - after >= gain


def _loosened(found: Sequence[Explanation]) -> list[Explanation]:
    """The explanations, if to come nearer by a great factor is enough."""
    distances = found[0].residuals.distances[found[0].residuals.counted]
    known = distances[np.isfinite(distances)]
    if not len(known):
        return list(found)
    limit = float(np.median(known)) / _FACTOR
    return [replace(each, residuals=each.residuals.loosened(limit)) for each in found]


def _also(evidence: Evidence, best: Explanation, found: Sequence[Explanation]) -> Iterator[Fault]:
    """Other faults that leave as little unexplained, with as few numbers."""
    if best.fault is Fault.RIGHT:
        return
    most = 1.3 * best.residuals.outliers + 3
    named = {best.fault, Fault.RIGHT}
    for each in found:
        simple = each.parameters <= max(1, best.parameters)
        if simple and each.fault not in named and each.residuals.outliers <= most:
            named.add(each.fault)
            yield each.fault
    if best.fault not in _CAMERA and _is_a_move(evidence, best):
        yield Fault.CAMERA_MOVED


def _is_a_move(evidence: Evidence, best: Explanation) -> bool:
    """Whether the remedy moves the points as a whole, as a moved camera would."""
    samples, remedy = evidence.samples, best.remedy
    camera = remedy.camera or evidence.camera
    pixels = remedy.pixels(samples.pixels, samples.size)
    with np.errstate(invalid="ignore"):
        points = evidence.camera.rays(samples.pixels, samples.kind).at(samples.values)
        truth = evidence.truth.seen_by(camera, pixels)
        lateral = evidence.jitter * np.nan_to_num(pixel_widths(camera, pixels, truth))
    known = best.residuals.counted & best.residuals.agrees & np.isfinite(points).all(axis=1)
    points, truth = points[known], truth[known]
    tolerance = best.residuals.tolerances[known] + lateral[known]
    if evidence.truth.cast is not None and _is_flat(points, tolerance):
        # Rays do not show how a camera has moved along a plane.
        return _is_flat(truth, tolerance)
    motion = fit_rigid(points, truth, tolerance)
    if motion is None:
        return False
    moved = points @ motion[:3, :3].T + motion[:3, 3]
    return bool(np.mean(distances_between(moved, truth) <= tolerance) >= CLEAR)


def _is_flat(points: Array, tolerance: Array) -> bool:
    """Whether almost all of the points lie on one plane."""
    if len(points) < 4:
        return True
    offset = points - points.mean(axis=0)
    normal = np.linalg.svd(offset / tolerance[:, None], full_matrices=False)[2][2]
    return bool(np.mean(np.abs(offset @ normal) <= tolerance) >= CLEAR)
