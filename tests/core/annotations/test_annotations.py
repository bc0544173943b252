"""Points that annotation tools stored, and how files that are broken or foreign are refused."""

import contextlib
import random
from pathlib import Path

import pytest

from core.annotations.annotation import AnnotatedImage, Annotation, choose_image
from core.annotations.reading import read_annotations
from core.errors import AnnotationError

SAMPLES = Path(__file__).resolve().parents[2] / "samples"


def read(tmp_path, content):
    path = tmp_path / "points.txt"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_annotations(path)


def only(tmp_path, content):
    (image,) = read(tmp_path, content)
    return image


def points(image):
    return [(one.name, one.x, one.y) for one in image.annotations]


TWO = [("left eye", 812.5, 344.0), ("b", 1.25, 0.5)]


@pytest.mark.parametrize(
    "text",
    [
        "name,x,y\nleft eye,812.5,344\nb,1.25,0.5\n",
        "left eye,812.5,344\nb,1.25,0.5\n",
        '"left eye", 812.5 ,344\r\n\r\nb,1.25,5e-1',
        "left eye;812.5;344\nb;1.25;.5\n",
        "left eye;812,5;344\nb;1,25;0,5\n",
        "Name\tX\tY\nleft eye\t812,5\t344\nb\t1,25\t0,5\n",
        "sep=;\nlabel;x;y\nleft eye;812,5;344\nb;1,25;0,5\n",
        "y,x,comment,name\n344,812.5,good,left eye\n0.5,1.25,,b\n",
        "Beschriftung;Spalte;Zeile\nleft eye;812,5;344\nb;1,25;0,5\n",
        "\ufeffname,x,y\nleft eye,812.5,344\nb,1.25,0.5\n",
        "\ufeffname\tx\ty\nleft eye\t812.5\t344\nb\t1.25\t0.5\n".encode("utf-16-le"),
    ],
)
def test_csv_is_read_however_it_is_written(tmp_path, text):
    image = only(tmp_path, text)
    assert points(image) == TWO
    assert (image.size, image.file_name, image.problems) == (None, "", ())


def test_names_in_csv_may_hold_everything(tmp_path):
    image = only(tmp_path, '"a, ""b""; c",1,2\n"two\nlines",3,4\n左;耳,5,6\n5" pipe,7,8\n,9,10\n')
    names = [one.name for one in image.annotations]
    assert names == ['a, "b"; c', "two\nlines", "左;耳", '5" pipe', ""]


def test_bad_lines_of_csv_are_named_and_the_good_ones_read(tmp_path):
    lines = [
        "name,x,y",
        "a,1,2",
        "b,nan,2",
        "c,1",
        '"d\ne",1_0,2',
        "f,1,1e999",
        "g,3,4",
        "h,\uff11,2",
    ]
    image = only(tmp_path, "\n".join(lines))
    assert points(image) == [("a", 1, 2), ("g", 3, 4)]
    assert image.problems == (
        'Line 3 ("b"): x is "nan", but a finite number was expected.',
        'Line 4 ("c"): y is "", but a finite number was expected.',
        'Line 5 ("d\ne"): x is "1_0", but a finite number was expected.',
        'Line 7 ("f"): y is "1e999", but a finite number was expected.',
        'Line 9 ("h"): x is "\uff11", but a finite number was expected.',
    )


def test_labelme_points_are_read():
    (image,) = read_annotations(SAMPLES / "labelme.json")
    assert (image.size, image.file_name) == ((64, 48), "render_0001.png")
    assert points(image) == [
        ("left eye", 12.5, 20.25),
        ("Auge, rechts é", 64.0, 48.0),
        ("click 1", 3.0, 4.0),
        ("click 2", 5.5, 6.5),
    ]
    assert len(image.problems) == 1
    assert '"wall" is a polygon' in image.problems[0]


def test_bad_shapes_of_labelme_are_named(tmp_path):
    shapes = [
        '{"label": "a", "shape_type": "point", "points": [[1, "2"]]}',
        '{"label": "b", "shape_type": "point", "points": [[1, 2, 3]]}',
        '{"label": 3, "shape_type": "point", "points": [[1, 2]]}',
        '{"label": "c", "shape_type": "point"}',
        "7",
        '{"label": "d", "points": [[1, 2], [3, 4], [5, 6]]}',
        '{"label": "e", "shape_type": "point", "points": [[Infinity, 2]]}',
        '{"label": "f", "shape_type": "point", "points": [[1, 2]]}',
    ]
    image = only(tmp_path, f'{{"imagePath": null, "shapes": [{",".join(shapes)}]}}')
    assert points(image) == [("f", 1, 2)]
    assert image.problems == (
        'Shape 1 ("a")\'s y is "2", but a finite number was expected.',
        'Shape 2 ("b") has 3 coordinates, but x and y were expected.',
        'Shape 3\'s "label" is 3, but text was expected.',
        'Shape 4 has no "points", where a list was expected.',
        "Shape 5 is 7, but an object was expected.",
        'Shape 6: "d" is a polygon, but only points are imported.',
        'Shape 7 ("e")\'s x is Infinity, but a finite number was expected.',
    )


def test_cvat_points_are_read():
    first, second = read_annotations(SAMPLES / "cvat_images.xml")
    assert (first.size, first.file_name) == ((1600, 1200), "shots/render_0001.png")
    assert points(first) == [
        ("wheel 1", 574.90, 939.48),
        ("wheel 2", 1170.16, 907.90),
        ("plate", 462.10, 0.0),
    ]
    assert len(first.problems) == 1
    assert "box" in first.problems[0]
    assert first.notes[0].startswith("1 point is marked as hidden")
    assert points(second) == [("plate", 126.8, 1200.0)]


def test_only_points_in_the_image_are_read_of_cvat_skeletons():
    (image,) = read_annotations(SAMPLES / "cvat_skeletons.xml")
    assert points(image) == [("nose", 320.5, 240.5)]


def test_bad_points_of_cvat_are_named(tmp_path):
    image = only(
        tmp_path,
        '<annotations><image name="a.png"><points label="p" points="1,2;3;x,4;5,6"/></image>'
        "</annotations>",
    )
    assert points(image) == [("p 1", 1, 2), ("p 4", 5, 6)]
    assert image.problems == (
        'Image "a.png", points "p 2": "3" was found, but "x,y" was expected.',
        'Image "a.png", points "p 3": x is "x", but a finite number was expected.',
    )


def test_coco_counts_from_the_centers_of_pixels():
    first, second = read_annotations(SAMPLES / "coco_keypoints.json")
    assert (first.size, first.file_name) == ((640, 427), "000000397133.jpg")
    assert points(first) == [("nose", 433.5, 94.5), ("left_eye", 434.5, 90.5)]
    assert "Half a pixel was added" in first.notes[0]
    assert "1 point is marked as hidden" in first.notes[1]
    assert points(second)[1:] == [("left_eye", 25.75, 36.0), ("right_eye", 351.5, 229.5)]
    assert first.problems == second.problems == ()


def test_bad_annotations_of_coco_are_named(tmp_path):
    images = read(
        tmp_path,
        """{"images": [{"id": 1, "file_name": "a.png"}], "categories": [], "annotations": [
        {"image_id": 1, "keypoints": [1, 2, 2, null, 4, 2, 5, 6, true, 7.5, 8, 2]},
        {"image_id": 1, "keypoints": [1, 2]},
        {"image_id": 1, "bbox": [1, 2, 3, 4]},
        {"image_id": 2, "keypoints": [1, 2, 2]}]}""",
    )
    assert points(images[0]) == [("keypoint 1", 1.5, 2.5), ("keypoint 4", 8.0, 8.5)]
    assert images[0].problems == (
        'Annotation 1, keypoint 2 ("keypoint 2"): x is null, but a finite number was expected.',
        'Annotation 1, keypoint 3 ("keypoint 3"): visibility is true, but a finite number was '
        "expected.",
        "Annotation 2 has 2 numbers as keypoints, but x, y, and visibility of each were expected.",
    )
    assert images[1].annotations == ()
    assert images[1].problems == ("Annotation 4 belongs to an image that the file does not list.",)
    chosen = choose_image(images, "other.png")
    assert chosen.problems == (*images[0].problems, *images[1].problems)


def test_native_json_needs_only_its_format_and_points(tmp_path):
    image = only(
        tmp_path,
        """{"format": "reconstruct-from-depth picks", "picks": [
        {"name": "a", "x": 1, "y": 2.5}, {"name": "b", "x": 1}, {"x": 3, "y": 4, "image": 5}]}""",
    )
    assert points(image) == [("a", 1.0, 2.5)]
    assert image.problems == (
        'Pick 2 ("b"): y is null, but a finite number was expected.',
        "Pick 3 belongs to image 5, but the number of images in the file is 0.",
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "not a table of points"),
        ("Dear reader,\nthis is a letter, with commas, not points.\n", "not a table of points"),
        ("name,x,y\n", "holds no points"),
        ('a,1,2\n"b,3,4\n', "Line 2 is broken CSV"),
        ('a,1,2\n"b"c,3,4\n', "',' expected after '\"'"),
        (b"\x76\x2f\x31\x01\x02\x00\x00\x00", "not text"),
        ("name,x,y\nStra\xdfe,1,2\n".encode("latin-1"), "not valid text at byte 13"),
        ('{"shapes": [', "broken at line 1, column 13"),
        ("[1, 2]", r"outermost value is \[1, 2\], but an object"),
        ("[" * 100_000, "cannot be read"),
        (r'{"format": "\ud83d"}', "cannot be read"),
        ('{"a": 1, "b": 2}', 'holds "a", "b", which is not a known format'),
        ("{}", "holds nothing, which is not a known format"),
        ('{"images": {}, "annotations": []}', '"images" is {}, but a list.'),
        ('{"images": [{"file_name": "a"}], "annotations": []}', 'Image 1 has no "id"'),
        ('{"images": [{"id": 1, "width": 0, "height": 2}], "annotations": []}', "0 x 2 pixels."),
        ('{"images": [], "annotations": [{"bbox": []}]}', "boxes or outlines but no keypoints"),
        ('{"images": [], "annotations": []}', "holds no points"),
        ('{"shapes": 1, "imagePath": ""}', '"shapes" is 1, but a list.'),
        (
            '{"shapes": [], "imagePath": "", "imageWidth": 1.5, "imageHeight": 1}',
            "1.5, but a whole",
        ),
        ('{"shapes": [], "imagePath": ""}', "holds no points"),
        ('{"format": "reconstruct-from-depth picks", "version": 2}', "version 2, but 1"),
        ('{"format": "reconstruct-from-depth picks"}', 'no "picks"'),
        ("<annotations><image>", "XML is broken"),
        ("<annotation><object/></annotation>", "outermost element is <annotation>"),
        ('<annotations><track id="0"/></annotations>', "tracks of a video"),
        ('<annotations><image name="a" width="-1" height="2"/></annotations>', '"-1" x "2"'),
        ("<annotations><image/></annotations>", "holds no points"),
        ('<!DOCTYPE a [<!ENTITY b "c">]><annotations/>', "declares a document type"),
    ],
)
def test_a_file_without_points_is_refused_in_one_sentence(tmp_path, content, message):
    with pytest.raises(AnnotationError, match=message) as caught:
        read(tmp_path, content)
    assert str(caught.value).startswith(str(tmp_path / "points.txt"))


def test_a_file_that_cannot_be_read_is_refused(tmp_path):
    with pytest.raises(AnnotationError, match="No such file"):
        read_annotations(tmp_path / "missing.csv")
    with pytest.raises(AnnotationError, match="cannot be read"):
        read_annotations(tmp_path)


def image_of(*places, size=(64, 48), name="a.png"):
    annotations = tuple(Annotation(str(index), x, y) for index, (x, y) in enumerate(places))
    return AnnotatedImage(size, name, annotations)


def test_points_of_an_image_of_the_same_aspect_are_scaled():
    fitted = image_of((16.0, 12.0), (0.1, 48.0)).fit_to((1920, 1440))
    assert points(fitted) == [("0", 480.0, 360.0), ("1", 3.0, 1440.0)]
    assert fitted.size == (1920, 1440)
    assert fitted.notes == ("Points were scaled from 64 x 48 to 1920 x 1440 pixels.",)


def test_points_of_an_image_of_the_same_or_an_unknown_size_stay():
    image = image_of((16.0, 12.0))
    assert image.fit_to((64, 48)) == image
    fitted = image_of((16.0, 12.0), size=None).fit_to((640, 400))
    assert (points(fitted), fitted.notes) == ([("0", 16.0, 12.0)], ())


@pytest.mark.parametrize(
    "sizes", [((853, 480), (1920, 1080)), ((854, 480), (1920, 1080)), ((1366, 768), (1920, 1080))]
)
def test_sizes_may_be_rounded(sizes):
    for old, new in (sizes, sizes[::-1]):
        assert image_of((1.0, 2.0), size=old).fit_to(new).size == new


@pytest.mark.parametrize("size", [(48, 64), (64, 49), (62, 48), (1920, 1080)])
def test_another_aspect_is_refused_and_both_are_named(size):
    with pytest.raises(AnnotationError, match=f"64 x 48 pixels.*{size[0]} x {size[1]}"):
        image_of((1.0, 2.0)).fit_to(size)


def test_points_outside_the_image_are_named():
    image = image_of((0.0, 0.0), (64.0, 48.0), (64.5, 3.0), (3.0, -0.1))
    inside = image.inside((64, 48))
    assert inside.annotations == image.annotations[:2]
    assert inside.problems == (
        'Point "2" at (64.5, 3) lies outside the image of 64 x 48 pixels.',
        'Point "3" at (3, -0.1) lies outside the image of 64 x 48 pixels.',
    )


def test_the_image_is_chosen_by_its_name():
    first = image_of((1.0, 2.0), name="shots/a.png")
    second = image_of((3.0, 4.0), name="C:\\shots\\b.0001.jpg")
    nameless = AnnotatedImage(None, "", (), ("Annotation 9 is lost",))
    assert choose_image([first], "x.exr") == first
    assert choose_image([first, second], "/tmp/a.png") == first
    chosen = choose_image([first, second, nameless], "//render/b.0001.exr")
    assert points(chosen) == points(second)
    assert chosen.problems == nameless.problems
    assert choose_image([nameless], "a.png") == nameless
    with pytest.raises(AnnotationError, match=r'2 images \("shots/a.png", .*0 match "c.png"'):
        choose_image([first, second], "c.png")
    with pytest.raises(AnnotationError, match="2 match"):
        choose_image([first, first], "a.png")


@pytest.mark.parametrize("sample", sorted(SAMPLES.iterdir()), ids=lambda path: path.name)
def test_damaged_files_give_points_or_one_sentence(tmp_path, sample):
    content = sample.read_bytes()
    choice = random.Random(sample.name)
    for _ in range(300):
        damaged = bytearray(content)
        for _ in range(choice.randint(1, 4)):
            start = choice.randrange(len(damaged))
            end = start + choice.choice((0, 1, 1, 3, 30))
            junk = choice.choice((b"", b"0", b"-1", b"null", b'"', b"[]", b"{}", b"1e400", b"\xff"))
            damaged[start:end] = junk
        # Anything but points and this error fails the test.
        with contextlib.suppress(AnnotationError):
            images = read(tmp_path, bytes(damaged))
            assert all(one.annotations or one.problems for one in images)
