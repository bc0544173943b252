"""Drives a real Blender window: runs inside Blender, which ``inside.sh`` starts.

A scenario is a file with a generator function ``run(ui)``, given a :class:`Driver`. Each ``yield``
hands control back to Blender's main loop, for ``STEP`` seconds or as many as it yields, so that
Blender handles the events sent and redraws. What ``run`` returns (as JSON) is the result.
"""

from __future__ import annotations

import json
import os
import runpy
import subprocess
import sys
import traceback
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import bpy

sys.path.append(str(Path(__file__).parent))
from xtest import Hands

STEP = 0.1
Steps = Generator[float | None, None, Any]


class Driver:
    """Mouse, keyboard, screenshots and where things are, in window pixels from the lower left."""

    def __init__(self, results: Path) -> None:
        self.results = results
        """Folder that a scenario may write to; it outlives Blender."""

    @property
    def window(self) -> bpy.types.Window:
        """The one window."""
        return bpy.context.window_manager.windows[0]

    def area(self, kind: str) -> bpy.types.Area:
        """The largest editor of a kind, such as VIEW_3D."""
        areas = [area for area in self.window.screen.areas if area.type == kind]
        return max(areas, key=lambda area: area.width * area.height)

    def region(self, area: bpy.types.Area, kind: str = "WINDOW") -> bpy.types.Region:
        """An editor's region of a kind, such as UI for the sidebar."""
        return next(region for region in area.regions if region.type == kind)

    def center(self, region: bpy.types.Region) -> tuple[int, int]:
        """The middle of a region."""
        return region.x + region.width // 2, region.y + region.height // 2

    def move(self, x: float, y: float) -> None:
        """Move the mouse."""
        self.window.event_simulate("MOUSEMOVE", "NOTHING", x=round(x), y=round(y))

    def press(self, kind: str, x: float, y: float, **modifiers: bool) -> None:
        """Press and release a key or a mouse button, with the mouse at a place."""
        for value in ("PRESS", "RELEASE"):
            self.window.event_simulate(kind, value, x=round(x), y=round(y), **modifiers)

    def click(self, x: float, y: float) -> Steps:
        """Click with the left button, as a hand does: move there first."""
        self.move(x, y)
        yield
        self.press("LEFTMOUSE", x, y)
        yield

    def hands(self) -> Hands:
        """Real events, for what simulated ones cannot do; from here on those have no effect."""
        bpy.app.use_event_simulate = False
        return Hands(os.environ["DISPLAY"])

    def on_screen(self, x: float, y: float) -> tuple[int, int]:
        """A place of the window, from the screen's upper left."""
        return round(x), self.window.height - 1 - round(y)

    def fill(self, x: float, y: float, text: str) -> Steps:
        """Type a text into the number or text field at a place, over what it holds."""
        self.move(x, y)
        yield
        self.press("RET", x, y)
        yield
        self.press("A", x, y, ctrl=True)
        self.write(text)
        yield
        self.press("RET", x, y)
        yield

    def write(self, text: str) -> None:
        """Type a text. Fields read the character alone, so any key will do."""
        for character in text:
            self.window.event_simulate("A", "PRESS", unicode=character)
            self.window.event_simulate("A", "RELEASE")

    def key(self, kind: str, region: bpy.types.Region, **modifiers: bool) -> Steps:
        """Press a key with the mouse in the middle of a region."""
        self.move(*self.center(region))
        yield
        self.press(kind, *self.center(region), **modifiers)
        yield

    def drag(self, start: tuple[float, float], end: tuple[float, float], moves: int = 5) -> Steps:
        """Drag with the left button held."""
        self.move(*start)
        yield
        x, y = start
        self.window.event_simulate("LEFTMOUSE", "PRESS", x=round(x), y=round(y))
        for step in range(1, moves + 1):
            x = start[0] + (end[0] - start[0]) * step / moves
            y = start[1] + (end[1] - start[1]) * step / moves
            self.move(x, y)
            yield
        self.window.event_simulate("LEFTMOUSE", "RELEASE", x=round(x), y=round(y))
        yield

    def until(self, holds: Callable[[], bool], what: str, seconds: float = 20.0) -> Steps:
        """Wait until something holds; `what` says it in the error."""
        for _ in range(round(seconds / STEP)):
            if holds():
                return
            yield
        raise TimeoutError(f"waited {seconds} s, but {what} did not come")

    def screenshot(self, name: str) -> None:
        """Keep a picture of the screen as ``<name>.png``."""
        path = self.results / f"{name}.png"
        subprocess.run(["import", "-window", "root", str(path)], check=True)

    def sidebar(self, area: bpy.types.Area, tab: str) -> Steps:
        """Open an editor's sidebar at a tab and return its region."""
        space = area.spaces.active
        if not space.show_region_ui:
            yield from self.key("N", self.region(area))
        region = self.region(area, "UI")
        drawn = ("", "UNSUPPORTED")
        yield from self.until(lambda: region.active_panel_category not in drawn, "the sidebar")
        region.active_panel_category = tab
        area.tag_redraw()
        yield
        return region

    def find_operator(
        self, area: bpy.types.Area, region: bpy.types.Region, name: str, across: float = 0.6
    ) -> Steps:
        """Return the place of the button that runs ``bpy.ops.<name>``, by hovering.

        Blender tells no button's place, but it copies the command of the one under the mouse, which
        goes down the region at this part of its width.
        """
        return (yield from self._find(area, region, f"bpy.ops.{name}(", _copied_command, across))

    def find_property(self, area: bpy.types.Area, region: bpy.types.Region, name: str) -> Steps:
        """Return the place of the button that edits a property with this name."""
        return (yield from self._find(area, region, f".{name}", _copied_path))

    def _find(
        self,
        area: bpy.types.Area,
        region: bpy.types.Region,
        text: str,
        copied: Callable[[], str],
        across: float = 0.6,
    ) -> Steps:
        seen: list[str] = []
        x = region.x + region.width * across
        for y in range(region.y + region.height - 5, region.y, -8):
            self.move(x, y)
            yield 0.02
            yield 0.02
            with bpy.context.temp_override(window=self.window, area=area, region=region):
                found = copied()
            if text in found:
                return x, y - 4
            if found and found not in seen:
                seen.append(found)
        raise LookupError(f"no button {text!r} in the {region.type} region; it has {seen}")


def _copied_command() -> str:
    if not bpy.ops.ui.copy_python_command_button.poll():
        return ""
    bpy.ops.ui.copy_python_command_button()
    return bpy.context.window_manager.clipboard


def _copied_path() -> str:
    if not bpy.ops.ui.copy_data_path_button.poll():
        return ""
    bpy.ops.ui.copy_data_path_button()
    return "." + bpy.context.window_manager.clipboard


def _play(scenario: str, ui: Driver) -> Steps:
    yield 1.0
    ui.press("ESC", *ui.center(ui.region(ui.area("VIEW_3D"))))  # closes the splash screen
    yield 0.5
    return (yield from runpy.run_path(scenario)["run"](ui))


def main(scenario: str, results: Path) -> None:
    """Play the scenario in steps from a timer, write ``result.json``, and quit."""
    ui = Driver(results)
    steps = _play(scenario, ui)

    def finish(outcome: dict[str, Any]) -> None:
        (results / "result.json").write_text(json.dumps(outcome), encoding="utf-8")
        ui.screenshot("last")
        with bpy.context.temp_override(window=ui.window):
            bpy.ops.wm.quit_blender()

    def advance() -> float | None:
        try:
            return next(steps) or STEP
        except StopIteration as end:
            finish({"value": end.value})
        except Exception:
            finish({"error": traceback.format_exc()})
        return None

    bpy.app.timers.register(advance, first_interval=STEP, persistent=True)


if __name__ == "__main__":
    main(sys.argv[-2], Path(sys.argv[-1]))
