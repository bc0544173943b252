"""Which pixels lie on edges, on a floor and on thin things, where the renderer sampled anywhere."""

from __future__ import annotations

import numpy as np
import pytest
from check_scenes import RODS, Floor, Image, Scene, render, views

from core.check.samples import Samples

FLOOR = Scene("floor", (Floor(),), (0.0, 0.8, 0.6), 4.5)


def all_samples(image: Image) -> Samples:
    """The samples of all pixels that hold a depth."""
    depth = image.depth()
    rows, columns = np.nonzero(depth.valid)
    return Samples.at(depth, rows, columns)


@pytest.mark.parametrize("view", views(FLOOR)[:3], ids=lambda view: view.name)
def test_a_floor_has_few_edges_whatever_the_jitter(view: object) -> None:
    samples = all_samples(render(FLOOR, view, jitter=0.1, seed=1))
    assert samples.on_edges(0.1).mean() < 0.06


@pytest.mark.parametrize("jitter", [0.001, 0.1, 0.5])
@pytest.mark.parametrize("view", views(RODS)[:3], ids=lambda view: view.name)
def test_thin_rods_remain_edges(view: object, jitter: float) -> None:
    image = render(RODS, view, jitter=jitter, seed=1)
    samples = all_samples(image)
    shapes = np.pad(image.shapes, 1, mode="edge")
    inner = shapes[1:-1, 1:-1]
    others = (shapes[:-2, 1:-1], shapes[2:, 1:-1], shapes[1:-1, :-2], shapes[1:-1, 2:])
    borders = np.any([other != inner for other in others], axis=0)
    column, row = np.floor(samples.pixels).astype(int).T
    true = borders[row, column] & (samples.jumps() > 0.02)
    assert true.sum() > 1000
    assert samples.on_edges(jitter)[true].mean() > 0.98
