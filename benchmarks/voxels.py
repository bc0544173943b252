"""Merge the points of a 4K image in voxels, against numpy's sort of their keys and Open3D."""

from __future__ import annotations

import numpy as np
from measure import HEIGHT, WIDTH, best_times, row
from points import import_open3d

from core.cameras.camera import Camera
from core.cameras.intrinsics import Intrinsics, Perspective
from core.depth.image import DepthImage, DepthKind
from core.geometry.backprojection import backproject
from core.geometry.voxels import voxels_of

RUNS = 3


def image_points() -> np.ndarray:
    """Points of a wavy wall, 1.2 mm apart."""
    x, y = np.meshgrid(np.linspace(0, 30, WIDTH), np.linspace(0, 20, HEIGHT))
    depth = DepthImage.from_array((5 + np.sin(x) * np.cos(y)).astype(np.float32), DepthKind.PLANAR)
    lens = Perspective(Intrinsics(4000, 4000, 1900, 1100, WIDTH, HEIGHT))
    return backproject(depth, Camera(lens, np.eye(4))).points


def random_points() -> np.ndarray:
    """Points in random order, in a cube of 10 m."""
    return np.random.default_rng(0).random((WIDTH * HEIGHT, 3), np.float32) * 10


def main() -> None:
    """Measure."""
    o3d = import_open3d()
    for name, points, size in (
        ("an image, 12 mm", image_points(), 0.012),
        ("an image, 2.4 mm", image_points(), 0.0024),
        ("random points, 50 mm", random_points(), 0.05),
    ):
        cells = np.floor(points / size).astype(np.int64)
        cells -= cells.min(axis=0)
        spans = cells.max(axis=0) + 1
        keys = (cells[:, 2] * spans[1] + cells[:, 1]) * spans[0] + cells[:, 0]

        def ours(points: np.ndarray = points, size: float = size) -> np.ndarray:
            return voxels_of(points, size).reduce(points)

        merging, sort = best_times(ours, lambda keys=keys: np.sort(keys), runs=RUNS)
        row(f"voxels of {name} / numpy's sort of their keys", "s", merging, sort, at_most=4)
        if name.startswith("an image"):  # random points take Open3D half a minute
            cloud = o3d.geometry.PointCloud(o3d.utility.Vector3dVector(points.astype(np.float64)))
            (theirs,) = best_times(
                lambda cloud=cloud, size=size: cloud.voxel_down_sample(size), runs=1
            )
            row(f"voxels of {name} / Open3D", "s", merging, theirs, at_least=0.5)


if __name__ == "__main__":
    main()
