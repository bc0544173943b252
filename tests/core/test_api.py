"""The names that the core offers at its top."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path

import numpy as np

import core


def test_every_name_is_there_and_is_that_of_its_module() -> None:
    assert sorted(core.__all__) == sorted(core._MODULES)
    for name in core.__all__:
        assert getattr(core, name).__module__.startswith("core.")


def test_locate_is_the_function() -> None:
    """A module of its name would take its place once somebody imported that."""
    importlib.import_module("core.geometry.locating")
    depth = core.DepthImage.from_array(np.full((3, 4), 2.0, np.float32), core.DepthKind.PLANAR)
    lens = core.Perspective(core.Intrinsics(4.0, 4.0, 2.0, 1.5, 4, 3))
    located = core.locate(depth, core.Camera(lens, np.eye(4)), [(2.0, 1.5), (3.0, 1.5)])
    np.testing.assert_allclose(located.points, [(0, 0, -2), (0.5, 0, -2)], atol=1e-12)


def test_importing_the_package_loads_neither_numpy_nor_openexr() -> None:
    code = "import core, sys; print({'numpy', 'OpenEXR'} & set(sys.modules))"
    root = Path(__file__).resolve().parents[2]
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=root)
    assert result.stdout == "set()\n"
