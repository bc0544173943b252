"""Picks against the points where their rays meet surfaces that have a formula."""

from __future__ import annotations

import time

import numpy as np
import pytest

from core.cameras import fisheye, panorama
from core.cameras.camera import Camera, Lens
from core.cameras.intrinsics import Intrinsics, Orthographic, Perspective
from core.cameras.stereo import SphericalStereo
from core.depth.image import DepthImage, DepthKind, Window
from core.geometry.locating import Flag, Located, locate
from tests.core.geometry.locate_scenes import (
    Patch,
    Rod,
    Sphere,
    Surface,
    distance_to_surfaces,
    posed,
    random_rotation,
    render,
    seen_points,
)

PLANAR, RAY = DepthKind.PLANAR, DepthKind.RAY
WIDTH, HEIGHT = 160, 120
FRAME = panorama.Frame(WIDTH, HEIGHT)
SPHERE = panorama.Equirectangular(FRAME)
PINHOLE = Perspective(Intrinsics(120.0, 110.0, 83.0, 57.0, WIDTH, HEIGHT))
LENSES: dict[str, tuple[Lens, DepthKind]] = {
    "perspective": (PINHOLE, PLANAR),
    "perspective, ray": (PINHOLE, RAY),
    "orthographic": (Orthographic(Intrinsics(12.0, 13.0, 83.0, 57.0, WIDTH, HEIGHT)), PLANAR),
    "equirectangular": (SPHERE, RAY),
    "cylinder": (panorama.CentralCylindrical(FRAME), RAY),
    "cube face": (panorama.CubeFace(FRAME), RAY),
    "cube face, planar": (panorama.CubeFace(FRAME), PLANAR),
    "equidistant": (fisheye.FisheyeEquidistant(FRAME, 4.0), RAY),
    "equisolid": (fisheye.FisheyeEquisolid(FRAME, 36.0, 27.0, 3.5, 12.0), RAY),
    "polynomial": (fisheye.FisheyePolynomial(FRAME, 36.0, 27.0, 3.0, 0.0, -0.06, -1e-4), RAY),
    "mirror ball": (fisheye.MirrorBall(FRAME), RAY),
    "stereo sphere": (SphericalStereo(SPHERE, 0.1, 3.0, 0.5, 1.0), RAY),
    "stereo perspective": (SphericalStereo(PINHOLE, 0.1, 3.0), PLANAR),
}
every_lens = pytest.mark.parametrize(("lens", "kind"), LENSES.values(), ids=LENSES)


def random_pixels(count: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).uniform(0.0, 1.0, (count, 2)) * (WIDTH, HEIGHT)


def errors_of(
    located: Located, surfaces: list[Surface], camera: Camera, kind: DepthKind, pixels: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return how far picks that are not on edges are from the surfaces that their rays meet.

    As ratios to the depth, and to the uncertainty.
    """
    smooth = located.flags == Flag.NONE
    truth = seen_points(surfaces, camera.rays(pixels[smooth], kind))
    errors = np.linalg.norm(located.points[smooth] - truth, axis=-1)
    return errors / located.depth[smooth], errors / located.uncertainty[smooth]


@every_lens
def test_planes_at_random_slants(lens: Lens, kind: DepthKind) -> None:
    """Planes on all sides of the camera; for half floats, only their rounding remains."""
    for seed in range(3):
        rng, camera = np.random.default_rng(seed), posed(lens, seed)
        walls: list[Surface] = []
        for axis in np.concatenate([np.eye(3), -np.eye(3)]):
            normal = axis + rng.uniform(-0.3, 0.3, 3)
            first = np.cross(normal, [0.3, 0.5, 0.7])
            second = np.cross(normal, first)
            walls.append(Patch(tuple(axis * 5.0), tuple(first * 99.0), tuple(second * 99.0)))
        pixels = random_pixels(3000, seed)
        located = locate(render(walls, camera, kind), camera, pixels)
        assert np.mean(located.flags == Flag.EDGE) < 0.12
        errors, doubted = errors_of(located, walls, camera, kind, pixels)
        assert np.median(errors) < 1e-6
        assert np.percentile(doubted, 99) < 0.1
        located = locate(render(walls, camera, kind, "half"), camera, pixels)
        errors, _ = errors_of(located, walls, camera, kind, pixels)
        assert np.median(errors) < 3e-4


@every_lens
def test_curved_surfaces(lens: Lens, kind: DepthKind) -> None:
    for seed in range(3):
        camera = posed(lens, seed)
        balls: list[Surface] = [Sphere((0.5, -0.5, 0.3), 4.0), Sphere((0.0, 0.0, 0.0), 9.0)]
        if isinstance(lens, Orthographic):  # which sees parallel rays, the camera's plane on
            balls = [Sphere(tuple(camera.matrix[:3, :3] @ (0.0, 0.0, -9.0)), 4.0)]
        pixels = random_pixels(3000, seed)
        located = locate(render(balls, camera, kind), camera, pixels)
        errors, doubted = errors_of(located, balls, camera, kind, pixels)
        assert len(errors) > 1000
        assert np.median(errors) < 1e-5
        assert np.percentile(doubted, 99) < 0.1


def clutter(seed: int) -> list[Surface]:
    """Balls, sticks and boards at all distances before a wall, or before nothing."""
    rng = np.random.default_rng(seed)
    surfaces: list[Surface] = [Sphere((0.0, 0.0, 0.0), 9.0)] if seed % 2 else []
    for number in range(24):
        direction = rng.normal(size=3)
        center = tuple(direction / np.linalg.norm(direction) * rng.uniform(3.0, 8.0))
        if number % 3 == 0:
            surfaces.append(Sphere(center, rng.uniform(0.1, 1.2)))
        elif number % 3 == 1:
            rod = Rod(center, tuple(rng.normal(size=3)), rng.uniform(0.01, 0.15))
            surfaces += [rod] if rod.distance(np.zeros(3)) > 2.5 else []
        else:
            first, second, _ = random_rotation(rng) * rng.uniform(0.2, 2.0, (3, 1))
            surfaces.append(Patch(center, tuple(first), tuple(second)))
    return surfaces


@pytest.mark.parametrize("pixel_type", ["float", "half"])
@every_lens
def test_no_pick_lands_between_two_surfaces(lens: Lens, kind: DepthKind, pixel_type: str) -> None:
    edges = 0
    for seed in range(4):
        camera, surfaces = posed(lens, seed), clutter(seed)
        pixels = random_pixels(8000, seed)
        image = render(surfaces, camera, kind, pixel_type)
        located = locate(image, camera, pixels)
        found = located.flags <= Flag.EDGE
        away = distance_to_surfaces(surfaces, located.points[found])
        # A pick on an edge has the depth of a pixel's center, less than a diagonal's half beside.
        assert (away <= located.footprint[found] + 4.0 * located.precision[found]).all()
        edges += np.count_nonzero(located.flags == Flag.EDGE)
    assert edges > 1000


@every_lens
def test_points_lie_on_the_picks_rays_at_their_depth(lens: Lens, kind: DepthKind) -> None:
    camera, surfaces, pixels = posed(lens, 1), clutter(1), random_pixels(2000)
    located = locate(render(surfaces, camera, kind), camera, pixels)
    found = located.flags <= Flag.EDGE
    if not isinstance(lens, SphericalStereo):  # whose projection has no point for each ray
        back = camera.project(located.points[found])
        np.testing.assert_allclose(back, pixels[found], rtol=0.0, atol=1e-6)
    if kind is PLANAR:
        in_camera = (located.points - camera.matrix[:3, 3]) @ camera.matrix[:3, :3]
        np.testing.assert_allclose(-in_camera[found, 2], located.depth[found])
    else:
        lengths = np.linalg.norm(located.points - camera.matrix[:3, 3], axis=-1)
        np.testing.assert_allclose(lengths[found], located.depth[found])


def test_a_grazing_floor_is_no_edge() -> None:
    camera = Camera(PINHOLE, np.eye(4))
    floor: list[Surface] = [Patch((0.0, -1.0, 0.0), (1e4, 0.0, 0.0), (0.0, 0.0, 1e4))]
    horizon = 57.0
    pixels = np.random.default_rng(0).uniform((1, horizon + 2), (WIDTH - 1, 119), (4000, 2))
    located = locate(render(floor, camera, PLANAR), camera, pixels)
    assert (located.flags == Flag.NONE)[pixels[:, 1] > horizon + 4.0].all()
    errors, _ = errors_of(located, floor, camera, PLANAR, pixels)
    assert errors.max() < 1e-5
    assert located.depth.max() > 40.0  # where a pixel is 20 units deep


def test_the_rounding_of_half_floats_is_no_edge() -> None:
    """Here a pixel is 0.005 units wide and the stored numbers are 0.0078 apart."""
    camera = Camera(PINHOLE.resized(16 * WIDTH, 16 * HEIGHT).cropped(900, 900, 160, 120), np.eye(4))
    wall: list[Surface] = [Patch((0.0, 0.0, -9.5), (99.0, 0.0, 30.0), (0.0, 99.0, 0.0))]
    pixels = np.random.default_rng(0).uniform((1.0, 1.0), (159.0, 119.0), (4000, 2))
    located = locate(render(wall, camera, PLANAR, "half"), camera, pixels)
    assert (located.flags == Flag.NONE).all()
    _, doubted = errors_of(located, wall, camera, PLANAR, pixels)
    assert doubted.max() < 1.6  # which is how much a cubic in both directions widens a rounding


def test_facets_that_bend_little_are_one_surface() -> None:
    camera = Camera(PINHOLE, np.eye(4))
    facets: list[Surface] = []
    for turn in np.arange(-40, 41, 8):
        a, half = np.radians(turn), 2.0 * np.tan(np.radians(4.0))
        center = (2.0 * np.sin(a), 0.0, 2.0 * np.cos(a) - 6.0)
        facets.append(Patch(center, (half * np.cos(a), 0, -half * np.sin(a)), (0, 9, 0)))
    pixels = np.random.default_rng(0).uniform((60.0, 5.0), (106.0, 115.0), (4000, 2))
    located = locate(render(facets, camera, PLANAR), camera, pixels)
    assert (located.flags == Flag.NONE).all()
    _, doubted = errors_of(located, facets, camera, PLANAR, pixels)
    assert doubted.max() < 0.1


@pytest.mark.parametrize("window", [Window(20, 30, 60, 50), Window(-9, -7, 190, 140)])
@pytest.mark.parametrize("name", ["perspective", "equirectangular"])
def test_data_windows(name: str, window: Window) -> None:
    lens, kind = LENSES[name]
    camera, pixels = posed(lens, 2), random_pixels(3000)
    balls: list[Surface] = [Sphere((0.0, 0.0, 0.0), 5.0)]
    image = render(balls, camera, kind, window=window)
    located = locate(image, camera, pixels)
    left_top = np.array([window.x, window.y])
    right_bottom = np.array([window.x + window.width, window.y + window.height])
    stored = np.all((pixels >= left_top) & (pixels < right_bottom), axis=-1)
    inner = np.all((pixels > left_top + 0.5) & (pixels < right_bottom - 0.5), axis=-1)
    np.testing.assert_array_equal(located.flags == Flag.NO_HIT, ~stored)
    assert (located.flags[inner] == Flag.NONE).all()
    errors, _ = errors_of(located, balls, camera, kind, pixels)
    assert np.median(errors) < 1e-6


def test_order_and_blocks_do_not_matter() -> None:
    camera, surfaces = posed(PINHOLE, 1), clutter(1)
    image, pixels = render(surfaces, camera, PLANAR), random_pixels(20_000)
    whole, some = locate(image, camera, pixels), slice(8000, 9000)
    alone = locate(image, camera, pixels[some])
    for name in ("points", "depth", "footprint", "precision", "flags"):
        np.testing.assert_array_equal(getattr(whole, name)[some], getattr(alone, name))


def test_a_million_picks_take_about_a_second() -> None:
    """The bar is one second on two free cores; four leave room for a machine under load."""
    camera = Camera(Perspective(Intrinsics(3e3, 3e3, 1920.0, 1080.0, 3840, 2160)), np.eye(4))
    image = DepthImage.from_array(np.full((2160, 3840), 4.0, np.float32), PLANAR)
    pixels = np.random.default_rng(0).uniform(0.0, 1.0, (1_000_000, 2)) * (3840.0, 2160.0)
    start = time.perf_counter()
    locate(image, camera, pixels)
    assert time.perf_counter() - start < 4.0
