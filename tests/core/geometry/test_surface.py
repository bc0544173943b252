"""Surfaces and normals of images whose true surface is known by formula."""

from __future__ import annotations

import math

import numpy as np
import pytest

from core.cameras.camera import Camera, Lens
from core.cameras.fisheye import FisheyeEquidistant, MirrorBall
from core.cameras.intrinsics import Intrinsics, Orthographic, Perspective
from core.cameras.panorama import CentralCylindrical, CubeFace, Equirectangular, Frame
from core.cameras.viewpoint import Viewpoint
from core.depth.image import DepthImage, DepthKind, Window
from core.depth.thinning import thin
from core.errors import DepthError
from core.geometry.backprojection import PointCloud, backproject
from core.geometry.continuity import Continuity
from core.geometry.surface import Surface, surface_of

WIDTH, HEIGHT = 40, 30
INTRINSICS = Intrinsics(36.0, 36.0, 19.0, 16.0, WIDTH, HEIGHT)
FRAME = Frame(WIDTH, HEIGHT)
LENSES: list[Lens] = [
    Perspective(INTRINSICS),
    Orthographic(INTRINSICS),
    Equirectangular(FRAME, longitude_min=-1.0, longitude_max=1.5, latitude_min=-1, latitude_max=1),
    Equirectangular(FRAME),
    CentralCylindrical(FRAME),
    CubeFace(FRAME),
    FisheyeEquidistant(FRAME, fov=3.0),
    MirrorBall(FRAME),
]
MATRICES = {"turned": np.eye(4), "mirrored": np.diag([-1.0, 1.0, 1.0, 1.0])}
for _matrix in MATRICES.values():
    _turn = np.linalg.qr(np.random.default_rng(3).normal(size=(3, 3)))[0]
    _matrix[:3, :3] = _turn * np.linalg.det(_turn) @ _matrix[:3, :3]
    _matrix[:3, 3] = (4.0, -7.0, 2.0)


def rays_of(camera: Camera) -> tuple[np.ndarray, np.ndarray]:
    columns, rows = np.meshgrid(np.arange(WIDTH) + 0.5, np.arange(HEIGHT) + 0.5)
    rays = camera.rays(np.stack([columns, rows], axis=-1), DepthKind.RAY)
    return rays.origins, rays.directions


def seen(values: np.ndarray, pixel_type: str = "float") -> DepthImage:
    return DepthImage.from_array(values, DepthKind.RAY, pixel_type=pixel_type)


def plane_depth(camera: Camera, normal: np.ndarray, offset: float) -> np.ndarray:
    """Distance along the rays to the plane of `normal` at `offset` from the camera."""
    origins, directions = rays_of(camera)
    with np.errstate(invalid="ignore", divide="ignore"):
        depth = (offset - (origins - camera.matrix[:3, 3]) @ normal) / (directions @ normal)
    return np.where(depth > 0.0, depth, np.inf)


def surface_from(depth: DepthImage, camera: Camera, **continuity: object) -> Surface:
    return surface_of(backproject(depth, camera), Viewpoint.of(camera), Continuity(**continuity))


def check(surface: Surface) -> None:
    """Check that the arrays agree with each other, as Blender's `Mesh.validate` does."""
    count = len(surface.cloud.points)
    assert surface.cloud.points.dtype == np.float32
    assert len(surface.cloud.selection.pixels()) == count
    for array in (surface.corners, surface.corner_edges, surface.edges):
        assert array.dtype == np.int32
        assert array.size == 0 or array.min() >= 0
    assert np.array_equal(np.unique(surface.corners), np.arange(count))
    assert np.array_equal(np.unique(surface.corner_edges), np.arange(len(surface.edges)))
    assert len(np.unique(np.sort(surface.edges, axis=1), axis=0)) == len(surface.edges)
    start = 0
    for faces in (surface.quads, surface.triangles):
        edges = surface.corner_edges[start : start + faces.size].reshape(faces.shape)
        start += faces.size
        ends = np.sort(np.stack([faces, np.roll(faces, -1, axis=1)], axis=-1), axis=-1)
        assert np.array_equal(np.sort(surface.edges[edges], axis=-1), ends)


def facing(surface: Surface, camera: Camera) -> np.ndarray:
    """Return the cosines between the normals of faces and the directions to the camera."""
    corners = np.concatenate([surface.quads[:, [0, 1, 3]], surface.triangles])
    points = surface.cloud.points[corners].astype(np.float64)
    normals = np.cross(points[:, 1] - points[:, 0], points[:, 2] - points[:, 0])
    pixels = surface.cloud.selection.pixels()[corners[:, 0]] + 0.5
    toward = -camera.rays(pixels, DepthKind.RAY).directions
    return np.sum(normals * toward, axis=1) / np.linalg.norm(normals, axis=1)


@pytest.mark.parametrize("matrix", MATRICES)
@pytest.mark.parametrize("lens", LENSES, ids=lambda lens: type(lens).__name__)
def test_faces_look_at_the_camera(lens: Lens, matrix: str) -> None:
    camera = Camera(lens, MATRICES[matrix])
    surface = surface_from(seen(np.full((HEIGHT, WIDTH), 5.0)), camera)
    check(surface)
    assert surface.quad_count > 500
    assert facing(surface, camera).min() > 0.2  # at the rim of a mirror ball


@pytest.mark.parametrize("matrix", MATRICES)
def test_faces_beyond_the_pole_of_a_shifted_panorama_look_at_the_camera(matrix: str) -> None:
    """Beyond it, the image continues the other way around; its rows cross at the pole itself."""
    frame = Frame(WIDTH, HEIGHT, bottom=-0.2, top=0.8)
    camera = Camera(Equirectangular(frame), MATRICES[matrix])
    surface = surface_from(seen(np.full((HEIGHT, WIDTH), 5.0)), camera)
    check(surface)
    assert len(surface.triangles) == 0
    rows = surface.cloud.selection.pixels()[surface.quads[:, 0], 1]
    beyond, crossing = rows > 0.8 * HEIGHT - 1, rows == 0.8 * HEIGHT - 1
    assert beyond.sum() == 5 * WIDTH
    assert facing(surface, camera)[~crossing].min() > 0.9


def test_a_full_image_is_all_quads() -> None:
    camera = Camera(Perspective(INTRINSICS), np.eye(4))
    surface = surface_from(seen(np.full((HEIGHT, WIDTH), 5.0)), camera)
    assert surface.quads.shape == ((WIDTH - 1) * (HEIGHT - 1), 4)
    assert len(surface.triangles) == 0
    assert surface.quads[0].tolist() == [0, WIDTH, WIDTH + 1, 1]
    assert len(surface.edges) == WIDTH * (HEIGHT - 1) + HEIGHT * (WIDTH - 1)


@pytest.mark.parametrize("corner", [(0, 0), (0, 1), (1, 0), (1, 1)])
def test_a_missing_corner_leaves_a_triangle(corner: tuple[int, int]) -> None:
    camera = Camera(Perspective(Intrinsics(2.0, 2.0, 1.0, 1.0, 2, 2)), np.eye(4))
    values = np.full((2, 2), 5.0)
    values[corner] = np.inf
    surface = surface_from(DepthImage.from_array(values, DepthKind.PLANAR), camera)
    check(surface)
    assert len(surface.quads) == 0
    assert np.sort(surface.triangles).tolist() == [[0, 1, 2]]
    assert facing(surface, camera).min() > 0.0


def test_holes_leave_out_points_that_no_face_uses() -> None:
    camera = Camera(Perspective(INTRINSICS), np.eye(4))
    rng = np.random.default_rng(5)
    values = np.where(rng.random((HEIGHT, WIDTH)) < 0.5, 5.0, np.inf)
    values[:3, :3] = np.inf
    values[1, 1] = 5.0
    depth = seen(values)
    surface = surface_from(depth, camera)
    check(surface)
    assert [1, 1] not in surface.cloud.selection.pixels().tolist()
    cells = np.lib.stride_tricks.sliding_window_view(depth.valid, (2, 2)).sum(axis=(2, 3))
    assert len(surface.quads) == np.sum(cells == 4)
    assert len(surface.triangles) == np.sum(cells == 3)
    assert facing(surface, camera).min() > 0.0


@pytest.mark.parametrize("angle", [0.0, 60.0, 80.0, 84.0, 86.0, 88.0, 89.5])
@pytest.mark.parametrize("lens", LENSES[:2], ids=lambda lens: type(lens).__name__)
def test_planes_are_joined_however_steep(lens: Lens, angle: float) -> None:
    camera = Camera(lens, MATRICES["turned"])
    tilt = math.radians(angle)
    normal = camera.matrix[:3, :3] @ (0.0, math.sin(tilt), math.cos(tilt))
    depth = plane_depth(camera, normal, -3.0 if angle < 89 else -0.5)
    surface = surface_from(seen(depth), camera)
    check(surface)
    hits = np.isfinite(depth)
    cells = np.lib.stride_tricks.sliding_window_view(hits, (2, 2)).all(axis=(2, 3)).sum()
    assert cells > 300
    assert len(surface.quads) >= 0.99 * cells
    assert len(surface.cloud.points) >= 0.99 * hits.sum()


def steps(tangent: float) -> tuple[DepthImage, Camera]:
    """Two flat halves, a step of so many pixel widths apart."""
    camera = Camera(Orthographic(INTRINSICS), np.eye(4))
    values = np.full((HEIGHT, WIDTH), 5.0)
    values[:, 17:] += tangent / INTRINSICS.fx
    return DepthImage.from_array(values, DepthKind.PLANAR), camera


def test_a_jump_between_flat_surfaces_is_cut() -> None:
    joined, cut = surface_from(*steps(5.0)), surface_from(*steps(7.0))
    check(cut)
    assert len(joined.quads) - len(cut.quads) == HEIGHT - 1
    assert len(surface_from(*steps(5.0), max_incidence=math.radians(75.0)).quads) == len(cut.quads)
    assert len(surface_from(*steps(5.0), max_jump=4.0 / INTRINSICS.fx).quads) == len(cut.quads)
    assert len(surface_from(*steps(5.0), max_jump=6.0 / INTRINSICS.fx).quads) == len(joined.quads)


def test_rounding_of_half_is_no_jump() -> None:
    lens = Perspective(Intrinsics(36000.0, 36000.0, 20.0, 15.0, WIDTH, HEIGHT))
    camera = Camera(lens, np.eye(4))
    normal = np.array([0.0, math.sin(1.2), math.cos(1.2)])
    stored = plane_depth(camera, normal, -3.0).astype(np.float16).astype(np.float32)
    assert len(np.unique(stored)) > 1
    surface = surface_from(seen(stored, "half"), camera, pixel_type="half")
    assert len(surface.quads) == (WIDTH - 1) * (HEIGHT - 1)
    assert len(surface_from(seen(stored), camera).quads) < len(surface.quads)


@pytest.mark.parametrize("stride", [2, 3, 7])
def test_a_thinned_image_is_joined_at_its_stride(stride: int) -> None:
    camera = Camera(Perspective(INTRINSICS), np.eye(4))
    depth = thin(seen(np.full((HEIGHT, WIDTH), 5.0)), stride)
    surface = surface_from(depth, camera)
    check(surface)
    rows, columns = math.ceil(HEIGHT / stride), math.ceil(WIDTH / stride)
    assert surface.quads.shape == ((rows - 1) * (columns - 1), 4)


@pytest.mark.parametrize("lens", [Equirectangular(FRAME), CentralCylindrical(FRAME)])
@pytest.mark.parametrize("stride", [1, 3])
def test_whole_turns_close_across_the_border(lens: Lens, stride: int) -> None:
    camera = Camera(lens, MATRICES["turned"])
    depth = thin(seen(np.full((HEIGHT, WIDTH), 5.0)), stride)
    surface = surface_from(depth, camera)
    check(surface)
    rows, columns = math.ceil(HEIGHT / stride), math.ceil(WIDTH / stride)
    assert surface.quads.shape == ((rows - 1) * columns, 4)
    assert facing(surface, camera).min() > 0.0
    # Each edge but those of the upper and lower border belongs to two faces.
    assert np.sum(np.bincount(surface.corner_edges) == 1) == 2 * columns
    narrow = surface_from(depth.within(near=1.0), Camera(LENSES[2], np.eye(4)))
    assert narrow.quads.shape == ((rows - 1) * (columns - 1), 4)


def test_part_of_a_whole_turn_stays_open() -> None:
    """A data window that leaves out the right half of the image."""
    camera = Camera(Equirectangular(FRAME), MATRICES["turned"])
    window = Window(0, 0, WIDTH // 2, HEIGHT)
    depth = DepthImage.from_array(
        np.full((HEIGHT, WIDTH // 2), 5.0), DepthKind.RAY, window=window, size=(WIDTH, HEIGHT)
    )
    surface = surface_from(depth, camera)
    check(surface)
    assert surface.quads.shape == ((HEIGHT - 1) * (WIDTH // 2 - 1), 4)
    two_columns = surface_from(thin(seen(np.full((HEIGHT, WIDTH), 5.0)), WIDTH // 2), camera)
    check(two_columns)


@pytest.mark.parametrize("lens", [Equirectangular(FRAME), CentralCylindrical(FRAME)])
@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (9, 1), (2, 2), (3, 2)])
def test_the_smallest_images(lens: Lens, shape: tuple[int, int]) -> None:
    height, width = shape
    planar = Orthographic(Intrinsics(3.0, 3.0, width / 2, height / 2, width, height))
    for each in (planar, lens.resized(width, height)):
        surface = surface_from(seen(np.full(shape, 5.0)), Camera(each, np.eye(4)))
        check(surface)
        assert (len(surface.corners) > 0) == (min(shape) > 1)


def test_no_faces() -> None:
    camera = Camera(Perspective(INTRINSICS), np.eye(4))
    values = np.full((HEIGHT, WIDTH), np.inf)
    values[3, 3] = values[9, 20] = 5.0
    surface = surface_from(seen(values), camera)
    check(surface)
    assert len(surface.cloud.points) == surface.quad_count == len(surface.edges) == 0


@pytest.mark.parametrize(
    ("continuity", "message"),
    [
        ({"max_incidence": 0.0}, "grazing angle is 0 degrees"),
        ({"max_incidence": 2.0}, "at most 90"),
        ({"max_jump": 0.0}, "greatest jump is 0"),
        ({"max_jump": math.nan}, "greatest jump is nan"),
    ],
)
def test_wrong_numbers(continuity: dict[str, float], message: str) -> None:
    with pytest.raises(DepthError, match=message):
        Continuity(**continuity)


def test_points_of_no_ray_grid() -> None:
    """Blocks end inside the image: tall images meet their borders."""
    camera = Camera(Orthographic(Intrinsics(9.0, 9.0, 200.0, 500.0, 400, 1000)), np.eye(4))
    values = np.full((1000, 400), 5.0)
    values[np.random.default_rng(1).random(values.shape) < 0.02] = np.inf
    depth = DepthImage.from_array(values, DepthKind.PLANAR)
    surface = surface_from(depth, camera)
    check(surface)
    cells = np.lib.stride_tricks.sliding_window_view(depth.valid, (2, 2)).sum(axis=(2, 3))
    assert len(surface.quads) == np.sum(cells == 4)
    assert len(surface.triangles) == np.sum(cells == 3)
    assert isinstance(surface.cloud, PointCloud)
