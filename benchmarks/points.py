"""Back-projection in 4K, without Blender, against Open3D and against copying the points."""

from __future__ import annotations

import ctypes
import itertools
import tracemalloc
from types import ModuleType

import libusb_package
import numpy as np
from measure import HEIGHT, WIDTH, best_times, row

from core.cameras.camera import Camera, Lens
from core.cameras.fisheye import FisheyeEquidistant, FisheyePolynomial, MirrorBall
from core.cameras.intrinsics import Intrinsics, Perspective
from core.cameras.panorama import CentralCylindrical, CubeFace, Equirectangular, Frame
from core.depth.image import DepthImage, DepthKind
from core.geometry.backprojection import backproject

FRAME = Frame(WIDTH, HEIGHT)
PANORAMAS: tuple[Lens, ...] = (
    Equirectangular(FRAME, longitude_min=-np.pi, longitude_max=np.pi, latitude_min=-np.pi / 2,
                    latitude_max=np.pi / 2),
    CentralCylindrical(FRAME, angle_min=-3, angle_max=3, height_min=-1, height_max=1),
    CubeFace(FRAME),
    MirrorBall(FRAME),
    FisheyeEquidistant(FRAME, fov=3.0),
    FisheyePolynomial(FRAME, 36.0, 20.25, 3.0, 0.0, -0.07, 0.0, 0.0, 0.0),
)  # fmt: skip


def import_open3d() -> ModuleType:
    """Import Open3D, and first a library that it needs and few systems have."""
    ctypes.CDLL(str(libusb_package.get_library_path()))
    import open3d

    return open3d


def turned(matrix: np.ndarray, angle: float) -> np.ndarray:
    """Rotate the matrix about the world's Z axis."""
    turn = np.eye(4)
    turn[:2, :2] = (np.cos(angle), -np.sin(angle)), (np.sin(angle), np.cos(angle))
    return turn @ matrix


def main() -> None:
    """Measure."""
    o3d = import_open3d()
    values = np.random.default_rng(0).uniform(1, 20, (HEIGHT, WIDTH)).astype(np.float32)
    depth = DepthImage.from_array(values, DepthKind.PLANAR)
    matrix = np.eye(4)
    matrix[:3, 3] = (1, 2, 3)
    camera = Camera(Perspective(Intrinsics(4000, 4000, 1900, 1100, WIDTH, HEIGHT)), matrix)
    points = backproject(depth, camera).points

    image = o3d.geometry.Image(values)
    intrinsic = o3d.camera.PinholeCameraIntrinsic(WIDTH, HEIGHT, 4000, 4000, 1900, 1100)
    ours, theirs, copy = best_times(
        lambda: backproject(depth, camera),
        lambda: o3d.geometry.PointCloud.create_from_depth_image(
            image, intrinsic, depth_scale=1.0, depth_trunc=1000.0
        ),
        points.copy,
    )
    row("depth to points / Open3D's legacy function", "s", ours, theirs, at_least=6)
    row("depth to points / one copy of the points", "s", ours, copy, at_most=2.5)

    tracemalloc.start()
    backproject(depth, camera)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    row("depth to points, peak memory / the points", "B", peak, points.nbytes, at_most=2.5)

    ray = DepthImage.from_array(values, DepthKind.RAY)
    for lens in PANORAMAS:
        panorama = Camera(lens, matrix)
        seconds, perspective = best_times(
            lambda panorama=panorama: backproject(ray, panorama), lambda: backproject(depth, camera)
        )
        name = f"{type(lens).__name__}, with cached rays / perspective"
        row(name, "s", seconds, perspective, at_most=3)

    poses = itertools.cycle([turned(matrix, angle) for angle in (0.1, 0.2, 0.3)])
    moving, perspective = best_times(
        lambda: backproject(ray, Camera(PANORAMAS[0], next(poses))),
        lambda: backproject(depth, camera),
    )
    row("Equirectangular, moving camera / perspective", "s", moving, perspective, at_most=3)


if __name__ == "__main__":
    main()
