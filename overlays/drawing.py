"""Markers and names at places of a region, readable on light and dark."""

from __future__ import annotations

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

_LABELS = 250
_LABEL_CELL = (76.0, 17.0)
_DIMMED = 0.35

_CROSS = np.array(
    [[(side * _GAP, 0), (side * _ARM, 0)] for side in (-1, 1)]
    + [[(0, side * _GAP), (0, side * _ARM)] for side in (-1, 1)],
    np.float32,
)
_TURNED = _CROSS @ np.float32([[0.7071, 0.7071], [-0.7071, 0.7071]])


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
    batches: tuple[tuple[gpu.types.GPUBatch, float], ...]
    """With their widths."""
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
        drawing = _Drawing(_batches(markers, size, scale), labels(markers, size, scale))
        _drawings[key] = drawing
        while len(_drawings) > 8:
            _drawings.popitem(last=False)
    gpu.state.blend_set("ALPHA")
    shader = gpu.shader.from_builtin("POLYLINE_FLAT_COLOR")
    for batch, width in drawing.batches:
        _draw_lines(shader, batch, width * scale)
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


def _batches(
    markers: Markers, size: tuple[int, int], scale: float
) -> tuple[tuple[gpu.types.GPUBatch, float], ...]:
    """All crosshairs: first their outlines, then themselves."""
    positions, colors = marker_vertices(markers, size, scale)
    if not len(positions):
        return ()
    shader = gpu.shader.from_builtin("POLYLINE_FLAT_COLOR")
    outline = np.zeros_like(colors)
    outline[:, 3] = 0.75 * colors[:, 3]
    return tuple(
        (batch_for_shader(shader, "LINES", {"pos": positions, "color": each}), width)
        for each, width in ((outline, 4.5), (colors, 1.8))
    )


def marker_vertices(markers: Markers, size: tuple[int, int], scale: float) -> tuple[Array, Array]:
    """Ends, (N, 3), and colors, (N, 4), of the lines of all crosshairs within the region."""
    with np.errstate(invalid="ignore"):
        near = (markers.places > -_MARGIN) & (markers.places < np.add(size, _MARGIN))
    index = np.flatnonzero(near.all(axis=1))
    shape = np.where(markers.edge[index, None, None, None], _TURNED, _CROSS) * scale
    lines = (markers.places[index, None, None] + shape).astype(np.float32)
    colors = markers.colors[index].copy()
    colors[:, 3] *= np.where(markers.dimmed[index], _DIMMED, 1.0)
    positions = np.zeros((len(index) * 8, 3), np.float32)
    positions[:, :2] = lines.reshape(-1, 2)
    return positions, np.repeat(colors, 8, axis=0)


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


def _draw_names(markers: Markers, labels: Sequence[tuple[int, float, float]], scale: float) -> None:
    blf.size(FONT, _FONT_SIZE * scale)
    _outlined(text_color())
    offset_x, offset_y = 11.0 * scale, 5.0 * scale
    for index, x, y in labels:
        if index != markers.active:
            blf.position(FONT, x + offset_x, y + offset_y, 0)
            blf.draw(FONT, markers.names[index])
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
