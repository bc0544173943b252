"""Locate a million picks at once in 4K, for each kind of lens, within 0.4 seconds.

The picks are at random pixels of an image of slopes and steps.
"""

from __future__ import annotations

import numpy as np
from measure import HEIGHT, WIDTH, best_times, row

from core.cameras.camera import Camera, Lens
from core.cameras.fisheye import FisheyeEquidistant
from core.cameras.intrinsics import Intrinsics, Orthographic, Perspective
from core.cameras.panorama import Equirectangular, Frame
from core.cameras.stereo import SphericalStereo
from core.depth.image import DepthImage, DepthKind
from core.geometry.locating import locate

PICKS = 1_000_000
BAR = 0.4
"""Seconds that a million picks may take."""


def main() -> None:
    """Measure."""
    frame = Frame(WIDTH, HEIGHT)
    pinhole = Perspective(Intrinsics(3000.0, 3000.0, WIDTH / 2, HEIGHT / 2, WIDTH, HEIGHT))
    lenses: tuple[tuple[Lens, DepthKind], ...] = (
        (pinhole, DepthKind.PLANAR),
        (Orthographic(pinhole.intrinsics), DepthKind.PLANAR),
        (Equirectangular(frame), DepthKind.RAY),
        (FisheyeEquidistant(frame, 4.0), DepthKind.RAY),
        (SphericalStereo(Equirectangular(frame), 0.03, 2.0), DepthKind.RAY),
    )
    columns, rows = np.arange(WIDTH, dtype=np.float32), np.arange(HEIGHT, dtype=np.float32)[:, None]
    slopes = 20.0 + 3.0 * np.sin(columns / 300.0) + rows / 500.0
    values = slopes + 2.0 * ((columns + rows) // 200 % 2)
    pixels = np.random.default_rng(0).uniform(0.0, 1.0, (PICKS, 2)) * (WIDTH, HEIGHT)
    for lens, kind in lenses:
        depth, camera = DepthImage.from_array(values, kind), Camera(lens, np.eye(4))
        (seconds,) = best_times(
            lambda depth=depth, camera=camera: locate(depth, camera, pixels), runs=3
        )
        row(f"a million picks, {type(lens).__name__} / 0.4 s", "s", seconds, BAR, at_most=1)


if __name__ == "__main__":
    main()
