"""Draws markers and their names in an editor region, readable on light and dark."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import blf
import bpy
import gpu
import numpy as np
from gpu_extras.batch import batch_for_shader
from numpy.typing import NDArray

from ..bridge.session import RecentValues, register_cache
from .text import FONT, FONT_SIZE, active_color, set_text_color, text_color

Array = NDArray[Any]

# Lengths are in screen pixels at UI scale 1.
_GAP, _ARM = 3.0, 9.0
"""Distances from the center at which a crosshair's arms start and end."""

_RING = 13.0
"""Radius of the ring around the selected pick."""

_MARGIN = 40.0
"""Distance outside the region up to which markers are drawn, unscaled."""

_MAX_NAMES = 512
_NAME_SECONDS = 0.002
"""Seconds that drawing names may take in a redraw; further names are left out."""

_NAME_CELL = (76.0, 17.0)
"""Width and height of the grid's cells; each cell has space for one name."""

_DIMMED = 0.35
"""Alpha of dimmed markers."""


def _arms(width: float, margin: float) -> Array:
    """Triangles, shape (24, 2), of the four arms of a crosshair, larger by a margin."""
    left, right = _GAP - margin, _ARM + margin
    bottom, top = -width / 2.0 - margin, width / 2.0 + margin
    corners = ((left, bottom), (right, bottom), (right, top), (left, bottom), (right, top),
               (left, top))  # fmt: skip
    arm = np.array(corners, np.float32)
    turn = np.array([[0, 1], [-1, 0]], np.float32)
    return np.concatenate([arm @ np.linalg.matrix_power(turn, count) for count in range(4)])


_CROSS = np.concatenate((_arms(2.0, 1.0), _arms(2.0, 0.0)))
"""Triangles of the outline, then those of the crosshair itself."""

_DIAGONAL_CROSS = _CROSS @ np.array([[0.7071, 0.7071], [-0.7071, 0.7071]], np.float32)
_OUTLINE_COUNT = len(_CROSS) // 2


@dataclass(frozen=True, eq=False)
class Markers:
    """What to draw.

    Attributes
    ----------
    key : tuple
        All that the other attributes depend on, except `active`.
    places : ndarray, shape (N, 2), float64
        Pixels of the region from its lower left corner; NaN for markers that are not drawn.
    colors : ndarray, shape (N, 4), float32
    names : sequence of str
    edge : ndarray, shape (N,), bool
        Whether the crosshair is diagonal.
    dimmed : ndarray, shape (N,), bool
    active : int
        Index of the selected marker; -1 for none.
    """

    key: tuple[Any, ...]
    places: Array
    colors: Array
    names: Sequence[str]
    edge: Array
    dimmed: Array
    active: int


@dataclass(frozen=True, eq=False)
class PlacedNames:
    """The names to write.

    Attributes
    ----------
    index : ndarray, shape (N,), int
        Which marker's name it is.
    places : ndarray, shape (N, 2), float64
        The marker's place, in pixels of the region.
    """

    index: Array
    places: Array


@dataclass(frozen=True, eq=False)
class _Drawing:
    """Markers as they were sent to the graphics card, and the names to write."""

    batch: gpu.types.GPUBatch | None
    byte_count: int
    names: PlacedNames


class _NameSpeed:
    """How many names can be drawn in time, from what the last ones took."""

    def __init__(self) -> None:
        self._seconds = 2e-5

    @property
    def count(self) -> int:
        """A power of two, so that it is the same from one redraw to the next."""
        return 1 << max(int(_NAME_SECONDS / self._seconds), 8).bit_length() - 1

    def learn(self, seconds: float, count: int) -> None:
        """Include the time that the last `count` names took."""
        if count >= 8:
            self._seconds += 0.2 * (seconds / count - self._seconds)


_drawings: RecentValues[tuple[Any, ...], _Drawing] = RecentValues(8)
_name_speed = _NameSpeed()

register_cache(
    __name__,
    "_drawings",
    title="Markers on the Graphics Card",
    limit="8 redraws, about 1.5 kB for each pick in sight",
    dropped="When newer markers are drawn, or another file is loaded.",
    held_bytes=lambda: sum(each.byte_count for each in _drawings.values()),
    free=_drawings.clear,
)


def draw_markers(markers: Markers, size: tuple[int, int], with_names: bool) -> None:
    """Draw crosshairs, and those names that do not cover each other.

    What is sent to the graphics card is used again until the markers' key changes.
    """
    scale = bpy.context.preferences.system.ui_scale
    key = (*markers.key, size, scale)
    drawing = _drawings.get(key)
    if drawing is None:
        drawing = _drawings[key] = _make_drawing(markers, size, scale)
    gpu.state.blend_set("ALPHA")
    if drawing.batch:
        drawing.batch.draw(gpu.shader.from_builtin("FLAT_COLOR"))
    _draw_active(markers, scale)
    gpu.state.blend_set("NONE")
    if with_names:
        _draw_names(markers, drawing.names, scale)


def draw_ring(place: tuple[float, float], radius: float, color: Sequence[float]) -> None:
    """Draw a ring with a dark outline."""
    angles = np.linspace(0.0, 2.0 * np.pi, 33)
    points = np.stack((np.cos(angles), np.sin(angles)), axis=1) * radius + place
    shader = gpu.shader.from_builtin("POLYLINE_UNIFORM_COLOR")
    flat = np.zeros((33, 3), np.float32)
    flat[:, :2] = points
    content: Any = {"pos": flat}  # an array, of which the stubs do not know
    batch = batch_for_shader(shader, "LINE_STRIP", content)
    scale = bpy.context.preferences.system.ui_scale
    gpu.state.blend_set("ALPHA")
    for width, tint in ((4.0, (0.0, 0.0, 0.0, 0.7)), (1.8, tuple(color))):
        shader.uniform_float("color", tint)
        _draw_lines(shader, batch, width * scale)
    gpu.state.blend_set("NONE")


def _make_drawing(markers: Markers, size: tuple[int, int], scale: float) -> _Drawing:
    names = place_names(markers, size, scale)
    positions, colors = marker_vertices(markers, size, scale)
    byte_count = sum(each.nbytes for each in (positions, colors, names.index, names.places))
    if not len(positions):
        return _Drawing(None, byte_count, names)
    shader = gpu.shader.from_builtin("FLAT_COLOR")
    content: Any = {"pos": positions, "color": colors}  # arrays, of which the stubs do not know
    batch = batch_for_shader(shader, "TRIS", content)
    return _Drawing(batch, byte_count, names)


def marker_vertices(markers: Markers, size: tuple[int, int], scale: float) -> tuple[Array, Array]:
    """Corners, shape (N, 3), and colors, shape (N, 4), of all crosshairs' triangles, float32."""
    with np.errstate(invalid="ignore"):
        near = (markers.places > -_MARGIN) & (markers.places < np.add(size, _MARGIN))
    index = np.flatnonzero(near.all(axis=1))
    shape = np.where(markers.edge[index, None, None], _DIAGONAL_CROSS, _CROSS) * np.float32(scale)
    positions = np.zeros((*shape.shape[:2], 3), np.float32)
    # At whole pixels, all arms are as wide as each other.
    positions[..., :2] = np.rint(markers.places[index])[:, None] + shape
    colors = np.zeros((*shape.shape[:2], 4), np.float32)
    alpha = np.where(markers.dimmed[index], _DIMMED, 1.0)
    colors[:, :_OUTLINE_COUNT, 3] = 0.75 * alpha[:, None]
    colors[:, _OUTLINE_COUNT:, :3] = markers.colors[index, None, :3]
    colors[:, _OUTLINE_COUNT:, 3] = alpha[:, None]
    return positions.reshape(-1, 3), colors.reshape(-1, 4)


def _draw_lines(shader: gpu.types.GPUShader, batch: gpu.types.GPUBatch, width: float) -> None:
    shader.uniform_float("viewportSize", gpu.state.viewport_get()[2:])
    shader.uniform_float("lineWidth", width)
    batch.draw(shader)


def place_names(markers: Markers, size: tuple[int, int], scale: float) -> PlacedNames:
    """Which names to write, and where: one in each cell of a grid, so that none covers another."""
    with np.errstate(invalid="ignore"):
        inside = np.all((markers.places > 0) & (markers.places < size), axis=1) & ~markers.dimmed
    index = np.flatnonzero(inside)
    cells = np.floor(markers.places[index] / np.multiply(_NAME_CELL, scale)).astype(np.int64)
    _, first = np.unique(cells[:, 0] * 100_000 + cells[:, 1], return_index=True)
    chosen = index[np.sort(first)][:_MAX_NAMES]
    return PlacedNames(chosen, markers.places[chosen])


def _draw_names(markers: Markers, names: PlacedNames, scale: float) -> None:
    blf.size(FONT, FONT_SIZE * scale)
    set_text_color(text_color())
    offset_x, offset_y = 11.0 * scale, 5.0 * scale
    indices = names.index[: _name_speed.count].tolist()
    start = time.perf_counter()
    for index, (x, y) in zip(indices, names.places.tolist(), strict=False):
        if index != markers.active:
            blf.position(FONT, x + offset_x, y + offset_y, 0)
            blf.draw(FONT, markers.names[index])
    _name_speed.learn(time.perf_counter() - start, len(indices))
    if markers.active >= 0:
        x, y = markers.places[markers.active].tolist()
        if x == x:  # not NaN
            blf.color(FONT, *active_color())
            blf.position(FONT, x + offset_x, y + offset_y, 0)
            blf.draw(FONT, markers.names[markers.active])
    blf.disable(FONT, blf.SHADOW)


def _draw_active(markers: Markers, scale: float) -> None:
    if markers.active >= 0:
        x, y = markers.places[markers.active].tolist()
        if x == x:  # not NaN
            draw_ring((x, y), _RING * scale, active_color())
