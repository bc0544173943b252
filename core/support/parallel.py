"""Work in blocks on every core; numpy releases Python's lock while it computes."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor


def row_slices(height: int, width: int, pixels: int, least: int = 1) -> list[slice]:
    """Divide an image into blocks of rows, to work on one block at a time.

    Parameters
    ----------
    height, width : int
        Size of the image.
    pixels : int
        Pixels that a block has at most.
    least : int
        Rows that a block has at least, even if it then has more pixels; the last block may have
        fewer.
    """
    rows = max(least, pixels // max(1, width))
    return [slice(row, min(row + rows, height)) for row in range(0, height, rows)]


def run_on_all_cores(task: Callable[[int], None], count: int) -> None:
    """Call `task` with each of 0 .. count - 1, in any order, and raise its first error."""
    indices = iter(range(count))  # shared by all threads: each takes the next one

    def work(_: int) -> None:
        for index in indices:
            task(index)

    threads = max(1, min(count, os.cpu_count() or 1))
    if threads == 1:  # starting a thread costs more than a small task
        work(0)
        return
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(work, range(threads)))
