"""Damaged files end in a good read or a clear error; `make fuzz` reads as many as one likes."""

from __future__ import annotations

import pytest

from tests.core.fuzz import run as fuzz

FILES, SEED = 500, 1
READER = """
import ctypes, time
import numpy as np
from core.errors import FileError
from tests.core.fuzz.mutation import Sample

number = 0

def samples():
    return [Sample("a", bytes(100))]

def read(path):
    global number
    number += 1
    if number == 3:
        {what}
    if number % 2:
        raise FileError("Damaged.")
"""


@pytest.mark.parametrize("kind", fuzz.KINDS)
def test_damaged_files_are_read_or_refused(kind: str) -> None:
    outcome = fuzz.run(kind, range(FILES), SEED)
    assert not outcome.failures, "\n".join(outcome.failures[:5])
    assert outcome.counts.total() == FILES
    # Damage that is never noticed, or always fatal, would test little.
    assert min(outcome.counts["good"], outcome.counts["refused"]) > FILES / 50


@pytest.mark.parametrize(
    ("what", "found"),
    [
        ("raise KeyError('depth')", "KeyError: 'depth'"),
        ("ctypes.string_at(0)", "the process ended with"),
        ("np.ones(1 << 40)", "MemoryError"),
    ],
)
def test_what_else_a_reader_does_is_a_failure(tmp_path, monkeypatch, what: str, found: str) -> None:
    (tmp_path / "a_reader.py").write_text(READER.format(what=what))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    outcome = fuzz.run("a_reader", range(10, 15), SEED)
    (failure,) = outcome.failures
    assert failure.startswith(f"a_reader, file 12 of seed {SEED}:")
    assert found in failure
    assert outcome.counts["good"] + outcome.counts["refused"] == 4


def test_a_reader_that_hangs_is_ended(tmp_path, monkeypatch) -> None:
    (tmp_path / "a_reader.py").write_text(READER.format(what="time.sleep(60)"))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    outcome = fuzz.run("a_reader", range(10, 15), SEED, seconds=1.0)
    assert "file 12 of seed" in outcome.failures[0]
    assert "Timeout" in outcome.failures[0]
