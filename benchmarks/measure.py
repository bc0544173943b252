"""How the benchmarks take time and memory, and how they report a row."""

from __future__ import annotations

import gc
import json
import time
from collections.abc import Callable
from typing import Any

WIDTH, HEIGHT = 3840, 2160


def best_times(*works: Callable[[], Any], runs: int = 7) -> list[float]:
    """Least seconds that each took; they take turns, so that all meet the same machine."""
    best = [float("inf")] * len(works)
    for _ in range(runs):
        for index, work in enumerate(works):
            gc.collect()
            start = time.perf_counter()
            result = work()
            best[index] = min(best[index], time.perf_counter() - start)
            del result
    return best


def row(what: str, unit: str, ours: float, other: float, **bar: float) -> None:
    """Print a row for ``run.py``; the bar is `at_least` (times faster) or `at_most` (as much)."""
    print("row:", json.dumps({"what": what, "unit": unit, "ours": ours, "other": other, **bar}))
