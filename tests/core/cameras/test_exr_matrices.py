"""Cameras from worldToCamera and worldToNDC, against the definitions in OpenEXR's documentation.

The truth is a point projected by the file's own worldToNDC as OpenEXR defines it: the point times
the matrix, divided by the fourth coordinate, (0, 0) being the display window's upper left corner.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import OpenEXR
import pytest

from core.cameras.camera import Camera
from core.cameras.exr_matrices import NdcRange, camera_from_exr_matrices
from core.cameras.intrinsics import Orthographic, Perspective
from core.depth.image import DepthKind
from core.errors import CameraError
from core.exr.reader import read_info

Array = np.ndarray[Any, Any]

WIDTH, HEIGHT = 640, 360
EYE, TARGET = np.array([3.0, -7.0, 2.5]), np.array([0.2, 0.4, 0.7])
RIGHT_HANDED = np.diag([1.0, 1.0, -1.0, 1.0])
"""From OpenEXR's camera space to Nuke's and Blender's, and back."""
UNIT_TO_SCREEN = np.array([[2.0, 0, 0, 0], [0, -2.0, 0, 0], [0, 0, 1, 0], [-1.0, 1.0, 0, 1]])
"""NDC of OpenEXR to those from -1 to 1 that grow upward."""


def look_at(eye: Array = EYE, target: Array = TARGET) -> Array:
    """Matrix worldToCamera for row vectors: left-handed, +X right, +Y up, +Z forward."""
    forward = (target - eye) / np.linalg.norm(target - eye)
    right = np.cross(forward, [0.0, 0.0, 1.0])
    right /= np.linalg.norm(right)
    up = np.cross(right, forward)
    matrix = np.eye(4)
    matrix[:3, :3] = np.stack([right, up, forward], axis=1)
    matrix[3, :3] = -eye @ matrix[:3, :3]
    return matrix


def perspective(
    half_width: float = 0.4, half_height: float = 0.3, shift: Any = (0.0, 0.0)
) -> Array:
    """Camera space to NDC of OpenEXR; the window at distance 1 has these half sizes."""
    matrix = np.zeros((4, 4))
    matrix[0, 0], matrix[1, 1] = 0.5 / half_width, -0.5 / half_height
    matrix[2] = 0.5 + shift[0], 0.5 + shift[1], 1.0002, 1.0
    matrix[3, 2] = -0.10002  # as of near and far planes, which nobody should read
    return matrix


def orthographic(half_width: float = 2.0, half_height: float = 1.5, shift: Any = (0, 0)) -> Array:
    matrix = np.diag([0.5 / half_width, -0.5 / half_height, 0.01, 1.0])
    matrix[3, :2] = 0.5 + shift[0], 0.5 + shift[1]
    return matrix


def points() -> Array:
    return TARGET + np.random.default_rng(1).uniform(-1.0, 1.0, (200, 3))


def pixels_by_openexr(world_to_ndc: Array, xyz: Array, width: int, height: int) -> Array:
    clip = np.concatenate([xyz, np.ones((len(xyz), 1))], axis=1) @ np.asarray(world_to_ndc, float)
    result: Array = clip[:, :2] / clip[:, 3:] * [width, height]
    return result


def through_a_file(folder: Path, dtype: type, to_camera: Array, to_ndc: Array) -> list[Array]:
    """Both matrices as the product reads them from a file of the OpenEXR package."""
    path = str(folder / "camera.exr")
    header = {
        "type": OpenEXR.scanlineimage,
        "compression": OpenEXR.ZIP_COMPRESSION,
        "worldToCamera": to_camera.astype(dtype),
        "worldToNDC": to_ndc.astype(dtype),
    }
    OpenEXR.File(header, {"Z": np.ones((HEIGHT, WIDTH), np.float32)}).write(path)
    matrices = read_info(path).matrices[""]
    return [np.array(matrices[name]) for name in ("worldToCamera", "worldToNDC")]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shift", [(0.0, 0.0), (0.17, -0.11)])
@pytest.mark.parametrize("to_ndc", [perspective, orthographic])
def test_points_project_as_the_file_defines_it(
    tmp_path: Path, dtype: type, shift: Any, to_ndc: Any
) -> None:
    to_camera = look_at()
    read = through_a_file(tmp_path, dtype, to_camera, to_camera @ to_ndc(shift=shift))
    np.testing.assert_array_equal(read[0], to_camera.astype(dtype))
    camera = camera_from_exr_matrices(*read, WIDTH, HEIGHT)
    truth = pixels_by_openexr(read[1], points(), WIDTH, HEIGHT)
    np.testing.assert_allclose(camera.project(points()), truth, rtol=0, atol=1e-4)
    assert isinstance(camera.lens, Perspective if to_ndc is perspective else Orthographic)
    np.testing.assert_allclose(camera.matrix[:3, 3], EYE, atol=1e-5)
    assert np.linalg.det(camera.matrix[:3, :3]) == pytest.approx(1.0, abs=1e-5)


@pytest.mark.parametrize("to_ndc", [perspective, orthographic])
def test_depth_comes_back_as_the_points(to_ndc: Any) -> None:
    """Planar depth is the third coordinate in worldToCamera's space."""
    to_camera = look_at()
    camera = camera_from_exr_matrices(to_camera, to_camera @ to_ndc(), WIDTH, HEIGHT)
    depth = (np.concatenate([points(), np.ones((200, 1))], axis=1) @ to_camera)[:, 2]
    back = camera.rays(camera.project(points()), DepthKind.PLANAR).at(depth)
    np.testing.assert_allclose(back, points(), atol=1e-12)


def variants(to_ndc: Any, **options: Any) -> list[tuple[str, Array, Array]]:
    """The same camera as the renderers write it."""
    left, ndc = look_at(), look_at() @ to_ndc(**options)
    right = left @ RIGHT_HANDED
    screen = ndc @ UNIT_TO_SCREEN
    return [
        ("OpenEXR", left, ndc),
        ("right-handed", right, ndc),
        ("screen", left, screen),
        ("right-handed screen", right, screen),
        ("another factor", left, ndc * 7.0),
        ("a negative divisor", right, ndc * -1.0),
    ]


@pytest.mark.parametrize("to_ndc", [perspective, orthographic])
@pytest.mark.parametrize("shift", [(0.0, 0.0), (0.11, -0.07)])
def test_every_convention_gives_the_same_camera(to_ndc: Any, shift: Any) -> None:
    truth = pixels_by_openexr(look_at() @ to_ndc(shift=shift), points(), WIDTH, HEIGHT)
    for name, to_camera, ndc in variants(to_ndc, shift=shift):
        if name == "a negative divisor" and to_ndc is perspective:
            continue  # that would be behind the camera
        camera = camera_from_exr_matrices(to_camera, ndc, WIDTH, HEIGHT)
        np.testing.assert_allclose(camera.project(points()), truth, atol=1e-9, err_msg=name)


def test_opencv_axes() -> None:
    """+X right, +Y down, +Z forward, which is right-handed."""
    to_camera = look_at() @ np.diag([1.0, -1.0, 1.0, 1.0])
    ndc = look_at() @ perspective(shift=(0.1, 0.05))
    camera = camera_from_exr_matrices(to_camera, ndc, WIDTH, HEIGHT)
    truth = pixels_by_openexr(ndc, points(), WIDTH, HEIGHT)
    np.testing.assert_allclose(camera.project(points()), truth, atol=1e-9)
    assert np.linalg.det(camera.matrix[:3, :3]) == pytest.approx(1.0)


def test_a_header_that_houdini_wrote() -> None:
    """Of Mantra, 1280 x 720, published in https://github.com/ynput/ayon-houdini/issues/76.

    Its camera sees 45 degrees across. The scene's origin is 6.48486 in front of it, 0.49336 to the
    left and 0.356619 down, as worldToCamera says in OpenEXR's terms.
    """
    to_camera = np.array(
        [
            [-0.243232, -0.429738, -0.869577, 0],
            [-4.55991e-08, 0.8965, -0.443043, 0],
            [-0.969968, 0.107762, 0.218058, 0],
            [-0.49336, -0.356619, 6.48486, 1],
        ]
    )
    to_ndc = np.array(
        [
            [-0.587216, -1.84441, -8.69577e-05, 0.869577],
            [-1.10086e-07, 3.84773, -4.43043e-05, 0.443043],
            [-2.34172, 0.462509, 2.18058e-05, -0.218058],
            [-1.19108, -1.53059, 0.000648386, -6.48486],
        ]
    )
    camera = camera_from_exr_matrices(to_camera, to_ndc, 1280, 720)
    focal = 640.0 / np.tan(np.radians(22.5))
    np.testing.assert_allclose(camera.lens.intrinsics.matrix[[0, 1], [0, 1]], focal, rtol=1e-5)  # type: ignore[attr-defined]
    expected = 640.0 - focal * 0.49336 / 6.48486, 360.0 + focal * 0.356619 / 6.48486
    np.testing.assert_allclose(camera.project([0.0, 0.0, 0.0]), expected, atol=0.01)
    assert np.linalg.det(camera.matrix[:3, :3]) == pytest.approx(1.0, abs=1e-5)
    to_ndc[:, 0] += 0.2 * to_ndc[:, 3]
    with pytest.raises(CameraError, match="lens shift is not zero"):
        camera_from_exr_matrices(to_camera, to_ndc, 1280, 720)


def test_the_range_can_be_given() -> None:
    """A lens shift of half an image is as likely another range."""
    to_camera = look_at()
    unit = to_camera @ perspective(shift=(-0.5, 0.1))
    truth = pixels_by_openexr(unit, points(), WIDTH, HEIGHT)
    with pytest.raises(
        CameraError, match=r"downward and have the principal point at \(0.00, 0.60\)"
    ):
        camera_from_exr_matrices(to_camera, unit, WIDTH, HEIGHT)
    for ndc, ndc_range in (
        (unit, NdcRange.ZERO_TO_ONE),
        (unit @ UNIT_TO_SCREEN, NdcRange.MINUS_ONE_TO_ONE),
    ):
        camera = camera_from_exr_matrices(to_camera, ndc, WIDTH, HEIGHT, ndc_range)
        np.testing.assert_allclose(camera.project(points()), truth, atol=1e-9)


def test_ndc_from_0_to_1_that_grow_upward_are_no_guess() -> None:
    to_camera = look_at()
    upward = to_camera @ perspective() @ np.diag([1.0, -1.0, 1.0, 1.0])
    upward[:, 1] += upward[:, 3]
    with pytest.raises(CameraError, match=r"upward and have the principal point at \(0.50, 0.50\)"):
        camera_from_exr_matrices(to_camera, upward, WIDTH, HEIGHT)
    camera = camera_from_exr_matrices(to_camera, upward, WIDTH, HEIGHT, NdcRange.ZERO_TO_ONE)
    truth = pixels_by_openexr(to_camera @ perspective(), points(), WIDTH, HEIGHT)
    np.testing.assert_allclose(camera.project(points()), truth, atol=1e-9)


def test_pixels_that_are_not_square() -> None:
    """NDC span the image, whatever the pixel aspect."""
    to_camera = look_at()
    ndc = to_camera @ perspective(0.4, 0.2)
    for width, height in ((640, 360), (320, 360), (640, 90)):
        camera = camera_from_exr_matrices(to_camera, ndc, width, height)
        truth = pixels_by_openexr(ndc, points(), width, height)
        np.testing.assert_allclose(camera.project(points()), truth, atol=1e-9)


@pytest.mark.parametrize("to_ndc", [perspective, orthographic])
def test_a_camera_far_from_the_origin_in_float32(to_ndc: Any) -> None:
    """The perspective keeps its exactness, as none of it rests on a difference of large numbers."""
    away = np.array([4e4, -2e4, 1e4])
    to_camera = look_at(EYE + away, TARGET + away).astype(np.float32)
    ndc = (to_camera.astype(float) @ to_ndc()).astype(np.float32)
    camera = camera_from_exr_matrices(to_camera, ndc, WIDTH, HEIGHT)
    intrinsics = camera.lens.intrinsics  # type: ignore[attr-defined]
    bound = 1e-3 if to_ndc is perspective else 1.0
    np.testing.assert_allclose((intrinsics.cx, intrinsics.cy), (320.0, 180.0), atol=bound)


def test_a_right_handed_camera_that_looks_backward_is_no_guess() -> None:
    """Its fourth coordinate is negative in front, so that it sees the same points behind it."""
    to_camera = look_at() @ RIGHT_HANDED
    for to_ndc in (perspective(), perspective() @ UNIT_TO_SCREEN):
        with pytest.raises(CameraError, match="principal point"):
            camera_from_exr_matrices(to_camera, look_at() @ to_ndc * -1.0, WIDTH, HEIGHT)


def unusable() -> list[tuple[str, Array, Array]]:
    to_camera, ndc = look_at(), look_at() @ perspective()
    skewed = perspective()
    skewed[1, 0] = 0.1
    oblique = orthographic()
    oblique[2, 0] = 0.1
    elsewhere = look_at(EYE + 0.5, TARGET)
    scaled = np.diag([0.01, 0.01, 0.01, 1.0])
    return [
        ("finite numbers", to_camera[:3], ndc),
        ("finite numbers", to_camera, ndc * np.nan),
        ("transpose", to_camera.T, ndc.T),
        ("scales or shears", to_camera @ scaled, ndc),
        ("scales or shears", np.zeros((4, 4)) + np.diag([0, 0, 0, 1.0]), ndc),
        ("no perspective", to_camera, to_camera @ skewed),
        ("no perspective", to_camera, to_camera @ oblique),
        ("no perspective", elsewhere, ndc),
        ("no perspective", to_camera, np.eye(4) * 0.0),
        ("no perspective", to_camera, np.eye(4)),
        ("no perspective", to_camera, ndc.T),
    ]


@pytest.mark.parametrize(("match", "to_camera", "to_ndc"), unusable())
def test_other_matrices_are_refused(match: str, to_camera: Array, to_ndc: Array) -> None:
    with pytest.raises(CameraError, match=match):
        camera_from_exr_matrices(to_camera, to_ndc, WIDTH, HEIGHT)


def test_random_matrices_make_a_camera_or_an_error() -> None:
    rng = np.random.default_rng(2)
    for _ in range(300):
        with pytest.raises(CameraError):
            camera_from_exr_matrices(rng.normal(size=(4, 4)), rng.normal(size=(4, 4)), 8, 8)


def test_stereo_views_have_matrices_of_their_own(tmp_path: Path) -> None:
    path = str(tmp_path / "stereo.exr")
    cameras = {"left": look_at(EYE - 0.03), "right": look_at(EYE + 0.03)}
    parts = [
        OpenEXR.Part(
            {
                "type": OpenEXR.scanlineimage,
                "compression": OpenEXR.ZIP_COMPRESSION,
                "name": f"Depth-{view}",
                "view": view,
                "worldToCamera": to_camera,
                "worldToNDC": to_camera @ perspective(),
            },
            {"Z": np.ones((9, 16), np.float32)},
            f"Depth-{view}",
        )
        for view, to_camera in cameras.items()
    ]
    OpenEXR.File(parts).write(path)
    info = read_info(path)
    positions = {}
    for view in info.views:
        matrices = info.matrices[view]
        camera: Camera = camera_from_exr_matrices(
            matrices["worldToCamera"], matrices["worldToNDC"], 16, 9
        )
        positions[view] = camera.matrix[:3, 3]
    np.testing.assert_allclose(positions["left"], EYE - 0.03)
    np.testing.assert_allclose(positions["right"], EYE + 0.03)
