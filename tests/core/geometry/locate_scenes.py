"""Scenes of surfaces that have a formula: where rays meet them, and how far points are off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.cameras.camera import Camera, Lens, Rays
from core.depth.image import DepthImage, DepthKind, PixelType, Window

NO_HIT = 1e10


@dataclass(frozen=True)
class Sphere:
    center: tuple[float, float, float]
    radius: float

    def hits(self, rays: Rays) -> np.ndarray:
        """Factors of the rays' directions, ascending, shape (..., 2)."""
        return roots_of_sphere(rays.origins - self.center, rays.directions, self.radius)

    def distance(self, points: np.ndarray) -> np.ndarray:
        return np.abs(np.linalg.norm(points - self.center, axis=-1) - self.radius)


@dataclass(frozen=True)
class Rod:
    """An endless cylinder."""

    center: tuple[float, float, float]
    axis: tuple[float, float, float]
    radius: float

    def _across(self, vectors: np.ndarray) -> np.ndarray:
        axis = np.array(self.axis) / np.linalg.norm(self.axis)
        return vectors - (vectors @ axis)[..., None] * axis

    def hits(self, rays: Rays) -> np.ndarray:
        start, direction = rays.origins - self.center, rays.directions
        return roots_of_sphere(self._across(start), self._across(direction), self.radius)

    def distance(self, points: np.ndarray) -> np.ndarray:
        across = self._across(points - self.center)
        return np.abs(np.linalg.norm(across, axis=-1) - self.radius)


@dataclass(frozen=True)
class Patch:
    """A rectangle, by its center and its two half sides at right angles."""

    center: tuple[float, float, float]
    first: tuple[float, float, float]
    second: tuple[float, float, float]

    def hits(self, rays: Rays) -> np.ndarray:
        normal = np.cross(self.first, self.second)
        with np.errstate(divide="ignore", invalid="ignore"):
            factor = ((self.center - rays.origins) @ normal) / (rays.directions @ normal)
            points = rays.origins + factor[..., None] * rays.directions
            inside = (np.abs(self._place(points)) <= 1.0).all(axis=-1)
        return np.where(inside, factor, np.nan)[..., None]

    def _place(self, points: np.ndarray) -> np.ndarray:
        sides = np.array([self.first, self.second])
        return (points - self.center) @ (sides / np.sum(sides**2, axis=-1, keepdims=True)).T

    def distance(self, points: np.ndarray) -> np.ndarray:
        nearest = np.clip(self._place(points), -1.0, 1.0) @ np.array([self.first, self.second])
        return np.linalg.norm(points - self.center - nearest, axis=-1)


Surface = Sphere | Rod | Patch


def roots_of_sphere(start: np.ndarray, direction: np.ndarray, radius: float) -> np.ndarray:
    with np.errstate(divide="ignore", invalid="ignore"):
        a = np.sum(direction**2, axis=-1)
        half = np.sum(start * direction, axis=-1)
        root = np.sqrt(half**2 - a * (np.sum(start**2, axis=-1) - radius**2))
        return np.stack([(-half - root) / a, (-half + root) / a], axis=-1)


def seen_points(surfaces: Sequence[Surface], rays: Rays) -> np.ndarray:
    """The first points that rays meet, shape (..., 3); NaN where there is none."""
    factors = np.concatenate([surface.hits(rays) for surface in surfaces], axis=-1)
    first = np.where(factors > 1e-6, factors, np.inf).min(axis=-1)
    first = np.where(np.isfinite(first), first, np.nan)
    return rays.origins + first[..., None] * rays.directions


def distance_to_surfaces(surfaces: Sequence[Surface], points: np.ndarray) -> np.ndarray:
    """Distance of points from the nearest surface, seen or not."""
    return np.min([surface.distance(points) for surface in surfaces], axis=0)


def depth_of(camera: Camera, rays: Rays, points: np.ndarray, kind: DepthKind) -> np.ndarray:
    """Depth of points on rays as Cycles measures it."""
    if kind is DepthKind.PLANAR:
        back = camera.matrix[:3, 2]
        return (camera.matrix[:3, 3] - points) @ back / (back @ back)
    start = rays.origins if rays.center is None else rays.center
    return np.linalg.norm(points - start, axis=-1)


def render(
    surfaces: Sequence[Surface],
    camera: Camera,
    kind: DepthKind,
    pixel_type: PixelType = "float",
    window: Window | None = None,
) -> DepthImage:
    """Depth of the pixels' centers, rounded as a file stores it."""
    size = camera.lens.width, camera.lens.height
    window = window or Window(0, 0, *size)
    columns = np.arange(window.width) + (window.x + 0.5)
    rows = np.arange(window.height) + (window.y + 0.5)
    rays = camera.rays(np.stack(np.meshgrid(columns, rows), axis=-1), kind)
    depth = depth_of(camera, rays, seen_points(surfaces, rays), kind)
    stored = np.where(np.isfinite(depth), depth, NO_HIT if pixel_type == "float" else np.inf)
    array = stored.astype(np.float16 if pixel_type == "half" else np.float32)
    return DepthImage.from_array(array, kind, window=window, size=size)


def random_rotation(rng: np.random.Generator) -> np.ndarray:
    axes, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    return axes * np.linalg.det(axes)


def posed(lens: Lens, seed: int) -> Camera:
    rng = np.random.default_rng(seed)
    matrix = np.eye(4)
    matrix[:3, :3], matrix[:3, 3] = random_rotation(rng), rng.uniform(-1.0, 1.0, 3)
    return Camera(lens, matrix)
