"""What is refused as depth, what the sidebar remembers of a file, and picks on such files."""

from __future__ import annotations

from pathlib import Path

import bpy
import numpy as np
import pytest

from tests.blender.reconstruct_scene import HEIGHT, WIDTH, Product, fails, positions, the_object
from tests.image_files import write_png

pytestmark = pytest.mark.usefixtures("scene")
MILLIMETERS = {"depth_values": "DISTANCE", "depth_unit": "MILLIMETERS", "depth_kind": "PLANAR"}
WALL = np.full((HEIGHT, WIDTH), 4000, np.uint16)


def write_exr(path: Path, header: dict | None = None, **channels: np.ndarray) -> str:
    import OpenEXR

    header = {"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage} | (
        header or {}
    )
    OpenEXR.File(header, channels).write(str(path))
    return str(path)


def save_float_image(path: Path, values: np.ndarray, is_data: bool) -> str:
    """Save an image as a script does that makes one, with or without is_data."""
    image = bpy.data.images.new("Made", WIDTH, HEIGHT, float_buffer=True, is_data=is_data)
    pixels = np.ones((HEIGHT, WIDTH, 4), np.float32)
    pixels[..., :3] = values[::-1, :, None]
    image.pixels.foreach_set(pixels.ravel())
    image.file_format, image.filepath_raw = "OPEN_EXR", str(path)
    image.save()
    bpy.data.images.remove(image)
    return str(path)


def settings_of(path: str) -> bpy.types.PropertyGroup:
    settings = bpy.context.scene.reconstruct_from_depth
    settings.source, settings.filepath = "FILE", path
    return settings


# Refusals


RAMP = np.linspace(0.0, 1.0, WIDTH * HEIGHT, dtype=np.float32).reshape(HEIGHT, WIDTH)


@pytest.mark.parametrize("as_colors", [False, True])
def test_normalized_depth_is_refused(tmp_path: Path, as_colors: bool) -> None:
    channels = dict.fromkeys("RGB" if as_colors else "Z", RAMP)
    path = write_exr(tmp_path / "n.exr", **channels)
    said = "ends at exactly 1, as normalized depth does.*Reconstruct Anyway .allow_any_depth."
    fails(said, filepath=path)
    fails(said, filepath=path, depth_values="DISTANCE", depth_unit="METERS")
    bpy.ops.depth.reconstruct(filepath=path, allow_any_depth=True)
    bpy.ops.depth.reconstruct(
        filepath=path, depth_values="NORMALIZED", normalized_near=2.0, normalized_far=5.0
    )
    found = np.empty(len(the_object().data.vertices), np.float32)
    the_object().data.attributes["depth"].data.foreach_get("value", found)
    np.testing.assert_allclose(found, 2.0 + 3.0 * RAMP.ravel()[1:-1], rtol=1e-6)


def test_a_render_of_a_wall_at_a_distance_of_one_is_no_normalized_depth(
    scene: bpy.types.Scene,
) -> None:
    """A Render Result comes from the renderer itself."""
    for item in list(scene.objects):
        if item.type == "MESH":
            bpy.data.objects.remove(item)
    bpy.ops.mesh.primitive_plane_add(size=20)
    bpy.ops.mesh.primitive_cube_add(size=0.4)
    scene.camera.location, scene.camera.rotation_euler = (0, 0, 1), (0, 0, 0)
    bpy.ops.depth.render_and_reconstruct()
    assert np.abs(positions(the_object())[:, 2]).max() < 0.2 + 1e-6
    assert "normalized" not in scene.reconstruct_from_depth.warnings


def test_8_bits_are_refused(tmp_path: Path) -> None:
    path = str(write_png(tmp_path / "8.png", (RAMP * 255).astype(np.uint8)))
    said = "8-bit PNG image. Such a picture of the depth has lost the distances.*Reconstruct Anyway"
    fails(said, filepath=path, **MILLIMETERS)
    settings = settings_of(path)
    for name, value in MILLIMETERS.items():
        setattr(settings, name, value)
    assert "is an 8-bit PNG image" in settings.status_line().problem
    settings.allow_any_depth = True
    assert settings.status_line().problem == ""
    options = {"depth_values": "NORMALIZED", "normalized_far": 25.5, "depth_kind": "PLANAR"}
    bpy.ops.depth.reconstruct(filepath=path, allow_any_depth=True, use_clip=False, **options)
    found = np.empty(len(the_object().data.vertices), np.float32)
    the_object().data.attributes["depth"].data.foreach_get("value", found)
    assert set(np.rint(found * 10)) == set(range(1, 255))


@pytest.mark.parametrize("extension", ["JPEG", "BMP"])
def test_other_pictures_are_refused(tmp_path: Path, extension: str) -> None:
    image = bpy.data.images.new("Made", WIDTH, HEIGHT)
    image.file_format, image.filepath_raw = extension, str(tmp_path / "depth")
    image.save()
    bpy.data.images.remove(image)
    fails(f"is a {extension} image, not an OpenEXR file. Such a picture",
          filepath=str(tmp_path / "depth"), allow_any_depth=True, **MILLIMETERS)  # fmt: skip


def test_colors_of_a_display_are_refused_where_the_file_says_so(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """7.25 is stored as 2.3534; Blender up to 4.5 does not write that the colors are sRGB."""
    depth = np.full((HEIGHT, WIDTH), 7.25, np.float32)
    path = save_float_image(tmp_path / "s.exr", depth, is_data=False)
    if bpy.app.version < (5, 0):
        bpy.ops.depth.reconstruct(filepath=path)
        said = capfd.readouterr().out
        assert "Warning: " in said
        assert "equal. The file does not say whether they are distances or sRGB colors" in said
        return
    said = r"colors for a display \(srgb_rec709_display\), like an image saved without.*Non-Color"
    fails(said, filepath=path)
    assert "colors for a display" in settings_of(path).status_line().problem
    bpy.ops.depth.reconstruct(filepath=path, allow_any_depth=True)


def test_an_image_saved_as_data_is_right(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    depth = np.full((HEIGHT, WIDTH), 7.25, np.float32)
    path = save_float_image(tmp_path / "d.exr", depth, is_data=True)
    bpy.ops.depth.reconstruct(filepath=path)
    found = np.empty(WIDTH * HEIGHT, np.float32)
    the_object().data.attributes["depth"].data.foreach_get("value", found)
    assert (found == 7.25).all()
    assert ("sRGB colors" in capfd.readouterr().out) is (bpy.app.version < (5, 0))


# The sidebar


def test_values_are_remembered_with_the_file(tmp_path: Path) -> None:
    first, second = (str(write_png(tmp_path / f"{name}.png", WALL)) for name in "ab")
    other = write_exr(tmp_path / "other.exr", Z=RAMP + 1)
    settings = settings_of(first)
    for name, value in MILLIMETERS.items():
        setattr(settings, name, value)
    settings.depth_scale = 2.0
    settings.filepath = second
    assert (settings.depth_values, settings.depth_unit, settings.depth_kind) == ("AUTO",) * 3
    assert settings.depth_scale == 1.0
    settings.depth_values, settings.depth_unit = "INVERSE", "METERS"
    settings.filepath = other
    assert settings.depth_values == "AUTO"
    settings.filepath = first
    assert (settings.depth_values, settings.depth_unit) == ("DISTANCE", "MILLIMETERS")
    assert (settings.depth_kind, settings.depth_scale) == ("PLANAR", 2.0)
    settings.filepath = second
    assert (settings.depth_values, settings.depth_unit) == ("INVERSE", "METERS")
    settings.depth_values = "AUTO"
    settings.filepath = first
    settings.filepath = second
    assert settings.depth_values == "AUTO"
    assert len(settings.remembered_values) == 1


def test_values_are_remembered_in_the_blend(tmp_path: Path) -> None:
    first, second = (str(write_png(tmp_path / f"{name}.png", WALL)) for name in "ab")
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "scene.blend"))
    settings = settings_of("//a.png")
    for name, value in MILLIMETERS.items():
        setattr(settings, name, value)
    settings.filepath = second
    bpy.ops.wm.save_mainfile()
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "scene.blend"))
    settings = bpy.context.scene.reconstruct_from_depth
    assert settings.filepath == second
    settings.filepath = first  # the same file by another path
    assert (settings.depth_values, settings.depth_kind) == ("DISTANCE", "PLANAR")


def test_the_panel_says_what_will_be_read_and_the_button_does_it(tmp_path: Path) -> None:
    settings = settings_of(str(write_png(tmp_path / "wall.png", WALL)))
    assert "choose Depth Values" in settings.status_line().problem
    for name, value in MILLIMETERS.items():
        setattr(settings, name, value)
    status = settings.status_line()
    assert status.problem == ""
    assert status.text == f"{WIDTH} x {HEIGHT}, PNG, planar in mm, camera Camera, frame 1"
    assert "unit: chosen" in status.basis
    bpy.ops.depth.reconstruct(filepath=settings.filepath, **settings.option_values())
    assert len(the_object().data.vertices) == WIDTH * HEIGHT
    options = settings.request(bpy.context).options
    assert (options.encoding.unit, options.depth_kind.name) == (0.001, "PLANAR")
    settings.source = "RENDER"
    assert settings.option_values()["depth_values"] == "AUTO"
    assert settings.request(bpy.context).options.encoding is None


def test_options_that_a_kind_of_values_lacks_are_hidden() -> None:
    settings = bpy.context.scene.reconstruct_from_depth
    every = {"depth_unit", "depth_scale", "depth_offset", "disparity_baseline", "normalized_near",
             "normalized_far"}  # fmt: skip
    assert every <= settings.unused_options()
    settings.depth_values = "DISPARITY"
    assert every & settings.unused_options() == {"depth_unit", "normalized_near", "normalized_far"}


# Picks


def pick(**arguments: object) -> bpy.types.PropertyGroup:
    bpy.ops.depth.pick(x=20.5, y=10.5, **arguments)
    return bpy.context.scene.depth_picks.picks[-1]


def test_picks_are_made_in_the_values_of_the_file(tmp_path: Path) -> None:
    path = str(write_png(tmp_path / "wall.png", WALL))
    said = "is a 16-bit PNG image, which does not say what its numbers stand for; choose Depth"
    with pytest.raises(RuntimeError, match=said):
        pick(filepath=path)
    settings = settings_of(path)
    for name, value in MILLIMETERS.items():
        setattr(settings, name, value)
    found = pick()
    assert found.depth == pytest.approx(4.0, rel=1e-6)
    assert found.point.precision == pytest.approx(0.0005, rel=0.3)  # along the ray
    settings.filepath = ""
    assert pick(filepath=path).depth == pytest.approx(4.0, rel=1e-6)  # the unit is remembered


def test_picks_notice_other_values(tmp_path: Path, product: Product) -> None:
    settings = settings_of(str(write_png(tmp_path / "wall.png", WALL)))
    for name, value in MILLIMETERS.items():
        setattr(settings, name, value)
    pick()
    scene = bpy.context.scene
    (shot,) = scene.depth_picks.shots
    changes = product("bridge.picks.changes").changes
    assert "wall.png" not in changes(scene, shot)
    settings.depth_unit = "TUM"
    assert "wall.png" in changes(scene, shot)
    bpy.ops.depth.picks_recompute()
    assert scene.depth_picks.picks[0].depth == pytest.approx(0.8, rel=1e-6)
    assert pick().depth == pytest.approx(0.8, rel=1e-6)
    assert len(scene.depth_picks.shots) == 1


def test_picks_on_disparity_follow_the_lens(tmp_path: Path) -> None:
    np.save(tmp_path / "d.npy", np.full((HEIGHT, WIDTH), 2.0, np.float32))
    settings = settings_of(str(tmp_path / "d.npy"))
    settings.depth_values, settings.disparity_baseline = "DISPARITY", 0.1
    data = bpy.context.scene.camera.data
    focal = data.lens / data.sensor_width * WIDTH
    assert pick().depth == pytest.approx(0.1 * focal / 2.0, rel=1e-6)
    bpy.context.scene.depth_picks.remove_picks([0])
    data.lens *= 2.0
    bpy.context.view_layer.update()
    assert pick().depth == pytest.approx(0.1 * focal, rel=1e-6)
    data.lens /= 2.0
    bpy.context.view_layer.update()  # a file with picks is used with the camera of those picks
    assert pick().depth == pytest.approx(0.1 * focal, rel=1e-6)
