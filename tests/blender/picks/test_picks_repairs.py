"""Picks where something is wrong: broken files, missing cameras, renders of the same name."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bpy
import pytest
from pick_scene import picks, render_file


def export(path: Path) -> str:
    bpy.ops.depth.picks_export(filepath=str(path), file_format="JSON")
    return str(path)


def change(path: str, edit: Callable[[dict[str, Any]], None]) -> None:
    data = json.loads(Path(path).read_text())
    edit(data)
    Path(path).write_text(json.dumps(data))


def test_an_imported_shot_is_not_a_shot_of_the_scene(
    scene: bpy.types.Scene, tmp_path: Path
) -> None:
    file = render_file(scene, tmp_path / "shot.exr")
    bpy.ops.depth.pick(x=20.5, y=40.25, name="mine", filepath=file)
    path = export(tmp_path / "picks.json")
    for _ in range(2):
        bpy.ops.depth.picks_import(filepath=path)
    shots = {shot.identifier: shot for shot in scene.depth_picks.shots}
    assert [bool(shots[pick.shot].fingerprint) for pick in picks()] == [True, False, False]
    assert picks()[1].shot == picks()[2].shot
    change(path, lambda data: data["images"][0].update(width=128, height=96))
    bpy.ops.depth.picks_import(filepath=path)
    assert picks()[3].shot not in shots
    assert tuple(scene.depth_picks.shot_of(picks()[3]).size) == (128, 96)


def two_with_a_bad_camera(data: dict[str, Any]) -> None:
    """A second image whose lens no camera has, with a pick between two good ones."""
    bad = json.loads(json.dumps(data["images"][0]))
    bad["camera"]["lens"]["lens"]["type"] = "Crystal Ball"
    data["images"].append(bad)
    data["picks"].insert(1, {**data["picks"][0], "name": "bad", "image": 1})


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (two_with_a_bad_camera, "bad: The stored lens's type is Crystal Ball"),
        (
            lambda data: data["picks"].insert(1, {**data["picks"][0], "name": "bad", "depth": "?"}),
            '("bad"): depth is "?"',
        ),
    ],
)
def test_bad_picks_are_named_and_the_others_imported(
    scene: bpy.types.Scene, tmp_path: Path, capfd: pytest.CaptureFixture[str],
    edit: Callable[[dict[str, Any]], None], message: str,
) -> None:  # fmt: skip
    bpy.ops.render.render()
    for x in (20.5, 10.5):
        bpy.ops.depth.pick(x=x, y=40.25, name=f"at {x}")
    before = [(pick.name, pick.point_data) for pick in picks()]
    path = export(tmp_path / "picks.json")
    change(path, edit)
    bpy.ops.depth.picks_clear()
    scene.camera.location.x += 2
    bpy.ops.depth.picks_import(filepath=path)
    assert [(pick.name, pick.point_data) for pick in picks()] == before
    assert len(scene.depth_picks.shots) == 1
    output = capfd.readouterr().out
    assert "Imported 2 points. Left out 1 point:" in output
    assert message in output


def test_a_file_without_usable_picks_changes_nothing(
    scene: bpy.types.Scene, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    bpy.ops.render.render()
    bpy.ops.depth.pick(x=20.5, y=40.25)
    path = export(tmp_path / "picks.json")
    change(path, lambda data: data["images"][0].update(frame=10**12))
    bpy.ops.depth.picks_clear()
    assert bpy.ops.depth.picks_import(filepath=path) == {"CANCELLED"}
    assert (picks(), len(scene.depth_picks.shots)) == ([], 0)
    assert "frame is 1000000000000, but a whole number between" in capfd.readouterr().out


def test_picks_of_readable_files_are_recomputed_and_others_reported(
    scene: bpy.types.Scene, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    for name in ("gone", "there"):
        file = render_file(scene, tmp_path / f"{name}.exr")
        bpy.ops.depth.pick(x=20.5, y=40.25, name=name, filepath=file)
    (tmp_path / "gone.exr").unlink()
    scene.camera.location.x += 1
    render_file(scene, tmp_path / "there.exr")
    gone, there = (pick.point_data for pick in picks())
    assert bpy.ops.depth.picks_recompute() == {"FINISHED"}
    assert picks()[0].point_data == gone
    assert picks()[1].point_data != there
    output = capfd.readouterr().out
    assert "gone.exr" in output
    assert "Recomputed 1 pick." in output


@pytest.mark.usefixtures("undescribed")
def test_a_missing_camera_is_not_replaced_by_another(
    scene: bpy.types.Scene, tmp_path: Path
) -> None:
    file = render_file(scene, tmp_path / "shot.exr")
    bpy.ops.depth.pick(x=20.5, y=40.25, filepath=file)
    before = picks()[0].point_data
    bpy.ops.object.camera_add(location=(0, 0, 5))
    scene.camera.name = "First"
    scene.camera = bpy.context.object
    with pytest.raises(RuntimeError, match='The camera "Camera" of these picks is not in the'):
        bpy.ops.depth.picks_recompute()
    assert picks()[0].point_data == before


@pytest.mark.usefixtures("scene")
def test_thousands_of_points_without_names_are_imported_quickly(tmp_path: Path) -> None:
    bpy.ops.render.render()
    path = tmp_path / "points.csv"
    path.write_text("name,x,y\n" + ",20.5,40.25\n" * 4000 + "Point 02,20.5,40.25\n")
    start = time.perf_counter()
    bpy.ops.depth.picks_import(filepath=str(path))
    assert (
        time.perf_counter() - start < 3
    )  # 10 seconds if each name was searched for among all others
    names = [pick.name for pick in picks()]
    assert names[:2] == ["Point 01", "Point 03"]
    assert (len(names), len(set(names))) == (4001, 4001)
    assert len({tuple(pick.color) for pick in picks()[:8]}) == 8


@pytest.mark.usefixtures("scene")
def test_a_shot_has_the_whole_path_of_its_file(tmp_path: Path) -> None:
    """Relative to the .blend, it would be another file once that is saved elsewhere."""
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "scene.blend"))
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "scene.blend"))
    file = render_file(bpy.context.scene, tmp_path / "shot.exr")
    for _ in range(2):
        bpy.ops.depth.pick(x=20.5, y=40.25, filepath="//shot.exr")
    assert [shot.filepath for shot in bpy.context.scene.depth_picks.shots] == [file]
    assert "Image\tshot.exr" in picks()[0].details


def test_the_list_shows_coordinates_in_the_scenes_units(scene: bpy.types.Scene) -> None:
    bpy.ops.render.render()
    bpy.ops.depth.pick(x=20.5, y=40.25)
    scene.unit_settings.system = "METRIC"
    scene.unit_settings.length_unit = "CENTIMETERS"
    *numbers, unit = picks()[0].place_text.split()
    assert unit == "cm"
    assert [float(one) for one in numbers] == pytest.approx(
        [100 * value for value in picks()[0].point.world], abs=1e-4
    )


@pytest.mark.usefixtures("scene")
@pytest.mark.parametrize("name", ["picks_recompute", "picks_keep"])
def test_an_unknown_shot_is_an_error(name: str) -> None:
    bpy.ops.render.render()
    bpy.ops.depth.pick(x=20.5, y=40.25)
    before = picks()[0].point_data
    operator = getattr(bpy.ops.depth, name)
    with pytest.raises(RuntimeError, match="There is no shot 99, expected one of 1, or 0 for all"):
        operator(shot=99)
    assert picks()[0].point_data == before
    assert operator(shot=1) == operator(shot=0) == {"FINISHED"}
