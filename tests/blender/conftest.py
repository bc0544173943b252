"""Install the built zip into this Python's Blender, as a user would, once for the whole run."""

from __future__ import annotations

import atexit
import os
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import installed  # before bpy, as it says
import pytest
from manifest import ROOT

import bpy  # isort: skip
from tests.blender.cameras.camera_checks import show_accuracy
from tests.blender.reconstruct_scene import prepare_scene


def _fail_if_stale(path: Path) -> None:
    """A zip of yesterday's code would pass or fail for yesterday's reasons."""
    with zipfile.ZipFile(path) as archive:
        built = {name: archive.read(name) for name in archive.namelist() if name.endswith(".py")}
    rooms = ("core", "bridge", "operators", "panels", "properties", "overlays", "tools")
    files = [*ROOT.glob("*.py"), *(file for room in rooms for file in (ROOT / room).rglob("*.py"))]
    current = {file.relative_to(ROOT).as_posix(): file.read_bytes() for file in files}
    del current["noxfile.py"]
    changed = sorted(name for name in built | current if built.get(name) != current.get(name))
    if changed:
        pytest.exit(f"{path.name} is older than {', '.join(changed)}; run 'make build'", 1)


@pytest.fixture(scope="session", autouse=True)
def _installed() -> None:
    path = installed.zip_of_this_platform()
    if path.is_file():
        _fail_if_stale(path)
    installed.install()


@pytest.fixture(scope="session")
def product(_installed: None) -> Callable[[str], ModuleType]:
    """Import a module of the *installed* extension: ``product("core.exr.reader")``."""
    return installed.product


@pytest.fixture(scope="session")
def user_resources() -> Path:
    """The empty folder that stands for the user's Blender configuration."""
    return installed.USER_RESOURCES


@pytest.fixture(autouse=True)
def empty_scene(_installed: None) -> bpy.types.Scene:
    """A new file without objects for every test; the extension stays enabled."""
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    return bpy.context.scene


@pytest.fixture
def scene(empty_scene: bpy.types.Scene) -> bpy.types.Scene:
    """A few shapes on a floor, some sky, and a camera that is shifted and turned."""
    return prepare_scene(empty_scene)


@pytest.fixture
def undescribed(empty_scene: bpy.types.Scene) -> None:
    """Renders hold no more than Blender writes itself, so that the scene has to give the camera."""
    empty_scene.reconstruct_from_depth.describe_renders = False


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show how exact the cameras were."""
    terminalreporter.section(f"Reprojection of Cycles' Position pass, {bpy.app.version_string}")
    show_accuracy(terminalreporter.write_line)


_exit_status = pytest.StashKey[int]()


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Keep the outcome for `pytest_unconfigure`."""
    session.config.stash[_exit_status] = int(exitstatus)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """End where Blender 4.2 would crash: its wheel does at exit, once its glTF add-on exported.

    So does a script of two lines, ``import bpy`` and ``bpy.ops.export_scene.gltf(...)``.
    """
    if (
        bpy.app.version < (4, 5)
        and "io_scene_gltf2.blender.exp.gltf2_blender_export" in sys.modules
    ):
        atexit._run_exitfuncs()
        sys.stdout.flush()
        os._exit(config.stash[_exit_status])
