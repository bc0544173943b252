"""From a file to arrays without Blender, against a plane whose depth is computed here."""

from __future__ import annotations

import math

import numpy as np
import OpenEXR
import pytest

from core import (
    Camera,
    DepthImage,
    DepthKind,
    Intrinsics,
    Output,
    Perspective,
    ReconstructionOptions,
    reconstruct_file,
)
from core.depth.image import Window
from core.depth.mirroring import Mirroring
from core.errors import DepthError, SizeError
from core.pipeline.options import Border, Bounds, PointsFrom, Region, RegionKind

WIDTH, HEIGHT, FOCAL = 40, 30, 35.0
NORMAL, DISTANCE = np.array([0.1, -0.4, 1.0]), 2.0  # the plane NORMAL . p = DISTANCE, world space
POSE = np.array([[1, 0, 0, 0.5], [0, 0, -1, -6], [0, 1, 0, 2.0], [0, 0, 0, 1]])
"""Blender's axes: the camera stands at (0.5, -6, 2) and looks along +Y."""


def truth():
    """Points (H, W, 3) and planar depth (H, W) of the plane, pixel by pixel; NaN for no hit."""
    column, row = np.meshgrid(np.arange(WIDTH) + 0.5, np.arange(HEIGHT) + 0.5)
    local = np.stack(
        [(column - WIDTH / 2) / FOCAL, (HEIGHT / 2 - row) / FOCAL, np.full(row.shape, -1.0)], -1
    )
    rays = local @ POSE[:3, :3].T
    depth = (DISTANCE - NORMAL @ POSE[:3, 3]) / (rays @ NORMAL)
    depth[(depth <= 0) | (depth > 50)] = np.nan
    return POSE[:3, 3] + depth[..., None] * rays, depth


POINTS, DEPTH = truth()
HIT = np.isfinite(DEPTH)
CAMERA = Camera(Perspective(Intrinsics(FOCAL, FOCAL, WIDTH / 2, HEIGHT / 2, WIDTH, HEIGHT)), POSE)


@pytest.fixture
def file(tmp_path):
    ramp = np.arange(WIDTH * HEIGHT, dtype=np.float32).reshape(HEIGHT, WIDTH)
    channels = {"V.Depth.Z": np.where(HIT, DEPTH, 1e10).astype(np.float32)}
    channels |= {f"V.Combined.{leaf}": ramp * np.float32(scale) for leaf, scale in
                 (("R", 1e-4), ("G", 2e-4), ("B", 3e-4), ("A", 0.0))}  # fmt: skip
    channels |= {f"V.Position.{axis}": np.nan_to_num(POINTS[..., i]).astype(np.float32)
                 for i, axis in enumerate("XYZ")}  # fmt: skip
    channels["V.IndexOB.X"] = (
        np.where(np.arange(WIDTH) < 10, np.float32(7), np.float32(3)) + 0 * ramp
    )
    header = {"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage}
    path = tmp_path / "plane.exr"
    OpenEXR.File(header, channels).write(str(path))
    return path


def made(file, **options):
    chosen = {"depth_kind": DepthKind.PLANAR, **options}
    return reconstruct_file(file, CAMERA, ReconstructionOptions(**chosen))


def test_points_and_attributes_are_those_of_the_plane(file):
    result = made(file, depth_error=True)
    np.testing.assert_allclose(result.points, POINTS[HIT], rtol=2e-6, atol=2e-6)
    rows, columns = np.nonzero(HIT)
    np.testing.assert_array_equal(result.attributes["pixel"], np.stack([columns, rows], -1))
    np.testing.assert_array_equal(result.attributes["depth"], DEPTH[HIT].astype(np.float32))
    red = (np.arange(HIT.size).reshape(HIT.shape) * np.float32(1e-4))[HIT]
    np.testing.assert_allclose(result.attributes["Color"][:, 0], red, rtol=1e-6)
    names = [each.name for each in result.attributes]
    assert names == ["pixel", "depth", "depth_error", "Color"]
    assert [str(each) for each in result.filter_counts] == [
        f"{np.count_nonzero(~HIT):,} pixels without a hit"
    ]
    assert result.mapped_surface is None
    assert result.notes == ()
    with pytest.raises(DepthError, match="no attribute Normal; they have pixel, depth"):
        result.attributes["Normal"]


def test_the_radius_covers_the_pixel(file):
    result = made(file)
    depth = result.attributes["depth"]
    np.testing.assert_allclose(result.radius.at(depth), depth * math.sqrt(0.5) / FOCAL, rtol=1e-5)


def test_position_needs_no_depth_kind_to_be_right(file):
    result = made(file, points_from=PointsFrom.POSITION, depth_kind=DepthKind.RAY)
    np.testing.assert_array_equal(result.points, POINTS[HIT].astype(np.float32))


def test_a_surface_has_the_plane_s_normal_and_the_uv_of_its_pixels(file):
    result = made(file, output=Output.SURFACE, normals_from_depth=True)
    surface = result.mapped_surface.surface
    first, second, third = (result.points[surface.quads[:, i]].astype(float) for i in range(3))
    normals = np.cross(second - first, third - first)
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    toward = NORMAL / np.linalg.norm(NORMAL) * np.sign(NORMAL @ POSE[:3, 3] - DISTANCE)
    np.testing.assert_allclose(normals, np.broadcast_to(toward, normals.shape), atol=1e-3)
    found = result.attributes["Normal"]
    np.testing.assert_allclose(found, np.broadcast_to(toward, found.shape), atol=1e-3)
    pixels = result.attributes["pixel"][surface.corners] + 0.5
    expected = np.stack([pixels[:, 0] / WIDTH, 1 - pixels[:, 1] / HEIGHT], -1)
    np.testing.assert_allclose(result.mapped_surface.uvs, expected, atol=1e-6)


def bounds(low, high):
    matrix = np.diag([*np.subtract(high, low), 1.0])
    matrix[:3, 3] = low
    return Bounds("Box", matrix)


COLUMN, ROW = np.meshgrid(np.arange(WIDTH), np.arange(HEIGHT))


@pytest.mark.parametrize(
    ("options", "expected", "reason"),
    [
        ({"near": 7.0}, DEPTH >= 7.0, "out of range"),
        ({"far": 7.0}, DEPTH < 7.0, "out of range"),
        ({"stride": 3}, (COLUMN % 3 == 0) & (ROW % 3 == 0), "skipped by the stride"),
        (
            {"region": Region(RegionKind.BOX, window=Window(5, 6, 9, 20))},
            (COLUMN >= 5) & (COLUMN < 14) & (ROW >= 6) & (ROW < 26),
            "outside the region",
        ),
        (
            {"region": Region(RegionKind.BORDER, border=Border(0.25, 0.5, 0.0, 0.5))},
            (COLUMN >= 10) & (COLUMN < 20) & (ROW >= 15),
            "outside the region",
        ),
        (
            {"region": Region(RegionKind.MASK, mask=(COLUMN % 2 == 0).astype(np.float32))},
            COLUMN % 2 == 0,
            "outside the region",
        ),
        (
            {"region": Region(RegionKind.OBJECT_INDEX, index=7)},
            COLUMN < 10,
            "outside the region",
        ),
        (
            {"bounds": bounds((0, -100, -100), (1, 100, 100))},
            (POINTS[..., 0] >= 0) & (POINTS[..., 0] <= 1),
            "outside the bounding object",
        ),
    ],
)
def test_each_filter_leaves_out_what_it_says(file, options, expected, reason):
    result = made(file, **options)
    kept = np.zeros_like(HIT)
    columns, rows = result.attributes["pixel"].T
    kept[rows, columns] = True
    np.testing.assert_array_equal(kept, HIT & expected)
    counts = {each.reason: each.count for each in result.filter_counts}
    assert counts[reason] == np.count_nonzero(HIT & ~expected)


def test_an_image_of_the_cropped_size_is_the_border_itself():
    border = Border(0.25, 0.75, 0.25, 0.75, cropped_size=(20, 15))
    assert border.window(20, 15) == Window(0, 0, 20, 15)
    assert border.window(40, 30) == Window(10, 8, 20, 15)


def test_voxels_merge_points_and_attributes(file):
    result = made(file, voxel_size=0.5)
    cells = np.floor(POINTS[HIT].astype(np.float32).astype(float) / 0.5 + 0.5).astype(int)
    assert len(result.points) == len(np.unique(cells, axis=0))
    merged = next(each for each in result.filter_counts if each.filter == "voxel_size")
    assert merged.count == np.count_nonzero(HIT) - len(result.points)
    assert len(result.attributes["Color"]) == len(result.points)


def test_progress_can_give_the_work_up(file):
    from core.pipeline.reconstruction import reconstruct
    from core.pipeline.source import source_from_file

    options = ReconstructionOptions(depth_kind=DepthKind.PLANAR)
    source = source_from_file(file, CAMERA, options)
    seen = []

    def progress(text, fraction):
        seen.append((text, fraction))
        if text == "Filtering":
            raise InterruptedError

    with pytest.raises(InterruptedError):
        reconstruct(source, options, progress)
    assert [text for text, _ in seen] == ["Reading", "Filtering"]


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"depth_kind": None}, DepthError, "pass depth_kind=DepthKind.PLANAR"),
        ({"near": 100.0}, DepthError, "outside the range of 100 to inf; change Near and Far"),
        ({"near": 5.0, "far": 4.0}, DepthError, "starts at 5 and ends at 4"),
        (
            {"region": Region(RegionKind.OBJECT_INDEX, index=9)},
            DepthError,
            "lies in the object index 9, only in 3, 7; choose another region",
        ),
        (
            {"region": Region(RegionKind.MASK, mask=np.ones((2, 2), np.float32), name="M")},
            SizeError,
            "The mask has 2 x 2 pixels",
        ),
        ({"bounds": bounds((90, 90, 90), (91, 91, 91))}, DepthError, "bounding box of Box"),
        ({"stride": 0}, DepthError, "both must be at least 1"),
    ],
)
def test_bad_input_ends_in_one_sentence(file, options, error, message):
    with pytest.raises(error, match=message):
        made(file, **options)


def test_a_surface_of_merged_points_is_refused():
    with pytest.raises(DepthError, match="set Voxel Size to 0, or Output to Points"):
        ReconstructionOptions(output=Output.SURFACE, voxel_size=0.1)


@pytest.mark.parametrize(
    "flips", [{"flip_x": True}, {"flip_y": True}, dict.fromkeys(("flip_x", "flip_y"), True)]
)
def test_mirrored_files_are_turned_the_right_way_round(file, tmp_path, flips):
    options = {
        "depth_kind": DepthKind.PLANAR,
        "passes": ("Combined", "IndexOB"),
        "depth_error": True,
    }
    expected = reconstruct_file(file, CAMERA, ReconstructionOptions(**options))
    with OpenEXR.File(str(file), separate_channels=True) as opened:
        rows, columns = (
            slice(None, None, -1 if name in flips else 1) for name in ("flip_y", "flip_x")
        )
        channels = {name: np.ascontiguousarray(each.pixels[rows, columns])
                    for name, each in opened.channels().items()}  # fmt: skip
        header = {"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage}
        mirrored = str(tmp_path / "mirrored.exr")
        OpenEXR.File(header, channels).write(mirrored)
    made = reconstruct_file(mirrored, CAMERA, ReconstructionOptions(**options, **flips))
    np.testing.assert_array_equal(made.points, expected.points)
    for one, other in zip(made.attributes, expected.attributes, strict=True):
        np.testing.assert_array_equal(one.values, other.values)


def test_mirroring_moves_a_window_within_the_image():
    depth = DepthImage.from_array(
        np.arange(1.0, 7.0).reshape(2, 3), DepthKind.PLANAR, window=Window(1, 2, 3, 2), size=(10, 8)
    )
    assert Mirroring(x=True).apply_to_depth(depth).window == Window(6, 2, 3, 2)
    both = Mirroring(x=True, y=True).apply_to_depth(depth)
    assert both.window == Window(6, 4, 3, 2)
    np.testing.assert_array_equal(both.values, [[6, 5, 4], [3, 2, 1]])
    assert Mirroring().apply_to_depth(depth) is depth
