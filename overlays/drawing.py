"""Markers and names at places of a region, readable on light and dark."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import blf
import bpy
import gpu
import numpy as np
from gpu_extras.batch import batch_for_shader
from numpy.typing import NDArray

Array = NDArray[Any]

FONT = 0
_FONT_SIZE = 11.0
_GAP, _ARM = 3.0, 9.0
_RING = 13.0
_MARGIN = 40.0
"""Pixels beyond the region within which markers are drawn all the same."""

_LABELS = 512
_BUDGET = 0.002
"""Seconds that names may take in a redraw; those that do not fit in are left out."""

_LABEL_CELL = (76.0, 17.0)
_DIMMED = 0.35


def _arms(width: float, margin: float) -> Array:
    """Triangles, shape (24, 2), of the four arms of a crosshair, grown by a margin."""
    left, right = _GAP - margin, _ARM + margin
    bottom, top = -width / 2.0 - margin, width / 2.0 + margin
    corners = ((left, bottom), (right, bottom), (right, top), (left, bottom), (right, top),
               (left, top))  # fmt: skip
    arm = np.array(corners, np.float32)
    turn = np.float32([[0, 1], [-1, 0]])
    return np.concatenate([arm @ np.linalg.matrix_power(turn, count) for count in range(4)])


_CROSS = np.concatenate((_arms(2.0, 1.0), _arms(2.0, 0.0)))
"""The outline, then the crosshair itself."""

_TURNED = _CROSS @ np.float32([[0.7071, 0.7071], [-0.7071, 0.7071]])
_OUTLINE = len(_CROSS) // 2


@dataclass(frozen=True, eq=False)
class Markers:
    """What to draw.

    Attributes
    ----------
    key : tuple
        Differs where anything else does, but for `active`.
    places : ndarray, shape (N, 2), float64
        Pixels of the region from its lower left; NaN for those that are out of sight.
    colors : ndarray, shape (N, 4), float32
    names : sequence of str
    edge, dimmed : ndarray, shape (N,), bool
    active : int
        Which of them is selected; -1 for none.
    """

    key: tuple[Any, ...]
    places: Array
    colors: Array
    names: Sequence[str]
    edge: Array
    dimmed: Array
    active: int


@dataclass(frozen=True, eq=False)
class _Drawing:
    batch: gpu.types.GPUBatch | None
    labels: tuple[tuple[int, float, float], ...]


_drawings: OrderedDict[tuple[Any, ...], _Drawing] = OrderedDict()


def draw_markers(markers: Markers, size: tuple[int, int], with_names: bool) -> None:
    """Draw crosshairs, turned ones for edges, and the names that do not cover each other.

    What is sent to the graphics card is kept until the markers' key changes.
    """
    scale = bpy.context.preferences.system.ui_scale
    key = (*markers.key, size, scale)
    drawing = _drawings.get(key)
    if drawing is None:
        drawing = _Drawing(_batch(markers, size, scale), labels(markers, size, scale))
        _drawings[key] = drawing
        while len(_drawings) > 8:
            _drawings.popitem(last=False)
    gpu.state.blend_set("ALPHA")
    if drawing.batch:
        drawing.batch.draw(gpu.shader.from_builtin("FLAT_COLOR"))
    _draw_active(markers, scale)
    gpu.state.blend_set("NONE")
    if with_names:
        _draw_names(markers, drawing.labels, scale)


def draw_ring(place: tuple[float, float], radius: float, color: Sequence[float]) -> None:
    """A ring with a dark outline."""
    angles = np.linspace(0.0, 2.0 * np.pi, 33)
    points = np.stack((np.cos(angles), np.sin(angles)), axis=1) * radius + place
    shader = gpu.shader.from_builtin("POLYLINE_UNIFORM_COLOR")
    flat = np.zeros((33, 3), np.float32)
    flat[:, :2] = points
    batch = batch_for_shader(shader, "LINE_STRIP", {"pos": flat})
    scale = bpy.context.preferences.system.ui_scale
    gpu.state.blend_set("ALPHA")
    for width, tint in ((4.0, (0.0, 0.0, 0.0, 0.7)), (1.8, tuple(color))):
        shader.uniform_float("color", tint)
        _draw_lines(shader, batch, width * scale)
    gpu.state.blend_set("NONE")


def width_of(lines: Sequence[str]) -> float:
    """Pixels that framed lines of text take."""
    scale = bpy.context.preferences.system.ui_scale
    blf.size(FONT, _FONT_SIZE * scale)
    return max(blf.dimensions(FONT, line)[0] for line in lines) + 12 * scale


def draw_text(
    lines: Sequence[str], place: tuple[float, float], color: Sequence[float], framed: bool = False
) -> None:
    """Lines of text from `place` downward, framed or with an outline."""
    scale = bpy.context.preferences.system.ui_scale
    size, step = _FONT_SIZE * scale, 15.0 * scale
    if framed:
        width = width_of(lines) - 12 * scale
        _box(place[0] - 6 * scale, place[1] - step * (len(lines) - 1) - 7 * scale,
             place[0] + width + 6 * scale, place[1] + size + 3 * scale)  # fmt: skip
    blf.size(FONT, size)
    _outlined(color)
    for index, line in enumerate(lines):
        blf.position(FONT, place[0], place[1] - index * step, 0)
        blf.draw(FONT, line)
    blf.disable(FONT, blf.SHADOW)


def _batch(markers: Markers, size: tuple[int, int], scale: float) -> gpu.types.GPUBatch | None:
    positions, colors = marker_vertices(markers, size, scale)
    if not len(positions):
        return None
    shader = gpu.shader.from_builtin("FLAT_COLOR")
    return batch_for_shader(shader, "TRIS", {"pos": positions, "color": colors})


def marker_vertices(markers: Markers, size: tuple[int, int], scale: float) -> tuple[Array, Array]:
    """Corners, (N, 3), and colors, (N, 4), of the triangles of all crosshairs in the region."""
    with np.errstate(invalid="ignore"):
        near = (markers.places > -_MARGIN) & (markers.places < np.add(size, _MARGIN))
    index = np.flatnonzero(near.all(axis=1))
    shape = np.where(markers.edge[index, None, None], _TURNED, _CROSS) * np.float32(scale)
    positions = np.zeros((*shape.shape[:2], 3), np.float32)
    # At whole pixels, all arms are as wide as each other.
    positions[..., :2] = np.rint(markers.places[index])[:, None] + shape
    colors = np.zeros((*shape.shape[:2], 4), np.float32)
    alpha = np.where(markers.dimmed[index], _DIMMED, 1.0)
    colors[:, :_OUTLINE, 3] = 0.75 * alpha[:, None]
    colors[:, _OUTLINE:, :3] = markers.colors[index, None, :3]
    colors[:, _OUTLINE:, 3] = alpha[:, None]
    return positions.reshape(-1, 3), colors.reshape(-1, 4)


def _draw_lines(shader: gpu.types.GPUShader, batch: gpu.types.GPUBatch, width: float) -> None:
    shader.uniform_float("viewportSize", gpu.state.viewport_get()[2:])
    shader.uniform_float("lineWidth", width)
    batch.draw(shader)


def labels(
    markers: Markers, size: tuple[int, int], scale: float
) -> tuple[tuple[int, float, float], ...]:
    """Which names to write, and where: one for each cell of a grid, so that none covers another."""
    with np.errstate(invalid="ignore"):
        seen = np.all((markers.places > 0) & (markers.places < size), axis=1) & ~markers.dimmed
    index = np.flatnonzero(seen)
    cells = np.floor(markers.places[index] / np.multiply(_LABEL_CELL, scale)).astype(np.int64)
    _, first = np.unique(cells[:, 0] * 100_000 + cells[:, 1], return_index=True)
    chosen = index[np.sort(first)][:_LABELS]
    return tuple((int(one), *markers.places[one].tolist()) for one in chosen)


class _Pace:
    """How many names fit into the budget, by what they cost of late."""

    def __init__(self) -> None:
        self._seconds = 2e-5

    @property
    def count(self) -> int:
        """A power of two, so that it is the same from one redraw to the next."""
        return 1 << max(int(_BUDGET / self._seconds), 8).bit_length() - 1

    def learn(self, seconds: float, count: int) -> None:
        """Take in what `count` names took."""
        if count >= 8:
            self._seconds += 0.2 * (seconds / count - self._seconds)


_pace = _Pace()


def _draw_names(markers: Markers, labels: Sequence[tuple[int, float, float]], scale: float) -> None:
    blf.size(FONT, _FONT_SIZE * scale)
    _outlined(text_color())
    offset_x, offset_y = 11.0 * scale, 5.0 * scale
    fitting = labels[: _pace.count]
    start = time.perf_counter()
    for index, x, y in fitting:
        if index != markers.active:
            blf.position(FONT, x + offset_x, y + offset_y, 0)
            blf.draw(FONT, markers.names[index])
    _pace.learn(time.perf_counter() - start, len(fitting))
    if markers.active >= 0:
        x, y = markers.places[markers.active].tolist()
        if x == x:
            blf.color(FONT, *active_color())
            blf.position(FONT, x + offset_x, y + offset_y, 0)
            blf.draw(FONT, markers.names[markers.active])
    blf.disable(FONT, blf.SHADOW)


def _draw_active(markers: Markers, scale: float) -> None:
    if markers.active >= 0:
        x, y = markers.places[markers.active].tolist()
        if x == x:  # not NaN
            draw_ring((x, y), _RING * scale, active_color())


def _outlined(color: Sequence[float]) -> None:
    dark = 0.0 if sum(color[:3]) > 1.5 else 1.0
    blf.enable(FONT, blf.SHADOW)
    blf.shadow(FONT, 6, dark, dark, dark, 0.85)
    blf.shadow_offset(FONT, 0, 0)
    blf.color(FONT, *color[:3], 1.0)


def _box(left: float, bottom: float, right: float, top: float) -> None:
    back = bpy.context.preferences.themes[0].user_interface.wcol_tooltip
    shader = gpu.shader.from_builtin("UNIFORM_COLOR")
    corners = ((left, bottom), (right, bottom), (right, top), (left, top))
    batch = batch_for_shader(shader, "TRI_FAN", {"pos": corners})
    gpu.state.blend_set("ALPHA")
    shader.uniform_float("color", (*back.inner[:3], 0.88))
    batch.draw(shader)
    gpu.state.blend_set("NONE")


def text_color() -> tuple[float, float, float, float]:
    """The theme's color for texts over a view."""
    return *bpy.context.preferences.themes[0].view_3d.space.text_hi, 1.0


def active_color() -> tuple[float, float, float, float]:
    """The theme's color for what is selected and active."""
    return *bpy.context.preferences.themes[0].view_3d.object_active[:3], 1.0
