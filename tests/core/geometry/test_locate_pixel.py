"""One pixel's point as plain numbers, its error where there is none, and what hides points."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from core.cameras.camera import Camera
from core.cameras.intrinsics import Intrinsics, Perspective
from core.depth.image import DepthImage, DepthKind, Window
from core.errors import DepthError
from core.geometry.locate_pixel import NoHitError, locate_pixel
from core.geometry.located_point import LocatedPoint
from core.geometry.locating import locate
from core.geometry.occlusion import CLEARANCE, is_occluded

CAMERA = Camera(Perspective(Intrinsics(100.0, 100.0, 4.0, 4.0, 8, 8)), np.eye(4))
STEP = np.full((8, 8), 2.0, np.float32)
STEP[:, 4:] = 5.0
STEP[0] = 1e10
DEPTH = DepthImage.from_array(STEP, DepthKind.PLANAR)


@pytest.mark.parametrize(("pixel", "edge"), [((2.25, 3.5), False), ((3.9, 3.2), True)])
def test_a_pixel_is_located_as_among_many(pixel: tuple[float, float], edge: bool) -> None:
    point = locate_pixel(DEPTH, CAMERA, *pixel)
    located = locate(DEPTH, CAMERA, [pixel, (6.0, 6.0)])
    assert (point.x, point.y) == pixel
    assert point.world == tuple(located.points[0])
    assert point.depth == located.depth[0] == pytest.approx(2.0)
    assert point.uncertainty == pytest.approx(located.uncertainty[0])
    assert point.edge == edge
    assert LocatedPoint(*json.loads(json.dumps(point.numbers)), edge) == point


@pytest.mark.parametrize(
    ("pixel", "message"),
    [
        ((2.0, 0.5), r"Nothing was hit at \(2.00, 0.50\): the render shows only background there."),
        ((9.0, 0.5), r"\(9.00, 0.50\) lies outside the image of 8 x 8 pixels."),
    ],
)
def test_a_pixel_without_a_point_says_why(pixel: tuple[float, float], message: str) -> None:
    with pytest.raises(NoHitError, match=message):
        locate_pixel(DEPTH, CAMERA, *pixel)
    assert issubclass(NoHitError, DepthError)


def test_importing_a_located_point_loads_no_numpy() -> None:
    """Blender imports it when it starts."""
    code = "import core.geometry.located_point, sys; print('numpy' in sys.modules)"
    root = Path(__file__).resolve().parents[3]
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=root)
    assert result.stdout == "False\n"


@pytest.mark.parametrize("kind", list(DepthKind))
def test_points_behind_what_an_image_shows_are_occluded(kind: DepthKind) -> None:
    depth = DepthImage.from_array(STEP, kind)
    pixels = np.array([(2.5, 4.5)] * 3 + [(6.5, 4.5), (2.5, 0.5)])
    shown = np.array([2.0, 2.0, 2.0, 5.0, 2.0])
    factors = np.array([0.5, 1 + 0.5 * CLEARANCE, 1 + 2 * CLEARANCE, 1.0, 99.0])
    points = CAMERA.rays(pixels, kind).at(shown * factors)
    assert is_occluded(depth, CAMERA, pixels, points).tolist() == [False] * 2 + [True] + [False] * 2


def test_outside_the_stored_window_nothing_is_occluded() -> None:
    depth = DepthImage.from_array(
        STEP[2:4, 2:4], DepthKind.PLANAR, window=Window(2, 2, 2, 2), size=(8, 8)
    )
    pixels = np.array([(2.5, 2.5), (6.5, 6.5)])
    points = CAMERA.rays(pixels, DepthKind.PLANAR).at(np.array([50.0, 50.0]))
    assert is_occluded(depth, CAMERA, pixels, points).tolist() == [True, False]
