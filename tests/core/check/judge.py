"""Asks the check for its verdict on a planted fault, or on a correct image."""

from __future__ import annotations

import numpy as np
from correct import Correct
from planted import Case

from core.check.samples import choose_samples
from core.check.verdict import Verdict, diagnose


def verdict(case: Case) -> Verdict:
    """The verdict on a planted fault, against the scene."""
    samples = choose_samples(case.depth, 400)
    column, row = np.floor(samples.pixels).astype(int).T
    labels = None
    if case.shapes is not None:
        labels = [f"shape {number}" for number in case.shapes[row, column]]
    return diagnose(
        samples,
        case.camera,
        case.scene.cast,
        labels=labels,
        candidates=case.candidates,
        camera_name="Camera",
    )


def verdict_on_correct(correct: Correct) -> Verdict:
    """The verdict on a correct image, against its scene or its positions."""
    samples = choose_samples(correct.depth, correct.count, correct.seed)
    truth = correct.cast
    if correct.positions is not None:
        column, row = np.floor(samples.pixels).astype(int).T
        truth = correct.positions[row, column]
    return diagnose(
        samples,
        correct.camera,
        truth,
        candidates=correct.candidates,
        camera_name="Camera",
        jitter=correct.jitter,
    )
