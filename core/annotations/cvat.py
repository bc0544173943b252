"""CVAT for images 1.1, an XML file for many images: ``points``, including those of skeletons.

Its coordinates are continuous, from the image's upper left corner, like this product's: the
format's example has points at 0.00 and at the full 1200.00 of an image of 1200 rows. Source:
https://docs.cvat.ai/docs/manual/advanced/xml_format/
"""

from __future__ import annotations

from xml.etree import ElementTree

from ..errors import AnnotationError
from ..support.aspect import Size
from .annotation import AnnotatedImage, Annotation
from .image_collector import ImageCollector, not_a_point, numbered_name, occluded_note
from .parsing import parse_number

_SHAPES = ("box", "polygon", "polyline", "ellipse", "cuboid", "mask")


def read_cvat(text: str) -> tuple[AnnotatedImage, ...]:
    """Read the points of every image in a CVAT file.

    Raises
    ------
    AnnotationError
        The XML is broken, is not CVAT's format for images, or declares a document type, with which
        a small file could expand without limit.
    """
    if "<!DOCTYPE" in text:
        raise AnnotationError(
            "The XML declares a document type, which CVAT never does: export it from CVAT again."
        )
    try:
        root = ElementTree.fromstring(text)
    except ElementTree.ParseError as error:
        raise AnnotationError(f"The XML is broken ({error}): export it from CVAT again.") from None
    images = root.findall("image")
    if root.tag != "annotations" or (not images and root.find("track") is None):
        raise AnnotationError(
            f"The XML's outermost element is <{root.tag}> with {len(images)} images, but "
            '<annotations> with images was expected: export as "CVAT for images 1.1".'
        )
    if not images:
        raise AnnotationError(
            'The XML holds the tracks of a video: export as "CVAT for images 1.1".'
        )
    return tuple(_image(element) for element in images)


def _image(element: ElementTree.Element) -> AnnotatedImage:
    name = element.get("name", "")
    where = f'Image "{name}"'
    image = ImageCollector(_size(element, where), name)
    occluded = 0
    for points in element.iter("points"):
        # Points of a skeleton that are not in this image are listed as outside.
        if points.get("outside") == "1":
            continue
        before = len(image.annotations)
        _add_points(image, points, where)
        if points.get("occluded") == "1":
            occluded += len(image.annotations) - before
    if occluded:
        image.notes.append(occluded_note(occluded))
    for kind in _SHAPES:
        image.problems += [
            not_a_point(where, one.get("label", ""), kind) for one in element.iter(kind)
        ]
    return image.collected()


def _add_points(image: ImageCollector, element: ElementTree.Element, where: str) -> None:
    label = element.get("label", "")
    places = element.get("points", "").split(";")
    for number, place in enumerate(places):
        name = numbered_name(label, number, len(places))
        what = f'{where}, points "{name}"'
        x, comma, y = place.partition(",")
        try:
            if not comma:
                raise AnnotationError(f'{what}: "{place}" was found, but "x,y" was expected.')
            annotation = Annotation(
                name, parse_number(x, f"{what}: x"), parse_number(y, f"{what}: y")
            )
        except AnnotationError as error:
            image.problems.append(str(error))
        else:
            image.annotations.append(annotation)


def _size(element: ElementTree.Element, where: str) -> Size | None:
    width, height = element.get("width"), element.get("height")
    if width is None or height is None:
        return None
    if not (width.isdecimal() and height.isdecimal() and int(width) and int(height)):
        raise AnnotationError(
            f'{where} is "{width}" x "{height}" pixels, but whole numbers were expected.'
        )
    return int(width), int(height)
