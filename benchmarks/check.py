"""Checks of 4K renders, in scenes of few and many triangles, and of many objects."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from typing import Any

from installed import product
from measure import row
from mesh import scene_in_4k

import bpy  # isort: skip
import numpy as np

AT_MOST, FULL_AT_MOST, SHARE = 0.1, 2.0, 0.1
"""The promises: seconds of a check by itself and of a full one, and share of the reconstruction."""


def main() -> None:
    """Measure checks after a reconstruction, and full checks."""
    with scene_in_4k() as path:
        for name, prepare in (
            ("100,000 triangles", lambda: sphere(160)),
            ("a million triangles", lambda: sphere(500)),
            ("5,000 objects", many_objects),
        ):
            for item in [each for each in bpy.data.objects if each.type == "MESH"]:
                bpy.data.objects.remove(item)
            bpy.ops.mesh.primitive_plane_add(size=40, location=(0, 0, -3))
            prepare()
            render(path)
            measure(path, name)


def measure(path: str, name: str) -> None:
    """Print the rows of one scene."""
    wholes: list[float] = []
    with timed_checks() as checks:
        for _ in range(3):
            product("core.exr.reader").clear_cache()
            wholes.append(timed(lambda: bpy.ops.depth.reconstruct(filepath=path)))
            item = bpy.context.active_object
            item.hide_render = True
    row(f"{name}: first check by itself / 0.1 s", "s", checks[0], AT_MOST, at_most=1)
    row(f"{name}: check / reconstruction", "s", min(checks), min(wholes), at_most=SHARE)
    if "triangles" not in name:
        return
    fulls = [timed(bpy.ops.depth.check) for _ in range(2)]
    row(f"{name}: first full check / 2 s", "s", fulls[0], FULL_AT_MOST, at_most=1)
    row(f"{name}: full check again / 2 s", "s", fulls[1], FULL_AT_MOST, at_most=1)


def timed(work: Callable[[], Any]) -> float:
    """Seconds that something takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


@contextlib.contextmanager
def timed_checks() -> Iterator[list[float]]:
    """Note how long each check takes."""
    module, seconds = product("bridge.check.check"), []
    check = module.check

    def wrapped(*arguments: Any, **options: Any) -> Any:
        found = []
        seconds.append(timed(lambda: found.append(check(*arguments, **options))))
        return found[0]

    module.check = wrapped
    yield seconds
    module.check = check


def render(path: str) -> None:
    """Render depth as fast as Cycles can."""
    scene = bpy.context.scene
    scene.render.engine, scene.cycles.samples = "CYCLES", 1
    scene.cycles.use_denoising = False
    scene.view_layers[0].use_pass_z = True
    image = scene.render.image_settings
    if hasattr(image, "media_type"):
        image.media_type = "MULTI_LAYER_IMAGE"
    image.file_format = "OPEN_EXR_MULTILAYER"
    scene.render.filepath = path
    bpy.ops.render.render(write_still=True)


def sphere(rings: int) -> None:
    """One mesh of 4 * rings ** 2 triangles."""
    bpy.ops.mesh.primitive_uv_sphere_add(segments=2 * rings, ring_count=rings, radius=2)


def many_objects() -> None:
    """Objects that share the mesh of a monkey."""
    bpy.ops.mesh.primitive_monkey_add(size=0.3)
    mesh, collection = bpy.context.object.data, bpy.context.scene.collection
    places = np.random.default_rng(0).uniform((-6, -6, -1), (6, 6, 2), (5000, 3))
    for place in places.tolist():
        item = bpy.data.objects.new("Monkey", mesh)
        item.location = place
        collection.objects.link(item)


if __name__ == "__main__":
    main()
