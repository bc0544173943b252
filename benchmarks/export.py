"""Write a colored 4K point cloud, compared with other libraries that can write it."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
from measure import HEIGHT, WIDTH, best_times, row
from plyfile import PlyData, PlyElement

from core.export.formats import GeometryFormat
from core.export.geometry import Geometry, write_geometry
from core.support.srgb import srgb_bytes

COUNT = WIDTH * HEIGHT
TEXT_SHARE = 32
"""np.savetxt writes only one in this many points, because its time is proportional to them."""


def main() -> None:
    """Measure."""
    rng = np.random.default_rng(0)
    points = (10 * rng.standard_normal((COUNT, 3))).astype(np.float32)
    cloud = Geometry(points, colors=rng.random((COUNT, 3), np.float32))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ours, theirs = best_times(
            lambda: write_geometry(folder / "ours.ply", cloud, GeometryFormat.PLY),
            lambda: with_plyfile(folder / "theirs.ply", cloud),
            runs=5,
        )
        row("points and colors to PLY / plyfile", "s", ours, theirs, at_least=1)
        ours, theirs = best_times(
            lambda: write_geometry(folder / "ours.xyz", cloud, GeometryFormat.XYZ),
            lambda: with_numpy(folder / "theirs.xyz", cloud),
            runs=3,
        )
        row("points and colors to text / savetxt", "s", ours, theirs * TEXT_SHARE, at_least=5)


def with_plyfile(path: Path, cloud: Geometry) -> None:
    """Write the same file with plyfile, which needs assembled vertices."""
    names = ("red", "green", "blue")
    types = [*((name, "<f4") for name in "xyz"), *((name, "u1") for name in names)]
    vertices = np.empty(len(cloud.points), types)
    colors = srgb_bytes(cloud.colors)
    for index, (point, color) in enumerate(zip("xyz", names, strict=True)):
        vertices[point], vertices[color] = cloud.points[:, index], colors[:, index]
    PlyData([PlyElement.describe(vertices, "vertex")], byte_order="<").write(path)


def with_numpy(path: Path, cloud: Geometry) -> None:
    """Write the same lines with numpy, for a share of the points."""
    rows = slice(0, len(cloud.points) // TEXT_SHARE)
    table = np.hstack([cloud.points[rows], srgb_bytes(cloud.colors[rows])])
    np.savetxt(path, table, fmt=["%.8e"] * 3 + ["%d"] * 3)


if __name__ == "__main__":
    main()
