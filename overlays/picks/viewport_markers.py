"""The markers of picks in a 3D viewport's region, and the lines of sight to them."""

from __future__ import annotations

from typing import Any

import bpy
import gpu
import numpy as np
from gpu_extras.batch import batch_for_shader
from numpy.typing import NDArray

from ...bridge.picks.reprojection import lines_of_sight
from ...bridge.picks.table import pick_table
from ..drawing import Markers, draw_ring
from ..text import active_color, draw_text
from .hover import Hover

Array = NDArray[Any]


def markers(
    scene: bpy.types.Scene, region: bpy.types.Region, view: bpy.types.RegionView3D
) -> Markers:
    """The markers of all picks; those that are hidden or behind the view have no place."""
    table = pick_table(scene)
    matrix = np.array(view.perspective_matrix)
    places = _project(table.world, matrix, region)
    places[table.hidden] = np.nan
    active = scene.depth_picks.active
    return Markers(
        key=("view", table.key, matrix.tobytes()),
        places=places,
        colors=table.colors,
        names=table.names,
        edge=table.edge,
        dimmed=np.zeros(len(places), bool),
        active=active if 0 <= active < len(places) else -1,
    )


def marker_at(context: bpy.types.Context, place: tuple[int, int], reach: float) -> int | None:
    """Position in the list of the pick whose marker is nearest to a place, within reach."""
    found = markers(context.scene, context.region, context.region_data)
    distances = np.linalg.norm(found.places - place, axis=1)
    distances = np.where(np.isnan(distances), np.inf, distances)  # those without a place
    nearest = int(distances.argmin())
    return nearest if distances[nearest] <= reach else None


def draw_highlight(context: bpy.types.Context, index: int) -> None:
    """Draw a ring around the marker that a click would select."""
    found = markers(context.scene, context.region, context.region_data)
    if index < len(found.places):
        scale = context.preferences.system.ui_scale
        draw_ring(found.places[index].tolist(), 13.0 * scale, found.colors[index].tolist())


def _project(points: Array, matrix: Array, region: bpy.types.Region) -> Array:
    """Places in the region, shape (N, 2); NaN for points behind the view."""
    clip = points @ matrix[:3, :3].T + matrix[:3, 3]
    w = points @ matrix[3, :3] + matrix[3, 3]
    w = np.where(w > 1e-9, w, np.nan)
    result: Array = (clip[:, :2] / w[:, None] + 1.0) / 2.0 * (region.width, region.height)
    return result


def draw_hover(hover: Hover, region: bpy.types.Region, view: bpy.types.RegionView3D) -> None:
    """Draw a ring and the depth at the point under the cursor of the Image Editor."""
    matrix = np.array(view.perspective_matrix)
    ((x, y),) = _project(np.array([hover.point.world]), matrix, region).tolist()
    if x == x:  # not NaN
        scale = bpy.context.preferences.system.ui_scale
        draw_ring((x, y), 7.0 * scale, active_color())
        draw_text((hover.lines[1],), (x + 12 * scale, y - 15 * scale), active_color())


def draw_lines_of_sight(scene: bpy.types.Scene) -> None:
    """Draw lines from the cameras to the visible picks."""
    lines = lines_of_sight(scene)
    if not len(lines):
        return
    table = pick_table(scene)
    colors = np.repeat(table.colors[~table.hidden], 2, axis=0)
    colors[:, 3] = 0.45
    shader = gpu.shader.from_builtin("POLYLINE_FLAT_COLOR")
    content: Any = {"pos": lines, "color": colors}  # arrays, of which the stubs do not know
    batch = batch_for_shader(shader, "LINES", content)
    gpu.state.blend_set("ALPHA")
    gpu.state.depth_test_set("LESS_EQUAL")
    shader.uniform_float("viewportSize", gpu.state.viewport_get()[2:])
    shader.uniform_float("lineWidth", 1.2 * bpy.context.preferences.system.ui_scale)
    batch.draw(shader)
    gpu.state.depth_test_set("NONE")
    gpu.state.blend_set("NONE")
