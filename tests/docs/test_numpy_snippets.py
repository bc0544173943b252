"""Every snippet in numpy runs outside Blender, from the folder that the README says."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import OpenEXR
import pytest
from manifest import ROOT

from core.cameras.camera import Camera
from core.cameras.intrinsics import Intrinsics, Perspective
from core.depth.clipping import ClipRange
from core.depth.image import DepthKind
from core.exr.shot_metadata import ShotMetadata, ViewShot
from tests.docs.documents import NEEDS, Block, snippets

WIDTH, HEIGHT = 960, 540


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds ``reconstruct_from_depth``, as the zip would be unpacked."""
    folder = tmp_path_factory.mktemp("unpacked")
    package = folder / "reconstruct_from_depth"
    shutil.copytree(ROOT / "core", package / "core", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "__init__.py", package)
    return folder


def _write_render(path: Path, **attributes: str) -> None:
    """A floor below a camera one unit above it, with sky, as Blender would name its layers."""
    rows = np.arange(HEIGHT, dtype=np.float32)[:, None] + 0.5
    focal = 40 / 36 * WIDTH
    with np.errstate(divide="ignore"):
        depth = np.where(rows > HEIGHT / 2, focal / (rows - HEIGHT / 2), 1e10)
    depth = np.broadcast_to(depth, (HEIGHT, WIDTH)).astype(np.float32)
    color = np.full((HEIGHT, WIDTH), 0.5, np.float32)
    channels = {"ViewLayer.Depth.Z": depth}
    channels |= {f"ViewLayer.Combined.{each}": color for each in "RGBA"}
    header = {"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage, **attributes}
    OpenEXR.File(header, channels).write(str(path))


def _write_described(path: Path) -> None:
    focal = 40 / 36 * WIDTH
    lens = Perspective(Intrinsics(focal, focal, WIDTH / 2, HEIGHT / 2, WIDTH, HEIGHT))
    clip = ClipRange(0.1, 100.0, DepthKind.PLANAR, False)
    view = ViewShot("", "", "Camera", Camera(lens, np.eye(4)), clip, False)
    shot = ShotMetadata((view,), "CYCLES", 1, 0.0, False, 1.0, "5.0.1", "")
    _write_render(path, Note=shot.to_text())


WRITERS = {"render.exr": _write_render, "described.exr": _write_described}


def test_every_need_can_be_prepared() -> None:
    assert set(WRITERS) == set(NEEDS["numpy"])


@pytest.mark.parametrize("snippet", snippets("numpy"), ids=lambda each: each.name)
def test_snippet_runs_outside_blender(snippet: Block, unpacked: Path, tmp_path: Path) -> None:
    for need in snippet.info[2:]:
        WRITERS[need](tmp_path / need)
    result = subprocess.run(
        [sys.executable, "-W", "error::RuntimeWarning", "-c", snippet.code],
        env={**os.environ, "PYTHONPATH": str(unpacked)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, f"{snippet.name} failed:\n{result.stderr}"


def test_there_are_snippets() -> None:
    """An empty list would be skipped in silence."""
    assert len(snippets("numpy")) >= 2
