"""Peak memory from a file to a mesh object in 4K, beyond the file's channels; on Linux only.

It runs in a separate process, because freed memory that stays resident would hide the peak.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from installed import install, product
from measure import HEIGHT, WIDTH, row
from mesh import write

import bpy  # isort: skip


def main() -> None:
    """Measure a file with depth alone: vertices with the attributes pixel and depth."""
    if not Path("/proc/self/clear_refs").exists():
        return
    install()
    import OpenEXR

    bpy.ops.wm.read_homefile(use_factory_startup=True)
    render = bpy.context.scene.render
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "render.exr")
        render.resolution_x, render.resolution_y = 64, 36  # loads everything that stays loaded
        write(OpenEXR, path, color=False, size=(36, 64))
        bpy.ops.depth.reconstruct(filepath=path)
        render.resolution_x, render.resolution_y = WIDTH, HEIGHT
        channel_bytes = write(OpenEXR, path, color=False)
        product("core.exr.reader").clear_cache()
        Path("/proc/self/clear_refs").write_text("5")  # resets the peak
        before = resident("VmRSS")
        bpy.ops.depth.reconstruct(filepath=path)
        peak = resident("VmHWM") - before - channel_bytes
    points = len(bpy.context.object.data.vertices) * 12
    row("depth: file to object, peak memory / the points", "B", peak, points, at_most=2.5)


def resident(field: str) -> int:
    """Return a field of Linux's memory statistics of this process, in bytes."""
    lines = Path("/proc/self/status").read_text().splitlines()
    line = next(line for line in lines if line.startswith(field))
    return int(line.split()[1]) * 1024


if __name__ == "__main__":
    main()
