"""Measure the time of benchmarks, and report rows."""

from __future__ import annotations

import gc
import json
import time
from collections.abc import Callable
from typing import Any

WIDTH, HEIGHT = 3840, 2160


def best_times(*works: Callable[[], Any], runs: int = 7) -> list[float]:
    """Return the least seconds that each took; they alternate to meet the same conditions."""
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
    """Print a row for ``run.py``; the bar is `at_least` or `at_most`, see ``print_row`` there."""
    print("row:", json.dumps({"what": what, "unit": unit, "ours": ours, "other": other, **bar}))
