"""Depth from PNG, TIFF, HDR, PFM, NPY, and NPZ files, in any unit and kind of values."""

from __future__ import annotations

from pathlib import Path

import bpy
import numpy as np
import pytest

from tests.blender.reconstruct_scene import (
    HEIGHT,
    WIDTH,
    Product,
    fails,
    pixels,
    positions,
    ray_casts,
    render_file,
    the_object,
)
from tests.image_files import write_hdr, write_pfm, write_png, write_tiff

BASELINE = 0.125
MILLIMETERS = {"depth_values": "DISTANCE", "depth_unit": "MILLIMETERS", "depth_kind": "PLANAR"}
METERS = MILLIMETERS | {"depth_unit": "METERS"}


@pytest.fixture
def depth(scene: bpy.types.Scene, tmp_path: Path, product: Product) -> np.ndarray:
    """Planar depth of the scene as Cycles renders it, shape (H, W); inf for no hit."""
    core = product("core")
    read = core.read_depth(render_file(scene, tmp_path / "truth.exr"), kind=core.DepthKind.PLANAR)
    return np.where(read.valid, read.values, np.inf).astype(np.float64)


def error_of(scene: bpy.types.Scene, missing: int = 0) -> np.ndarray:
    """Return how far the active object's points are from where the pixels' rays hit the scene.

    The errors are shares of the distance from the camera. All pixels that hit the scene, except for
    `missing` ones, must have a point.
    """
    truth, at = ray_casts(scene, scene.camera), pixels(the_object())
    place = np.array(scene.camera.matrix_world.translation)
    expected = truth[at[:, 1], at[:, 0]] - place
    distance = np.linalg.norm(positions(the_object()) - place - expected, axis=1)
    hits = np.isfinite(truth[..., 0]).sum()
    assert hits > 500
    assert abs(len(at) + missing - hits) <= 0.01 * truth[..., 0].size
    return distance / np.linalg.norm(expected, axis=1)


def codes(values: np.ndarray) -> np.ndarray:
    """Round to 16-bit integers; larger values become the largest integer."""
    return np.rint(np.minimum(values, 65535)).astype(np.uint16)


@pytest.mark.parametrize(
    "channels", [1, 2, 3, 4], ids=["gray", "gray and alpha", "RGB", "RGB and alpha"]
)
@pytest.mark.parametrize("write", [write_png, write_tiff])
def test_every_number_of_16_bits_is_exact(
    product: Product, tmp_path: Path, write: object, channels: int
) -> None:
    every = np.arange(65536, dtype=np.uint16).reshape(256, 256)
    alpha = every[::-1, ::-1]
    stored = np.stack(
        [every] * (channels - (channels % 2 == 0)) + [alpha] * (channels % 2 == 0), -1
    )
    info = product("core.files.reader").read_info(write(tmp_path / "codes", stored))
    read = product("bridge.sources.images").with_pixels(info).pixels[info.layers[0].label]
    assert read.dtype == np.uint16
    np.testing.assert_array_equal(read, every)
    assert not bpy.data.images


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("order", ["<", ">"])
def test_floats_are_exact(product: Product, tmp_path: Path, dtype: type, order: str) -> None:
    stored = np.linspace(1e-3, 60000.0, 48 * 32).reshape(32, 48).astype(dtype)
    stored[0, :4] = np.nan, np.inf, 0.0, -3.0
    info = product("core.files.reader").read_info(write_tiff(tmp_path / "f.tif", stored, order))
    read = product("bridge.sources.images").with_pixels(info).pixels[info.layers[0].label]
    np.testing.assert_array_equal(read, stored.astype(np.float32))


def test_hdr_is_exact_to_its_eight_bits(product: Product, tmp_path: Path) -> None:
    values = np.linspace(0.01, 300.0, 48 * 32).reshape(32, 48)
    info = product("core.files.reader").read_info(write_hdr(tmp_path / "h.hdr", values))
    read = product("bridge.sources.images").with_pixels(info).pixels[info.layers[0].label]
    step = product("core.depth.pixel_types").stored_spacing(values, "rgbe")
    assert ((values - read >= 0.0) & (values - read < step)).all()


FILES = {
    "png": (lambda path, depth: write_png(path, codes(depth * 1000)), MILLIMETERS, 5e-4),
    "tum.png": (
        lambda path, depth: write_png(path, codes(depth * 5000)),
        MILLIMETERS | {"depth_unit": "TUM"},
        1e-4,
    ),
    "tif": (lambda path, depth: write_tiff(path, codes(depth * 1000)), MILLIMETERS, 5e-4),
    "float.tif": (lambda path, depth: write_tiff(path, depth.astype(np.float32)), METERS, 0.0),
    "hdr": (lambda path, depth: write_hdr(path, np.minimum(depth, 1e10)), METERS, 0.07),
    "pfm": (lambda path, depth: write_pfm(path, depth), METERS, 0.0),
    "npy": (lambda path, depth: np.save(path, depth), METERS, 0.0),
    "cm.npy": (
        lambda path, depth: np.save(path, (depth * 100).astype(np.float32)),
        METERS | {"depth_unit": "CENTIMETERS"},
        0.0,
    ),
    "npz": (lambda path, depth: np.savez(path, depth=depth, K=np.eye(3)), METERS, 0.0),
}


@pytest.mark.parametrize("name", FILES)
def test_points_lie_on_the_scene_within_the_rounding_of_the_file(
    scene: bpy.types.Scene, depth: np.ndarray, tmp_path: Path, name: str
) -> None:
    write, options, rounding = FILES[name]
    path = tmp_path / f"depth.{name}"
    write(path, depth)
    bpy.ops.depth.reconstruct(filepath=str(path), **options)
    beyond = np.isfinite(depth) & (depth * 5000 >= 65535)  # what 16 bits can hold
    error = error_of(scene, np.count_nonzero(beyond) if "tum" in name else 0)
    seen = pixels(the_object())
    allowed = 2e-5 + rounding / depth[seen[:, 1], seen[:, 0]]
    assert np.mean(error <= allowed) >= 0.99
    assert not [each for each in bpy.data.images if each.name != "Render Result"]


def focal_of(scene: bpy.types.Scene) -> float:
    """Return the focal length in pixels, for a sensor that is fitted to the width."""
    data = scene.camera.data
    return data.lens / data.sensor_width * WIDTH


VALUES = {
    "INVERSE": (lambda depth, _: 1.0 / depth, {"depth_unit": "SCENE"}),
    "INVERSE scaled": (
        lambda depth, _: (100.0 / depth - 3.0) / 2.0,
        {"depth_unit": "METERS", "depth_scale": 2.0, "depth_offset": 3.0},
    ),
    "DISPARITY": (
        lambda depth, focal: BASELINE * focal / depth,
        {"disparity_baseline": BASELINE, "depth_kind": "AUTO"},
    ),
    "NORMALIZED": (
        lambda depth, _: np.where(depth < 25.0, (depth - 2.0) / 23.0, 1.0),
        {"normalized_near": 2.0, "normalized_far": 25.0},
    ),
    "NORMALIZED inverted": (
        lambda depth, _: np.where(depth < 25.0, 1.0 - (depth - 2.0) / 23.0, 0.0),
        {
            "normalized_near": 2.0,
            "normalized_far": 25.0,
            "depth_scale": -1.0,
            "depth_offset": 1.0,
        },
    ),
    "DISTANCE scaled": (
        lambda depth, _: -(depth * 0.5),
        {"depth_unit": "SCENE", "depth_scale": -2.0},
    ),
}


@pytest.mark.parametrize("name", VALUES)
def test_points_lie_on_the_scene_for_all_kinds_of_values(
    scene: bpy.types.Scene, depth: np.ndarray, tmp_path: Path, name: str
) -> None:
    encode, options = VALUES[name]
    values = encode(depth, focal_of(scene)).astype(np.float32)
    np.save(tmp_path / "values.npy", values)
    chosen = {"depth_kind": "PLANAR", "depth_values": name.partition(" ")[0]} | options
    if name == "INVERSE scaled":
        scene.unit_settings.scale_length = 0.01  # 100 / z in a scene in centimeters is 1 / z in m
    bpy.ops.depth.reconstruct(filepath=str(tmp_path / "values.npy"), **chosen)
    assert np.mean(error_of(scene) <= 3e-5) >= 0.99


def test_values_of_an_exr_can_be_chosen(
    scene: bpy.types.Scene, depth: np.ndarray, tmp_path: Path
) -> None:
    import OpenEXR

    header = {"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage}
    path = str(tmp_path / "inverse.exr")
    OpenEXR.File(header, {"Z": (1.0 / depth).astype(np.float32)}).write(path)
    bpy.ops.depth.reconstruct(filepath=path, depth_values="INVERSE")  # scene units, as EXR has
    assert np.mean(error_of(scene) <= 3e-5) >= 0.99


@pytest.mark.parametrize(
    ("system", "scale", "units"),
    [("METRIC", 1.0, 1.0), ("METRIC", 0.01, 100.0), ("IMPERIAL", 0.5, 2.0), ("NONE", 0.01, 1.0)],
)
def test_units_follow_those_of_the_scene(
    scene: bpy.types.Scene, tmp_path: Path, system: str, scale: float, units: float
) -> None:
    """A wall 4 m away, in units of the scene; without a unit system, one unit is a meter."""
    scene.unit_settings.system, scene.unit_settings.scale_length = system, scale
    write_png(tmp_path / "wall.png", np.full((HEIGHT, WIDTH), 4000, np.uint16))
    bpy.ops.depth.reconstruct(filepath=str(tmp_path / "wall.png"), use_clip=False, **MILLIMETERS)
    found = np.empty(WIDTH * HEIGHT, np.float32)
    the_object().data.attributes["depth"].data.foreach_get("value", found)
    np.testing.assert_allclose(found, 4.0 * units, rtol=1e-6)


def test_codes_for_no_depth_are_left_out(scene: bpy.types.Scene, tmp_path: Path) -> None:
    stored = np.full((HEIGHT, WIDTH), 4000, np.uint16)
    stored[0], stored[1] = 0, 65535
    write_png(tmp_path / "Wand ü 深.png", stored)
    bpy.ops.depth.reconstruct(filepath=str(tmp_path / "Wand ü 深.png"), **MILLIMETERS)
    assert len(the_object().data.vertices) == WIDTH * (HEIGHT - 2)
    assert pixels(the_object())[:, 1].min() == 2
    assert scene.reconstruct_from_depth.filter_counts["hit"].count == 2 * WIDTH


def test_the_report_says_what_the_values_are(
    scene: bpy.types.Scene, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    scene.render.engine = "BLENDER_WORKBENCH"  # there is a warning about its depth
    write_png(tmp_path / "wall.png", np.full((HEIGHT, WIDTH), 4000, np.uint16))
    bpy.ops.depth.reconstruct(filepath=str(tmp_path / "wall.png"), **MILLIMETERS)
    said = capfd.readouterr().out
    assert "from PNG (planar in mm), camera Camera" in said
    assert "kind of depth, unit: chosen" in said
    assert "writes depth of a sample" not in said


def test_a_surface_and_its_picks_know_the_steps_of_the_codes(
    scene: bpy.types.Scene, depth: np.ndarray, tmp_path: Path
) -> None:
    write_png(tmp_path / "coarse.png", codes(depth * 20))
    options = MILLIMETERS | {"depth_unit": "METERS", "depth_scale": 0.05}
    bpy.ops.depth.reconstruct(
        filepath=str(tmp_path / "coarse.png"), output="SURFACE", depth_error=True, **options
    )
    error = np.empty(len(the_object().data.vertices), np.float32)
    the_object().data.attributes["depth_error"].data.foreach_get("value", error)
    assert error.min() >= 0.999 * 0.025
    exact = render_file(scene, tmp_path / "exact.exr")
    faces = len(the_object().data.polygons)
    bpy.ops.depth.reconstruct(filepath=exact, output="SURFACE")
    assert faces >= 0.97 * len(the_object().data.polygons)


@pytest.mark.parametrize(
    ("options", "missing"),
    [
        ({}, r"choose Depth Values, Unit, and Planar or Ray for Depth\."),
        ({"depth_kind": "RAY"}, r"choose Depth Values and Unit\."),
        ({"depth_values": "DISTANCE", "depth_kind": "RAY"}, r"choose Unit\."),
        ({"depth_values": "INVERSE", "depth_unit": "METERS"}, r"choose Planar or Ray for Depth\."),
        ({"depth_values": "NORMALIZED", "normalized_far": 9.0}, "choose Planar or Ray for Depth"),
    ],
)
@pytest.mark.parametrize("kind", ["16-bit PNG image", "TIFF image", "Radiance HDR image",
                                  "PFM image", "NumPy array", "NumPy archive"])  # fmt: skip
@pytest.mark.usefixtures("scene")
def test_nothing_is_guessed(tmp_path: Path, kind: str, options: dict, missing: str) -> None:
    wall = np.full((HEIGHT, WIDTH), 4.0, np.float32)
    path = tmp_path / {"NumPy array": "d.npy", "NumPy archive": "d.npz"}.get(kind, "d")
    {
        "16-bit PNG image": lambda: write_png(path, wall.astype(np.uint16)),
        "TIFF image": lambda: write_tiff(path, wall),
        "Radiance HDR image": lambda: write_hdr(path, wall),
        "PFM image": lambda: write_pfm(path, wall),
        "NumPy array": lambda: np.save(path, wall),
        "NumPy archive": lambda: np.savez(path, wall),
    }[kind]()
    said = f"is a {kind}, which does not say what its numbers stand for; {missing}"
    fails(said, filepath=str(path), **options)
    settings = bpy.context.scene.reconstruct_from_depth
    settings.source, settings.filepath = "FILE", str(path)
    for name, value in options.items():
        setattr(settings, name, value)
    problem = settings.status_line().problem
    assert problem.startswith(f"{path.name} is a {kind}, which does not say")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"depth_values": "DISTANCE", "depth_scale": 0.0}, "scale of the depth values is 0,"),
        ({"depth_values": "DISPARITY"}, "The baseline is 0, expected a finite number above 0"),
        ({"depth_values": "NORMALIZED", "normalized_near": 5.0, "normalized_far": 5.0},
         "Normalized depth goes from 5 to 5"),
        ({"depth_values": "DISPARITY", "disparity_baseline": 1.0, "depth_kind": "RAY"},
         "Disparity gives distances along the camera's viewing direction, but Depth is Ray"),
    ],
)  # fmt: skip
def test_impossible_values_end_in_one_sentence(
    scene: bpy.types.Scene, tmp_path: Path, options: dict, said: str
) -> None:
    np.save(tmp_path / "d.npy", np.full((HEIGHT, WIDTH), 4.0))
    chosen = {"depth_kind": "PLANAR", "depth_unit": "METERS"} | options
    fails(said, filepath=str(tmp_path / "d.npy"), **chosen)
    if options.get("depth_kind") != "RAY":
        settings = scene.reconstruct_from_depth
        settings.source, settings.filepath = "FILE", str(tmp_path / "d.npy")
        for name, value in chosen.items():
            setattr(settings, name, value)
        assert said in settings.status_line().problem


@pytest.mark.usefixtures("scene")
def test_disparity_needs_a_perspective_camera(tmp_path: Path) -> None:
    np.save(tmp_path / "d.npy", np.full((HEIGHT, WIDTH), 4.0))
    bpy.context.scene.camera.data.type = "ORTHO"
    fails("focal length of a perspective camera, and this camera is of another type",
          filepath=str(tmp_path / "d.npy"), depth_values="DISPARITY",
          disparity_baseline=1.0)  # fmt: skip


@pytest.mark.usefixtures("scene")
def test_a_picture_in_colors_is_no_depth(tmp_path: Path) -> None:
    colors = np.random.default_rng(0).integers(0, 65535, (HEIGHT, WIDTH, 3)).astype(np.uint16)
    write_png(tmp_path / "c.png", colors)
    fails("PNG in .*c.png looks like a color image, not depth: its R, G and B differ",
          filepath=str(tmp_path / "c.png"), **MILLIMETERS)  # fmt: skip
    assert not bpy.data.images


@pytest.mark.parametrize("part", [0.3, 0.9])
@pytest.mark.parametrize("name", ["png", "tif", "hdr", "pfm", "npy", "npz"])
@pytest.mark.usefixtures("scene")
def test_truncated_files(tmp_path: Path, name: str, part: float) -> None:
    path = tmp_path / f"d.{name}"
    FILES[name][0](path, np.random.default_rng(0).uniform(3.0, 4.0, (HEIGHT, WIDTH)))
    path.write_bytes(path.read_bytes()[: int(part * path.stat().st_size)])
    fails("is damaged or truncated|is truncated|that Blender cannot read|cannot be read as an",
          filepath=str(path), **FILES[name][1])  # fmt: skip
    assert not bpy.data.images
