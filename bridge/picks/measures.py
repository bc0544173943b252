"""What the visible picks measure, as the panel shows it."""

from __future__ import annotations

import math

import bpy
import numpy as np

from ...core.geometry import measure
from .. import units
from .table import pick_table

_last: tuple[object, str] | None = None


def measures(scene: bpy.types.Scene) -> str:
    """A line for each measure, its name and value parted by a tab.

    Distance and angle end at the active pick and go through the visible ones before it in the list.
    """
    global _last
    owner, settings = scene.depth_picks, scene.unit_settings
    state = (pick_table(scene).key, owner.active, settings.system, settings.scale_length,
             settings.system_rotation, settings.use_separate)  # fmt: skip
    if _last is None or _last[0] != state:
        _last = state, "\n".join(f"{name}\t{value}" for name, value in _lines(scene))
    return _last[1]


def _lines(scene: bpy.types.Scene) -> list[tuple[str, str]]:
    table, active = pick_table(scene), scene.depth_picks.active
    visible = np.flatnonzero(~table.hidden)
    points = table.world[visible]
    if len(points) < 2:
        return [("Two picks or more have measures.", "")]
    end = int(np.searchsorted(visible, active)) if active in visible else len(points) - 1
    end = max(end, 1)
    names = [table.names[index] for index in visible]
    lines = [(f"{names[end - 1]} to {names[end]}",
              units.length(scene, measure.distance(points[end - 1], points[end]), 6))]  # fmt: skip
    if len(points) > 2:
        end = max(end, 2)
        angle = measure.angle(*points[end - 2 : end + 1])
        value = "none, same place" if math.isnan(angle) else units.angle(scene, angle)
        lines.append((f"Angle at {names[end - 1]}", value))
    length = measure.polyline_length(points)
    lines.append((f"Length through {len(points)}", units.length(scene, length, 6)))
    if len(points) > 2:
        polygon = measure.polygon_area(points)
        lines.append(("Area of polygon", units.area(scene, polygon.area)))
    if len(points) > 3:
        lines.append(("Off its plane by", units.length(scene, polygon.deviation, 3)))
    return lines
