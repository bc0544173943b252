"""Install and enable the built zip in this Python's Blender, as a user would.

Importing this module makes Blender use an empty configuration, so import it before `bpy`.
"""

from __future__ import annotations

import importlib
import os
import platform
import sys
import tempfile
from pathlib import Path
from types import ModuleType

from manifest import read_manifest

MANIFEST = read_manifest()
PACKAGE = f"bl_ext.user_default.{MANIFEST.id}"

# Blender reads this once, when bpy is imported.
_resources = tempfile.TemporaryDirectory(prefix="reconstruct-from-depth-")
USER_RESOURCES = Path(_resources.name)
os.environ["BLENDER_USER_RESOURCES"] = _resources.name

import bpy  # noqa: E402, isort: skip
import addon_utils  # noqa: E402 - exists only once bpy is imported


def zip_of_this_platform() -> Path:
    """The zip that ``make build`` leaves for this machine."""
    system = {"linux": "linux", "darwin": "macos", "win32": "windows"}[sys.platform]
    machine = platform.machine().lower()
    machine = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64"}.get(machine, machine)
    return MANIFEST.zip_path(f"{system}-{machine}")


def install() -> None:
    """Install and enable the zip.

    Raises
    ------
    RuntimeError
        The zip is missing, or Blender did not enable it.
    """
    path = zip_of_this_platform()
    if not path.is_file():
        raise RuntimeError(f"{path} is missing; run 'make build' first")
    addon_utils.enable("bl_pkg")
    bpy.ops.extensions.package_install_files(
        filepath=str(path), repo="user_default", enable_on_install=True
    )
    if addon_utils.check(PACKAGE) != (True, True):
        raise RuntimeError(f"{path.name} did not install and enable; see the error above")


def product(name: str = "") -> ModuleType:
    """Import a module of the installed extension: ``product("core.exr.reader")``."""
    return importlib.import_module(f"{PACKAGE}.{name}".rstrip("."))
