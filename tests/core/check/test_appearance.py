"""What depth alone gives away, and that correct depth gives away nothing."""

from __future__ import annotations

import numpy as np
import pytest
from check_scenes import CLUTTER, OPEN, ROOM, SCENES, Image, Scene, render, views
from correct import variants

from core.check.appearance import hints_of
from core.depth.clipping import ClipRange
from core.depth.image import DepthKind

CLIP = ClipRange(0.1, 100.0, DepthKind.PLANAR, False)


@pytest.fixture(scope="module")
def room() -> Image:
    return render(ROOM, views(ROOM)[0])


def test_normalized_depth_is_noticed(room: Image) -> None:
    least, most = room.values.min(), room.values.max()
    hints = hints_of(room.depth((room.values - least) / (most - least)))
    assert len(hints) == 1
    assert "both 0 and 1" in hints[0]


def test_levels_of_a_picture_are_noticed(room: Image) -> None:
    values = np.rint(255.0 * room.values / (1.1 * room.values.max())) / 255.0
    hints = hints_of(room.depth(values.astype(np.float32)))
    assert len(hints) == 1
    assert "8-bit" in hints[0]


def test_half_precision_in_floats_is_noticed(room: Image) -> None:
    hints = hints_of(room.depth(room.values.astype(np.float16).astype(np.float32)))
    assert len(hints) == 1
    assert "half precision" in hints[0]


@pytest.mark.parametrize(
    ("factor", "clip", "words"),
    [
        (100.0, ClipRange(0.5, 30.0, DepthKind.PLANAR, False), "scale 0.01"),
        (100.0, ClipRange(0.1, 100.0, DepthKind.PLANAR, False), "millimeters or centimeters"),
        (1e3, ClipRange(0.5, 30.0, DepthKind.PLANAR, False), "scale 0.001"),
        (1e-3, ClipRange(0.5, 30.0, DepthKind.PLANAR, False), "scale 1000"),
    ],
)
def test_another_unit_is_named(room: Image, factor: float, clip: ClipRange, words: str) -> None:
    hints = hints_of(room.depth(room.values * np.float32(factor)), clip)
    assert len(hints) == 1
    assert words in hints[0]


@pytest.mark.parametrize("index", [0, 1, 3, 4])
@pytest.mark.parametrize("scene", [ROOM, OPEN, CLUTTER], ids=lambda scene: scene.name)
def test_the_other_kind_of_depth_is_noticed(scene: Scene, index: int) -> None:
    view = views(scene)[index]
    believed, real = view.kind, next(kind for kind in DepthKind if kind is not view.kind)
    image = render(scene, view, kind=real)
    hints = hints_of(image.depth(kind=believed), camera=view.camera)
    assert len(hints) == 1
    assert f"flat if it is {real.value} depth" in hints[0]
    assert not hints_of(image.depth(kind=real), camera=view.camera)


@pytest.mark.parametrize("index", range(len(SCENES)), ids=[scene.name for scene in SCENES])
def test_correct_depth_gives_nothing_away(index: int) -> None:
    scene = SCENES[index]
    for correct in variants(scene, index):
        clip = None if correct.name in ("tiny", "large") else CLIP
        hints = hints_of(correct.depth, clip, correct.camera)
        if correct.name == "half as float":
            assert "half precision" in hints[0]
            hints = hints[1:]
        assert not hints, correct.name
