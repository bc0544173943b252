"""The fixture that plays a scenario in a real Blender window."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
import window


@pytest.fixture(scope="session", params=["trixie", "sid"])
def _debian(request: pytest.FixtureRequest) -> Path:
    """Debian stable has Blender 4, unstable Blender 5; at times unstable cannot be installed."""
    try:
        return window.debian(request.param)
    except window.UnavailableError as error:
        if os.environ.get("CI") and request.param != "sid":
            raise
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def _zip_path() -> Path:
    zips = sorted((window.ROOT / "dist").glob("*-linux_x64.zip"))
    assert len(zips) == 1, "dist/ has not one zip for linux_x64; run 'make build' first"
    return zips[0]


@pytest.fixture
def blender_window(_debian: Path, _zip_path: Path) -> Callable[[str], window.Outcome]:
    """Play ``scenarios/<name>.py``; screenshots stay in ``build/gui/<suite>/<name>/``."""
    results = window.ROOT / "build" / "gui" / _debian.name

    def play(name: str) -> window.Outcome:
        return window.play(_debian, name, _zip_path, results / name)

    return play
