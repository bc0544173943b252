"""Scenes and cameras with formulas of their own: what rays hit, and what each pixel sees.

Nothing here uses the product's rays or back-projection; only the cameras that are handed to the
check are the product's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from core.cameras.camera import Camera
from core.cameras.fisheye import FisheyeEquidistant
from core.cameras.intrinsics import Intrinsics, Orthographic, Perspective
from core.cameras.panorama import Equirectangular, Frame
from core.depth.image import DepthImage, DepthKind

NO_HIT = 1e10
Array = np.ndarray


# What rays hit


@dataclass(frozen=True)
class Ellipsoid:
    center: tuple[float, float, float]
    radii: tuple[float, float, float]
    turn: float = 0.0

    def factors(self, origins: Array, directions: Array) -> Array:
        turn = turned(self.turn)
        o = ((origins - self.center) @ turn) / self.radii
        d = (directions @ turn) / self.radii
        a, b = np.sum(d * d, axis=-1), np.sum(o * d, axis=-1)
        with np.errstate(invalid="ignore"):
            root = np.sqrt(b * b - a * (np.sum(o * o, axis=-1) - 1.0))
        return nearest_of(((-b - root) / a), ((-b + root) / a))


@dataclass(frozen=True)
class Box:
    """Turned about the vertical; seen from the inside too."""

    center: tuple[float, float, float]
    half: tuple[float, float, float]
    turn: float = 0.0

    def factors(self, origins: Array, directions: Array) -> Array:
        turn = turned(self.turn)
        o, d = (origins - self.center) @ turn, directions @ turn
        with np.errstate(divide="ignore", invalid="ignore"):
            first, second = (-o - self.half) / d, (-o + self.half) / d
        near = np.fmin(first, second).max(axis=-1)
        far = np.fmax(first, second).min(axis=-1)
        hit = near <= far
        return nearest_of(np.where(hit, near, np.nan), np.where(hit, far, np.nan))


@dataclass(frozen=True)
class Floor:
    height: float = 0.0

    def factors(self, origins: Array, directions: Array) -> Array:
        with np.errstate(divide="ignore", invalid="ignore"):
            factor = (self.height - origins[..., 2]) / directions[..., 2]
        return nearest_of(factor, factor)


@dataclass(frozen=True)
class Wall:
    """An endless plane at right angles to Y."""

    y: float

    def factors(self, origins: Array, directions: Array) -> Array:
        with np.errstate(divide="ignore", invalid="ignore"):
            factor = (self.y - origins[..., 1]) / directions[..., 1]
        return nearest_of(factor, factor)


@dataclass(frozen=True)
class Rod:
    """A cylinder without ends from one point to another."""

    start: tuple[float, float, float]
    end: tuple[float, float, float]
    radius: float

    def factors(self, origins: Array, directions: Array) -> Array:
        along = np.subtract(self.end, self.start)
        length = np.linalg.norm(along)
        axis = along / length
        o = origins - self.start
        across_o = o - (o @ axis)[..., None] * axis
        across_d = directions - (directions @ axis)[..., None] * axis
        a, b = np.sum(across_d**2, axis=-1), np.sum(across_o * across_d, axis=-1)
        with np.errstate(invalid="ignore", divide="ignore"):
            root = np.sqrt(b * b - a * (np.sum(across_o**2, axis=-1) - self.radius**2))
            factors = (-b - root) / a
            place = (o + factors[..., None] * directions) @ axis
            inside = (place >= 0.0) & (place <= length)
        return nearest_of(*[np.where(inside, factors, np.nan)] * 2)


Shape = Ellipsoid | Box | Floor | Wall | Rod


def turned(angle: float) -> Array:
    c, s = np.cos(angle), np.sin(angle)
    return np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])


def nearest_of(first: Array, second: Array) -> Array:
    with np.errstate(invalid="ignore"):
        return np.where(first > 1e-6, first, np.where(second > 1e-6, second, np.inf))


@dataclass(frozen=True)
class Scene:
    name: str
    shapes: tuple[Shape, ...]
    target: tuple[float, float, float]
    distance: float
    names: tuple[str, ...] = ()
    scale: float = 1.0

    def hits(self, origins: Array, directions: Array) -> tuple[Array, Array]:
        """Points, NaN where nothing is hit, and the index of the shape."""
        best = np.full(len(origins), np.inf)
        which = np.full(len(origins), -1)
        for index, shape in enumerate(self.shapes):
            factor = shape.factors(origins, directions)
            nearer = factor < best
            best[nearer], which[nearer] = factor[nearer], index
        best[~np.isfinite(best)] = np.nan
        return origins + best[:, None] * directions, which

    def cast(self, origins: Array, directions: Array) -> Array:
        return self.hits(origins, directions)[0]

    def without(self, *indices: int) -> Scene:
        return replace(self, shapes=tuple(s for i, s in enumerate(self.shapes) if i not in indices))


def clutter(seed: int, count: int, reach: float) -> list[Shape]:
    rng = np.random.default_rng(seed)
    shapes: list[Shape] = []
    for _ in range(count):
        x, y = rng.uniform(-reach, reach, 2)
        size = rng.uniform(0.12, 0.6)
        if rng.random() < 0.5:
            half = size * rng.uniform(0.4, 1.0, 3)
            shapes.append(Box((x, y, half[2]), tuple(half), rng.uniform(0, 3)))
        else:
            radii = size * rng.uniform(0.5, 1.0, 3)
            shapes.append(Ellipsoid((x, y, radii[2]), tuple(radii), rng.uniform(0, 3)))
    return shapes


ROOM = Scene(
    "room",
    (
        Box((0.0, 0.0, 1.5), (3.6, 3.1, 1.5), 0.1),
        Box((0.9, 1.2, 0.4), (0.7, 0.45, 0.4), 0.4),
        Box((-2.2, 2.2, 0.9), (0.4, 0.5, 0.9), 0.1),
        Ellipsoid((-0.6, 0.4, 0.5), (0.5, 0.5, 0.5)),
        Ellipsoid((1.1, 1.2, 1.0), (0.2, 0.3, 0.2), 0.5),
        Box((2.3, -0.4, 0.5), (0.3, 0.8, 0.5), -0.3),
    ),
    (0.1, 0.9, 0.9),
    2.6,
)
OPEN = Scene(
    "open floor",
    (
        Floor(),
        Box((0.4, 1.0, 0.5), (0.4, 0.6, 0.5), 0.5),
        Ellipsoid((-1.3, 0.2, 0.6), (0.6, 0.5, 0.6), 0.2),
        Box((1.8, 3.5, 1.2), (0.8, 0.5, 1.2), -0.4),
        Ellipsoid((-3.5, 6.0, 1.1), (1.4, 1.0, 1.1), 0.2),
        Box((6.0, 14.0, 2.0), (2.0, 1.0, 2.0), 0.3),
    ),
    (0.0, 0.8, 0.6),
    4.5,
)
RODS = Scene(
    "thin rods",
    (
        Floor(),
        Wall(4.0),
        *(
            Rod((x, y, 0.0), (x + lean, y + 0.3 * lean, 2.4), 0.03)
            for x, y, lean in np.random.default_rng(5).uniform(
                [-2.2, -1.0, -0.5], [2.2, 2.5, 0.5], (26, 3)
            )
        ),
        *(
            Rod((-2.5, y, z), (2.5, y + 0.4, z + 0.3), 0.025)
            for y, z in np.random.default_rng(6).uniform([0.0, 0.4], [2.5, 2.2], (7, 2))
        ),
        Box((1.2, 1.5, 0.3), (0.5, 0.4, 0.3), 0.5),
    ),
    (0.1, 1.0, 0.9),
    4.2,
)
SMOOTH = Scene(
    "one smooth object",
    (Ellipsoid((0.1, 0.2, 0.9), (1.6, 0.8, 1.0), 0.6),),
    (0.0, 0.1, 0.9),
    3.6,
)
CLUTTER = Scene("clutter", (Floor(), *clutter(3, 36, 2.6)), (0.1, 0.4, 0.2), 5.0)
SCENES = (ROOM, OPEN, RODS, SMOOTH, CLUTTER)


# What cameras see


@dataclass(frozen=True)
class View:
    """A camera by its numbers, with rays by formulas of its own.

    `zoom` multiplies the focal length (ortho: 1 / scale, panoramas: 1 / angle); `window` is left,
    top, width, height of what is shown of the image, which all pixels are spread over.
    """

    name: str
    width: int
    height: int
    matrix: Array
    focal: float = 0.0
    shift: tuple[float, float] = (0.0, 0.0)
    zoom: float = 1.0
    window: tuple[float, float, float, float] | None = None

    @property
    def kind(self) -> DepthKind:
        panoramic = self.name in ("equirectangular", "fisheye")
        return DepthKind.RAY if panoramic else DepthKind.PLANAR

    def local(self, pixels: Array) -> tuple[Array, Array]:
        """Origins and unit directions in camera space of pixels, shape (N, 2)."""
        left, top, width, height = self.window or (0.0, 0.0, self.width, self.height)
        x = left + pixels[:, 0] * width / self.width
        y = top + pixels[:, 1] * height / self.height
        zero = np.zeros_like(x)
        right = (x - self.width / 2.0 - self.shift[0]) / (self.focal * self.zoom or 1.0)
        up = -(y - self.height / 2.0 - self.shift[1]) / (self.focal * self.zoom or 1.0)
        if self.name == "orthographic":
            return np.stack([right, up, zero], -1), np.stack([zero, zero, zero - 1.0], -1)
        if self.name == "equirectangular":
            longitude = (x / self.width - 0.5) * 2.0 * np.pi / self.zoom
            latitude = (0.5 - y / self.height) * np.pi / self.zoom
            level = np.cos(latitude)
            directions = np.stack(
                [level * np.sin(longitude), np.sin(latitude), -level * np.cos(longitude)], -1
            )
        elif self.name == "fisheye":
            u, v = 2.0 * x / self.width - 1.0, 1.0 - 2.0 * y / self.height
            radius = np.hypot(u, v)
            angle = radius * np.radians(170.0) / 2.0 / self.zoom
            around = np.arctan2(v, u)
            directions = np.stack(
                [np.sin(angle) * np.cos(around), np.sin(angle) * np.sin(around), -np.cos(angle)],
                -1,
            )
            directions[radius > 1.0] = np.nan
        else:
            directions = np.stack([right, up, zero - 1.0], -1)
            directions /= np.linalg.norm(directions, axis=-1, keepdims=True)
        return np.zeros_like(directions), directions

    def rays(self, pixels: Array) -> tuple[Array, Array]:
        origins, directions = self.local(pixels)
        axes = self.matrix[:3, :3].T
        return origins @ axes + self.matrix[:3, 3], directions @ axes

    def depth(self, points: Array, kind: DepthKind | None = None) -> Array:
        offset = points - self.matrix[:3, 3]
        if (kind or self.kind) is DepthKind.RAY:
            return np.linalg.norm(offset, axis=-1)
        return -offset @ self.matrix[:3, 2]

    @property
    def camera(self) -> Camera:
        """The product's camera of the same numbers, without `window`."""
        assert self.window is None
        size = self.width, self.height
        if self.name == "equirectangular":
            lens = Equirectangular(
                Frame(*size),
                -np.pi / self.zoom,
                np.pi / self.zoom,
                -np.pi / 2 / self.zoom,
                np.pi / 2 / self.zoom,
            )
            return Camera(lens, self.matrix)
        if self.name == "fisheye":
            return Camera(
                FisheyeEquidistant(Frame(*size), np.radians(170.0) / self.zoom), self.matrix
            )
        f = self.focal * self.zoom
        center = self.width / 2.0 + self.shift[0], self.height / 2.0 + self.shift[1]
        intrinsics = Intrinsics(f, f, *center, *size)
        orthographic = self.name == "orthographic"
        return Camera((Orthographic if orthographic else Perspective)(intrinsics), self.matrix)


def look_at(place: Sequence[float], target: Sequence[float], roll: float = 0.0) -> Array:
    back = np.subtract(place, target)
    back = back / np.linalg.norm(back)
    right = np.cross([0.0, 0.0, 1.0], back)
    right /= np.linalg.norm(right)
    up = np.cross(back, right)
    matrix = np.eye(4)
    c, s = np.cos(roll), np.sin(roll)
    matrix[:3, :3] = np.stack([c * right + s * up, c * up - s * right, back], axis=-1)
    matrix[:3, 3] = place
    return matrix


def pose(scene: Scene, azimuth: float, elevation: float, far: float = 1.0) -> Array:
    d = scene.distance * far
    direction = np.array(
        [
            np.sin(azimuth) * np.cos(elevation),
            -np.cos(azimuth) * np.cos(elevation),
            np.sin(elevation),
        ]
    )
    return look_at(np.array(scene.target) + d * direction, scene.target, 0.05)


def views(scene: Scene) -> list[View]:
    """Perspective with shift, portrait, orthographic, equirectangular and fisheye."""
    per_unit = 320.0 / scene.distance
    return [
        View("perspective", 384, 216, pose(scene, 0.35, 0.25), 330.0, (23.0, -11.0)),
        View("portrait", 200, 320, pose(scene, -0.5, 0.35), 280.0),
        View("orthographic", 320, 240, pose(scene, 0.45, 0.3, 1.3), per_unit),
        View("equirectangular", 480, 240, pose(scene, 0.2, 0.3, 0.75)),
        View("fisheye", 280, 280, pose(scene, -0.3, 0.4, 0.7)),
    ]


# Images


@dataclass(frozen=True)
class Image:
    """What a view sees of a scene in each pixel."""

    view: View
    points: Array
    shapes: Array
    values: Array = field(repr=False)

    def depth(self, values: Array | None = None, kind: DepthKind | None = None) -> DepthImage:
        given = self.values if values is None else values
        return DepthImage.from_array(np.asarray(given), kind or self.view.kind)


def render(
    scene: Scene,
    view: View,
    *,
    kind: DepthKind | None = None,
    jitter: float = 0.0,
    seed: int = 0,
) -> Image:
    """Depth of the pixels' centers, or of places up to `jitter` pixels away."""
    x, y = np.meshgrid(np.arange(view.width) + 0.5, np.arange(view.height) + 0.5)
    pixels = np.stack([x.ravel(), y.ravel()], axis=-1)
    if jitter:
        rng = np.random.default_rng(seed)
        angle, radius = rng.uniform(0, 2 * np.pi, len(pixels)), rng.uniform(0, 1, len(pixels))
        radius = jitter * np.sqrt(radius)
        pixels = pixels + np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=-1)
    origins, directions = view.rays(pixels)
    exists = np.isfinite(directions).all(axis=-1)
    points = np.full((len(pixels), 3), np.nan)
    shapes = np.full(len(pixels), -1)
    points[exists], shapes[exists] = scene.hits(origins[exists], directions[exists])
    depth = view.depth(points, kind)
    shape = view.height, view.width
    values = np.where(np.isfinite(depth), depth, NO_HIT).reshape(shape).astype(np.float32)
    return Image(view, points.reshape(*shape, 3), shapes.reshape(shape), values)
