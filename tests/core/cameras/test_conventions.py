"""Camera matrices and poses of other programs, and a camera as lines of Python."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from core.cameras.camera import Camera, from_opencv_extrinsics
from core.cameras.conventions import Convention, camera_to_world, intrinsics_from
from core.cameras.intrinsics import Intrinsics, Orthographic, Perspective
from core.cameras.numpy_text import numpy_text
from core.cameras.panorama import CubeFace, Frame
from core.errors import CameraError

K = [[800.1, 0.0, 319.7], [0.0, 820.3, 242.9], [0.0, 0.0, 1.0]]
INTRINSICS = Intrinsics(800.1, 820.3, 319.7, 242.9, 640, 480)


def pose() -> np.ndarray:
    matrix = np.eye(4)
    turn, _ = np.linalg.qr(np.random.default_rng(3).normal(size=(3, 3)))
    matrix[:3, :3] = turn * np.sign(np.linalg.det(turn))
    matrix[:3, 3] = 3.0, -6.0, 2.5
    return matrix


@pytest.mark.parametrize("convention", Convention)
def test_where_pixels_are_counted_from(convention: Convention) -> None:
    found = intrinsics_from(K, 640, 480, convention)
    offset = 0.5 if convention is Convention.OPENCV else 0.0
    assert (found.cx, found.cy) == (319.7 + offset, 242.9 + offset)
    assert (found.fx, found.fy, found.width, found.height) == (800.1, 820.3, 640, 480)
    with pytest.raises(CameraError, match="not of the form"):
        intrinsics_from(np.eye(4), 640, 480, convention)


@pytest.mark.parametrize("convention", Convention)
def test_all_ways_to_write_a_pose_are_one(convention: Convention) -> None:
    """A point a unit ahead and one to the right of the camera, each as the convention has it."""
    blender = pose()
    axes = np.diag([1, 1, 1, 1] if convention is Convention.BLENDER else [1, -1, -1, 1])
    to_world = blender @ axes
    from_world = np.linalg.inv(to_world)
    for matrix in (to_world, to_world[:3]):
        found = camera_to_world(matrix, convention, is_from_world=False)
        np.testing.assert_allclose(found, blender, atol=1e-12)
    for matrix in (from_world, from_world[:3]):
        found = camera_to_world(matrix, convention, is_from_world=True)
        np.testing.assert_allclose(found, blender, atol=1e-12)


def test_opencv_extrinsics_are_those_of_the_camera() -> None:
    extrinsics = np.linalg.inv(pose())[:3]
    found = camera_to_world(extrinsics, Convention.OPENCV, is_from_world=True)
    np.testing.assert_array_equal(found, from_opencv_extrinsics(extrinsics))


def test_what_is_no_pose_is_refused() -> None:
    for convention in Convention:
        with pytest.raises(CameraError, match="are not a rotation"):
            camera_to_world(2 * np.eye(3, 4), convention, is_from_world=True)
        with pytest.raises(CameraError, match=r"shape \(3, 3\), expected \(4, 4\)"):
            camera_to_world(np.eye(3), convention, is_from_world=True)
        matrix = camera_to_world(np.eye(3), convention, is_from_world=False)
        with pytest.raises(CameraError, match=r"shape \(3, 3\), expected \(4, 4\)"):
            Camera(Perspective(INTRINSICS), matrix)


@pytest.mark.parametrize("lens", [Perspective(INTRINSICS), Orthographic(INTRINSICS)])
def test_lines_of_python_make_the_camera_to_the_last_bit(lens: Perspective | Orthographic) -> None:
    camera = Camera(lens, pose())
    made: dict[str, Any] = {}
    exec(numpy_text(camera, "A\nname, frame 7"), made)
    np.testing.assert_array_equal(made["K"], K)
    assert (made["width"], made["height"]) == (640, 480)
    np.testing.assert_array_equal(made["camera_to_world"], camera.matrix)
    back = from_opencv_extrinsics(np.column_stack([made["R"], made["t"]]))
    np.testing.assert_allclose(back, camera.matrix, atol=1e-12)


def test_a_lens_without_k_is_refused() -> None:
    with pytest.raises(CameraError, match="CubeFace, which no K describes: copy it as JSON"):
        numpy_text(Camera(CubeFace(Frame(4, 4)), np.eye(4)), "")
