"""What picking costs at 4K with 1,000 picks: the Python part of a mouse move and of a redraw.

Medians. This process has no graphics card, so calls to it are left out; the scenario ``pick_cost``
of ``tests/gui`` measures the same in a window, with them.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from types import SimpleNamespace

import installed  # before bpy, as it says
import numpy as np
from measure import HEIGHT, WIDTH, row

import bpy  # isort: skip

BAR = 0.004
"""Seconds that each may take."""

SIZE = WIDTH, HEIGHT
COUNT = 1000
RUNS = 60


def _median(work: Callable[[int], object]) -> float:
    seconds = []
    for index in range(RUNS):
        start = time.perf_counter()
        work(index)
        seconds.append(time.perf_counter() - start)
    return float(np.median(seconds))


def _source(scene: bpy.types.Scene) -> object:
    """A 4K depth image of a wavy ground, and a camera."""
    product = installed.product
    camera, depth = product("core.camera"), product("core.depth")
    intrinsics, sources = product("core.intrinsics"), product("bridge.pick_source")
    rows, columns = np.mgrid[: SIZE[1], : SIZE[0]].astype(np.float32)
    values = 8.0 + np.sin(columns / 200.0) + rows / 500.0
    lens = intrinsics.Perspective(intrinsics.Intrinsics(4000, 4000, 1920, 1080, *SIZE))
    image = depth.DepthImage.from_array(values, depth.DepthKind.PLANAR)
    return sources.PickSource(
        key=sources.SourceKey(""), stamp="1", layer="Depth", view="", camera_name="Camera",
        frame=scene.frame_current, depth=image,
        camera=camera.Camera(lens, np.eye(4)), notes=(),
    )  # fmt: skip


def main() -> None:
    """Print a row for each."""
    installed.install()
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    scene = bpy.context.scene
    product = installed.product
    source = _source(scene)
    pixels = np.random.default_rng(1).uniform((0, 0), SIZE, (COUNT, 2))
    annotations = [
        product("core.annotations").Annotation(f"Point {index}", *pixel)
        for index, pixel in enumerate(pixels.tolist())
    ]
    problems = product("bridge.pick_records").add_annotations(
        scene.depth_picks, source, annotations
    )
    if problems:
        raise RuntimeError(problems[0])

    cursor = product("overlays.cursor")
    move = _median(lambda index: cursor.at_pixel(scene, source, (500.3 + index, 700.7)))

    table = product("bridge.pick_table").pick_table
    picking = product("bridge.picks")
    reprojection = product("bridge.reprojection")
    drawing = product("overlays.drawing")
    viewport = product("overlays.viewport_markers")
    region = SimpleNamespace(width=1600, height=900)

    def redraw(index: int) -> None:
        """Of a viewport that is being turned: the worst case, as nothing can be kept."""
        view = SimpleNamespace(perspective_matrix=_view(index))
        markers = viewport.markers(scene, region, view)
        drawing.marker_vertices(markers, (1600, 900), 1.0)
        drawing.labels(markers, (1600, 900), 1.0)

    turned = _median(redraw)
    table(scene)
    reprojection.picks_in_image(scene, source.key, source)
    still = _median(lambda _: reprojection.picks_in_image(scene, source.key, source))

    def drag(index: int) -> None:
        """Locate, store, and see everything anew."""
        numbers, edge = picking.locate_one(source, 500.3 + index, 700.7)
        pick = scene.depth_picks.active_pick()
        pick.numbers, pick.edge = numbers, edge
        reprojection.picks_in_image(scene, source.key, source)

    dragged = _median(drag)
    for what, seconds in (
        ("Mouse move with the picking tool, 1,000 picks (other: 4 ms)", move),
        ("Redraw of a viewport that is turned", turned),
        ("Redraw of an image that stays", still),
        ("Mouse move that drags a pick", dragged),
    ):
        row(what, "s", seconds, BAR, at_most=1)


def _view(index: int) -> np.ndarray:
    """A perspective matrix that sees all the picks, another for each index."""
    matrix = np.eye(4)
    matrix[3] = (0, 0, -1, 0)
    matrix[0, 3] = index * 1e-3
    return matrix


if __name__ == "__main__":
    main()
