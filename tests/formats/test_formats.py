"""Files of picks and annotations, compared with the readers and writers of other tools."""

import json
import shutil
from collections import defaultdict
from pathlib import Path

import numpy as np
import pandas
import PIL.Image
import pytest
from datumaro.components.annotation import (
    AnnotationType,
    LabelCategories,
    Points,
    PointsCategories,
)
from datumaro.components.dataset import Dataset
from datumaro.components.dataset_base import DatasetItem
from datumaro.components.media import Image
from labelme._label_file import read_label_file, write_label_file
from plyfile import PlyData
from pycocotools.coco import COCO

from core.annotations.formats import PickFormat
from core.annotations.picks import PickRecord
from core.annotations.reading import read_annotations
from core.annotations.writing import write_picks
from core.depth.image import DepthKind

SAMPLES = Path(__file__).resolve().parents[1] / "samples"
PLACES = [("left eye", 12.5, 20.25), ("Ohr, links ü", 0.0, 47.75), ("left eye", 64.0, 48.0)]


def records():
    """Two picks on one image and one, of a name that is already there, on another."""
    return [
        PickRecord(
            name=name,
            x=x,
            y=y,
            depth=7.25 + index,
            depth_kind=DepthKind.PLANAR,
            world=(0.1 + index, -2e-7, 3e8),
            camera_space=(0.3, 0.7, -7.25 - index),
            footprint=0.0026,
            precision=2.5e-7,
            edge=index == 1,
            image=("a.png", "a.png", "b.png")[index],
            size=(64, 48),
            frame=index // 2,
            camera="Camera",
            intrinsics=((80.0, 0.0, 32.0), (0.0, 80.0, 24.0), (0.0, 0.0, 1.0)),
            camera_to_world=tuple(map(tuple, np.eye(4).tolist())),
            lens={"type": "Perspective", "words": "three  long  words " * 80},
            color=((1.0, 0.5, 0.0), (0.0, 0.0031308, 0.2), (0.0, 1.0, 1.0))[index],
        )
        for index, (name, x, y) in enumerate(PLACES)
    ]


def places(path):
    return {
        image.file_name: [(one.name, one.x, one.y) for one in image.annotations]
        for image in read_annotations(path)
    }


def coco_file(folder):
    """Our COCO file, where datumaro looks for it."""
    path = folder / "annotations" / "person_keypoints_default.json"
    path.parent.mkdir()
    (folder / "images").mkdir()
    write_picks(path, records(), PickFormat.COCO)
    return path


def test_pycocotools_reads_our_keypoints(tmp_path):
    coco = COCO(coco_file(tmp_path))
    (category,) = coco.loadCats(coco.getCatIds())
    assert category["keypoints"] == ["left eye", "Ohr, links ü"]
    images = {image["file_name"]: image for image in coco.loadImgs(coco.getImgIds())}
    assert {name: (one["width"], one["height"]) for name, one in images.items()} == {
        "a.png": (64, 48),
        "b.png": (64, 48),
    }
    (first,) = coco.loadAnns(coco.getAnnIds(imgIds=[images["a.png"]["id"]]))
    assert first["keypoints"] == [12.0, 19.75, 2, -0.5, 47.25, 2]
    assert first["bbox"] == [0.0, 20.25, 12.5, 27.5]
    (second,) = coco.loadAnns(coco.getAnnIds(imgIds=[images["b.png"]["id"]]))
    assert second["keypoints"] == [63.5, 47.5, 2, 0, 0, 0]
    assert second["num_keypoints"] == 1
    assert second["keypoints_3d"] == [[2.1, -2e-7, 3e8], None]


def test_pycocotools_takes_our_keypoints_as_results(tmp_path):
    """It checks that every result belongs to an image of the file."""
    coco = COCO(coco_file(tmp_path))
    keys = ("image_id", "category_id", "keypoints")
    results = [{key: one[key] for key in keys} | {"score": 1.0} for one in coco.anns.values()]
    again = coco.loadRes(results)
    assert again.anns[1]["bbox"] == [-0.5, 19.75, 12.5, 27.5]


def test_datumaro_reads_our_keypoints(tmp_path):
    coco_file(tmp_path)
    dataset = Dataset.import_from(str(tmp_path), "coco_person_keypoints")
    (category,) = dataset.categories()[AnnotationType.points].items.values()
    assert category.labels == ["left eye", "Ohr, links ü"]
    found = {
        item.id: [one for one in item.annotations if isinstance(one, Points)] for item in dataset
    }
    assert [one.points for one in found["a"]] == [[12.0, 19.75, -0.5, 47.25]]
    assert [one.points for one in found["b"]] == [[63.5, 47.5, 0.0, 0.0]]
    assert [int(one) for one in found["b"][0].visibility] == [2, 0]


def dataset_of(*shapes, categories):
    """A dataset of one image, as datumaro has it."""
    item = DatasetItem(
        id="shot",
        media=Image.from_numpy(np.zeros((48, 64, 3), np.uint8)),
        annotations=list(shapes),
        attributes={"id": 1, "frame": 0},
    )
    return Dataset.from_iterable([item], categories=categories)


def test_we_read_keypoints_that_datumaro_wrote(tmp_path):
    categories = {
        AnnotationType.label: LabelCategories.from_iterable(["face"]),
        AnnotationType.points: PointsCategories.from_iterable([(0, ["nose", "ear", "chin"])]),
    }
    shape = Points([12, 19.25, 0, 0, 63, 47], [2, 0, 1], label=0, id=1)
    shape.attributes["is_crowd"] = False
    dataset = dataset_of(shape, categories=categories)
    dataset.export(str(tmp_path), "coco_person_keypoints", save_media=True)
    (path,) = (tmp_path / "annotations").glob("*.json")
    (image,) = read_annotations(path)
    assert (image.size, Path(image.file_name).stem, image.problems) == ((64, 48), "shot", ())
    assert [(one.name, one.x, one.y) for one in image.annotations] == [
        ("nose", 12.5, 19.75),
        ("chin", 63.5, 47.5),
    ]
    assert "hidden" in image.notes[1]


def test_datumaro_and_we_read_the_same_from_cvat(tmp_path):
    path = tmp_path / "default.xml"
    shutil.copyfile(SAMPLES / "cvat_images.xml", path)
    for name in ("render_0001.png", "render_0002.png"):
        picture = tmp_path / "images" / "shots" / name
        picture.parent.mkdir(parents=True, exist_ok=True)
        PIL.Image.new("L", (1600, 1200)).save(picture)
    dataset = Dataset.import_from(str(path), "cvat")
    theirs = {
        item.id: sorted(
            (*pair,)
            for one in item.annotations
            if isinstance(one, Points)
            for pair in np.reshape(one.points, (-1, 2)).tolist()
        )
        for item in dataset
    }
    ours = {
        image.file_name.removesuffix(".png"): sorted(
            # datumaro has single precision.
            (float(np.float32(one.x)), float(np.float32(one.y)))
            for one in image.annotations
        )
        for image in read_annotations(path)
    }
    assert ours == theirs
    assert sum(map(len, ours.values())) == 4


def test_we_read_points_that_datumaro_wrote_for_cvat(tmp_path):
    categories = {AnnotationType.label: LabelCategories.from_iterable(["eye", "ear"])}
    dataset = dataset_of(
        Points([12.5, 20.25], label=0),
        Points([0.5, 47.75, 64, 48], label=1),
        categories=categories,
    )
    dataset.export(str(tmp_path), "cvat", save_media=True)
    (path,) = tmp_path.glob("*.xml")
    (image,) = read_annotations(path)
    assert (image.size, image.problems) == ((64, 48), ())
    assert [(one.name, one.x, one.y) for one in image.annotations] == [
        ("eye", 12.5, 20.25),
        ("ear 1", 0.5, 47.75),
        ("ear 2", 64.0, 48.0),
    ]


def test_labelme_and_we_read_the_same():
    path = SAMPLES / "labelme.json"
    theirs = read_label_file(str(path))
    expected = [
        (*place,)
        for shape in theirs.shapes
        if shape["shape_type"] in ("point", "points")
        for place in shape["points"]
    ]
    (image,) = read_annotations(path)
    assert [(one.x, one.y) for one in image.annotations] == expected
    assert image.file_name == theirs.image_path
    assert len(expected) == 4


def test_we_read_what_labelme_wrote(tmp_path):
    path = tmp_path / "shot.json"
    shapes = [
        {
            "label": name,
            "points": [[x, y]],
            "group_id": None,
            "description": "",
            "shape_type": "point",
            "flags": {},
            "mask": None,
        }
        for name, x, y in PLACES
    ]
    write_label_file(
        str(path), shapes=shapes, image_path="shot.png", image_height=48, image_width=64
    )
    (image,) = read_annotations(path)
    assert (image.size, image.problems) == ((64, 48), ())
    assert places(path) == {"shot.png": PLACES}


def test_plyfile_reads_our_picks(tmp_path):
    path = tmp_path / "picks.ply"
    picks = records()
    write_picks(path, picks, PickFormat.PLY)
    ply = PlyData.read(path)
    vertex = ply["vertex"].data
    assert (ply.text, ply.byte_order, len(vertex)) == (False, "<", 3)
    world = np.stack([vertex[axis] for axis in "xyz"], axis=-1)
    np.testing.assert_array_equal(world, [one.world for one in picks])
    for name, values in {
        "pixel_x": [one.x for one in picks],
        "depth": [one.depth for one in picks],
        "camera_z": [one.camera_space[2] for one in picks],
        "precision": [one.precision for one in picks],
        "edge": [0, 1, 0],
        "image": [0, 0, 1],
        "ray_depth": [0, 0, 0],
        # sRGB's published table: 0.5 is 188, 0.2 is 124, and 0.0031308 is 10.
        "red": [255, 0, 0],
        "green": [188, 10, 255],
        "blue": [0, 124, 255],
    }.items():
        assert vertex[name].tolist() == values, name
    comments = defaultdict(str)
    for comment in ply.comments:
        kind, index, text = comment.split(" ", 2)
        comments[kind, int(index)] += text
    names = [json.loads(text) for (kind, _), text in comments.items() if kind == "name"]
    images = [json.loads(text) for (kind, _), text in comments.items() if kind == "image"]
    assert names == [one.name for one in picks]
    assert len(ply.comments) > len(comments)
    assert [one["file_name"] for one in images] == ["a.png", "b.png"]
    assert images[1]["camera"]["lens"] == picks[2].lens
    assert images[0]["camera"]["intrinsics"] == [list(row) for row in picks[0].intrinsics]


def test_pandas_reads_our_csv(tmp_path):
    path = tmp_path / "picks.csv"
    picks = records()
    write_picks(path, picks, PickFormat.CSV)
    table = pandas.read_csv(path, float_precision="round_trip")
    assert table["name"].tolist() == [one.name for one in picks]
    for column, values in {
        "x": [one.x for one in picks],
        "world_z": [one.world[2] for one in picks],
        "precision": [one.precision for one in picks],
        "edge": [0, 1, 0],
        "k11": [80.0] * 3,
        "camera_to_world44": [1.0] * 3,
    }.items():
        assert table[column].tolist() == values, column
    assert json.loads(table["lens"][0]) == picks[0].lens


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_we_read_csv_that_pandas_wrote(tmp_path, separator):
    path = tmp_path / "points.csv"
    table = pandas.DataFrame(PLACES, columns=["name", "x", "y"])
    decimal = "." if separator == "," else ","
    table.to_csv(path, sep=separator, decimal=decimal, index=False)
    assert places(path) == {"": PLACES}
