"""Multi-part files are read by way of a temporary copy of one part, which must leave no trace."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
import OpenEXR
import pytest

from core.depth.image import DepthKind
from core.errors import FileError
from core.exr import reader as exr
from core.files.reader import read_depth

ROOT = Path(__file__).resolve().parents[3]
HEIGHT, WIDTH = 270, 480
VALUES = 1.0 + np.random.default_rng(0).random((HEIGHT, WIDTH), np.float32)


@pytest.fixture
def path(tmp_path: Path) -> str:
    """A file of two parts whose depth does not compress: 0.5 MB."""
    parts = [
        OpenEXR.Part({"type": OpenEXR.scanlineimage}, dict.fromkeys(channels, VALUES), title)
        for title, channels in (("Combined", "RGB"), ("Depth", "Z"))
    ]
    path = str(tmp_path / "parts.exr")
    OpenEXR.File(parts).write(path)
    exr.clear_cache()
    return path


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder for temporary files."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def read(path: str) -> np.ndarray:
    return read_depth(path, kind=DepthKind.PLANAR).values


def test_nothing_stays_in_the_folder_for_temporary_files(path: str, temporary: Path) -> None:
    np.testing.assert_array_equal(read(path), VALUES)
    assert not list(temporary.iterdir())
    content = bytearray(Path(path).read_bytes())
    content[-2000:-1000] = bytes(1000)
    Path(path).write_bytes(content)
    exr.clear_cache()
    with pytest.raises(FileError, match=r"pixels of .* are damaged"):
        read(path)
    assert not list(temporary.iterdir())


def test_no_folder_for_temporary_files(path: str, temporary: Path) -> None:
    temporary.rmdir()
    with pytest.raises(FileError, match=r"cannot be copied .*; free space .* or set TMPDIR"):
        read(path)


MEMORY = """
import os, sys
from core.depth.image import DepthKind
from core.exr import reader as exr
from core.files.reader import read_depth

def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

for turn in range(300):
    exr.clear_cache()
    read_depth(sys.argv[1], kind=DepthKind.PLANAR)
    if turn == 30:
        before = resident()
print(resident() - before)
"""


@pytest.mark.skipif(
    not os.path.exists("/proc/self/statm"), reason="only Linux gives the resident memory this way"
)
def test_memory_does_not_grow(path: str) -> None:
    """A leak of the depth's compressed bytes would be 130 MB."""
    done = subprocess.run(
        [sys.executable, "-c", MEMORY, path], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert int(done.stdout) < 16 << 20


def test_a_thread_reads_while_the_main_thread_is_busy(path: str) -> None:
    """OpenEXR decodes with threads of its own, which must not need Python's lock."""
    found: list[np.ndarray] = []

    def work() -> None:
        for _ in range(20):
            exr.clear_cache()
            found.append(read(path))

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    deadline = time.monotonic() + 60.0
    while thread.is_alive() and time.monotonic() < deadline:
        pass
    assert len(found) == 20
    assert all(np.array_equal(values, VALUES) for values in found)
