"""Passes as attributes, point clouds, and previews in 4K, in Blender."""

from __future__ import annotations

from installed import product
from measure import HEIGHT, WIDTH, best_times, row
from mesh import cleaned, scene_in_4k

import bpy  # isort: skip
import numpy as np

PASSES = {  # leaves in the file, type and field of the attribute, numbers per point
    "Combined": ("RGBA", "FLOAT_COLOR", "color", 4),
    "Normal": ("XYZ", "FLOAT_VECTOR", "vector", 3),
    "UV": ("UVA", "FLOAT2", "vector", 2),
    "Object Index": ("X", "INT", "value", 1),
}
PREVIEW_SECONDS = 0.1


def main() -> None:
    """Measure on one file with five passes."""
    with scene_in_4k() as path:
        write(path)
        measure_attributes(path)
        measure_clouds(path)
        measure_preview(path)


def write(path: str) -> None:
    """Write a file as Blender's render output does; its color is half precision."""
    import OpenEXR

    rng = np.random.default_rng(0)
    rows, columns = np.indices((HEIGHT, WIDTH), np.float32)
    waves = 8 + 2 * np.sin(columns / 300) + 1.5 * np.cos(rows / 200)
    channels = {"ViewLayer.Depth.Z": waves + 0.01 * rng.random(waves.shape, np.float32)}
    for name, (leaves, *_) in PASSES.items():
        for index, leaf in enumerate(leaves):
            values = np.round(rng.random((HEIGHT, WIDTH), np.float32), 2) + index
            color = name == "Combined"
            channels[f"ViewLayer.{name}.{leaf}"] = values.astype(np.float16) if color else values
    header = {
        "compression": OpenEXR.ZIP_COMPRESSION,
        "type": OpenEXR.scanlineimage,
        "cycles.ViewLayer.samples": "1",  # says that Cycles rendered the file
    }
    OpenEXR.File(header, channels).write(path)


def reconstruct(path: str, **options: str) -> None:
    """Reconstruct from the file, not from the cache."""
    product("core.exr.reader").clear_cache()
    bpy.ops.depth.reconstruct(filepath=path, **options)


def measure_attributes(path: str) -> None:
    """Measure from the file to an object with four passes, against the least work."""
    import OpenEXR

    count = WIDTH * HEIGHT
    flat = {number: np.ones(count * number, np.float32) for number in (1, 2, 3, 4)}
    whole = {number: np.ones(count * number, np.int32) for number in (1, 2)}

    def least() -> None:
        OpenEXR.File(path)
        mesh = bpy.data.meshes.new("least")
        mesh.vertices.add(count)
        mesh.attributes["position"].data.foreach_set("vector", flat[3])
        kinds = [("pixel", "INT32_2D", "value", 2), ("depth", "FLOAT", "value", 1)]
        kinds += [(name, *rest) for name, (_, *rest) in PASSES.items()]
        for name, kind, field, number in kinds:
            values = whole if kind.startswith("INT") else flat
            mesh.attributes.new(name, kind, "POINT").data.foreach_set(field, values[number])

    names = ", ".join(PASSES)
    works = cleaned(lambda: reconstruct(path, passes=names)), cleaned(least)
    seconds, fewest = best_times(*works, runs=4)
    what = "five passes: file to object / OpenEXR.File and foreach_set"
    row(what, "s", seconds, fewest, at_most=1.5)


def measure_clouds(path: str) -> None:
    """Measure from the file to a point cloud, against a mesh."""

    def cloud() -> None:
        for each in list(bpy.data.pointclouds):
            bpy.data.pointclouds.remove(each)
        reconstruct(path, output="POINT_CLOUD")

    seconds, mesh = best_times(cleaned(cloud), cleaned(lambda: reconstruct(path)), runs=4)
    row("depth and color: file to point cloud / to points", "s", seconds, mesh, at_most=2)


def measure_preview(path: str) -> None:
    """Measure from a changed option to the points to draw."""
    settings = bpy.context.scene.reconstruct_from_depth
    settings.source, settings.filepath, settings.far = "FILE", path, 9.0
    request = settings.request(bpy.context)
    source = product("bridge.sources.source").find_source(bpy.context, request, path)
    pixels = source.read()
    make_preview = product("core.pipeline.preview").make_preview
    (seconds,) = best_times(lambda: make_preview(request.options, source, pixels))
    row("preview after a changed option / 0.1 s", "s", seconds, PREVIEW_SECONDS, at_most=1)


if __name__ == "__main__":
    main()
