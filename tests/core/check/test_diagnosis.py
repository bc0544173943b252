"""Faults planted in images of analytic scenes are named, and correct images raise no alarm.

The truth is what the scene's own equations say, which the tests solve, and not the product's
back-projection. Each scene is seen by another camera.
"""

from __future__ import annotations

import planted
import pytest
from check_scenes import SCENES
from correct import variants
from judge import verdict, verdict_on_correct

from core.check.fault import Fault

PAIRS = list(enumerate(SCENES))
"""The number of a camera, and the scene that it sees."""

PLANTED = [
    pytest.param(plant, camera, SCENES[camera], id=f"{plant.__name__} {SCENES[camera].name}")
    for number, plant in enumerate(planted.PLANTS)
    for camera in (number % len(SCENES), (number + 2) % len(SCENES))
]
"""Each kind of fault in two scenes: all in all would take minutes."""


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
        found = verdict_on_correct(correct)
        assert found.fault in (Fault.RIGHT, Fault.NOT_CHECKED), (correct.name, found.text)
        count += 1
    assert count > 5
