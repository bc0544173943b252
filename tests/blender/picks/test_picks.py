"""Picks from the console: against ``scene.ray_cast``, and unchanged by undo, files, and copies."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import addon_utils
import bpy
import numpy as np
import pytest
from mathutils import Vector
from pick_scene import (
    HEIGHT,
    WIDTH,
    assert_lies_where_the_ray_hits,
    picks,
    ray_cast,
    render_file,
)

Product = Callable[[str], ModuleType]


def everything() -> list[object]:
    """All that is stored of all picks."""
    owner = bpy.context.scene.depth_picks
    return [
        [(p.identifier, p.name, p.point_data, p.edge, tuple(p.color), p.hidden, p.shot)
         for p in owner.picks],
        [(s.identifier, s.filepath, s.layer, s.view, s.camera, s.frame, s.kind, tuple(s.size),
          s.camera_data, s.fingerprint) for s in owner.shots],
        owner.active, owner.pattern, owner.start,
    ]  # fmt: skip


@pytest.mark.parametrize("from_file", [False, True])
def test_picks_lie_where_the_camera_ray_hits(
    scene: bpy.types.Scene, tmp_path: Path, from_file: bool
) -> None:
    file = render_file(scene, tmp_path / "shot.exr")
    rng = random.Random(5)
    count = 0
    for _ in range(40):
        x, y = rng.uniform(0, WIDTH), rng.uniform(0, HEIGHT)
        truth = ray_cast(scene, x, y)
        if truth is None:
            with pytest.raises(RuntimeError, match="Nothing was hit at"):
                bpy.ops.depth.pick(x=x, y=y)
            continue
        bpy.ops.depth.pick(x=x, y=y, filepath=file if from_file else "")
        count += 1
        pick = picks()[-1]
        assert pick.point.x == np.float32(x)
        if not pick.edge:
            assert_lies_where_the_ray_hits(scene, pick)
    assert len(picks()) == count > 25
    assert sum(not pick.edge for pick in picks()) > 0.7 * count
    assert len(scene.depth_picks.shots) == 1


def test_names_follow_the_pattern_and_the_start(scene: bpy.types.Scene) -> None:
    bpy.ops.render.render()
    owner = scene.depth_picks
    for name in ("", "left eye", ""):
        bpy.ops.depth.pick(x=20.5, y=40.25, name=name)
    owner.pattern, owner.start = "P###b", 9
    for _ in range(2):
        bpy.ops.depth.pick(x=20.5, y=40.25)
    assert [pick.name for pick in picks()] == [
        "Point 01", "left eye", "Point 02", "P009b", "P010b",
    ]  # fmt: skip
    assert owner.active_pick().name == "P010b"
    owner.pattern = "No number"
    bpy.ops.depth.pick(x=20.5, y=40.25)
    assert picks()[-1].name == "No number 9"


def test_the_list_can_be_edited(scene: bpy.types.Scene) -> None:
    bpy.ops.render.render()
    for name in "abcd":
        bpy.ops.depth.pick(x=20.5, y=40.25, name=name)
    bpy.ops.depth.picks_move(direction="UP")
    bpy.ops.depth.picks_move(direction="UP")
    assert [pick.name for pick in picks()] == ["a", "d", "b", "c"]
    assert scene.depth_picks.active == 1
    bpy.ops.depth.picks_move(direction="BOTTOM")
    bpy.ops.depth.pick_rename(name="Δ")
    assert [pick.name for pick in picks()] == ["a", "b", "c", "Δ"]
    bpy.ops.depth.picks_remove()
    assert [pick.name for pick in picks()] == ["a", "b", "c"]
    assert scene.depth_picks.active == 2
    bpy.ops.depth.picks_clear()
    assert (picks(), len(scene.depth_picks.shots), scene.depth_picks.active) == ([], 0, -1)
    with pytest.raises(RuntimeError, match="There are no picks yet; pick a point in the Image"):
        bpy.ops.depth.picks_remove()


@pytest.mark.usefixtures("scene")
def test_undo_takes_one_pick_back() -> None:
    bpy.ops.render.render()
    bpy.ops.ed.undo_push(message="before")
    for name in "ab":
        bpy.ops.depth.pick(x=20.5, y=40.25, name=name)
        bpy.ops.ed.undo_push(message=name)  # only the interface pushes by itself
    bpy.ops.ed.undo()
    assert [pick.name for pick in picks()] == ["a"]
    bpy.ops.ed.undo()
    assert picks() == []
    bpy.ops.ed.redo()
    assert [pick.name for pick in picks()] == ["a"]


def test_moving_the_camera_later_moves_no_pick(scene: bpy.types.Scene, tmp_path: Path) -> None:
    file = render_file(scene, tmp_path / "shot.exr")
    bpy.ops.depth.pick(x=20.5, y=40.25, filepath=file)
    bpy.ops.depth.pick(x=20.5, y=40.25)
    before = [pick.point for pick in picks()]
    place = scene.camera.location.copy()
    scene.camera.location.x += 5
    bpy.context.view_layer.update()
    assert [pick.point for pick in picks()] == before
    # Both were rendered from where the camera stood then.
    for name in (file, ""):
        bpy.ops.depth.pick(x=30.5, y=40.25, filepath=name)
    scene.camera.location = place
    bpy.context.view_layer.update()
    for pick in picks():
        assert_lies_where_the_ray_hits(scene, pick)


def test_nothing_is_lost(scene: bpy.types.Scene, tmp_path: Path, product: Product) -> None:
    file = render_file(scene, tmp_path / "shot.exr")
    for x in (10.3, 20.7):
        bpy.ops.depth.pick(x=x, y=40.25, filepath=file)
    bpy.ops.depth.pick(x=30.1, y=40.25, name="third")
    picks()[0].color, picks()[1].hidden = (0, 1, 0), True
    before = everything()

    name = product("").__name__
    addon_utils.disable(name)
    addon_utils.enable(name, default_set=True)
    assert everything() == before

    blend = str(tmp_path / "scene.blend")
    bpy.ops.wm.save_as_mainfile(filepath=blend)
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    assert picks() == []
    bpy.ops.wm.open_mainfile(filepath=blend)
    assert everything() == before

    bpy.ops.scene.new(type="FULL_COPY")
    assert len(bpy.data.scenes) == 2
    assert everything() == before
    bpy.data.objects.remove(bpy.context.scene.camera)
    assert everything() == before
    bpy.ops.depth.picks_remove()
    assert len(picks()) == 2
    assert len(bpy.data.scenes["Scene"].depth_picks.picks) == 3

    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    with bpy.data.libraries.load(blend) as (_, wanted):
        wanted.scenes = ["Scene"]
    appended = wanted.scenes[0].depth_picks
    assert [pick.identifier for pick in appended.picks] == [1, 2, 3]
    assert [pick.point_data for pick in appended.picks] == [pick[2] for pick in before[0]]


def test_each_failure_is_reported_in_one_sentence(scene: bpy.types.Scene, tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="There is no finished render in the Render Result"):
        bpy.ops.depth.pick(x=1, y=1)
    with pytest.raises(RuntimeError, match="does not exist"):
        bpy.ops.depth.pick(x=1, y=1, filepath=str(tmp_path / "none.exr"))
    scene.view_layers[0].use_pass_z = False
    bpy.ops.render.render()
    with pytest.raises(RuntimeError, match="it was rendered without the Depth pass"):
        bpy.ops.depth.pick(x=1, y=1)
    scene.view_layers[0].use_pass_z = True
    bpy.ops.render.render()
    with pytest.raises(RuntimeError, match=r"\(70.00, 1.00\) lies outside the image of 64 x 48"):
        bpy.ops.depth.pick(x=70, y=1)
    assert picks() == []


def test_one_file_may_be_picked_on_by_many_cameras_and_frames(
    scene: bpy.types.Scene, tmp_path: Path
) -> None:
    first = render_file(scene, tmp_path / "first.exr")
    bpy.ops.depth.pick(x=20.5, y=40.25, filepath=first)
    assert_lies_where_the_ray_hits(scene, picks()[-1])
    scene.frame_set(7)
    scene.camera.location += Vector((0.5, 0.5, 0.5))
    bpy.context.view_layer.update()
    second = render_file(scene, tmp_path / "second.exr")
    bpy.ops.depth.pick(x=20.5, y=40.25, filepath=second)
    assert_lies_where_the_ray_hits(scene, picks()[-1])
    assert [shot.frame for shot in scene.depth_picks.shots] == [1, 7]
    assert picks()[0].point.world != picks()[1].point.world
