"""What the enabled extension adds to Blender's start.

The promise is 30 ms where ``import bpy``, which is Blender's start, takes 380 ms: the ratio of the
two hardly depends on the machine.
"""

from __future__ import annotations

import os
import subprocess
import sys

import installed
from measure import row

RUNS = 5

MEASURE = """
import sys, time
start = time.perf_counter()
import bpy, addon_utils
imported = time.perf_counter()
assert addon_utils.enable(sys.argv[1]) is not None
print("seconds:", imported - start, time.perf_counter() - imported)
"""


def seconds() -> tuple[float, float]:
    """Measure Blender's start, and then enabling the extension, in a new process."""
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": ""}
    command = [sys.executable, "-c", MEASURE, installed.PACKAGE]
    result = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    label, start, enabling = result.stdout.splitlines()[-1].split()
    assert label == "seconds:"
    return float(start), float(enabling)


def main() -> None:
    """Measure."""
    installed.install()
    seconds()  # writes the bytecode that later starts use
    runs = [seconds() for _ in range(RUNS)]
    start, enabling = (min(times) for times in zip(*runs, strict=True))
    row("enabling the extension / Blender's start", "s", enabling, start, at_most=0.03 / 0.38)


if __name__ == "__main__":
    main()
