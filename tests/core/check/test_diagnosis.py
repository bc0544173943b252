"""Faults planted in images of analytic scenes are named, and correct images raise no alarm.

The truth is what the scene's own equations say, which the tests solve, and not the product's
back-projection. Each scene is seen by another camera.
"""

from __future__ import annotations

import numpy as np
import planted
import pytest
from check_scenes import SCENES
from correct import variants

from core.check.fault import Fault
from core.check.samples import choose_samples
from core.check.verdict import Verdict, diagnose

PAIRS = list(enumerate(SCENES))
"""The number of a camera, and the scene that it sees."""

PLANTED = [
    pytest.param(plant, camera, SCENES[camera], id=f"{plant.__name__} {SCENES[camera].name}")
    for number, plant in enumerate(planted.PLANTS)
    for camera in (number % len(SCENES), (number + 2) % len(SCENES))
]
"""Each kind of fault in two scenes: all in all would take minutes."""


def verdict(case: planted.Case) -> Verdict:
    """The verdict on a case, against the scene."""
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


@pytest.mark.parametrize(("plant", "camera", "scene"), PLANTED)
def test_planted_faults_are_named(plant: object, camera: int, scene: object) -> None:
    cases = list(plant(scene, camera))
    wrong = []
    for case in cases:
        found = verdict(case)
        if case.fault not in (found.fault, *found.also):
            wrong.append(f"{case.fault} {case.detail}: {found.fault} {found.text}")
        assert found.fault is not Fault.RIGHT or case.fault is Fault.RIGHT, wrong
    assert len(wrong) <= max(1, 0.1 * len(cases)), "\n".join(wrong)


@pytest.mark.parametrize(("camera", "scene"), PAIRS, ids=[scene.name for scene in SCENES])
def test_correct_images_raise_no_alarm(camera: int, scene: object) -> None:
    count = 0
    for correct in variants(scene, camera):
        samples = choose_samples(correct.depth, correct.count, correct.seed)
        truth = correct.cast
        if correct.positions is not None:
            column, row = np.floor(samples.pixels).astype(int).T
            truth = correct.positions[row, column]
        found = diagnose(
            samples,
            correct.camera,
            truth,
            candidates=correct.candidates,
            camera_name="Camera",
            jitter=correct.jitter,
        )
        assert found.fault in (Fault.RIGHT, Fault.NOT_CHECKED), (correct.name, found.text)
        count += 1
    assert count > 5
