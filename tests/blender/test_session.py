"""All that stays in memory is registered, can be seen, and can be freed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import bpy
import pytest
from module_state import module_state

from tests.blender.reconstruct_scene import render_file

Product = Callable[[str], ModuleType]

ALLOWED = {
    "bridge.session._entries": "the registry itself",
    "core.support.caching.CACHES": "the core's registry",
    "overlays.drawing._name_speed": "one number: the time that a name takes to draw",
    "overlays.picks.image_editor._handle": "a draw handle, removed when the extension is disabled",
    "overlays.picks.viewport._handles": "draw handles, removed when the extension is disabled",
    "overlays.reconstruct.preview._handles": "draw handles, removed when the extension is disabled",
    "properties.reconstruct.preview._is_on": "a flag; bridge.reconstruct.preview holds the points",
}
"""State that need not be registered, and why."""


def is_registered(product: Product, name: str) -> bool:
    module, _, variable = name.rpartition(".")
    value = getattr(product(module), variable)
    session = product("bridge.session")
    return any(name in entry.variables for entry in session.entries()) or any(
        value is cache for cache in product("core.support.caching").CACHES
    )


def test_all_state_of_modules_is_registered(product: Product) -> None:
    state = module_state()
    for name in state:
        product(name.rpartition(".")[0])  # a module registers its caches when it is imported
    unknown = sorted(
        name for name in state if name not in ALLOWED and not is_registered(product, name)
    )
    assert not unknown, (
        f"{', '.join(unknown)} hold something between two calls: register them with "
        "bridge.session.register_cache, or allow them here with the reason"
    )


def test_what_is_registered_exists_and_says_what_it_is(product: Product) -> None:
    state = module_state()
    for name in state:
        product(name.rpartition(".")[0])
    for entry in product("bridge.session").entries():
        assert set(entry.variables) <= state
        assert entry.title
        assert entry.limit
        assert entry.dropped.endswith(".")
        assert entry.held_bytes() >= 0


def fill(scene: bpy.types.Scene, file: str) -> None:
    """Fill the caches: pick, measure, look for differences, and reconstruct."""
    for x in (10.5, 20.5, 30.5):
        bpy.ops.depth.pick(x=x, y=40.25)
        bpy.ops.depth.pick(x=x, y=41.25, filepath=file)
    assert scene.depth_picks.measures
    scene.camera.location.x += 1
    bpy.context.view_layer.update()
    bpy.ops.depth.picks_check()
    scene.camera.location.x -= 1
    bpy.context.view_layer.update()
    bpy.ops.depth.reconstruct(filepath=file)


@pytest.fixture
def file(scene: bpy.types.Scene, tmp_path: Path) -> str:
    return render_file(scene, tmp_path / "shot.exr")


def test_all_can_be_freed_and_is_loaded_again(
    scene: bpy.types.Scene, file: str, product: Product
) -> None:
    session = product("bridge.session")
    fill(scene, file)
    held = session.held_bytes()
    by_title = {entry.title: entry.held_bytes() for entry in session.entries()}
    pixels = scene.render.resolution_x * scene.render.resolution_y
    assert by_title["Depth Images to Pick On"] > 2 * 4 * pixels
    assert by_title["Picks as Arrays"] > 0
    assert by_title["Measures of Picks"] > 0
    assert by_title["Differences from Picked Shots"] > 0
    assert by_title["Cameras of Renders"] > 0
    assert by_title["Decoded EXR layers"] > 0
    assert held == sum(by_title.values())
    points = [pick.point for pick in scene.depth_picks.picks]
    assert session.free_all() == held
    assert session.held_bytes() == 0
    bpy.ops.depth.picks_clear()
    fill(scene, file)
    assert [pick.point for pick in scene.depth_picks.picks] == points


def test_the_button_keeps_what_cannot_be_read_again(
    scene: bpy.types.Scene, file: str, product: Product, capfd: pytest.CaptureFixture[str]
) -> None:
    """Without the cameras of renders, picks on the Render Result would use the present pose."""
    session, history = product("bridge.session"), product("bridge.renders.history")
    fill(scene, file)
    render = history.last_render(scene)
    points = [pick.point for pick in scene.depth_picks.picks]
    freed = session.held_bytes()
    bpy.ops.depth.free_memory()
    freed -= session.held_bytes()
    assert f"Freed {product('bridge.units').memory_text(freed)}." in capfd.readouterr().out
    assert history.last_render(scene) is render is not None
    assert {entry.title for entry in session.entries() if entry.held_bytes()} == {
        "Cameras of Renders"
    }
    scene.camera.location.x += 5
    bpy.context.view_layer.update()
    bpy.ops.depth.pick(x=10.5, y=40.25)
    assert scene.depth_picks.picks[-1].point == points[0]


@pytest.mark.usefixtures("scene")
def test_another_file_frees_everything(file: str, product: Product) -> None:
    session = product("bridge.session")
    fill(bpy.context.scene, file)
    assert session.held_bytes() > 0
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    assert session.held_bytes() == 0


def test_the_preferences_list_what_is_held(
    scene: bpy.types.Scene, file: str, product: Product
) -> None:
    preferences = bpy.context.preferences.addons[product("").__name__].preferences
    fill(scene, file)
    held = product("bridge.session").held_bytes()
    assert preferences.held_memory == product("bridge.units").memory_text(held)
    lines = [line.split("\t") for line in preferences.held_details.splitlines()]
    assert {len(line) for line in lines} == {4}
    assert "Depth Images to Pick On" in [title for title, *_ in lines]
    bpy.ops.depth.free_memory()
    assert [line.split("\t")[0] for line in preferences.held_details.splitlines()] == [
        "Cameras of Renders"
    ]


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 kB"), (1234, "1.2 kB"), (5_000_000, "5.0 MB"), (1_234_567_890, "1,234.6 MB")],
)
def test_amounts_of_memory(product: Product, count: int, text: str) -> None:
    assert product("bridge.units").memory_text(count) == text
