"""What the enabled extension adds to Blender's start.

At most 30 ms where ``import bpy``, which is Blender's start, takes 0.38 s: the ratio of the two
hardly depends on the machine.
"""

from __future__ import annotations

import os
import subprocess
import sys

import installed

LIMIT = 0.030 / 0.38
RUNS = 5

_MEASURE = """
import sys, time
start = time.perf_counter()
import bpy, addon_utils
imported = time.perf_counter()
assert addon_utils.enable(sys.argv[1]) is not None
print("seconds:", imported - start, time.perf_counter() - imported)
"""


def _seconds() -> tuple[float, float]:
    """Of Blender's start and of enabling the extension after it, in a new process."""
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": ""}
    result = subprocess.run(
        [sys.executable, "-c", _MEASURE, installed.PACKAGE],
        capture_output=True,
        text=True,
        check=True,
        env=environment,
    )
    label, start, enabling = result.stdout.splitlines()[-1].split()
    assert label == "seconds:"
    return float(start), float(enabling)


def test_enabling_costs_little_of_blenders_start() -> None:
    installed.install()
    _seconds()  # leaves the bytecode that every later start finds
    runs = [_seconds() for _ in range(RUNS)]
    start = min(run[0] for run in runs)
    enabling = min(run[1] for run in runs)
    print(f"start {start * 1e3:.0f} ms, enabling {enabling * 1e3:.1f} ms")
    assert enabling < LIMIT * start
