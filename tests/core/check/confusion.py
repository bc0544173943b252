"""Prints which verdict each planted fault gets, over all scenes and cameras of the check's tests.

A verdict is right if it names the fault, first or among those that explain the samples as well.
Run it with ``make diagnose``.
"""

from __future__ import annotations

import os
from collections import Counter
from concurrent.futures import ProcessPoolExecutor

import planted
from check_scenes import CLUTTER, SCENES, Scene, clutter
from correct import variants
from judge import verdict, verdict_on_correct

from core.check.fault import Fault

UNSEEN = (
    Scene("unseen clutter", (*CLUTTER.shapes[:1], *clutter(41, 24, 3.0)), (0.0, 0.5, 0.3), 5.5),
    Scene("unseen objects", tuple(clutter(57, 18, 2.4)), (0.0, 0.2, 0.3), 5.0),
)
"""Scenes that nothing was tuned on."""

CORRECT = (Fault.RIGHT, Fault.NOT_CHECKED)
Cells = Counter[tuple[str, str, bool]]


def counted(scene: Scene, index: int) -> tuple[Cells, Cells]:
    """How often each fault got each verdict, and that for correct images, in one view of a scene.

    The last of each key is whether the verdict is right.
    """
    faults: Cells = Counter()
    for plant in planted.PLANTS:
        for case in plant(scene, index):
            found = verdict(case)
            is_named = case.fault in (found.fault, *found.also)
            faults[case.fault, found.fault, is_named] += 1
    correct: Cells = Counter()
    for each in variants(scene, index):
        found = verdict_on_correct(each)
        correct[Fault.RIGHT, found.fault, found.fault in CORRECT] += 1
    return faults, correct


def report(title: str, scenes: tuple[Scene, ...]) -> None:
    """Print the table of some scenes."""
    pairs = [(scene, index) for scene in scenes for index in range(5)]
    faults: Cells = Counter()
    correct: Cells = Counter()
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        for of_faults, of_correct in pool.map(counted, *zip(*pairs, strict=True)):
            faults += of_faults
            correct += of_correct
    print(f"{title}\n\n| fault | planted | named | other verdicts |\n| --- | ---: | ---: | --- |")
    for fault in sorted({key[0] for key in faults}, key=list(Fault).index):
        of_fault = {key[1:]: n for key, n in faults.items() if key[0] == fault}
        named = sum(n for (_, is_named), n in of_fault.items() if is_named)
        others = Counter({found: n for (found, is_named), n in of_fault.items() if not is_named})
        listed = ", ".join(f"{found} {n}" for found, n in others.most_common())
        print(f"| {fault} | {sum(of_fault.values())} | {named} | {listed} |")
    named = sum(n for key, n in faults.items() if key[2])
    alarms = sum(n for key, n in correct.items() if not key[2])
    unsaid = sum(n for key, n in correct.items() if key[1] == Fault.NOT_CHECKED)
    print(f"\n{named} of {faults.total()} named ({named / faults.total():.1%}).")
    print(f"{alarms} alarms on {correct.total()} correct images, {unsaid} of them not checked.\n")


if __name__ == "__main__":
    report("Scenes of the tests", SCENES)
    report("Scenes that nothing was tuned on", UNSEEN)
