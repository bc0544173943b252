"""The verdict: whether points are right, and if not, what is wrong and what to do about it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..cameras.camera import Camera
from ..errors import SizeError
from . import wording
from .changes import changed_objects, is_concentrated, share_in_the_air
from .evidence import Evidence
from .fault import Explanation, Fault
from .faults.selection import CLEAR, ENOUGH, Selection, select
from .remedy import Remedy
from .residuals import Residuals, Statistics
from .samples import Samples
from .truth import Candidate, Cast, Truth

Array = NDArray[Any]

SEARCHED = 400
"""Samples that faults are tried on; the verdict's numbers are those of all."""

_LEAST = 12
"""Samples to compare, below which nothing is said."""

_CHANGED = 0.3
"""Share of samples that must agree for the others to be a change of the scene."""


@dataclass(frozen=True, eq=False)
class Verdict:
    """What a check found.

    Attributes
    ----------
    fault : Fault
        RIGHT, NOT_CHECKED, or what is wrong.
    text : str
        One sentence that says what was found.
    advice : str
        One sentence that says what to do; empty if nothing is to be done.
    before : Statistics
        Errors of the points as they are.
    after : Statistics or None
        Errors with the remedy; None if there is none.
    remedy : Remedy or None
        What to change.
    also : tuple of Fault
        Other faults that explain the samples as well.
    objects : tuple of str
        Labels that most of the outliers have.
    """

    fault: Fault
    text: str
    advice: str
    before: Statistics
    after: Statistics | None = None
    remedy: Remedy | None = None
    also: tuple[Fault, ...] = ()
    objects: tuple[str, ...] = ()


def diagnose(
    samples: Samples,
    camera: Camera,
    truth: ArrayLike | Cast,
    *,
    candidates: Sequence[Candidate] = (),
    camera_name: str = "",
    labels: Sequence[str] | None = None,
    jitter: float = 0.1,
    quick: bool = False,
    length: Callable[[float], str] = wording.plain_length,
    against: str = "the scene",
) -> Verdict:
    """Say whether the points of some pixels are right, and if not, what is wrong.

    Parameters
    ----------
    samples : Samples
        Pixels of the depth image, from :func:`choose_samples`.
    camera : Camera
        The camera that the image is believed to be of.
    truth : array_like, shape (N, 3), or Cast
        The world position that each sample shows, NaN for none, or a function that casts rays.
    candidates : sequence of Candidate
        Other cameras, or the camera at other frames, that may have taken the image.
    camera_name : str
        The name of `camera` among the candidates: those of its name are it at another frame.
    labels : sequence of str, optional
        Name of the object that each sample shows, or that its ray hits; empty for none.
    jitter : float
        Pixels from a pixel's center within which the renderer may have sampled the depth: 0.1 for
        EEVEE and Workbench, 0.001 for Cycles.
    quick : bool
        Whether to be content where two thirds of the samples agree, and cast no more rays then.
    length : callable
        Formats a length in scene units.
    against : str
        What the truth is, for the text.

    Raises
    ------
    CameraError, SizeError
        The camera, the truth, or the labels do not fit the samples.
    """
    if (camera.lens.width, camera.lens.height) != samples.size:
        raise SizeError(
            f"The samples are of an image of {samples.size[0]} x {samples.size[1]} pixels and the "
            f"camera's image is {camera.lens.width} x {camera.lens.height}; they must be the same: "
            "resize the camera to the image."
        )
    if labels is not None and len(labels) != len(samples):
        raise SizeError(
            f"There are {len(labels)} labels and {len(samples)} samples; give one for each."
        )
    evidence = Evidence(samples, camera, Truth.of(truth, len(samples)), jitter)
    case = _Case(evidence, labels, length, against)
    nothing_known = case.before.missing == 1.0
    if case.count < _LEAST or (nothing_known and quick and not candidates):
        return case.not_checked()
    if evidence.as_is.share >= CLEAR:
        return case.right()
    few = evidence.take(slice(0, SEARCHED)) if len(samples) > SEARCHED else evidence
    content = quick and evidence.as_is.share >= ENOUGH
    selection = select(few, candidates, camera_name, with_rays=not content)
    if selection.chosen is None:
        return case.not_checked() if nothing_known else case.unexplained()
    if selection.chosen.fault is Fault.RIGHT:
        return case.right()
    return case.explained(selection, selection.chosen)


def not_checked(reason: str) -> Verdict:
    """Make a verdict that says why there is none."""
    nothing = Statistics(0, math.inf, math.inf, math.inf, math.inf, math.inf, math.inf, 0.0, 1.0)
    return Verdict(Fault.NOT_CHECKED, f"Not checked: {reason}.", "", nothing)


@dataclass(frozen=True, eq=False)
class _Case:
    """Evidence, and what is needed to put a verdict about it into words."""

    evidence: Evidence
    labels: Sequence[str] | None
    length: Callable[[float], str]
    against: str

    @property
    def residuals(self) -> Residuals:
        return self.evidence.as_is

    @property
    def before(self) -> Statistics:
        return self.residuals.statistics()

    @property
    def count(self) -> int:
        return self.residuals.count

    def not_checked(self) -> Verdict:
        known = int(np.isfinite(self.evidence.points).all(axis=1).sum())
        text = wording.not_checked(len(self.evidence.samples), known, self.count, self.against)
        return Verdict(Fault.NOT_CHECKED, text, "", self.before)

    def right(self) -> Verdict:
        """Verdict on points most of which are right, but for edges that may be filtered."""
        share = share_in_the_air(self.evidence)
        if share > 0.0:
            text, advice = wording.filtered(share)
            return Verdict(Fault.FILTERED, text, advice, self.before)
        objects = changed_objects(self.residuals, self.labels)
        text = wording.right(self.residuals, objects, self.against, self.length)
        return Verdict(Fault.RIGHT, text, "", self.before, objects=objects)

    def explained(self, selection: Selection, chosen: Explanation) -> Verdict:
        after = self.evidence.residuals(chosen.remedy, chosen.cast).statistics()
        also = selection.also
        if self._is_partly_right():
            also = (*also, Fault.SCENE_CHANGED)
        text, advice = wording.explained(chosen, self.before, after, also, self.length)
        return Verdict(chosen.fault, text, advice, self.before, after, chosen.remedy, also)

    def unexplained(self) -> Verdict:
        objects = changed_objects(self.residuals, self.labels)
        fault = Fault.SCENE_CHANGED if self._is_partly_right() else Fault.UNKNOWN
        text, advice = wording.unexplained(fault, self.residuals, objects, self.length)
        return Verdict(fault, text, advice, self.before, objects=objects)

    def _is_partly_right(self) -> bool:
        samples = self.evidence.samples
        return self.residuals.share >= _CHANGED and is_concentrated(
            self.residuals, samples, self.labels
        )
