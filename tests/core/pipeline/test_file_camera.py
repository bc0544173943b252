"""What a file says of its camera by itself: in its Note, in JSON beside it, or by matrices."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import OpenEXR
import pytest

import core
from core.depth.clipping import ClipRange
from core.errors import CameraError, DepthError, SizeError
from core.exr.shot_metadata import ShotMetadata, ViewShot
from core.exr.sidecar import file_checksum, sidecar_path, sidecar_text
from core.pipeline.shot import Basis

WIDTH, HEIGHT = 32, 18
LENS = core.Perspective(core.Intrinsics(30.0, 30.0, 15.0, 9.5, WIDTH, HEIGHT))
POSE = [[0, 0, -1, 3.0], [1, 0, 0, -2.0], [0, -1, 0, 1.0], [0, 0, 0, 1]]
CAMERA = core.Camera(LENS, POSE)


def metadata(*views: str) -> ShotMetadata:
    clip = ClipRange(0.1, 50.0, core.DepthKind.RAY, False)
    shots = [ViewShot(each, f"_{each}", "Shot", CAMERA, clip, False) for each in views or ("",)]
    return ShotMetadata(tuple(shots), "CYCLES", 7, 0.0, False, 1.0, "5.2.3", "")


def write(path: Path, size: tuple[int, int] = (WIDTH, HEIGHT), **attributes: Any) -> str:
    header = {
        "type": OpenEXR.scanlineimage,
        "compression": OpenEXR.ZIP_COMPRESSION,
        **attributes,
    }
    pixels = np.linspace(1.0, 4.0, size[0] * size[1], dtype=np.float32).reshape(size[::-1])
    OpenEXR.File(header, {"Z": pixels}).write(str(path))
    return str(path)


def test_a_file_that_describes_itself_needs_no_camera(tmp_path: Path) -> None:
    path = write(tmp_path / "a.exr", Note=metadata().to_text(), Frame="007", Camera="Shot")
    camera = core.camera_of_file(path)
    assert camera.lens == LENS
    np.testing.assert_array_equal(camera.matrix, CAMERA.matrix)
    source = core.source_from_file(path)
    assert (source.shot.kind, source.shot.frame) == (core.DepthKind.RAY, 7)
    assert source.shot.basis.pose is source.shot.basis.kind is Basis.FILE
    made = core.reconstruct_file(path)
    depth = core.read_depth(path, kind=core.DepthKind.RAY)
    np.testing.assert_array_equal(made.points, core.backproject(depth, CAMERA).points)


def test_a_given_camera_and_kind_win(tmp_path: Path) -> None:
    path = write(tmp_path / "a.exr", Note=metadata().to_text())
    other = core.Camera(LENS, np.eye(4))
    options = core.ReconstructionOptions(depth_kind=core.DepthKind.PLANAR)
    source = core.source_from_file(path, other, options)
    assert source.camera is other
    assert source.shot.kind is core.DepthKind.PLANAR
    assert core.source_from_file(path, other).shot.kind is core.DepthKind.RAY


def test_a_scaled_image_scales_the_camera(tmp_path: Path) -> None:
    note = metadata().to_text()
    half = write(tmp_path / "half.exr", (WIDTH // 2, HEIGHT // 2), Note=note)
    assert core.camera_of_file(half).lens == LENS.resized(WIDTH // 2, HEIGHT // 2)
    square = write(tmp_path / "square.exr", (WIDTH, WIDTH), Note=note)
    with pytest.raises(SizeError, match=r"32 x 32 pixels.*32 x 18, which is another aspect"):
        core.camera_of_file(square)


def test_views_are_chosen_by_name_or_by_the_files_name(tmp_path: Path) -> None:
    note = metadata("left", "right").to_text()
    path = write(tmp_path / "a_right.exr", Note=note)
    assert core.source_from_file(path).shot.view == "right"
    options = core.ReconstructionOptions(view="left")
    assert core.source_from_file(path, options=options).shot.view == "left"
    with pytest.raises(CameraError, match="choose a view"):
        core.camera_of_file(write(tmp_path / "b.exr", Note=note))


def test_a_sidecar_describes_just_its_file(tmp_path: Path) -> None:
    path = write(tmp_path / "a.exr")
    Path(sidecar_path(path)).write_text(sidecar_text(metadata(), path), encoding="utf-8")
    assert core.camera_of_file(path).lens == LENS
    checksum = file_checksum(path)
    write(tmp_path / "a.exr", Date="later")
    assert file_checksum(path) != checksum
    with pytest.raises(CameraError, match=r"a\.exr\.json belongs to another file than a\.exr"):
        core.camera_of_file(path)
    for text in ("", "[" * 100_000, "\udcff"):
        Path(sidecar_path(path)).write_text(text, encoding="utf-8", errors="surrogateescape")
        with pytest.raises(CameraError, match="is not the JSON"):
            core.camera_of_file(path)
    for text in ("{}", "[]", '{"format": "of another program"}'):
        Path(sidecar_path(path)).write_text(text)
        with pytest.raises(CameraError, match="does not describe its camera"):
            core.camera_of_file(path)


def test_matrices_give_the_camera_and_no_kind(tmp_path: Path) -> None:
    path = write(tmp_path / "a.exr", **matrices_of(CAMERA))
    camera = core.camera_of_file(path)
    np.testing.assert_allclose(camera.matrix, POSE, atol=1e-12)
    points = np.array([[1.0, -2.2, 0.9], [0.5, -1.0, 1.3]])
    np.testing.assert_allclose(camera.project(points), CAMERA.project(points), atol=1e-9)
    with pytest.raises(DepthError, match="kind of the depth is not given"):
        core.source_from_file(path)
    options = core.ReconstructionOptions(depth_kind=core.DepthKind.PLANAR)
    assert len(core.reconstruct_file(path, options=options).points) == WIDTH * HEIGHT
    # What Blender describes is worth more than matrices, which may be of another file.
    described = write(tmp_path / "b.exr", Note=metadata().to_text(), worldToCamera=np.eye(4))
    assert core.camera_of_file(described).lens == LENS


POSITIONS = np.random.default_rng(4).uniform(-9.0, 9.0, (3, HEIGHT, WIDTH)).astype(np.float32)


def write_passes(path: Path, *, has_position: bool = True, **attributes: Any) -> str:
    depth = np.linspace(1.0, 4.0, WIDTH * HEIGHT, dtype=np.float32).reshape(HEIGHT, WIDTH)
    channels = {"ViewLayer.Depth.Z": depth}
    if has_position:
        channels |= {f"ViewLayer.Position.{axis}": POSITIONS[i] for i, axis in enumerate("XYZ")}
    header = {"type": OpenEXR.scanlineimage, "compression": OpenEXR.ZIP_COMPRESSION}
    OpenEXR.File({**header, **attributes}, channels).write(str(path))
    return str(path)


@pytest.mark.parametrize("given", [{}, {"camera": CAMERA}, {"kind": core.DepthKind.PLANAR},
                                   {"camera": CAMERA, "kind": core.DepthKind.PLANAR}])  # fmt: skip
def test_automatic_takes_the_position_pass_of_eevee(tmp_path: Path, given: dict[str, Any]) -> None:
    """As in Blender: its depth is of another place in the pixel, and its Position pass is not."""
    eevee = replace(metadata(), engine="BLENDER_EEVEE").to_text()
    camera, kind = given.get("camera"), given.get("kind")
    options = core.ReconstructionOptions(depth_kind=kind)
    made = core.reconstruct_file(write_passes(tmp_path / "a.exr", Note=eevee), camera, options)
    np.testing.assert_array_equal(made.points, POSITIONS.reshape(3, -1).T)
    options = core.ReconstructionOptions(depth_kind=kind, points_from=core.PointsFrom.DEPTH)
    made = core.reconstruct_file(write_passes(tmp_path / "a.exr", Note=eevee), camera, options)
    assert not np.isin(made.points, POSITIONS).any()
    options = core.ReconstructionOptions(depth_kind=kind)
    path = write_passes(tmp_path / "b.exr", has_position=False, Note=eevee)
    made = core.reconstruct_file(path, camera, options)
    assert [note.is_warning for note in made.notes] == [True]
    assert "EEVEE writes depth of a sample" in made.notes[0].text


@pytest.mark.parametrize("note", [metadata().to_text(), "nothing of ours"])
def test_automatic_takes_depth_of_cycles_and_of_unknown_engines(tmp_path: Path, note: str) -> None:
    path = write_passes(tmp_path / "a.exr", Note=note)
    options = core.ReconstructionOptions(depth_kind=core.DepthKind.PLANAR)
    made = core.reconstruct_file(path, CAMERA, options)
    depth = core.read_depth(path, kind=core.DepthKind.PLANAR)
    np.testing.assert_array_equal(made.points, core.backproject(depth, CAMERA).points)
    assert not made.notes


def test_a_damaged_description_is_a_warning_where_camera_and_kind_are_given(tmp_path: Path) -> None:
    path = write_passes(tmp_path / "a.exr", Note=metadata().to_text()[:-30])
    options = core.ReconstructionOptions(depth_kind=core.DepthKind.PLANAR)
    made = core.reconstruct_file(path, CAMERA, options)
    assert [note.is_warning for note in made.notes] == [True]
    assert "damaged" in made.notes[0].text
    with pytest.raises(CameraError, match="damaged"):
        core.reconstruct_file(path, CAMERA)


def matrices_of(camera: core.Camera) -> dict[str, Any]:
    """As OpenEXR defines them: left-handed, row vectors, NDC from the upper left corner."""
    to_camera = np.linalg.inv(camera.matrix).T @ np.diag([1.0, 1.0, -1.0, 1.0])
    lens = camera.lens.intrinsics
    projection = np.zeros((4, 4))
    projection[0, 0] = lens.fx / lens.width
    projection[1, 1] = -lens.fy / lens.height
    projection[2] = lens.cx / lens.width, lens.cy / lens.height, 1.0, 1.0
    return {"worldToCamera": to_camera, "worldToNDC": to_camera @ projection}


def write_views(path: Path, cameras: dict[str, core.Camera | None]) -> str:
    """A part for each view, those with a camera with its matrices."""
    parts = []
    for view, camera in cameras.items():
        header = {
            "type": OpenEXR.scanlineimage,
            "compression": OpenEXR.ZIP_COMPRESSION,
            "name": view,
            "view": view,
            **(matrices_of(camera) if camera else {}),
        }
        parts.append(OpenEXR.Part(header, {"Z": np.ones((HEIGHT, WIDTH), np.float32)}))
    OpenEXR.File(parts).write(str(path))
    return str(path)


def test_matrices_of_the_only_view_that_has_them_are_found(tmp_path: Path) -> None:
    path = write_views(tmp_path / "a.exr", {"left": CAMERA})
    for view in ("", "left"):
        np.testing.assert_allclose(core.camera_of_file(path, view).matrix, POSE, atol=1e-12)
    other = core.Camera(LENS, np.eye(4))
    path = write_views(tmp_path / "b.exr", {"left": CAMERA, "right": other})
    np.testing.assert_allclose(core.camera_of_file(path, "right").matrix, np.eye(4), atol=1e-12)
    with pytest.raises(CameraError, match="for the views left, right, and no view is chosen"):
        core.camera_of_file(path)
