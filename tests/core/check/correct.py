"""Correct depth in every shape that it comes in, and with what a scene cannot know about it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from check_scenes import NO_HIT, Image, Scene, View, pose, render, views
from planted import image_of

from core.cameras.camera import Camera
from core.check.truth import Candidate
from core.depth.image import DepthImage, DepthKind, Window

Truth = Callable[[np.ndarray, np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Correct:
    """A correct depth image; `positions`, if given, is the truth instead of `cast`."""

    name: str
    depth: DepthImage
    camera: Camera
    cast: Truth
    positions: np.ndarray | None = None
    candidates: tuple[Candidate, ...] = ()
    count: int = 400
    jitter: float = 0.1
    seed: int = 0


def variants(scene: Scene, index: int) -> Iterator[Correct]:
    jittered, view = image_of(scene, index), views(scene)[index]
    exact = render(scene, view)
    camera, cast = view.camera, scene.cast
    rng = np.random.default_rng(index)

    def correct(name: str, depth: DepthImage, **others: object) -> Correct:
        return replace(Correct(name, depth, camera, cast), **others)

    yield correct("exact", exact.depth(), jitter=0.001)
    for seed in range(3):
        yield correct(f"jitter {seed}", jittered.depth(), seed=seed)
    yield correct("few", jittered.depth(), count=60)
    yield correct("many", jittered.depth(), count=3000)
    yield correct("positions", exact.depth(), positions=exact.points.astype(np.float32))
    yield correct("jittered positions", jittered.depth(), positions=jittered.points)
    half = np.where(exact.values < 6e4, exact.values, np.inf).astype(np.float16)
    yield correct("half", exact.depth(half))
    stored = np.where(np.isfinite(half), half.astype(np.float32), np.float32(1e10))
    yield correct("half as float", exact.depth(stored))
    if view.name == "orthographic":
        yield correct("ray", exact.depth(kind=DepthKind.RAY))
    yield from _inside(exact, correct)
    yield from _with_outliers(scene, index, jittered, correct, rng)
    yield from _elsewhere(scene, view, exact)
    yield correct("candidates", jittered.depth(), candidates=_others(scene, view))


def _others(scene: Scene, view: View) -> tuple[Candidate, ...]:
    matrices = [pose(scene, a, 0.3, far) for a, far in ((1.2, 1.0), (-1.1, 0.8), (2.4, 0.9))]
    steps = np.linspace(-0.3, 0.3, 20)
    moved = [view.matrix + np.pad([[step], [0.0], [0.0]], ((0, 1), (3, 0))) for step in steps]
    return (
        *(Candidate(replace(view, matrix=m).camera, f"Camera.{i}") for i, m in enumerate(matrices)),
        *(Candidate(replace(view, matrix=m).camera, "Camera", i) for i, m in enumerate(moved)),
    )


def _inside(exact: Image, correct: Callable[..., Correct]) -> Iterator[Correct]:
    """Some pixels of the image only, as a render region leaves them."""
    h, w = exact.values.shape
    window = Window(w // 5, h // 4, w // 2, h // 2)
    part = exact.values[window.y : window.y + window.height, window.x : window.x + window.width]
    depth = DepthImage.from_array(part, exact.view.kind, window=window, size=(w, h))
    if depth.valid.any():
        yield correct("region", depth)


def _with_outliers(
    scene: Scene,
    index: int,
    image: Image,
    correct: Callable[..., Correct],
    rng: np.random.Generator,
) -> Iterator[Correct]:
    """Up to three in ten pixels that the scene, as rays see it, does not explain."""
    values = image.values.astype(np.float64)
    hit = values < 1e9
    hairy = (rng.random(values.shape) < 0.28) & hit
    hair = values - hairy * np.minimum(rng.uniform(0.0, 0.3, values.shape), 0.5 * values)
    yield correct("hair", image.depth(hair.astype(np.float32)))
    yield correct(
        "hair, candidates",
        image.depth(hair.astype(np.float32)),
        candidates=_others(scene, image.view),
    )
    noise = values * (1.0 + hairy * rng.uniform(-0.3, 0.3, values.shape))
    yield correct("noise", image.depth(noise.astype(np.float32)))
    shares = np.bincount(image.shapes[hit].ravel(), minlength=len(scene.shapes)) / hit.sum()
    gone = [int(i) for i in np.argsort(-shares) if 0.0 < shares[i] < 0.22]
    for number, shape in enumerate(gone[:2]):
        without = render(scene.without(shape), image.view, jitter=0.1, seed=index)
        yield correct(f"transparent {number}", without.depth())
        yield correct(f"hidden {number}", image.depth(), cast=scene.without(shape).cast)
    if gone:
        yield correct("hidden, positions", image.depth(), positions=without.points)
        others, total = [], 0.0
        for shape in gone:
            if total + shares[shape] < 0.2:
                others.append(shape)
                total += shares[shape]
        yield correct("many hidden", image.depth(), cast=scene.without(*others).cast)


def _elsewhere(scene: Scene, view: View, exact: Image) -> Iterator[Correct]:
    """The same in other units, and far from the origin."""
    for name, factor, offset in (
        ("tiny", 1e-3, np.zeros(3)),
        ("large", 1e3, np.zeros(3)),
        ("far away", 1.0, np.array([5e3, -3e3, 800.0])),
    ):
        matrix = view.matrix.copy()
        matrix[:3, 3] = matrix[:3, 3] * factor + offset
        focal = view.focal / factor if view.name == "orthographic" else view.focal
        camera = replace(view, matrix=matrix, focal=focal).camera

        def cast(o: np.ndarray, d: np.ndarray, f: float = factor, x=offset) -> np.ndarray:
            points = scene.cast((o.astype(np.float32) - x) / f, d) * f + x
            return points.astype(np.float32).astype(np.float64)

        values = np.where(exact.values < 1e9, exact.values * factor, NO_HIT)
        depth = exact.depth(values.astype(np.float32))
        yield Correct(name, depth, camera, cast)
