"""Work in blocks on every core: numpy releases Python's lock while it computes."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor


def row_slices(height: int, width: int, pixels: int, least: int = 1) -> list[slice]:
    """Rows to work on at once: as many as hold so many pixels, and at least so many rows."""
    rows = max(least, pixels // max(1, width))
    return [slice(row, min(row + rows, height)) for row in range(0, height, rows)]


def run_on_all_cores(task: Callable[[int], None], count: int) -> None:
    """Call `task` for each of 0 .. count - 1; its first error is raised."""
    indices = iter(range(count))  # shared by the threads: each takes the next

    def work(_: int) -> None:
        for index in indices:
            task(index)

    threads = max(1, min(count, os.cpu_count() or 1))
    if threads == 1:  # to start a thread costs more than a small piece of work
        work(0)
        return
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(work, range(threads)))
