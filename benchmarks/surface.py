"""File to surface in 4K, in Blender, against file to points alone."""

from __future__ import annotations

import os
import tempfile

from installed import install, product
from measure import HEIGHT, WIDTH, best_times, row

import bpy  # isort: skip
from mesh import cleaned, write


def main() -> None:
    """Measure on a file as Blender writes it, whose surface has a few thousand cuts."""
    install()
    import OpenEXR

    bpy.ops.wm.read_homefile(use_factory_startup=True)
    render = bpy.context.scene.render
    render.resolution_x, render.resolution_y = WIDTH, HEIGHT
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "render.exr")
        write(OpenEXR, path, color=True)

        def made(output: str) -> None:
            product("core.exr").clear_cache()
            bpy.ops.depth.reconstruct(filepath=path, output=output)

        surface, points = best_times(
            cleaned(lambda: made("SURFACE")), cleaned(lambda: made("POINTS"))
        )
        row("file to surface with color and UVs / points", "s", surface, points, at_most=6)


if __name__ == "__main__":
    main()
