"""From a file to a surface in 4K, in Blender, against a file to points and Blender's own calls."""

from __future__ import annotations

from collections.abc import Callable

from installed import product
from measure import best_times, row

import bpy  # isort: skip
import numpy as np
from mesh import cleaned, scene_in_4k, write


def main() -> None:
    """Measure on a file as Blender writes it, whose surface has many cuts."""
    with scene_in_4k() as path:
        import OpenEXR

        write(OpenEXR, path, color=True)

        def reconstruct(output: str) -> None:
            product("core.exr.reader").clear_cache()
            bpy.ops.depth.reconstruct(filepath=path, output=output)

        reconstruct("SURFACE")
        set_again = same_mesh(bpy.context.object.data)

        def read_and_set() -> None:
            OpenEXR.File(path)
            set_again()

        surface, points, bare = best_times(
            cleaned(lambda: reconstruct("SURFACE")),
            cleaned(lambda: reconstruct("POINTS")),
            cleaned(read_and_set),
        )
        row("file to surface with color and UVs / points", "s", surface, points, at_most=2.5)
        row("the same / OpenEXR.File and Blender's calls for that mesh", "s", surface, bare,
            at_most=1.5)  # fmt: skip


def same_mesh(mesh: bpy.types.Mesh) -> Callable[[], None]:
    """Return the fewest calls that make a mesh of the same arrays, which are at hand already."""
    starts = array_of(mesh.polygons, "loop_start", 1, np.int32)
    calls = [
        (name, kind, domain, field, array_of(mesh.attributes[name].data, field, width, dtype))
        for name, kind, domain, field, width, dtype in (
            ("position", "", "", "vector", 3, np.float32),
            (".edge_verts", "", "", "value", 2, np.int32),
            (".corner_vert", "", "", "value", 1, np.int32),
            (".corner_edge", "", "", "value", 1, np.int32),
            ("UVMap", "FLOAT2", "CORNER", "vector", 2, np.float32),
            ("pixel", "INT32_2D", "POINT", "value", 2, np.int32),
            ("depth", "FLOAT", "POINT", "value", 1, np.float32),
            ("Color", "FLOAT_COLOR", "POINT", "color", 4, np.float32),
        )
    ]
    counts = [len(each) for each in (mesh.vertices, mesh.edges, mesh.loops, mesh.polygons)]

    def make() -> None:
        bare = bpy.data.meshes.new("bare")
        parts = bare.vertices, bare.edges, bare.loops, bare.polygons
        for part, count in zip(parts, counts, strict=True):
            part.add(count)
        bare.polygons.foreach_set("loop_start", starts)
        for name, kind, domain, field, values in calls:
            if kind:
                bare.attributes.new(name, kind, domain)
            bare.attributes[name].data.foreach_set(field, values)

    return make


def array_of(items: bpy.types.bpy_prop_collection, field: str, width: int, dtype: type) -> object:
    """Return a field of all items as a flat array."""
    values = np.empty(len(items) * width, dtype)
    items.foreach_get(field, values)
    return values


if __name__ == "__main__":
    main()
