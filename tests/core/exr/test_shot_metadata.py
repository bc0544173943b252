"""How a render was taken comes back from a file's metadata the same, or with a clear error."""

from __future__ import annotations

import base64
import json
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import OpenEXR
import pytest

from core.cameras import fisheye, panorama
from core.cameras.camera import Camera, Lens
from core.cameras.intrinsics import Intrinsics, Orthographic, Perspective
from core.cameras.stereo import SphericalStereo
from core.depth.clipping import ClipRange
from core.depth.image import DepthKind
from core.errors import CameraError
from core.exr.reader import read_info
from core.exr.shot_metadata import ShotMetadata, ViewShot
from core.exr.stamp_note import (
    NOTE_BYTES,
    data_in_note,
    note_with_text,
    note_without_text,
    text_from_data,
)

INTRINSICS = Intrinsics(1234.5678901234567, 0.1 + 0.2, -17.3, 1e-300, 3840, 2160)
FRAME = panorama.Frame(400, 200, 0.1, 1.0 / 3.0, -0.7, 1.1)
LENSES: list[Lens] = [
    Perspective(INTRINSICS),
    Orthographic(INTRINSICS),
    panorama.Equirectangular(FRAME, -1.0, 2.5, -1.1, 1.0),
    panorama.CentralCylindrical(FRAME, -2.0, 1.5, -0.3, 0.7),
    panorama.CubeFace(FRAME),
    fisheye.FisheyeEquidistant(FRAME, 4.0),
    fisheye.FisheyeEquisolid(FRAME, 36.0, 23.9, 3.5, 12.1),
    fisheye.FisheyePolynomial(FRAME, 36.0, 24.0, 3.0, 0.002, 0.06, 1e-3, -1e-5, 1e-7),
    fisheye.MirrorBall(FRAME),
    SphericalStereo(Perspective(INTRINSICS), 0.03, 1.95, 0.5, 1.0, (0.6, 0.8, 0.0)),
]
CLIP = ClipRange(float(np.float32(0.1)), 1000.0, DepthKind.RAY, True)


def posed(lens: Lens, seed: int = 3) -> Camera:
    rng = np.random.default_rng(seed)
    matrix = np.eye(4)
    matrix[:3, :3], _ = np.linalg.qr(rng.normal(size=(3, 3)))
    matrix[:3, 3] = rng.normal(size=3) * 1e3
    return Camera(lens, matrix)


def shot(*views: ViewShot) -> ShotMetadata:
    return ShotMetadata(
        views=views or (view_shot(LENSES[0]),),
        engine="BLENDER_EEVEE_NEXT",
        frame=-12,
        subframe=1.0 / 3.0,
        has_motion_blur=True,
        unit_scale=float(np.float32(0.01)),
        blender_version="4.2.23",
        fingerprint="0123456789abcdef",
    )


def view_shot(lens: Lens, view: str = "", suffix: str = "", aside: float = 0.0) -> ViewShot:
    camera = posed(lens)
    matrix = np.array(camera.matrix)
    matrix[:3, 3] += aside * matrix[:3, 0]
    return ViewShot(view, suffix, "Cämera.001", Camera(lens, matrix), CLIP, True)


def check_same(one: ShotMetadata | None, other: ShotMetadata) -> None:
    assert one is not None
    assert one.to_data() == other.to_data()
    for mine, theirs in zip(one.views, other.views, strict=True):
        assert mine.camera.lens == theirs.camera.lens
        assert mine.camera.matrix.tobytes() == theirs.camera.matrix.tobytes()
        assert mine.clip == theirs.clip
        assert mine.kind is theirs.kind is DepthKind.RAY


@pytest.mark.parametrize("lens", LENSES, ids=lambda lens: type(lens).__name__)
def test_the_round_trip_loses_no_bit_and_fits_beside_a_note(lens: Lens) -> None:
    stereo = shot(view_shot(lens, "left", "_L"), view_shot(lens, "right", "_R", aside=0.065))
    for metadata, room in ((shot(view_shot(lens)), 110), (stereo, 40)):
        text = metadata.to_text()
        assert text.isascii()
        assert not set(text) & set("\"'\\,\n")
        check_same(ShotMetadata.from_text(text), metadata)
        written = json.dumps(metadata.to_data(), allow_nan=False)
        check_same(ShotMetadata.from_data(json.loads(written)), metadata)
        assert len(text) <= NOTE_BYTES - room, "the text has no room in a note"


def test_random_numbers_come_back_to_the_last_bit() -> None:
    rng = np.random.default_rng(7)
    for seed in range(100):
        numbers = np.exp(rng.normal(scale=20.0, size=6)).tolist()
        lens = Orthographic(Intrinsics(*numbers[:4], 17, 4))
        metadata = replace(
            shot(replace(view_shot(lens), camera=posed(lens, seed))),
            unit_scale=numbers[4],
            subframe=numbers[5] % 1.0,
        )
        check_same(ShotMetadata.from_text(metadata.to_text()), metadata)


GOLDEN = (
    "[reconstruct-from-depth 1 c=<V(-E*~-Nm2tb3`H;G?$SIQhasGdn{Y9H#|@Q)W<e@wWxMQe*?N+GLFy3dov"
    "3AV>k=@%v2l#~HEwtV^|Z{e5-&O8&%mGP4*-cp%_FOyo?l*1Z+{2!<9(aL3;s_kH#gU_pI;tND)DP{Z8ou7I9Hum"
    "@@c`QZ!Wd$f=l7J;S!BKI>j`lF)*eWSW9vz>#}yOU<ZLL(MB#=Tq)2Usv;{w;T&OBh{hRNZtW;-Dk&6f-t^Ri!|)"
    "VN%YCicDB7{x(Nr~uh_6`@4Bc$uoO;m+`t}XfT0PH#@}wveaNvqEk1Gn|4IzpQvKouJtf8p(xEOuI?NJ%EXVIN40"
    "txg9uuS2_]"
)


GOLDEN_MATRIX = [
    [-0.6972437296974106, -0.7055049849538615, 0.12694052781872384, 3322.9995166448825],
    [0.1939683908281411, -0.3561643451747411, -0.9140695939510237, 225.78661322792175],
    [0.6900923450938911, -0.6127068429775366, 0.3851790230676048, -352.6307943415954],
    [0.0, 0.0, 0.0, 1.0],
]
"""Of `posed`, where the text was made: another processor rounds some numbers another way."""


def test_texts_of_this_version_stay_readable() -> None:
    """If this fails, the dictionary or the data has changed: give that a version of its own."""
    camera = Camera(LENSES[0], GOLDEN_MATRIX)
    np.testing.assert_allclose(camera.matrix, posed(LENSES[0]).matrix, rtol=1e-14)
    expected = shot(replace(view_shot(LENSES[0]), camera=camera))
    check_same(ShotMetadata.from_text(GOLDEN), expected)


@pytest.mark.parametrize(
    "note", ["", "mine", "two\nlines\n", "[in brackets]", "Größe 東京", " spaces  "]
)
def test_the_users_note_survives(note: str) -> None:
    text = shot().to_text()
    both = note_with_text(note, text)
    assert both is not None
    assert both.startswith(note)
    check_same(ShotMetadata.from_text(both), shot())
    assert note_without_text(both) == note
    later = replace(shot(), frame=13).to_text()
    assert note_with_text(both, later) == note_with_text(note, later)
    assert note_without_text(note) == note


def test_a_note_that_blender_would_cut_off_is_none() -> None:
    text = shot().to_text()
    room = NOTE_BYTES - len(text) - 1
    assert len(note_with_text("x" * room, text) or "") == NOTE_BYTES
    assert note_with_text("x" * (room + 1), text) is None
    assert note_with_text("ä" * (room // 2 + 1), text) is None


def write(path: Path, **attributes: str) -> str:
    header = {"type": OpenEXR.scanlineimage, "compression": OpenEXR.ZIP_COMPRESSION, **attributes}
    OpenEXR.File(header, {"Z": np.ones((3, 4), np.float32)}).write(str(path))
    return str(path)


def test_a_file_says_how_it_was_rendered(tmp_path: Path) -> None:
    note = note_with_text("mine", shot().to_text())
    assert note is not None
    path = write(tmp_path / "a.exr", Note=note, Frame="-012", Camera="Cämera.001")
    check_same(ShotMetadata.from_attributes(read_info(path).attributes), shot())


@pytest.mark.parametrize("attributes", [{}, {"Note": "mine [1]"}, {"Frame": "1", "Note": ""}])
def test_a_file_may_say_nothing(tmp_path: Path, attributes: dict[str, str]) -> None:
    info = read_info(write(tmp_path / "a.exr", **attributes))
    assert ShotMetadata.from_attributes(info.attributes) is None


@pytest.mark.parametrize(
    ("attributes", "match"),
    [
        ({"Frame": "003"}, "of frame 3, but its Note describes frame -12"),
        ({"Camera": "B"}, "of camera 'B', but its Note describes camera 'Cämera.001'"),
    ],
)
def test_a_text_left_over_from_another_render_is_refused(
    attributes: dict[str, str], match: str
) -> None:
    with pytest.raises(CameraError, match=match):
        ShotMetadata.from_attributes({"Note": shot().to_text(), **attributes})
    unnamed = {"Note": shot().to_text(), **dict.fromkeys(attributes, "<none>")}
    check_same(ShotMetadata.from_attributes(unnamed), shot())


def test_views_by_name_and_by_file() -> None:
    lens = LENSES[0]
    left, right = view_shot(lens, "left", "_L"), view_shot(lens, "right", "_R")
    other = view_shot(lens, "other", "er_L")
    metadata = shot(left, right, other)
    assert metadata.view_shot("right", "shot_L.exr") is right
    assert metadata.view_shot(path="/renders_R/shot0001_L.exr") is left
    assert metadata.view_shot(path="/renders/other_L.exr") is other
    assert shot(left).view_shot(path="shot_R.exr") is left
    with pytest.raises(CameraError, match="no view top, expected one of left, right, other"):
        metadata.view_shot("top")
    with pytest.raises(CameraError, match="the views left, right, other, and neither"):
        metadata.view_shot(path="/renders_L/shot.exr")


def damaged() -> list[tuple[str, str]]:
    text = shot().to_text()
    middle = len(text) // 2
    packed = zlib.compress(b"{}")
    return [
        ("damaged or cut off", text[:-1]),
        ("damaged or cut off", text[:middle]),
        ("damaged or cut off", text[:middle] + "~" + text[middle + 1 :]),
        ("damaged or cut off", text[:middle] + text[middle + 1 :]),
        ("damaged or cut off", text[: middle - 1] + "ä" + text[middle:]),
        ("damaged or cut off", "[reconstruct-from-depth 1 ]"),
        ("damaged or cut off", f"[reconstruct-from-depth 1 {base64.b85encode(packed).decode()}x]"),
        ("damaged or cut off", text_from_data([0] * 2_000_000)),
        ("version 2, expected 1: update", text.replace(" 1 ", " 2 ", 1)),
    ]


@pytest.mark.parametrize(("match", "text"), damaged())
def test_damaged_and_newer_texts_are_refused(match: str, text: str) -> None:
    with pytest.raises(CameraError, match=match):
        ShotMetadata.from_text(f"mine\n{text}")


def changed(**fields: Any) -> dict[str, Any]:
    return {**shot().to_data(), **fields}


def with_view(**fields: Any) -> dict[str, Any]:
    data = shot().to_data()
    return {**data, "views": [{**data["views"][0], **fields}]}


@pytest.mark.parametrize(
    ("match", "data"),
    [
        ("without named values", None),
        ("without named values", [1, 2]),
        ("the version None", {}),
        ("version 2, expected 1: update", changed(version=2)),
        ("the frame 1.5", changed(frame=1.5)),
        ("the frame True", changed(frame=True)),
        ("the subframe nan", changed(subframe=float("nan"))),
        ("the unit_scale 1e", changed(unit_scale="1e")),
        ("the unit_scale 1000000", changed(unit_scale=10**400)),
        ("the has_motion_blur 1", changed(has_motion_blur=1)),
        ("the engine None", changed(engine=None)),
        ("has no views", changed(views=[])),
        ("two of the same name", changed(views=shot().to_data()["views"] * 2)),
        ("without named values", changed(views=[1])),
        ("the camera_name 5", with_view(camera_name=5)),
        ("the clip None", with_view(clip=None)),
        ("the kind None", with_view(clip={})),
        ("of the kind flat", with_view(clip={"kind": "flat"})),
        ("the start inf", with_view(clip={"kind": "ray", "start": float("inf")})),
        ("the camera \\[\\]", with_view(camera=[])),
        ("camera data has the version", with_view(camera={"version": 99})),
    ],
)
def test_other_data_is_refused(match: str, data: object) -> None:
    with pytest.raises(CameraError, match=match):
        ShotMetadata.from_data(data)


def test_whole_numbers_stand_for_floats() -> None:
    """JSON of other programs writes 1 for 1.0."""
    metadata = ShotMetadata.from_data(changed(unit_scale=1, subframe=0))
    assert isinstance(metadata.unit_scale, float)
    assert (metadata.unit_scale, metadata.subframe) == (1.0, 0.0)


def test_mutated_texts_end_in_the_same_or_an_error() -> None:
    """The check sum of zlib finds what base 85 and JSON let pass."""
    rng = np.random.default_rng(5)
    text = np.frombuffer(shot().to_text().encode(), np.uint8)
    for _ in range(2000):
        mutated = text.copy()
        places = rng.integers(26, len(text) - 1, rng.integers(1, 4))
        mutated[places] = rng.integers(33, 127, len(places))
        try:
            found = ShotMetadata.from_text(mutated.tobytes().decode())
        except CameraError:
            continue
        check_same(found, shot())


def test_mutated_data_ends_in_metadata_or_an_error() -> None:
    rng = np.random.default_rng(6)
    text = json.dumps(shot().to_data())
    for _ in range(1000):
        mutated = list(text)
        for place in rng.integers(0, len(text), rng.integers(1, 4)):
            mutated[place] = chr(rng.integers(32, 127))
        try:
            data = data_in_note(text_from_data(json.loads("".join(mutated))))
        except ValueError:
            continue
        try:
            ShotMetadata.from_data(data)
        except CameraError:
            continue
