"""Exports that cannot be written end in one sentence, and leave the folder as it was."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import bpy
import pytest

from tests.blender.reconstruct_scene import render_file, unchanged

LIMIT = 4096
"""Bytes that are left on the full disk, less than any of the exports takes."""
CAMERAS = {"JSON", "OPENCV", "COLMAP", "NERF"}


@dataclass(frozen=True)
class Export:
    """One of the exporting operators with a format."""

    operator: str
    file_format: str
    suffix: str

    def __call__(self, path: str | Path, **arguments: object) -> None:
        operator = getattr(bpy.ops.depth, self.operator)
        operator(filepath=str(path), file_format=self.file_format, **arguments)

    def fails(self, path: str | Path, reason: str, advice: str, **arguments: object) -> None:
        """The operator raises one sentence, and changes nothing in the scene."""
        with unchanged(), pytest.raises(RuntimeError) as caught:
            self(path, **arguments)
        message = str(caught.value).removeprefix("Error: ").rstrip()
        no_end = r"([^\n.]|\.blend)*"
        pattern = rf"[^\n]*: The {reason}{no_end}: {advice}{no_end}\."
        assert re.fullmatch(pattern, message), message


RECONSTRUCTIONS = [
    Export("export", name, f".{name.lower()}") for name in ("PLY", "NPZ", "XYZ", "GLB")
]
PICKS = [
    Export("picks_export", name, suffix)
    for name, suffix in (("CSV", ".csv"), ("JSON", ".json"), ("COCO", ".json"), ("PLY", ".ply"))
]


@pytest.fixture(
    params=[*RECONSTRUCTIONS, *PICKS], ids=lambda one: f"{one.operator}-{one.file_format}"
)
def export(request: pytest.FixtureRequest, scene: bpy.types.Scene, tmp_path: Path) -> Export:
    """An operator that has something to export."""
    rendered = render_file(scene, tmp_path / "render.exr")
    if request.param.operator == "export":
        bpy.ops.depth.reconstruct(filepath=rendered, output="SURFACE")
    else:
        for number in range(40):
            bpy.ops.depth.pick(x=20 + number / 10, y=40.2, name=f"pick {number}", filepath=rendered)
    return request.param


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "Ausgabe für 左"
    path.mkdir()
    return path


def names_in(folder: Path) -> list[str]:
    return sorted(each.relative_to(folder).as_posix() for each in folder.rglob("*"))


@contextmanager
def files_no_larger_than(size: int) -> Iterator[None]:
    """Writing more fails, as it does on a full disk."""
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_folder_that_cannot_be_written_to(export: Export, folder: Path) -> None:
    (folder / "file").write_text("")
    (folder / f"folder{export.suffix}").mkdir()
    before = names_in(folder)
    places = [folder / "file", folder / "missing"]
    if sys.platform == "linux":
        places.append(Path("/proc"))
    for place in places:
        path = place / f"a{export.suffix}"
        export.fails(path, r"file cannot be written \([^)]+\)", "choose a folder that exists")
    path = folder / f"folder{export.suffix}"
    export.fails(path, r"file cannot be written \([^)]+\)", "choose a folder that exists")
    assert names_in(folder) == before


@pytest.mark.filterwarnings("error:.*ZipFile")
def test_a_full_disk(export: Export, folder: Path) -> None:
    path = folder / f"a{export.suffix}"
    path.write_text("old")
    with files_no_larger_than(LIMIT):
        export.fails(path, r"file cannot be written \([^)]+\)", "free some space")
    assert path.read_text() == "old"
    assert names_in(folder) == [path.name]
    export(path)
    assert path.stat().st_size > LIMIT
    assert names_in(folder) == [path.name]


def test_names_of_any_language_and_of_250_characters(export: Export, folder: Path) -> None:
    for stem in ("Würfel, links 左 \U0001f600", "x" * (250 - len(export.suffix)), "a.b #1 100%s"):
        export(folder / (stem + export.suffix))
        assert names_in(folder) == [stem + export.suffix]
        (folder / (stem + export.suffix)).unlink()


def test_a_name_that_is_too_long(export: Export, folder: Path) -> None:
    for stem in ("x" * 300, "左" * 250):
        path = folder / (stem + export.suffix)
        export.fails(path, r"file cannot be written \([^)]+\)", "choose a shorter name")
    assert names_in(folder) == []


def test_slashes_mean_nothing_before_the_blend_file_is_saved(
    export: Export, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    export.fails(f"//a{export.suffix}", 'path begins with "//"', "save it first")
    assert names_in(folder) == []


def test_a_path_without_a_name(export: Export, folder: Path) -> None:
    for path in ("", f"{folder}{os.sep}", "/"):
        with unchanged(), pytest.raises(RuntimeError, match="There is no name to export to"):
            export(path)
    assert names_in(folder) == []


@pytest.mark.skipif(sys.platform != "linux", reason="names are Unicode elsewhere")
def test_a_name_that_is_not_utf_8(export: Export, folder: Path) -> None:
    name = b"caf\xe9" + export.suffix.encode()
    export(os.fsdecode(os.fsencode(folder) + b"/" + name))
    assert os.listdir(os.fsencode(folder)) == [name]


@pytest.mark.parametrize("export", RECONSTRUCTIONS, indirect=True, ids=lambda one: one.file_format)
def test_a_camera_that_cannot_be_written_beside_the_geometry(export: Export, folder: Path) -> None:
    long = folder / ("x" * 245 + export.suffix)
    export.fails(long, r"file cannot be written \([^)]+\)", "choose a shorter", cameras=CAMERAS)
    path = folder / f"a{export.suffix}"
    export.fails(
        folder / "missing" / "a", r"file cannot be written \([^)]+\)", "choose", cameras=CAMERAS
    )
    assert names_in(folder) == []
    with files_no_larger_than(LIMIT):
        export.fails(path, r"file cannot be written \([^)]+\)", "free some", cameras=CAMERAS)
    assert names_in(folder) == []
    (folder / "a_colmap").write_text("a file of that name")
    export.fails(path, r"file cannot be written \([^)]+\)", "choose", cameras=CAMERAS)
    assert names_in(folder) == ["a_colmap"]


def test_a_pick_whose_camera_was_changed_by_hand(scene: bpy.types.Scene, tmp_path: Path) -> None:
    bpy.ops.depth.pick(x=20, y=40.2, filepath=render_file(scene, tmp_path / "render.exr"))
    scene.depth_picks.shots[0].camera_data = '{"version": 0}'
    with pytest.raises(RuntimeError, match="The camera data has the version 0, expected 1"):
        bpy.ops.depth.picks_export(filepath=str(tmp_path / "a.csv"), file_format="CSV")
