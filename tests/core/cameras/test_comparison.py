"""Which changes of a camera count as another pose or another lens."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.cameras.camera import Camera
from core.cameras.comparison import same_lens, same_pose
from core.cameras.intrinsics import Intrinsics, Perspective
from core.cameras.panorama import Equirectangular, Frame

WIDE = Intrinsics(800.0, 800.0, 320.0, 240.0, 640, 480)


def camera(intrinsics: Intrinsics = WIDE) -> Camera:
    return Camera(Perspective(intrinsics), np.eye(4))


@pytest.mark.parametrize(("shift", "is_same"), [(0.0, True), (1e-8, True), (1e-4, False)])
def test_pose(shift: float, is_same: bool) -> None:
    matrix = np.eye(4)
    matrix[0, 3] = shift
    assert same_pose(camera(), replace(camera(), matrix=matrix)) == is_same


@pytest.mark.parametrize(("factor", "is_same"), [(1.0, True), (1 + 1e-8, True), (1.01, False)])
def test_focal_length_at_the_same_size(factor: float, is_same: bool) -> None:
    other = replace(WIDE, fx=WIDE.fx * factor, fy=WIDE.fy * factor)
    assert same_lens(camera(), camera(other)) == is_same


def test_another_resolution_is_the_same_lens_and_another_focal_length_is_not() -> None:
    third = camera().resized(211, 158)
    assert same_lens(third, camera())
    longer = replace(third.lens.intrinsics, fx=1.5 * third.lens.intrinsics.fx)
    assert not same_lens(camera(longer), camera())
    assert same_lens(camera(longer), camera(), may_be_cropped=True)


def test_a_crop_keeps_the_focal_length_in_pixels_and_counts_as_the_same_lens() -> None:
    crop = Intrinsics(800.0, 800.0, 160.0, 120.0, 320, 240)
    assert same_lens(camera(crop), camera())


def test_another_type_is_another_lens() -> None:
    panorama = Camera(Equirectangular(Frame(640, 480)), np.eye(4))
    assert not same_lens(panorama, camera())
    assert same_lens(panorama, replace(panorama))
