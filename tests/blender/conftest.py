"""Install the built zip into this Python's Blender, as a user would, once for the whole run."""

from __future__ import annotations

import importlib
import os
import platform
import sys
import tempfile
import tomllib
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
MANIFEST = tomllib.loads((ROOT / "blender_manifest.toml").read_text(encoding="utf-8"))
PACKAGE = f"bl_ext.user_default.{MANIFEST['id']}"

# Blender reads this once, when bpy is imported; it must be set before any test module does so.
_resources = tempfile.TemporaryDirectory(prefix="reconstruct-from-depth-")
os.environ["BLENDER_USER_RESOURCES"] = _resources.name

import bpy  # noqa: E402, isort: skip
import addon_utils  # noqa: E402 - exists only once bpy is imported


def pytest_report_header() -> str:
    return f"Blender {bpy.app.version_string}"


def _zip_of_this_platform() -> Path:
    system = {"linux": "linux", "darwin": "macos", "win32": "windows"}[sys.platform]
    machine = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64"}.get(
        platform.machine().lower(), platform.machine().lower()
    )
    return ROOT / "dist" / f"{MANIFEST['id']}-{MANIFEST['version']}-{system}_{machine}.zip"


def _fail_if_stale(path: Path) -> None:
    """A zip of yesterday's code would pass or fail for yesterday's reasons."""
    if not path.is_file():
        pytest.exit(f"{path} is missing; run 'make build' first", returncode=1)
    with zipfile.ZipFile(path) as archive:
        built = {name: archive.read(name) for name in archive.namelist() if name.endswith(".py")}
    rooms = ("core", "bridge", "operators", "panels")
    sources = [*ROOT.glob("*.py"), *(file for room in rooms for file in (ROOT / room).glob("*.py"))]
    current = {
        str(file.relative_to(ROOT)): file.read_bytes()
        for file in sources
        if file.name != "noxfile.py"
    }
    changed = sorted(name for name in built | current if built.get(name) != current.get(name))
    if changed:
        pytest.exit(f"{path.name} is older than {', '.join(changed)}; run 'make build'", 1)


def _install() -> None:
    path = _zip_of_this_platform()
    _fail_if_stale(path)
    addon_utils.enable("bl_pkg")
    bpy.ops.extensions.package_install_files(
        filepath=str(path), repo="user_default", enable_on_install=True
    )
    if addon_utils.check(PACKAGE) != (True, True):
        pytest.exit("the extension did not install and enable; see the error above", returncode=1)


@pytest.fixture(scope="session", autouse=True)
def _installed() -> None:
    _install()


@pytest.fixture(scope="session")
def product(_installed: None) -> Callable[[str], ModuleType]:
    """Import a module of the *installed* extension: ``product("core.exr")``."""

    def import_installed(name: str = "") -> ModuleType:
        return importlib.import_module(f"{PACKAGE}.{name}".rstrip("."))

    return import_installed


@pytest.fixture(scope="session")
def user_resources() -> Path:
    """The empty folder that stands for the user's Blender configuration."""
    return Path(_resources.name)


@pytest.fixture(autouse=True)
def empty_scene(_installed: None) -> bpy.types.Scene:
    """A new file without objects for every test; the extension stays enabled."""
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    return bpy.context.scene
