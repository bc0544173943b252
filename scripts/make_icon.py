"""Make the tool's icon: triangles with colors, in the format of Blender's own toolbar icons.

The format is that of Blender's ``BKE_icon_geom_from_memory``: "VCO", a zero, the width and height
less one, the position, then three corners of two bytes for each triangle, then their colors. The
origin is the lower left corner.
"""

from __future__ import annotations

import math

from manifest import ROOT

Point = tuple[float, float]
Color = tuple[int, int, int, int]
Triangle = tuple[Point, Point, Point]

WHITE: Color = (255, 255, 255, 255)
BLUE: Color = (60, 175, 255, 255)
CENTER: Point = (128.0, 140.0)


def polygon(*corners: Point) -> list[Triangle]:
    """A convex polygon as a fan of triangles."""
    return [
        (corners[0], corners[index], corners[index + 1]) for index in range(1, len(corners) - 1)
    ]


def box(left: float, bottom: float, right: float, top: float) -> list[Triangle]:
    """An upright rectangle."""
    return polygon((left, bottom), (right, bottom), (right, top), (left, top))


def disk(center: Point, radius: float, count: int = 20) -> list[Triangle]:
    """A disk."""
    angles = (2.0 * math.pi * index / count for index in range(count))
    return polygon(
        *((center[0] + radius * math.cos(a), center[1] + radius * math.sin(a)) for a in angles)
    )


def drawing() -> list[tuple[Triangle, Color]]:
    """A crosshair over a surface that lies in space."""
    x, y = CENTER
    surface = polygon((28, 40), (176, 22), (232, 92), (84, 110))
    arms = [
        *box(x - 9, y + 30, x + 9, y + 96), *box(x - 9, y - 96, x + 9, y - 30),
        *box(x - 96, y - 9, x - 30, y + 9), *box(x + 30, y - 9, x + 96, y + 9),
    ]  # fmt: skip
    parts = ((surface, (60, 175, 255, 150)), (arms, WHITE), (disk(CENTER, 15), BLUE))
    return [(triangle, color) for triangles, color in parts for triangle in triangles]


def main() -> None:
    """Write the icon."""
    triangles = drawing()
    content = bytearray(b"VCO\0" + bytes((255, 255, 0, 0)))
    for triangle, _ in triangles:
        content += bytes(round(value) for point in triangle for value in point)
    for _, color in triangles:
        content += bytes(color) * 3
    path = ROOT / "icons" / "depth.pick.dat"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    print(path.relative_to(ROOT), len(content), "bytes")


if __name__ == "__main__":
    main()
