"""The uncertainty of points against right triangles of whole sides."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np

from core.geometry.uncertainty import uncertainty


def test_root_of_the_squares_of_half_a_pixel_and_the_precision() -> None:
    assert uncertainty(6.0, 4.0) == 5.0
    assert uncertainty(0.0, 0.0) == 0.0
    found = uncertainty(np.array([6.0, 10.0, np.nan]), np.array([4.0, 12.0, 1.0]))
    np.testing.assert_array_equal(found, [5.0, 13.0, np.nan])


def test_importing_it_loads_no_numpy() -> None:
    code = "import core.geometry.uncertainty, sys; print('numpy' in sys.modules)"
    root = Path(__file__).resolve().parents[3]
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=root)
    assert result.stdout == "False\n"
