"""What locating picks costs, for every kind of lens; run as a script, it prints all of it.

The picks lie at random on a 4K image of slopes and steps; each time is the median of several runs.
"""

from __future__ import annotations

import statistics
import sys
import time
import tracemalloc
from dataclasses import dataclass
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from core.camera import Camera, Lens
from core.depth import DepthImage, DepthKind
from core.fisheye import FisheyeEquidistant
from core.intrinsics import Intrinsics, Orthographic, Perspective
from core.locate import Flag, locate
from core.panorama import Equirectangular, Frame
from core.stereo import SphericalStereo

WIDTH, HEIGHT = 3840, 2160
RUNS = {1: 200, 1000: 50, 1_000_000: 5}
"""How many picks are located at once, and how often."""


@dataclass(frozen=True)
class Cost:
    """Of locating picks once: median seconds, greatest memory in bytes, and the part of edges."""

    lens: str
    picks: int
    seconds: float
    memory: int
    edges: float


def measure() -> list[Cost]:
    """Costs of every kind of lens and number of picks."""
    frame = Frame(WIDTH, HEIGHT)
    pinhole = Perspective(Intrinsics(3000.0, 3000.0, WIDTH / 2, HEIGHT / 2, WIDTH, HEIGHT))
    lenses: list[tuple[Lens, DepthKind]] = [
        (pinhole, DepthKind.PLANAR),
        (Orthographic(pinhole.intrinsics), DepthKind.PLANAR),
        (Equirectangular(frame), DepthKind.RAY),
        (FisheyeEquidistant(frame, 4.0), DepthKind.RAY),
        (SphericalStereo(Equirectangular(frame), 0.03, 2.0), DepthKind.RAY),
    ]
    column, row = np.arange(WIDTH, dtype=np.float32), np.arange(HEIGHT, dtype=np.float32)[:, None]
    values = 20.0 + 3.0 * np.sin(column / 300.0) + row / 500.0 + 2.0 * ((column + row) // 200 % 2)
    return [
        _cost(DepthImage.from_array(values, kind), Camera(lens, np.eye(4)), picks)
        for lens, kind in lenses
        for picks in RUNS
    ]


def _cost(depth: DepthImage, camera: Camera, picks: int) -> Cost:
    pixels = np.random.default_rng(0).uniform(0.0, 1.0, (picks, 2)) * (WIDTH, HEIGHT)
    times = []
    for _ in range(RUNS[picks]):
        start = time.perf_counter()
        located = locate(depth, camera, pixels)
        times.append(time.perf_counter() - start)
    tracemalloc.start()  # only now, as it slows everything down
    locate(depth, camera, pixels)
    _, memory = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    edges = float(np.mean(located.flags == Flag.EDGE))
    return Cost(type(camera.lens).__name__, picks, statistics.median(times), memory, edges)


if __name__ == "__main__":
    for cost in measure():
        print(
            f"{cost.lens:18} {cost.picks:9,} picks {cost.seconds * 1e3:9.3f} ms"
            f" {cost.memory / 1e6:7.1f} MB {cost.edges:6.1%} edges"
        )
