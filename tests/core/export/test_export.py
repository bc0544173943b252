"""Exported geometry, read back by numpy alone, and what cannot be exported."""

import json
import os
from dataclasses import replace

import numpy as np
import pytest

from core.errors import ExportError, FileError
from core.export.formats import GeometryFormat
from core.export.geometry import Geometry, write_geometry

POINTS = np.array([[0.1, -2.0, 3.5], [1e-7, 12345.678, 0], [-0.0, 1e30, 1]], np.float32)


def written(folder, geometry, form):
    path = folder / "points"
    write_geometry(path, geometry, form)
    return path


def test_npz_holds_the_arrays(tmp_path):
    geometry = Geometry(
        POINTS,
        colors=POINTS / 2,
        attributes={
            "depth": POINTS[:, 0],
            "file": np.arange(3),
            "points": np.eye(3, 2),
            "Object Index": np.arange(3, dtype=np.int32),
        },
        quads=np.array([[0, 1, 2, 0]], np.int32),
    )
    found = np.load(written(tmp_path, geometry, GeometryFormat.NPZ))
    expected = {
        "points": POINTS,
        "colors": POINTS / 2,
        "quads": geometry.quads,
        "depth": POINTS[:, 0],
        "file_2": np.arange(3),
        "points_2": np.eye(3, 2),
        "Object Index": np.arange(3),
    }
    assert set(found.files) == set(expected)
    for name, values in expected.items():
        np.testing.assert_array_equal(found[name], values)
    assert found["Object Index"].dtype == np.int32


def test_text_restores_every_float(tmp_path):
    bits = np.random.default_rng(0).integers(0, 2**32, 300_000, dtype=np.uint32)
    values = bits.view(np.float32)
    values = values[np.isfinite(values)]
    edges = [0, -0.0, 1e-45, 3.4028235e38, -3.4028235e38, 9.9999999e9, 1000, 999.99994, 1.17549e-38]
    values[: len(edges)] = edges
    points = np.resize(values, (len(values) // 3, 3))
    path = written(tmp_path, Geometry(points), GeometryFormat.XYZ)
    found = np.array(path.read_text().split(), np.float64).astype(np.float32)
    np.testing.assert_array_equal(found.reshape(-1, 3), points)


def test_text_has_bytes_for_colors(tmp_path):
    colors = np.array([[0, 0.5, 1], [2, -1, np.nan], [0.0001, 0.001, 0.01]], np.float32)
    path = written(tmp_path, Geometry(POINTS, colors=colors), GeometryFormat.XYZ)
    assert path.read_text().splitlines() == [
        "1.00000001e-01 -2.00000000e+00 3.50000000e+00 0 188 255",
        "1.00000001e-07 1.23456777e+04 0.00000000e+00 255 0 0",
        "0.00000000e+00 1.00000002e+30 1.00000000e+00 0 3 25",
    ]


def test_ply_names_attributes_of_any_kind(tmp_path):
    attributes = {
        "a b": np.arange(3, dtype=np.int64),
        "a_b": np.array([True, False, True]),
        "höhe": np.arange(3, dtype=np.float16),
        "five": np.zeros((3, 5), np.float32),
    }
    path = written(tmp_path, Geometry(POINTS, attributes=attributes), GeometryFormat.PLY)
    header, _, body = path.read_bytes().partition(b"end_header\n")
    assert header.decode("ascii").splitlines() == [
        "ply",
        "format binary_little_endian 1.0",
        "element vertex 3",
        *(f"property float {name}" for name in "xyz"),
        "property double scalar_a_b",
        "property uchar scalar_a_b_2",
        "property float scalar_h_he",
        *(f"property float scalar_five_{number}" for number in range(5)),
    ]
    assert len(body) == 3 * (12 + 8 + 1 + 4 + 20)


def test_names_of_ids_are_written(tmp_path):
    names = {number: f"Würfel {number}" for number in range(-1000, 1000, 7)}
    geometry = Geometry(
        POINTS,
        attributes={"a b": POINTS[:, 0], "a_b": np.arange(3, dtype=np.int32)},
        names={"a_b": names},
    )
    found = np.load(written(tmp_path, geometry, GeometryFormat.NPZ))
    assert dict(zip(found["a_b ids"].tolist(), found["a_b names"].tolist(), strict=True)) == names
    header = written(tmp_path, geometry, GeometryFormat.PLY).read_bytes().split(b"end_header\n")[0]
    prefix = "comment names scalar_a_b_2 "
    lines = [each for each in header.decode("ascii").splitlines() if each.startswith("comment")]
    assert max(map(len, lines)) < 1024
    text = "".join(each.removeprefix(prefix) for each in lines)
    assert json.loads(text) == {str(number): name for number, name in names.items()}


def test_a_mirrored_surface_has_the_same_front():
    quads = np.array([[0, 1, 2, 3]], np.int32)
    points = np.array([[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]], np.float32)
    up = np.tile(np.array([[0, 0, 1]], np.float32), (4, 1))
    surface = Geometry(points, normals=up, quads=quads)
    assert surface.transformed(np.eye(4)) is surface
    matrix = np.array([[-2, 0, 1, 5], [0, 3, 0, 6], [0, 1, 4, 7], [0, 0, 0, 1.0]])
    found = surface.transformed(matrix)
    np.testing.assert_allclose(found.points, [[5, 6, 7], [3, 6, 7], [3, 9, 8], [5, 9, 8]])
    a, b, c, _ = found.points[found.quads[0]]
    normal = np.cross(b - a, c - a)
    np.testing.assert_allclose(found.normals[0], normal / np.linalg.norm(normal), atol=1e-6)
    assert found.points.dtype == found.normals.dtype == np.float32
    with pytest.raises(ExportError, match="scale is 0 on some axis"):
        surface.transformed(np.diag([1.0, 0.0, 1.0, 1.0]))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"points": POINTS[:0]}, "no points to export"),
        ({"points": POINTS[:, :2]}, r"points has shape \(3, 2\), expected \(N, 3\)"),
        ({"points": POINTS / np.float32("inf") * np.nan}, "not finite"),
        ({"colors": POINTS[:2]}, r"colors has shape \(2, 3\), expected \(3, 3\) or \(3, 4\)"),
        ({"attributes": {"depth": POINTS[:2, 0]}}, r"depth has shape \(2,\), expected \(3,\)"),
        ({"triangles": np.array([[0, 1, 3]])}, "triangles name points from 0 to 3, expected 0 to"),
    ],
)
def test_geometry_that_does_not_fit_is_refused(change, message):
    with pytest.raises(ExportError, match=message):
        replace(Geometry(POINTS), **change)


@pytest.mark.parametrize("form", GeometryFormat)
def test_a_failed_export_leaves_the_old_file(tmp_path, monkeypatch, form):
    path = written(tmp_path, Geometry(POINTS), form)
    before = path.read_bytes()

    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(FileError, match=r"cannot be written \(No space left"):
        write_geometry(path, Geometry(POINTS[:1]), form)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]
    with pytest.raises(FileError, match="choose a folder that exists"):
        write_geometry(tmp_path / "missing" / "a.ply", Geometry(POINTS), form)
