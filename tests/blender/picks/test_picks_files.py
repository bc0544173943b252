"""Picks in and out of files, through the operators."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import bpy
import numpy as np
import pytest
from pick_scene import (
    HEIGHT,
    WIDTH,
    assert_lies_where_the_ray_hits,
    picks,
    ray_cast,
    render_file,
)


def state() -> list[object]:
    owner = bpy.context.scene.depth_picks
    shots = {shot.identifier: shot for shot in owner.shots}
    return [
        (
            pick.name, pick.point_data, pick.edge, tuple(pick.color), pick.hidden,
            json.loads(shots[pick.shot].camera_data), shots[pick.shot].filepath,
            shots[pick.shot].layer, shots[pick.shot].view, shots[pick.shot].frame,
            shots[pick.shot].camera, shots[pick.shot].kind,
        )
        for pick in owner.picks
    ]  # fmt: skip


@pytest.mark.parametrize("file_format", ["CSV", "JSON"])
def test_a_round_trip_loses_nothing(
    scene: bpy.types.Scene, tmp_path: Path, file_format: str
) -> None:
    file = render_file(scene, tmp_path / "shot.exr")
    for x, name in ((20.1, 'comma, "quote"'), (10.7, "Süd"), (30.3, "Süd")):
        bpy.ops.depth.pick(x=x, y=40.2, name=name, filepath=file)
    bpy.ops.depth.pick(x=25, y=41)
    picks()[1].hidden, picks()[2].color = True, (0.1, 0.2, 0.3)
    before = state()
    path = str(tmp_path / f"picks.{file_format.lower()}")
    bpy.ops.depth.picks_export(filepath=path, file_format=file_format)
    bpy.ops.depth.picks_clear()
    scene.camera.location.x += 3
    bpy.ops.depth.picks_import(filepath=path)
    assert state() == before


@pytest.mark.filterwarnings("error")
def test_slashes_stand_for_the_folder_of_the_blend_file(
    scene: bpy.types.Scene, tmp_path: Path
) -> None:
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "a.blend"))
    bpy.ops.depth.pick(x=20.1, y=40.2, filepath=render_file(scene, tmp_path / "shot.exr"))
    bpy.ops.depth.picks_export(filepath="//picks.csv", file_format="CSV")
    bpy.ops.depth.picks_import(filepath="//picks.csv")
    assert len(picks()) == 2


def test_points_annotated_elsewhere_are_located(
    scene: bpy.types.Scene, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    file = render_file(scene, tmp_path / "shot.exr")
    path = tmp_path / "points.csv"
    path.write_text("name,x,y\na,20.123456789012,40.25\n,30.5,41\nsky,60,1\nfar,900,1\n")
    bpy.ops.depth.picks_import(filepath=str(path), depth_file=file)
    assert [pick.name for pick in picks()] == ["a", "Point 01"]
    assert picks()[0].point.x == 20.123456789012
    for pick in picks():
        assert_lies_where_the_ray_hits(scene, pick)
    output = capfd.readouterr().out
    assert "Imported 2 points." in output
    assert "Left out 2 points:" in output
    assert "sky: Nothing was hit at (60.00, 1.00)" in output
    assert '"far" at (900, 1) lies outside the image of 64 x 48 pixels' in output


def label_me(path: Path, size: tuple[int, int], points: dict[str, tuple[float, float]]) -> str:
    shapes = [
        {"label": name, "points": [[*point]], "shape_type": "point", "group_id": None, "flags": {}}
        for name, point in points.items()
    ]
    content = {"version": "5.5.0", "flags": {}, "shapes": shapes, "imagePath": "shot.png",
               "imageData": None, "imageWidth": size[0], "imageHeight": size[1]}  # fmt: skip
    path.write_text(json.dumps(content))
    return str(path)


@pytest.mark.usefixtures("scene")
def test_another_size_is_scaled_with_a_note_and_another_aspect_is_an_error(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    bpy.ops.render.render()
    double = label_me(tmp_path / "a.json", (2 * WIDTH, 2 * HEIGHT), {"p": (40.0, 80.0)})
    bpy.ops.depth.picks_import(filepath=double)
    assert (picks()[0].point.x, picks()[0].point.y) == (20.0, 40.0)
    assert "Points were scaled from 128 x 96 to 64 x 48 pixels." in capfd.readouterr().out
    wide = label_me(tmp_path / "b.json", (2 * WIDTH, HEIGHT), {"p": (40.0, 80.0)})
    with pytest.raises(RuntimeError, match=r"image of 128 x 48 pixels.*the render's 64 x 48"):
        bpy.ops.depth.picks_import(filepath=wide)
    assert len(picks()) == 1


@pytest.mark.usefixtures("scene")
def test_bad_files_end_in_one_sentence(tmp_path: Path) -> None:
    bpy.ops.render.render()
    for content, message in (
        ("{", "JSON"), ("", "is not a table of points"),
        ('{"foo": 1}', 'holds "foo", which is not a known format')
    ):  # fmt: skip
        path = tmp_path / "bad.json"
        path.write_text(content)
        with pytest.raises(RuntimeError, match=message):
            bpy.ops.depth.picks_import(filepath=str(path))
    with pytest.raises(RuntimeError, match="cannot be read"):
        bpy.ops.depth.picks_import(filepath=str(tmp_path / "none.csv"))
    with pytest.raises(RuntimeError, match="There are no picks yet"):
        bpy.ops.depth.picks_export(filepath=str(tmp_path / "x.csv"))
    assert picks() == []
    bpy.ops.depth.pick(x=20, y=40)
    with pytest.raises(RuntimeError, match="cannot be written"):
        bpy.ops.depth.picks_export(filepath=str(tmp_path / "no" / "folder.csv"))


def test_exports_hold_the_points(scene: bpy.types.Scene, tmp_path: Path) -> None:
    bpy.ops.render.render()
    for x in (20.5, 10.5):
        bpy.ops.depth.pick(x=x, y=40.25, name=f"at {x}")
    truth = np.array([ray_cast(scene, x, 40.25) for x in (20.5, 10.5)])
    paths = {}
    for name, extension in (("CSV", "csv"), ("COCO", "json"), ("PLY", "ply")):
        paths[name] = tmp_path / f"{name}.{extension}"
        bpy.ops.depth.picks_export(filepath=str(paths[name]), file_format=name)
    with paths["CSV"].open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["name"] for row in rows] == ["at 20.5", "at 10.5"]
    assert json.loads(paths["COCO"].read_text())["images"][0]["width"] == WIDTH
    bpy.ops.wm.ply_import(filepath=str(paths["PLY"]), forward_axis="Y", up_axis="Z")
    points = np.array([vertex.co for vertex in bpy.context.object.data.vertices])
    np.testing.assert_allclose(points, truth, atol=2e-4)
