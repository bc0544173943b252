"""The installed zip in a real Blender window, driven with mouse and keyboard."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from window import Outcome

Play = Callable[[str], Outcome]


def test_mouse_and_keyboard_reach_blender(blender_window: Play) -> None:
    value = blender_window("viewport").value
    assert value["lens"] == pytest.approx(85.5)
    assert value["selected"] == ["Cube"]
    assert sorted(value["boxed"]) == ["Cube", "Light"]


def test_the_sidebar_has_the_extension_tab(blender_window: Play) -> None:
    outcome = blender_window("sidebar")
    assert "bl_ext.user_default.reconstruct_from_depth" in outcome.value["enabled"]
    assert outcome.value["tab"] == "Depth"
    assert outcome.value["width"] > 100
    assert (outcome.folder / "sidebar.png").stat().st_size > 10_000


def test_the_buttons_of_the_sidebar_reconstruct_and_undo(blender_window: Play) -> None:
    outcome = blender_window("reconstruct")
    value = outcome.value
    assert value["points"] == value["again"] > 50_000
    worst, checked = value["miss"]
    assert worst < 5e-4
    assert checked > 50
    assert value["pass_restored"]
    assert value["handlers_left"] == 0
    assert value["after_undo"]
    assert value["after_undo_of_adjusted"]
    assert value["adjusted"] == value["after_redo"]
    assert value["adjusted"] == pytest.approx(value["again"] / 100, rel=0.05)
    assert value["problem"] == "Choose the file with the depth of a render, such as OpenEXR."


def test_the_sidebar_makes_a_surface_that_shows_the_render(blender_window: Play) -> None:
    outcome = blender_window("surface")
    assert outcome.value["faces"] > 100_000
    assert outcome.value["packed"] == ["Render Result Render"]
    assert (outcome.folder / "surface.png").stat().st_size > 10_000


def test_what_each_engine_renders_is_reconstructed(blender_window: Play) -> None:
    value = blender_window("search").value
    assert value.pop("search").startswith("Render Result")
    # Medians and 90% of the distances in pixels; a panorama in these engines is perspective.
    bars = {"EEVEE": (0.1, 0.2), "BLENDER_WORKBENCH": (0.01, 0.02), "CYCLES": (0.002, 0.002)}
    assert set(value) == {f"{name} {kind}" for name in bars for kind in ("PERSP", "PANO")} - {
        "CYCLES PANO"
    }
    for name, (median, most, checked, total) in value.items():
        bar = bars[name.split()[0]]
        assert median < bar[0], name
        assert most < bar[1], name
        assert checked > 300, name
        assert total > 10_000, name


def test_escape_gives_a_render_up_and_a_dropped_file_reconstructs(blender_window: Play) -> None:
    value = blender_window("cancel").value
    assert value["during"]
    assert value["pass_restored"]
    assert value["unchanged"]
    assert value["handlers_left"] == 0
    assert value["modal"] == []
    name, count = value["dropped"]
    assert name == "shot"
    assert count > 1000


def test_export_through_the_file_browser(blender_window: Play) -> None:
    value = blender_window("export").value
    assert value["files"] == ["room.ply", "room_camera.json", "room_colmap"]
    assert value["after_escape"] == ["before", []]
    assert value["lines"] == value["points"] > 1_000_000


def test_the_preview_follows_the_options_and_ends_with_the_button(blender_window: Play) -> None:
    value = blender_window("preview").value
    count = int(value["text"].split()[0].replace(",", ""))
    assert count > 100_000
    assert count / 9 < value["drawn"] <= min(count, 200_000)
    assert "pixels out of range" in value["nearer"]
    assert "pixels skipped by the stride" in value["strided"]
    assert "leave no range: it starts at 20 and ends at 9" in value["problem"]
    assert value["while_dragging"] > 1
    assert value["passes"] == ""  # Combined is the first check box
    assert value["made"] == int(value["strided"].split()[0])
    assert (value["on"], value["left"]) == (False, False)


def test_points_surfaces_and_point_clouds_are_shown(blender_window: Play) -> None:
    outcome = blender_window("forms")
    value = outcome.value
    kind, count, faces = value.pop("POINTS")
    assert (kind, faces) == ("MESH", 0)
    assert count > 90_000
    kind, used, faces = value.pop("SURFACE")
    assert kind == "MESH"
    assert 0.9 * count < used <= count
    assert 0.9 * used < faces < used
    if value:  # Blender 4.5 and later
        assert value == {"POINT_CLOUD": ["POINTCLOUD", count, 0]}


def test_the_preview_of_a_file_outlives_nothing_that_it_should_not(blender_window: Play) -> None:
    value = blender_window("preview_ends").value
    assert "There is no finished render" in value["nothing rendered"]
    assert "pixels without a hit" in value["render"]
    assert value["file"] == value["render"]
    assert value["moved"] == pytest.approx(1.0, abs=1e-3)
    assert "does not exist" in value["missing"]
    assert value["type"] in ("MESH", "POINTCLOUD")
    assert value["local view"]
    assert value["in local view"]
    assert value["ended"]
    assert value["undone"]
    assert not value["disabled"]
    assert value["after new file"] == [False, False]


def test_each_filter_says_how_many_pixels_it_left_out(blender_window: Play) -> None:
    value = blender_window("filters").value
    left = 960 * 540 - sum(value["removed"].values())
    assert set(value["removed"]) == {"hit", "region", "bounds", "voxel_size"} | (
        set(value["removed"]) & {"flying"}
    )
    assert value["points"] == left > 1000
    assert "depth_error" in value["attributes"]
    assert value["previewed"] == value["points"]
    assert "not yet merged into voxels" in value["text"]
    assert 0 < value["moved"] < value["points"]
    assert "has no Nobody; it names" in value["problem"]
    assert value["eevee"] > 500
    assert value["worst"] < 0.01


def test_a_16_bit_png_is_reconstructed_once_its_unit_is_chosen(blender_window: Play) -> None:
    outcome = blender_window("depth_values")
    value = outcome.value
    assert value["problem"].startswith("depth.png is a 16-bit PNG image, which does not say")
    assert value["text"].startswith("1920 x 1080, PNG, planar in mm, camera")
    assert value["depth"] == [4.0, 4.0, 1920 * 1080]
    assert value["images"] == 0
    assert (value["forgotten"], value["remembered"]) == ("AUTO", "MILLIMETERS")
    assert value["preview"].startswith("2,073,600 points")
    assert (outcome.folder / "undecided.png").stat().st_size > 10_000


def test_the_camera_tab_shows_sets_and_copies_intrinsics(blender_window: Play) -> None:
    value = blender_window("camera_intrinsics").value
    assert value["before"] == pytest.approx([1920 * 50 / 36, 960, 1920])
    assert value["after_enter"] == pytest.approx(value["before"])
    assert value["cameras"] == value["cameras_after_escape"] == 1
    assert (value["sensor_fit"], value["sensor_fit_after_undo"]) == ("HORIZONTAL", "AUTO")
    assert "width, height = 1920, 1080" in value["copied"]
    assert "K = np.array([\n    [2666.6666" in value["copied"]
    assert value["sensor_widths"] == [24.0]  # which was given, and is in the dialog


def test_what_is_wrong_is_named_and_the_button_makes_it_right(blender_window: Play) -> None:
    outcome = blender_window("check")
    value = outcome.value
    name, line, remedy = value["wrong"]
    assert name == "INVERSE"
    assert line.startswith("Off by ")
    assert line.endswith(" m: inverse depth")
    assert remedy == "Read the depth as 1 / value."
    assert value["warnings"] == ""
    assert value["miss"] > 1.0
    assert value["right"] == ["RIGHT", "Right: 100% of the pixels agree", ""]
    assert value["miss_after"] < 1e-3
    assert value["values"] == "INVERSE"
    assert value["lines"][0].startswith("Median: under 0.1 mm, ")
    assert (outcome.folder / "wrong.png").stat().st_size > 10_000


def test_f12_describes_the_files_of_file_output_nodes(blender_window: Play) -> None:
    value = blender_window("file_output").value
    assert value["sidecars"] == [True]
    assert value["verdict"] == "RIGHT"
    assert value["kept"] == "{}"
    assert "is another program's file" in value["warnings"]
