"""From a file to a surface in 4K, in Blender, against a file to points."""

from __future__ import annotations

from installed import product
from measure import best_times, row

import bpy  # isort: skip
from mesh import cleaned, scene_in_4k, write


def main() -> None:
    """Measure on a file as Blender writes it, whose surface has a few thousand cuts."""
    with scene_in_4k() as path:
        import OpenEXR

        write(OpenEXR, path, color=True)

        def reconstruct(output: str) -> None:
            product("core.exr.reader").clear_cache()
            bpy.ops.depth.reconstruct(filepath=path, output=output)

        surface, points = best_times(
            cleaned(lambda: reconstruct("SURFACE")), cleaned(lambda: reconstruct("POINTS"))
        )
        row("file to surface with color and UVs / points", "s", surface, points, at_most=6)


if __name__ == "__main__":
    main()
