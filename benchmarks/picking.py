"""Cost of picking at 4K with 1,000 picks: the Python part of a mouse move and of a redraw.

Medians. This process has no graphics card, so calls to it are left out; the scenario ``pick_cost``
of ``tests/gui`` measures the same in a window, with them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from types import SimpleNamespace

import installed  # it must be imported before bpy
import numpy as np
from measure import HEIGHT, WIDTH, row

import bpy  # isort: skip

BAR = 0.004
"""Seconds that each may take."""

SIZE = WIDTH, HEIGHT
WINDOW = 1600, 900
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
    camera, depth = product("core.cameras.camera"), product("core.depth.image")
    intrinsics, sources = product("core.cameras.intrinsics"), product("bridge.picks.source")
    rows, columns = np.mgrid[: SIZE[1], : SIZE[0]].astype(np.float32)
    values = 8.0 + np.sin(columns / 200.0) + rows / 500.0
    lens = intrinsics.Perspective(intrinsics.Intrinsics(4000, 4000, 1920, 1080, *SIZE))
    image = depth.DepthImage.from_array(values, depth.DepthKind.PLANAR)
    key = sources.SourceKey("")
    return sources.PickSource(
        key=key, fingerprint=sources.fingerprint_of("", scene),
        layer="Depth", view="", camera_name="Camera",
        frame=scene.frame_current, depth=image,
        camera=camera.Camera(lens, np.eye(4)), notes=(),
    )  # fmt: skip


def main() -> None:
    """Print a row for each cost."""
    installed.install()
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    scene = bpy.context.scene
    product = installed.product
    source = _source(scene)
    pixels = np.random.default_rng(1).uniform((0, 0), SIZE, (COUNT, 2))
    annotations = [
        product("core.annotations.annotation").Annotation(f"Point {index}", *pixel)
        for index, pixel in enumerate(pixels.tolist())
    ]
    problems = product("bridge.picks.records").add_annotations(
        scene.depth_picks, source, annotations
    )
    if problems:
        raise RuntimeError(problems[0])

    memory = product("bridge.picks.cache")
    memory._keep(product("bridge.picks.reading").pick_request(scene, source.key), source)
    for what, seconds in _costs(scene, source):
        row(f"{what}, {COUNT:,} picks / 4 ms", "s", seconds, BAR, at_most=1)


def _costs(scene: object, source: object) -> Iterator[tuple[str, float]]:
    """Yield what is measured, with its seconds."""
    yield from _image_costs(scene)
    yield from _viewport_costs(scene)
    yield "Mouse move that drags a pick", _drag_cost(scene, source)


def _image_costs(scene: object) -> Iterator[tuple[str, float]]:
    """Yield the costs in an Image Editor."""
    cursor = installed.product("overlays.picks.cursor")
    image = installed.product("overlays.picks.image_markers")

    def hover(index: int) -> None:
        """Do all that a mouse move over the image does, except drawing the text."""
        context = _editor(scene, 0)
        found = cursor.hover_at(context, 500.3 + index, 700.7)
        if found.point is None:
            raise RuntimeError(found.lines)

    def panned(index: int) -> None:
        """Draw with another zoom and pan each time, so that no drawing can be reused."""
        editor = _editor(scene, index)
        _draw(image.markers(scene, editor.space_data, editor.region))

    still = _editor(scene, 0)
    yield "Mouse move with the picking tool", _median(hover)
    yield "Redraw of an image that is zoomed and panned", _median(panned)
    yield (
        "Redraw of an image that does not move",
        _median(lambda _: image.markers(scene, still.space_data, still.region)),
    )


def _viewport_costs(scene: object) -> Iterator[tuple[str, float]]:
    """Yield the costs in a 3D viewport."""
    viewport = installed.product("overlays.picks.viewport_markers")
    view = [SimpleNamespace(perspective_matrix=_view(index)) for index in range(RUNS)]
    region = SimpleNamespace(width=WINDOW[0], height=WINDOW[1])

    def over_viewport(index: int) -> None:
        """Find the marker under the mouse."""
        context = SimpleNamespace(scene=scene, region=region, region_data=view[0])
        viewport.marker_at(context, (500 + index, 400), 10.0)

    yield (
        "Redraw of a viewport that is rotated",
        _median(lambda index: _draw(viewport.markers(scene, region, view[index]))),
    )
    yield "Mouse move over a viewport", _median(over_viewport)


def _drag_cost(scene: object, source: object) -> float:
    """Return the cost of locating and storing a pick, and of updating what depends on it."""
    locate_pixel = installed.product("core.geometry.locate_pixel").locate_pixel
    reprojection = installed.product("bridge.picks.reprojection")

    def drag(index: int) -> None:
        pick = scene.depth_picks.active_pick()
        pick.point = locate_pixel(source.depth, source.camera, 500.3 + index, 700.7)
        reprojection.picks_in_image(scene, source.key, source)

    return _median(drag)


def _draw(markers: object) -> None:
    """Compute what drawing the markers needs."""
    drawing = installed.product("overlays.drawing")
    drawing.marker_vertices(markers, WINDOW, 1.0)
    drawing.place_names(markers, WINDOW, 1.0)


def _editor(scene: object, index: int) -> SimpleNamespace:
    """Make what overlays read of an Image Editor with the Render Result; zoomed by the index."""
    zoom = 1.0 + index / 100.0
    view = SimpleNamespace(
        region_to_view=lambda x, y: (x / WINDOW[0] / zoom, 0.1 + y / WINDOW[1] / zoom)
    )
    image = SimpleNamespace(type="RENDER_RESULT", size=SIZE, name="Render Result", filepath="")
    return SimpleNamespace(
        scene=scene,
        space_data=SimpleNamespace(image=image, image_user=SimpleNamespace(multilayer_view=0)),
        region=SimpleNamespace(width=WINDOW[0], height=WINDOW[1], view2d=view),
    )


def _view(index: int) -> np.ndarray:
    """Make a perspective matrix that sees all picks, a different one for each index."""
    matrix = np.eye(4)
    matrix[3] = (0, 0, -1, 0)
    matrix[0, 3] = index * 1e-3
    return matrix


if __name__ == "__main__":
    main()
