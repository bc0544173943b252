"""Read damaged files, and say which end in anything but a good read or an error of the core.

``python tests/core/fuzz/run.py exr --files 10000 --seed 3`` reads as many as one likes, and
``--only 417`` repeats one of them. All are read in another process, so that a crash of a library is
noticed, with a limit for time and memory.
"""

from __future__ import annotations

import argparse
import contextlib
import faulthandler
import importlib
import json
import os
import subprocess
import sys
import tempfile
import traceback
import warnings
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[3]
if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))

from core.errors import DepthError  # noqa: E402
from tests.core.fuzz.mutation import mutated  # noqa: E402

KINDS = ("exr", "annotation", "depth", "camera")
SECONDS = 20
"""For one file, of which most take milliseconds."""
MOST_FAILURES = 20
MEMORY = 4 << 30
"""Address space of the process, far more than small files need."""


@dataclass
class Outcome:
    """What became of the files."""

    counts: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return f"{self.counts['good']} read well, {self.counts['refused']} refused, " + (
            f"{len(self.failures)} failed"
        )


def run(kind: str, numbers: range, seed: int, seconds: float = SECONDS) -> Outcome:
    """Read the damaged files of some numbers; after a crash, go on behind it.

    Raises
    ------
    RuntimeError
        Something else went wrong than reading a file.
    """
    outcome = Outcome()
    while len(numbers) and len(outcome.failures) < MOST_FAILURES:
        done = subprocess.run(
            [sys.executable, __file__, kind, "--child", f"--seed={seed}",
             f"--first={numbers[0]}", f"--files={len(numbers)}", f"--seconds={seconds}"],
            cwd=ROOT, capture_output=True, text=True, errors="replace",
        )  # fmt: skip
        *whole, last = done.stdout.split("\n")
        for number, what, *text in (line.split(" ", 2) for line in whole):
            outcome.counts[what] += 1
            if text:
                failure = f"{kind}, file {number} of seed {seed}:\n{json.loads(text[0])}"
                outcome.failures.append(failure)
        read = len(whole)
        if done.returncode:
            stderr = done.stderr[-5000:]
            if done.returncode == 1 and "Timeout" not in stderr:
                raise RuntimeError(stderr)
            place = f"{kind}, file {last.strip()} of seed {seed}"
            outcome.failures.append(f"{place}: the process ended with {done.returncode}\n{stderr}")
            read += 1
        numbers = numbers[read:]
    return outcome


def read_damaged(kind: str, numbers: range, seed: int, seconds: float) -> None:
    """In a process of its own: print the number of each file, and then what became of it."""
    module = importlib.import_module(_module(kind))
    samples = module.samples()
    warnings.simplefilter("error", RuntimeWarning)
    _limit_memory()
    for number in numbers:
        print(number, end=" ", flush=True)
        random = np.random.default_rng([seed, number])
        sample, other = (samples[random.integers(len(samples))] for _ in range(2))
        with tempfile.TemporaryDirectory() as folder:
            for name, content in sample.beside.items():
                Path(folder, name).write_bytes(content)
            path = Path(folder, sample.name)
            path.write_bytes(mutated(sample, other, random))
            faulthandler.dump_traceback_later(seconds, exit=True)
            try:
                module.read(path)
                print("good", flush=True)
            except DepthError:
                print("refused", flush=True)
            except Exception:
                print("failed", json.dumps(traceback.format_exc()), flush=True)
            finally:
                faulthandler.cancel_dump_traceback_later()


def _module(kind: str) -> str:
    return f"tests.core.fuzz.{kind}_files" if kind in KINDS else kind


def _limit_memory() -> None:
    with contextlib.suppress(ImportError, ValueError, OSError):  # Windows, macOS
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("kinds", nargs="*", default=KINDS, help=", ".join(KINDS))
    parser.add_argument("--files", type=int, default=10_000, help="of each kind")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--first", type=int, default=0, help="number of the first file")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="for one file at the most")
    parser.add_argument("--only", type=int, help="number of the only file to read")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    numbers = range(options.first, options.first + options.files)
    if options.only is not None:
        numbers = range(options.only, options.only + 1)
    if options.child:
        faulthandler.enable()
        read_damaged(options.kinds[0], numbers, options.seed, options.seconds)
        os._exit(0)  # without the errors of libraries that shut down
    failed = False
    for kind in options.kinds:
        outcome = run(kind, numbers, options.seed, options.seconds)
        failed |= bool(outcome.failures)
        print(f"{kind}: {outcome}", *outcome.failures, sep="\n", flush=True)
    sys.exit(failed)


if __name__ == "__main__":
    main()
