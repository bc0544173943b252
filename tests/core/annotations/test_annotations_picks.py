"""Files of picks: read back as they were written, and refused where they are broken."""

import csv
import dataclasses
import io
import json
import os
import re
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from core.annotations.formats import PickFormat
from core.annotations.picks import PickFile, PickRecord
from core.annotations.reading import read_annotations, read_picks
from core.annotations.writing import write_picks
from core.depth.image import DepthKind
from core.errors import AnnotationError, FileError

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
NAMES = [
    "left eye",
    'a, "b"; c',
    "two\nlines\r",
    "",
    "left eye",
    "左耳 \U0001f600",
    " =1+1 ",
    "null",
]


def records(count=40, seed=1):
    """Picks of two images, with numbers that use all bits of a double or a float."""
    random = np.random.default_rng(seed)
    made = []
    for index in range(count):
        perspective = index % 2 == 0
        numbers = [float(one) for one in random.normal(size=9) * 10.0 ** random.integers(-8, 8)]
        x, y = (float(one) for one in random.uniform(0, 1, 2).astype(np.float32) * (1920, 1080))
        matrix = np.linalg.qr(np.random.default_rng(perspective).normal(size=(4, 4)))[0].tolist()
        color = tuple(float(one) for one in random.uniform(size=3).astype(np.float32))
        made.append(
            PickRecord(
                name=NAMES[index] if index < len(NAMES) else f"pick {index}",
                x=x * 1e-4 if index == 3 else x,
                y=y,
                depth=abs(numbers[0]),
                depth_kind=DepthKind.PLANAR if perspective else DepthKind.RAY,
                world=(numbers[1], numbers[2], numbers[3]),
                camera_space=(numbers[4], numbers[5], numbers[6]),
                footprint=abs(numbers[7]),
                precision=abs(numbers[8]),
                edge=index % 3 == 0,
                image="//render/a.exr" if perspective else "b, ü.png",
                size=(1920, 1080),
                frame=-3 if perspective else 250,
                camera='Camera "1"' if perspective else "",
                intrinsics=((1 / 3, 0.0, 960.1), (0.0, 2 / 3, 540.0), (0.0, 0.0, 1.0))
                if perspective
                else None,
                camera_to_world=tuple(tuple(row) for row in matrix),
                lens={"type": "x", "terms": [0.1, -2e-7], "nested": {"none": None, "yes": True}},
                color=color if index % 4 else None,
                hidden=index % 5 == 0,
            )
        )
    return made


def places(image):
    return {(one.name, one.x, one.y, one.color, one.hidden) for one in image.annotations}


@pytest.mark.parametrize("form", [PickFormat.CSV, PickFormat.JSON])
def test_picks_come_back_as_they_were(tmp_path, form):
    path = tmp_path / "picks"
    before = records()
    write_picks(path, before, form)
    assert read_picks(path) == PickFile(tuple(before))


@pytest.mark.parametrize("form", [PickFormat.CSV, PickFormat.JSON, PickFormat.COCO])
def test_picks_come_back_as_annotations(tmp_path, form):
    path = tmp_path / "picks"
    before = records()
    write_picks(path, before, form)
    images = read_annotations(path)
    for image, name in zip(images, ("//render/a.exr", "b, ü.png"), strict=True):
        here = [one for one in before if one.image == name]
        assert (image.file_name, image.size, image.problems) == (name, (1920, 1080), ())
        assert places(image) == {(one.name, one.x, one.y, one.color, one.hidden) for one in here}
        if form is not PickFormat.COCO:
            assert [one.name for one in image.annotations] == [one.name for one in here]


def test_the_json_of_version_1_is_still_read(tmp_path):
    path = tmp_path / "again.json"
    picks = read_picks(SAMPLES / "picks.json").records
    assert picks[0].world == (0.11328125, 0.0, 2.015)
    assert (picks[1].name, picks[1].edge, picks[1].color) == ('éar "links", 左', True, None)
    assert picks[1].depth_kind is DepthKind.RAY
    assert picks[1].intrinsics[1] == (0.0, 2666.6666666666665, 540.0)
    write_picks(path, picks, PickFormat.JSON)
    expected = json.loads((SAMPLES / "picks.json").read_bytes())
    for image in expected["images"]:
        image.update(layer="", view="")  # which it did not say
    assert json.loads(path.read_bytes()) == expected


def test_csv_can_go_through_a_spreadsheet_of_another_language(tmp_path):
    path = tmp_path / "picks.csv"
    before = records()
    write_picks(path, before, PickFormat.CSV)
    rows = list(csv.reader(io.StringIO(path.read_bytes().decode(), newline="")))
    numeric = [name not in ("name", "image", "camera", "lens") for name in rows[0]]
    for row in rows[1:]:
        row[:] = [
            cell.replace(".", ",") if is_number else cell
            for cell, is_number in zip(row, numeric, strict=True)
        ]
    with path.open("w", newline="", encoding="utf-8-sig") as file:
        csv.writer(file, delimiter=";").writerows(rows)
    assert read_picks(path) == PickFile(tuple(before))


def test_a_keypoint_that_another_tool_moved_is_where_it_moved_it(tmp_path):
    path = tmp_path / "picks.json"
    write_picks(path, records(2), PickFormat.COCO)
    data = json.loads(path.read_bytes())
    data["annotations"][0]["keypoints"][:3] = [10, 20, 2]
    path.write_text(json.dumps(data))
    first = read_annotations(path)[0].annotations[0]
    assert (first.x, first.y) == (10.5, 20.5)


def test_coco_has_the_points_in_3d_beside_the_keypoints(tmp_path):
    path = tmp_path / "picks.json"
    before = records(6)
    write_picks(path, before, PickFormat.COCO)
    data = json.loads(path.read_bytes())
    assert data["categories"][0]["keypoints"] == NAMES[:6]
    annotation = data["annotations"][1]
    names = data["categories"][0]["keypoints"]
    for number, name in enumerate(names):
        pick = next((one for one in before[1::2] if one.name == name), None)
        x, y, seen = annotation["keypoints"][3 * number : 3 * number + 3]
        if pick is None:
            assert (x, y, seen) == (0, 0, 0)
            assert annotation["keypoints_3d"][number] is annotation["picks"][number] is None
        else:
            assert (x, y, seen) == (pick.x - 0.5, pick.y - 0.5, 2)
            assert tuple(annotation["keypoints_3d"][number]) == pick.world
            assert annotation["picks"][number]["depth"] == pick.depth
    assert annotation["num_keypoints"] == 3


def test_the_lines_of_a_ply_header_are_short_enough_for_every_reader(tmp_path):
    path = tmp_path / "picks.ply"
    picks = [
        dataclasses.replace(one, name="左" * 400, image=f"{index}" * 2000)
        for index, one in enumerate(records(3))
    ]
    write_picks(path, picks, PickFormat.PLY)
    header = path.read_bytes().partition(b"end_header\n")[0].decode("ascii")
    assert max(map(len, header.splitlines())) < 1000


@pytest.mark.parametrize(
    ("form", "old", "new", "message"),
    [
        (PickFormat.CSV, b",planar,", b",flat,", 'the kind of depth is "flat"'),
        (PickFormat.CSV, b",1920,", b",,", "no image_width and image_height"),
        (PickFormat.JSON, b'"planar"', b'"flat"', 'the kind of depth is "flat"'),
        (PickFormat.JSON, b'"edge"', b'"ledge"', 'Pick 1 .* has no "edge", where true or false'),
        (PickFormat.JSON, b'"lens": {', b'"lens": 1, "lenses": {', '"lens" is 1, but an object'),
        (PickFormat.JSON, b'"image": 0', b'"image": 7', "Pick 1 .* belongs to image 7, but"),
        (PickFormat.JSON, b'"width"', b'"breadth"', 'no "width" and "height"'),
        (PickFormat.JSON, b'"frame": -3', b'"frame": 1000000000000', "between -2147483647 and"),
        (PickFormat.CSV, b",-3,", b",1e12,", "between -2147483647 and"),
    ],
)
def test_broken_picks_are_named_and_the_others_are_read(tmp_path, form, old, new, message):
    path = tmp_path / "picks"
    before = records(2)
    write_picks(path, before, form)
    broken = path.read_bytes().replace(old, new, 1)
    assert broken != path.read_bytes()
    path.write_bytes(broken)
    found = read_picks(path)
    assert found.records == (before[1],)
    assert len(found.problems) == 1
    assert re.search(message, found.problems[0])


def test_annotations_are_not_mistaken_for_broken_files_of_picks(tmp_path):
    path = tmp_path / "picks"
    write_picks(path, records(1), PickFormat.CSV)
    path.write_bytes(path.read_bytes().replace(b"depth_kind", b"kind"))
    with pytest.raises(AnnotationError, match='"camera_to_world11" but not "depth_kind"'):
        read_picks(path)
    write_picks(path, records(1), PickFormat.COCO)
    assert read_picks(path) is None
    for text in (
        "name,x,y\na,1,2\n",
        '{"format": "reconstruct-from-depth picks", "picks": [{"x": 1, "y": 2}]}',
        "<annotations/>",
    ):
        path.write_text(text)
        assert read_picks(path) is None


def test_many_keypoints_of_one_name_take_no_longer_than_others(tmp_path):
    same = [dataclasses.replace(records(1)[0], name="p")] * 20_000
    start = time.perf_counter()
    write_picks(tmp_path / "picks.json", same, PickFormat.COCO)
    assert time.perf_counter() - start < 10  # a minute if each was compared with all before it
    category = json.loads((tmp_path / "picks.json").read_bytes())["categories"][0]
    assert category["keypoints"] == ["p"] * 20_000


def test_nothing_and_what_is_not_finite_are_not_written(tmp_path):
    path = tmp_path / "picks"
    with pytest.raises(AnnotationError, match="no picks to export"):
        write_picks(path, [], PickFormat.CSV)
    broken = dataclasses.replace(records(1)[0], world=(0.0, float("nan"), 0.0))
    for form in PickFormat:
        with pytest.raises(AnnotationError, match='"left eye" has a number that is not finite'):
            write_picks(path, [broken], form)
    assert not path.exists()


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path, monkeypatch):
    path = tmp_path / "picks.csv"
    write_picks(path, records(3), PickFormat.CSV)
    before = path.read_bytes()

    def fail(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", fail)
        with pytest.raises(FileError, match=r"cannot be written \(No space left"):
            write_picks(path, records(5), PickFormat.CSV)
    assert path.read_bytes() == before
    write_picks(path, records(5), PickFormat.CSV)
    assert len(read_picks(path).records) == 5
    assert list(tmp_path.iterdir()) == [path]


def test_a_path_that_cannot_be_written_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "missing" / "a.csv", tmp_path / "file" / "a.csv", tmp_path):
        with pytest.raises(FileError, match="cannot be written"):
            write_picks(path, records(1), PickFormat.JSON)
    assert [one.name for one in tmp_path.iterdir()] == ["file"]


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_a_link_stays_a_link(tmp_path):
    link = tmp_path / "link.csv"
    link.symlink_to("picks.csv")
    write_picks(link, records(2), PickFormat.CSV)
    assert link.is_symlink()
    assert len(read_picks(tmp_path / "picks.csv").records) == 2
