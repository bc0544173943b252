"""What the operators of picks share: when they can run, and how they describe a pick."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import bpy
from bpy.props import IntProperty

from ...core.errors import DepthError

if TYPE_CHECKING:
    from ...core.geometry.located_point import LocatedPoint

REACH = 10
"""Distance from a pick, in screen pixels at UI scale 1, within which the mouse is on it."""


class PicksOperator:
    """Base of operators that need at least one pick."""

    bl_options: set[Any] = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if context.scene.depth_picks.picks:
            return True
        cls.poll_message_set("There are no picks yet; pick a point in the Image Editor first")
        return False


class ActivePickOperator(PicksOperator):
    """Base of operators that work on the selected pick."""

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if not super().poll(context):
            return False
        if context.scene.depth_picks.active_pick():
            return True
        cls.poll_message_set("No pick is selected; click one in the list or in the Image Editor")
        return False


class ShotsOperator(PicksOperator):
    """Base of operators that work on the picks of one shot or of all shots."""

    shot: IntProperty(
        name="Shot", description="Identifier of a shot; 0 for all of them", options={"SKIP_SAVE"}
    )

    def chosen_shots(self, context: bpy.types.Context) -> list[int]:
        """Identifiers of the shots to work on.

        Raises
        ------
        DepthError
            There is no such shot.
        """
        known = [each.identifier for each in context.scene.depth_picks.shots]
        if self.shot and self.shot not in known:
            raise DepthError(
                f"There is no shot {self.shot}, expected one of {', '.join(map(str, known))}, or 0 "
                "for all of them."
            )
        return [self.shot] if self.shot else known


def is_over_image(context: bpy.types.Context) -> bool:
    """Whether the mouse is over the image in an Image Editor."""
    space, region = context.space_data, context.region
    return space is not None and space.type == "IMAGE_EDITOR" and region.type == "WINDOW"


def mouse_reach(context: bpy.types.Context) -> float:
    """Distance from a pick, in screen pixels, within which the mouse is on it."""
    return REACH * context.preferences.system.ui_scale


def describe_pick(name: str, point: LocatedPoint) -> str:
    """A sentence that reports where a pick lies."""
    world = ", ".join(f"{value:.6g}" for value in point.world)
    edge = ", at the edge of a surface" if point.edge else ""
    return f"{name}: depth {point.depth:.6g}, world ({world}){edge}."


def count_text(count: int, noun: str) -> str:
    """A number of things, as in "1 pick" or "2,000 picks"."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
