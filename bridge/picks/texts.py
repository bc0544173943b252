"""The texts about picks in the sidebar: details of one pick, and measures of all.

Each line holds a name and a value, with a tab between them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import bpy
import numpy as np

from ...core.geometry import measure
from ..session import RecentValues, register_cache, size_of
from ..typed import scene_of
from ..units import angle_text, area_text, coordinate_texts, length_text, units_key
from .table import pick_table

Lines = list[tuple[str, str]]

_measures: RecentValues[tuple[Any, ...], str] = RecentValues(1)
"""The text by all that it depends on."""

register_cache(
    __name__,
    "_measures",
    title="Measures of Picks",
    limit="1 text",
    dropped="When picks or units change, or another file is loaded.",
    held_bytes=lambda: size_of(_measures),
    free=_measures.clear,
)


def details_text(pick: bpy.types.PropertyGroup) -> str:
    """Where a pick lies, how exactly, and what it was picked on."""
    scene, point = scene_of(pick), pick.point
    edge = ", at an edge" if point.edge else ""
    lines = [
        ("Pixel", f"{point.x:.2f}, {point.y:.2f}{edge}"),
        ("Depth", length_text(scene, point.depth, 6)),
        ("Uncertainty", f"± {length_text(scene, point.uncertainty, 3)}"),
        *zip("XYZ", coordinate_texts(scene, point.world), strict=True),
    ]
    shot = scene.depth_picks.shot_of(pick)
    if shot is not None:
        image = bpy.path.basename(shot.filepath) or "Render Result"
        lines.append(("Image", " ".join(filter(None, (image, shot.view)))))
        lines.append(("Layer", shot.layer))
        lines.append(("Camera", f"{shot.camera}, frame {shot.frame}"))
    return _joined(lines)


def measures_text(scene: bpy.types.Scene) -> str:
    """Distances, angle, and area of the picks that are not hidden.

    Distance and angle are those of the last two and three picks up to the selected one.
    """
    key = (pick_table(scene).key, scene.depth_picks.active, units_key(scene))
    if key not in _measures:
        _measures[key] = _joined(_measure_lines(scene))
    return _measures[key]


def _measure_lines(scene: bpy.types.Scene) -> Lines:
    table, active = pick_table(scene), scene.depth_picks.active
    visible = np.flatnonzero(~table.hidden)
    points = table.world[visible]
    if len(points) < 2:
        return [("Pick two points or more to measure.", "")]
    end = int(np.searchsorted(visible, active)) if active in visible else len(points) - 1
    end = max(end, 1)
    names = [table.names[index] for index in visible]
    distance = measure.distance(points[end - 1], points[end])
    lines = [(f"{names[end - 1]} to {names[end]}", length_text(scene, distance, 6))]
    if len(points) > 2:
        end = max(end, 2)
        angle = measure.angle(*points[end - 2 : end + 1])
        value = "None (same location)" if math.isnan(angle) else angle_text(scene, angle)
        lines.append((f"Angle at {names[end - 1]}", value))
    length = measure.polyline_length(points)
    lines.append((f"Length through {len(points)}", length_text(scene, length, 6)))
    if len(points) > 2:
        polygon = measure.polygon_area(points)
        lines.append(("Area of Polygon", area_text(scene, polygon.area)))
    if len(points) > 3:
        lines.append(("Deviation from Plane", length_text(scene, polygon.deviation, 3)))
    return lines


def _joined(lines: Iterable[tuple[str, str]]) -> str:
    return "\n".join(f"{name}\t{value}" for name, value in lines)
