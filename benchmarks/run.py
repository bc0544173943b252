"""Measure the costs that the product promises, as ratios within this run: ``make benchmark``.

Each measurement is a separate script, run in a separate process, which prints rows as JSON.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
SCRIPTS = (
    "points.py",
    "mesh.py",
    "passes.py",
    "surface.py",
    "voxels.py",
    "memory.py",
    "locate.py",
    "picking.py",
    "export.py",
    "annotations.py",
    "check.py",
    "start.py",
)


def main() -> None:
    """Run the scripts and print their rows as a table."""
    paths = map(str, (HERE.parent, HERE.parent / "scripts"))
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    print(f"4K (3840 x 2160), {os.cpu_count()} cores; times are the best of several")
    print(f"{'what':<64} {'ours':>9} {'other':>9} {'ratio':>7}  bar")
    for script in SCRIPTS:
        result = subprocess.run(
            [sys.executable, HERE / script], stdout=subprocess.PIPE, text=True, env=environment
        )
        if result.returncode != 0:
            sys.exit(f"{script} failed")
        for line in result.stdout.splitlines():
            if line.startswith("row: "):
                print_row(**json.loads(line.removeprefix("row: ")))


def print_row(
    what: str, unit: str, ours: float, other: float, at_least: float = 0, at_most: float = 0
) -> None:
    """Print a line; the ratio is how many times faster ours is, or how many times as much."""
    ratio = other / ours if at_least else ours / other
    met = ratio >= at_least if at_least else ratio <= at_most
    bar = f"at least {at_least:g}" if at_least else f"at most {at_most:g}"
    ours_text, other_text = _formatted(ours, unit), _formatted(other, unit)
    missed = "" if met else ": MISSED"
    print(f"{what:<64} {ours_text:>9} {other_text:>9} {ratio:>7.2f}  {bar}{missed}")


def _formatted(value: float, unit: str) -> str:
    if unit == "B":
        return f"{value / 1e6:.0f} MB"
    return f"{value:.3f} s" if value >= 0.01 else f"{value * 1e3:.2f} ms"


if __name__ == "__main__":
    main()
