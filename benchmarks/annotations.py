"""Read a CSV of 300,000 points as an import does, within three seconds."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
from measure import HEIGHT, WIDTH, best_times, row

from core.annotations.reading import read_annotations, read_picks

POINTS = 300_000
BAR = 3.0
"""Seconds that reading may take."""


def main() -> None:
    """Measure."""
    pixels = np.random.default_rng(0).uniform(0.0, 1.0, (POINTS, 2)) * (WIDTH, HEIGHT)
    lines = (f"Point {number},{x!r},{y!r}" for number, (x, y) in enumerate(pixels.tolist()))
    with tempfile.TemporaryDirectory() as name:
        path = Path(name, "points.csv")
        path.write_text("\n".join(("name,x,y", *lines)))

        def read() -> None:
            assert read_picks(path) is None
            assert len(read_annotations(path)[0].annotations) == POINTS

        (seconds,) = best_times(read, runs=3)
    row("a CSV of 300,000 points / 3 s", "s", seconds, BAR, at_most=1)


if __name__ == "__main__":
    main()
