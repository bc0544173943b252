"""From a file to a mesh object in 4K, in Blender, against a naive script and the least work."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable, Iterator

from installed import install, product
from measure import HEIGHT, WIDTH, best_times, row

import bpy  # isort: skip
import numpy as np
from mathutils import Vector

NAIVE_SHARE = 8
"""The naive script reads one in this many rows; its time is proportional to the points."""


def main() -> None:
    """Measure on a file with depth alone, and on one with color as Blender writes it."""
    with scene_in_4k() as path:
        import OpenEXR

        for name, color in (("depth", False), ("depth and color", True)):
            write(OpenEXR, path, color)
            measure(OpenEXR, path, name)


@contextlib.contextmanager
def scene_in_4k() -> Iterator[str]:
    """Install the zip, open a new scene of this size, and give the path for a file of it."""
    install()
    bpy.ops.wm.read_homefile(use_factory_startup=True)
    render = bpy.context.scene.render
    render.resolution_x, render.resolution_y = WIDTH, HEIGHT
    with tempfile.TemporaryDirectory() as folder:
        yield os.path.join(folder, "render.exr")


def write(openexr: object, path: str, color: bool, size: tuple[int, int] = (HEIGHT, WIDTH)) -> int:
    """Write a file as Blender's render output does; return the bytes of its channels."""
    rng = np.random.default_rng(0)
    rows, columns = np.indices(size, dtype=np.float32)
    waves = 8 + 2 * np.sin(columns / 300) + 1.5 * np.cos(rows / 200)
    channels = {"ViewLayer.Depth.Z": (waves + 0.01 * rng.random(waves.shape)).astype(np.float32)}
    for index, name in enumerate("RGBA" if color else ""):
        values = 0.5 + 0.1 * rng.random(size) + 0.1 * index
        channels[f"ViewLayer.Combined.{name}"] = values.astype(np.float16)
    channel_bytes = sum(each.nbytes for each in channels.values())
    header = {
        "compression": openexr.ZIP_COMPRESSION,
        "type": openexr.scanlineimage,
        "cycles.ViewLayer.samples": "1",  # says that Cycles rendered the file
    }
    openexr.File(header, channels).write(path)
    return channel_bytes


def measure(openexr: object, path: str, name: str) -> None:
    """Print the rows of one file."""

    def ours() -> None:
        product("core.exr.reader").clear_cache()
        bpy.ops.depth.reconstruct(filepath=path)

    def read_and_set() -> None:
        openexr.File(path)
        mesh = bpy.data.meshes.new("least")
        mesh.vertices.add(WIDTH * HEIGHT)
        mesh.attributes["position"].data.foreach_set("vector", flat)

    def read_and_set_all() -> None:
        read_and_set()
        mesh = bpy.data.meshes["least"]
        for attribute, kind, field, values in attributes:
            mesh.attributes.new(attribute, kind, "POINT").data.foreach_set(field, values)

    count = WIDTH * HEIGHT
    attributes = [
        ("pixel", "INT32_2D", "value", np.ones(2 * count, np.int32)),
        ("depth", "FLOAT", "value", np.ones(count, np.float32)),
    ]
    if name != "depth":
        attributes.append(("Color", "FLOAT_COLOR", "color", np.ones(4 * count, np.float32)))
    flat = np.random.default_rng(0).random(WIDTH * HEIGHT * 3, np.float32)
    works = map(cleaned, (ours, read_and_set, read_and_set_all))
    seconds, least, with_attributes = best_times(*works)
    row(f"{name}: file to object / OpenEXR.File and foreach_set", "s", seconds, least, at_most=1.5)
    row(f"{name}: the same, with attributes set", "s", seconds, with_attributes, at_most=1.5)
    if name == "depth":  # the naive script has no colors
        (naive,) = best_times(cleaned(lambda: naive_script(openexr, path)), runs=2)
        naive *= NAIVE_SHARE
        row(f"{name}: file to object / naive script", "s", seconds, naive, at_least=50)


def cleaned(work: Callable[[], None]) -> Callable[[], None]:
    """Remove the meshes of the previous work before this one."""

    def run() -> None:
        for mesh in list(bpy.data.meshes):
            bpy.data.meshes.remove(mesh)
        work()

    return run


def naive_script(openexr: object, path: str) -> None:
    """Reconstruct like scripts in forums: correctly, but one point at a time."""
    depth = openexr.File(path, separate_channels=True).channels()["ViewLayer.Depth.Z"].pixels
    depth = depth[: HEIGHT // NAIVE_SHARE]
    camera = bpy.context.scene.camera
    focal = camera.data.lens / camera.data.sensor_width * WIDTH
    columns, rows = np.meshgrid(np.arange(WIDTH) + 0.5, np.arange(len(depth)) + 0.5)
    x = (columns - WIDTH / 2) / focal * depth
    y = -(rows - HEIGHT / 2) / focal * depth
    local = np.stack((x, y, -depth), axis=-1).reshape(-1, 3)
    points = [camera.matrix_world @ Vector(point) for point in local]
    mesh = bpy.data.meshes.new("naive")
    mesh.from_pydata(points, [], [])
    bpy.context.collection.objects.link(bpy.data.objects.new("naive", mesh))


if __name__ == "__main__":
    main()
