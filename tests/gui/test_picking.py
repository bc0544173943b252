"""Picking in a real Blender window: every point against what the camera's ray hits."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from window import Outcome

Play = Callable[[str], Outcome]

POINTS = ["Point 01", "Point 02", "Point 03"]
FIELD = 0.6
"""Image pixels by which a click may be off: the mouse is at whole pixels of the screen."""


def assert_at(found: list[list], places: list[tuple[float, float]]) -> None:
    assert len(found) == len(places)
    for (x, y, miss), place in zip([each[-3:] for each in found], places, strict=True):
        assert (x, y) == pytest.approx(place, abs=FIELD)
        assert miss < 1e-3


def test_picking_on_the_render_result(blender_window: Play) -> None:
    value = blender_window("pick").value
    assert value["tool"] == "depth.pick_tool"
    spots = [(240.0, 120.0), (100.0, 200.0), (160.0, 90.0)]
    dragged = [*spots[:2], (260.0, 190.0)]
    assert [each[0] for each in value["clicked"]] == POINTS
    assert_at(value["clicked"], spots)
    assert_at(value["dragged"], dragged)
    assert value["drag_undone"] == value["clicked"]
    assert value["drag_redone"] == value["dragged"]
    assert value["undone_twice"] == value["clicked"][:2]
    assert_at(value["zoomed"], [*spots, (251.3, 160.7)])
    assert value["background"] == 4
    before = [*POINTS, "Point 04"]
    after = [*POINTS, "left eye"]
    assert (value["renamed"], value["rename_undone"]) == (after, before)
    assert value["selected"] == 1
    assert value["deleted"] == ["Point 01", "Point 03", "left eye"]
    assert value["delete_undone"] == after
    assert value["renamed_by_double_click"] == ["bab", *after[1:]]
    assert value["double_click_undone"] == after


def test_picking_on_files_and_from_two_cameras(blender_window: Play) -> None:
    value = blender_window("pick_files").value
    assert_at(value["cropped"], [(100.0, 130.0), (40.0, 180.0), (230.0, 150.0)])
    assert_at(value["picture"], [(250.0, 150.0), (150.0, 210.0)])
    assert value["other_aspect"] == 5
    assert value["depth"] == [
        ["crop.exr, ViewLayer.Depth", True],
        ["full.exr, ViewLayer.Depth", False],
        ["Render Result, ViewLayer.Depth", True],
    ]
    assert_at(value["second"], [(300.0, 150.0)])
    assert value["problems"] == ["", "", "Second was moved."]
    assert max(map(abs, value["off_center"])) < 20
    assert value["kept"] == ["", "", ""]
    assert value["moved_again"] == ["", "", "Second was moved."]
    # The Render Result is as it was, and so is the camera that took it.
    assert value["recomputed"] == [["", "", ""], False]


def test_the_cost_of_a_thousand_picks_at_4k(blender_window: Play) -> None:
    """The bar of 4 ms is for the Python part.

    This screen has no graphics card, and its drawing is in these times too, so they are given more.
    """
    value = blender_window("pick_cost").value
    print({name: f"{milliseconds:.2f} ms" for name, (_, milliseconds) in value.items()})
    assert all(count > 10 for count, _ in value.values())
    assert max(milliseconds for _, milliseconds in value.values()) < 40


def test_disabling_with_picks_and_the_tool_active(blender_window: Play) -> None:
    value = blender_window("pick_disable").value
    assert value["tool"] == ["depth.pick_tool", "builtin.sample", "depth.pick_tool"]
    assert (value["count"], value["kept"], value["again"]) == (1, True, 2)


def test_a_running_render_is_not_picked_on_and_keeps_its_camera(blender_window: Play) -> None:
    value = blender_window("pick_running").value
    assert value["running"]
    assert value["pick"] == (
        "Error: The render is still running; wait for it to end, and try again.\n"
    )
    assert value["format kept"]
    assert value["miss"] < 1e-4


def test_the_picture_of_picking(blender_window: Play) -> None:
    value = blender_window("pick_picture").value
    assert list(value) == ["left eye", "right eye", "nose", "chin", "horizon", "floor"]
    assert value["nose"] < value["floor"] < value["horizon"]


def test_picks_are_selected_by_their_markers_with_any_tool(blender_window: Play) -> None:
    """A first click on a marker selects its pick alone, a second one what lies under it."""
    value = blender_window("pick_select").value
    assert value["first"] == [2, ["Cube"]]
    for tool in ("select_box", "select", "move"):
        assert value[f"builtin.{tool}"] == [[0, []], [1, []], [1, ["Cube"]], [1, []]]
    assert value["builtin.cursor"] == [[0, []], [1, []], [1, []], [1, []]]
    assert value["undone"] == [2, 0]
    assert value["editing"] == 0
    assert value["without overlays"] == [0, ["Cube"]]
    assert value["list"] == [0, [0], [2]]
    assert value["hover"] == [True, True, True]


def test_preferences_show_and_free_the_memory_of_picks(blender_window: Play) -> None:
    value = blender_window("pick_memory").value
    held = [line.split("\t")[0] for line in value["held"].splitlines()]
    assert "Depth Images to Pick On" in held
    assert "Picks as Arrays" in held
    freed = [line.split("\t")[0] for line in value["freed"].splitlines()]
    assert "Cameras of Renders" in freed
    assert "Depth Images to Pick On" not in freed
    assert value["same"]


def test_a_drag_whose_window_closes_leaves_the_picks_as_they_were(blender_window: Play) -> None:
    value = blender_window("pick_closed").value
    assert value["dragged modal"] == value["added modal"] == ["DEPTH_OT_pick_drag"]
    assert (value["dragged"], value["added"]) == ([1, False], [2, True])
    assert value["dragged after"] == value["added after"] == [1, True]
    assert value["miss"] < 1e-4
    assert value["shots"] == 1
