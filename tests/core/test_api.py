"""The names that the core offers at its top."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import core


def test_every_name_is_there_and_is_that_of_its_module() -> None:
    assert sorted(core.__all__) == sorted(core._MODULES)
    for name in core.__all__:
        assert getattr(core, name).__module__.startswith("core.")


def test_importing_the_package_loads_neither_numpy_nor_openexr() -> None:
    code = "import core, sys; print({'numpy', 'OpenEXR'} & set(sys.modules))"
    root = Path(__file__).resolve().parents[2]
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=root)
    assert result.stdout == "set()\n"
