"""Build a zip for each platform into ``dist/`` with Blender's extension builder, and check it.

Run it with a Python that has a ``bpy`` wheel: ``make build`` does.
"""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path

from fetch_wheels import main as fetch_wheels
from manifest import ROOT, read_manifest

MAX_ZIP_BYTES = 6_000_000
"""A larger zip contains something that is not part of the product."""


def builder() -> Path:
    """Path of ``blender_ext.py``, Blender's extension builder, in the ``bpy`` wheel.

    Raises
    ------
    RuntimeError
        This Python has no ``bpy`` wheel.
    """
    spec = importlib.util.find_spec("bpy")
    if spec is None or spec.origin is None:
        raise RuntimeError(
            f"{sys.executable} has no bpy wheel, which contains the builder; run 'make build'"
        )
    pattern = "*/scripts/addons_core/bl_pkg/cli/blender_ext.py"
    return next(Path(spec.origin).parent.glob(pattern))


def run_builder(*arguments: str) -> None:
    """Run the builder in plain Python; its output is shown only when it fails.

    Raises
    ------
    RuntimeError
        The builder failed.
    """
    command = [sys.executable, str(builder()), *arguments]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        output = f"{result.stdout}{result.stderr}".strip()
        raise RuntimeError(f"blender_ext.py {' '.join(arguments)} failed:\n{output}")


def main() -> None:
    """Fetch the wheels, build the zips from scratch, validate them and check their sizes."""
    fetch_wheels()
    dist = ROOT / "dist"
    shutil.rmtree(dist, ignore_errors=True)
    dist.mkdir()
    source = f"--source-dir={ROOT}"
    run_builder("build", source, f"--output-dir={dist}", "--split-platforms")
    manifest = read_manifest()
    for platform in manifest.platforms:
        path = manifest.zip_path(platform)
        run_builder("validate", str(path))
        size = path.stat().st_size
        if size > MAX_ZIP_BYTES:
            raise RuntimeError(
                f"{path.name} has {size} bytes, expected at most {MAX_ZIP_BYTES}; unpack it, and "
                "exclude in the manifest what does not belong there"
            )
        print(f"dist/{path.name}  {size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
