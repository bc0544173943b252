"""Faults planted in correct images, in several magnitudes."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from check_scenes import (
    SCENES,
    Floor,
    Image,
    Rod,
    Scene,
    Shape,
    View,
    Wall,
    look_at,
    pose,
    render,
    views,
)

from core.cameras.camera import Camera
from core.check.fault import Fault
from core.check.truth import Candidate
from core.depth.image import DepthImage, DepthKind

RAY, PLANAR = DepthKind.RAY, DepthKind.PLANAR
EXACT = 0.1
"""Pixels from the center within which the images are sampled."""


@dataclass(frozen=True)
class Case:
    """A depth image with what it is believed to be; `positions` is what its pixels really show."""

    fault: Fault
    detail: str
    depth: DepthImage
    camera: Camera
    scene: Scene
    positions: np.ndarray
    candidates: tuple[Candidate, ...] = ()
    shapes: np.ndarray | None = None


@functools.lru_cache(maxsize=64)
def image_of(scene: Scene, index: int, kind: DepthKind | None = None) -> Image:
    return render(scene, views(scene)[index], kind=kind, jitter=EXACT, seed=index)


def srgb(values: np.ndarray) -> np.ndarray:
    return np.where(
        values <= 0.0031308, 12.92 * values, 1.055 * np.maximum(values, 0) ** (1 / 2.4) - 0.055
    )


def of_values(scene: Scene, index: int) -> Iterator[Case]:
    """Faults of the values."""
    image = image_of(scene, index)
    view, z = image.view, image.values.astype(np.float64)
    hit = z < 1e9

    def case(fault: Fault, detail: str, values: np.ndarray, keep_empty: bool = False) -> Case:
        stored = values if keep_empty else np.where(hit, values, 1e10)
        depth = image.depth(stored.astype(np.float32))
        return Case(fault, detail, depth, view.camera, scene, image.points)

    for factor in (2.0, 0.5, 100.0, 0.01, 1.02, 1 / 0.3048):
        yield case(Fault.SCALED, f"x{factor:.3g}", z * factor, keep_empty=factor < 1.0)
    for offset in (0.05, 0.7, -0.4):
        yield case(Fault.OFFSET, f"{offset:+g}", z + offset)
    for k in (1.0, 100.0, 0.2):
        yield case(Fault.INVERSE, f"{k:g}/z", k / z, keep_empty=k == 1.0)
    far = z[hit].max()
    for a in (far * 1.01, 100.0 + far):
        yield case(Fault.INVERTED, f"{a:.3g}-z", a - z)
    near, beyond = z[hit].min(), np.percentile(z[hit], 98)
    unit = np.clip((z - near) / (beyond - near), 0.0, 1.0)
    yield case(Fault.NORMALIZED, "0..1", unit, keep_empty=True)
    yield case(Fault.NORMALIZED, "0..10", 10.0 * unit, keep_empty=True)
    yield case(Fault.NORMALIZED, "1..0", 1.0 - unit, keep_empty=True)
    yield case(Fault.NORMALIZED, "8 bit", np.rint(255.0 * unit) / 255.0, keep_empty=True)
    inverse = np.clip((1 / z - 1 / beyond) / (1 / near - 1 / beyond), 0.0, 1.0)
    yield case(Fault.NORMALIZED, "disparity", inverse, keep_empty=True)
    yield case(Fault.SRGB_ENCODED, "", srgb(z))
    if view.name != "orthographic":
        kind = RAY if view.kind is PLANAR else PLANAR
        other = view.depth(image.points, kind)
        fault = Fault.RAY_NOT_PLANAR if view.kind is PLANAR else Fault.PLANAR_NOT_RAY
        yield case(fault, "", np.where(other > 0.0, other, 1e10))


def of_pixels(scene: Scene, index: int) -> Iterator[Case]:
    """Faults of the image."""
    image = image_of(scene, index)
    view = image.view

    def case(fault: Fault, detail: str, shown: Image) -> Case:
        return Case(fault, detail, shown.depth(), view.camera, scene, shown.points)

    for fault, axis in ((Fault.FLIPPED_X, 1), (Fault.FLIPPED_Y, 0)):
        mirrored = replace(
            image, values=np.flip(image.values, axis), points=np.flip(image.points, axis)
        )
        yield case(fault, "", mirrored)

    def shown(window: tuple[float, float, float, float]) -> Image:
        return render(scene, replace(view, window=window), jitter=EXACT, seed=index)

    w, h = view.width, view.height
    for x, y in ((0.5, 0.5), (-0.5, -0.5), (0.5, 0.0)):
        yield case(Fault.HALF_PIXEL, f"{x:+g},{y:+g}", shown((x, y, w, h)))
    for x, y, part in ((0.1, 0.2, 0.6), (0.4, 0.1, 0.5), (0.05, 0.05, 0.85)):
        yield case(Fault.CROPPED, f"{part:g}", shown((x * w, y * h, part * w, part * h)))
    yield case(Fault.CROPPED, "shift", shown((24.0, -15.0, w, h)))
    yield case(Fault.CROPPED, "aspect", shown((0.2 * w, 0.1 * h, 0.5 * w, 0.7 * h)))
    for zoom in (0.7, 1.03, 35 / 50, 50 / 35, 1.8):
        believed = replace(view, zoom=zoom)
        yield Case(
            Fault.WRONG_LENS,
            f"x{zoom:.2f}",
            image.depth(),
            believed.camera,
            scene,
            image.points,
        )


def nudged(view: View, move: float, turn: float, seed: int) -> View:
    """The view after a step of `move` scene units and a turn of `turn` degrees, anyhow."""
    rng = np.random.default_rng(seed)
    direction, axis = (v / np.linalg.norm(v) for v in rng.normal(size=(2, 3)))
    x, y, z = axis
    skew = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    angle = np.radians(turn)
    rotation = np.eye(3) + np.sin(angle) * skew + (1 - np.cos(angle)) * skew @ skew
    matrix = view.matrix.copy()
    matrix[:3, :3] = rotation @ matrix[:3, :3]
    matrix[:3, 3] += move * direction * [1.0, 1.0, 0.4]
    return replace(view, matrix=matrix)


def of_cameras(scene: Scene, index: int) -> Iterator[Case]:
    """Faults of the camera."""
    image = image_of(scene, index)
    view = image.view

    def case(fault: Fault, detail: str, believed: View, candidates: tuple = ()) -> Case:
        return Case(fault, detail, image.depth(), believed.camera, scene, image.points, candidates)

    for move, turn in ((0.03, 0.7), (0.15, 3.0), (0.4, 8.0)):
        believed = nudged(view, move, turn, index)
        yield case(Fault.CAMERA_MOVED, f"{move:g}, {turn:g} deg", believed)
    others = [
        replace(view, matrix=pose(scene, azimuth, elevation, far))
        for azimuth, elevation, far in ((1.2, 0.2, 1.0), (-1.1, 0.5, 0.8), (2.4, 0.3, 0.9))
    ]
    named = [Candidate(other.camera, f"Camera.{i}") for i, other in enumerate(others)]
    named.append(Candidate(view.camera, "Right"))
    for i, other in enumerate(others[:2]):
        yield case(Fault.WRONG_CAMERA, f"{i}", other, tuple(named))

    def at_frame(frame: float) -> View:
        start = view.matrix[:3, 3]
        place = start + (frame - 30.0) * np.array([0.02, 0.015, 0.004])
        target = start - view.matrix[:3, 2] * scene.distance
        return replace(view, matrix=look_at(place, target, 0.05 - 0.002 * (frame - 30)))

    shown = render(scene, at_frame(30.0), jitter=EXACT, seed=index)
    frames = tuple(
        Candidate(at_frame(float(f)).camera, "Camera", float(f)) for f in range(1, 61) if f != 7
    )
    for frame in (7.0, 29.0, 50.0):
        yield Case(
            Fault.WRONG_FRAME,
            f"{frame:g}",
            shown.depth(),
            at_frame(frame).camera,
            scene,
            shown.points,
            frames,
        )


def box_blur(values: np.ndarray) -> np.ndarray:
    padded = np.pad(values, 1, mode="edge")
    h, w = values.shape
    return sum(padded[i : i + h, j : j + w] for i in range(3) for j in range(3)) / 9.0


def anti_aliased(scene: Scene, view: View) -> np.ndarray:
    """The mean of 3 x 3 places in each pixel."""
    fine = replace(view, width=3 * view.width, height=3 * view.height)
    fine = replace(fine, focal=3.0 * view.focal, shift=(3.0 * view.shift[0], 3.0 * view.shift[1]))
    values = render(scene, fine).values
    return values.reshape(view.height, 3, view.width, 3).mean(axis=(1, 3))


def shrunk(scene: Scene, view: View) -> np.ndarray:
    """Rendered at half the size and enlarged by linear interpolation."""
    small = replace(view, width=view.width // 2, height=view.height // 2, focal=view.focal / 2.0)
    small = replace(small, shift=(view.shift[0] / 2.0, view.shift[1] / 2.0))
    values = render(scene, small).values
    for axis, size in enumerate((view.height, view.width)):
        place = (np.arange(size) + 0.5) / 2.0 - 0.5
        place = np.clip(place, 0.0, values.shape[axis] - 1.0)
        low = np.minimum(place.astype(int), values.shape[axis] - 2)
        part = np.expand_dims(place - low, 1 - axis)
        values = np.take(values, low, axis) * (1 - part) + np.take(values, low + 1, axis) * part
    return values


def filtered(scene: Scene, index: int) -> Iterator[Case]:
    """Images whose edges a filter has mixed; a single object has too few of them."""
    image = image_of(scene, index)
    view = image.view
    if scene.name == "one smooth object":
        return
    for detail, values in (
        ("blur", box_blur(image.values)),
        ("anti-aliased", anti_aliased(scene, view)),
        ("enlarged", shrunk(scene, view)),
    ):
        depth = image.depth(values.astype(np.float32))
        yield Case(Fault.FILTERED, detail, depth, view.camera, scene, image.points)


def changed(scene: Scene, index: int) -> Iterator[Case]:
    """Scenes in which the things that fill about half of the image have moved.

    A scene of one object has nothing that stays.
    """
    image = image_of(scene, index)
    hit = image.values < 1e9
    shares = np.bincount(image.shapes[hit].ravel(), minlength=len(scene.shapes)) / hit.sum()
    by_size = [int(shape) for shape in np.argsort(-shares) if shares[shape] > 0.0]
    for order in (by_size, by_size[::-1], by_size[1::2] + by_size[::2]):
        moved, total = [], 0.0
        for shape in order:
            if total < 0.45 and total + shares[shape] < 0.65:
                moved.append(shape)
                total += shares[shape]
        shapes = tuple(
            moved_shape(shape, number) if number in moved else shape
            for number, shape in enumerate(scene.shapes)
        )
        later = replace(scene, shapes=shapes)
        now = render(later, image.view)
        agrees = np.isclose(now.values, image.values, rtol=1e-2)[hit].mean()
        if 0.35 < agrees < 0.6:
            yield Case(
                Fault.SCENE_CHANGED,
                f"{1 - agrees:.0%}",
                image.depth(),
                image.view.camera,
                later,
                now.points,
                shapes=now.shapes,
            )


def moved_shape(shape: Shape, number: int) -> Shape:
    step = np.random.default_rng(number).uniform(-0.3, 0.3, 3)
    if isinstance(shape, Floor):
        return Floor(shape.height - 0.4)
    if isinstance(shape, Wall):
        return Wall(shape.y + 0.6)
    if isinstance(shape, Rod):
        return replace(
            shape, start=tuple(shape.start + step), end=tuple(np.asarray(shape.end) + step)
        )
    return replace(shape, center=tuple(np.asarray(shape.center) + step))


def unknown(scene: Scene, index: int) -> Iterator[Case]:
    """Depth of something else: smooth hills, noise, and a picture's brightness."""
    image = image_of(scene, index)
    view = image.view
    rng = np.random.default_rng(index)
    strange = rng.uniform(1.0, 9.0, (6, 6))
    x, y = np.linspace(0, 5, view.width), np.linspace(0, 5, view.height)
    rows = np.stack([np.interp(x, np.arange(6), row) for row in strange])
    hills = np.stack([np.interp(y, np.arange(6), c) for c in rows.T], axis=-1)
    noise = rng.uniform(1.0, 9.0, hills.shape)
    for detail, values in (("hills", hills), ("noise", noise)):
        depth = image.depth(values.astype(np.float32))
        yield Case(Fault.UNKNOWN, detail, depth, view.camera, scene, image.points)


def with_outliers(scene: Scene, index: int) -> Iterator[Case]:
    """Some of the faults above, in images of which hair covers a fifth."""
    rng = np.random.default_rng(index)
    for plant in (of_values, of_pixels, of_cameras):
        for number, case in enumerate(plant(scene, index)):
            if number % 4 == index % 4 and case.detail not in ("8 bit", "0..1", "1..0"):
                values = case.depth.values.astype(np.float64)
                hairy = (rng.random(values.shape) < 0.2) & case.depth.valid
                values = values * (1.0 - hairy * rng.uniform(0.0, 0.2, values.shape))
                depth = replace(case.depth, values=values.astype(np.float32))
                yield replace(case, detail=f"{case.detail} + hair", depth=depth)


PLANTS: tuple[Callable[[Scene, int], Iterator[Case]], ...] = (
    of_values,
    of_pixels,
    of_cameras,
    filtered,
    changed,
    unknown,
    with_outliers,
)


def all_cases(scenes: tuple[Scene, ...] = SCENES) -> Iterator[Case]:
    for scene in scenes:
        for index in range(5):
            for plant in PLANTS:
                yield from plant(scene, index)
