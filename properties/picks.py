"""The picks of a scene: points of renders, where they lie in 3D, and what they were picked on."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterable, Iterator

import bpy
from bpy.props import (
    BoolProperty,
    CollectionProperty,
    FloatProperty,
    FloatVectorProperty,
    IntProperty,
    IntVectorProperty,
    PointerProperty,
    StringProperty,
)

from ..bridge.picks.change_watcher import problem_of_shot
from ..bridge.picks.point_data import parse_point, point_text
from ..bridge.redraw import redraw_editors
from ..bridge.typed import image_editor, scene_of
from ..bridge.units import coordinate_texts, length_text
from ..core.geometry.located_point import LocatedPoint

PALETTE = (
    (1.0, 0.15, 0.02), (0.04, 0.48, 1.0), (0.96, 0.66, 0.03), (0.18, 0.73, 0.09),
    (1.0, 0.17, 0.52), (0.39, 0.26, 1.0), (0.03, 0.73, 0.49), (1.0, 0.37, 0.23),
)  # fmt: skip
"""Colors of new picks, used in turn: linear, and bright enough for a dark outline."""


def _on_change(pick: bpy.types.PropertyGroup, _context: bpy.types.Context) -> None:
    pick.id_data.depth_picks.touch()


def _on_edit(pick: bpy.types.PropertyGroup, context: bpy.types.Context) -> None:
    """Redraw too: after an edit, Blender redraws at most the list where it was done."""
    _on_change(pick, context)
    redraw_editors()


def _on_display_change(_item: bpy.types.PropertyGroup, _context: bpy.types.Context) -> None:
    redraw_editors()


def _get_measures(picks: DepthPicks) -> str:
    from ..bridge.picks.texts import measures_text  # imports numpy

    return measures_text(scene_of(picks))


def _get_depth_title(picks: DepthPicks) -> str:
    from ..bridge.picks.editor_image import depth_title

    return depth_title(scene_of(picks), image_editor(bpy.context))


def _get_image_has_depth(picks: DepthPicks) -> bool:
    from ..bridge.picks.editor_image import image_source_key

    return image_source_key(scene_of(picks), image_editor(bpy.context)) is not None


def _get_details(pick: DepthPick) -> str:
    from ..bridge.picks.texts import details_text

    return details_text(pick)


def _get_depth_text(pick: DepthPick) -> str:
    return length_text(scene_of(pick), pick.point.depth)


def _get_place_text(pick: DepthPick) -> str:
    *others, last = coordinate_texts(scene_of(pick), pick.point.world)
    # All three have the same unit, which is written once.
    return "  ".join((*(text.partition(" ")[0] for text in others), last))


def _get_problem(shot: DepthShot) -> str:
    return problem_of_shot(scene_of(shot), shot.identifier)


class DepthPick(bpy.types.PropertyGroup):
    """One point of a render, located in 3D.

    Its numbers are stored as text: Blender's own float properties are single precision, which is
    too coarse for a fraction of a pixel at 8K.
    """

    identifier: IntProperty(description="Unique among all picks that the scene ever had")
    name: StringProperty(name="Name", description="Name of the pick", update=_on_edit)
    point_data: StringProperty(
        description="Pixel, depth, world coordinates, footprint, and precision, as JSON",
        update=_on_change,
    )
    edge: BoolProperty(
        name="Edge",
        description="The pick lies at the edge of a surface, and has its own pixel's depth",
        update=_on_change,
    )
    color: FloatVectorProperty(
        name="Color",
        description="Color of the pick in both editors",
        subtype="COLOR",
        size=3,
        min=0.0,
        max=1.0,
        update=_on_edit,
    )
    hidden: BoolProperty(
        name="Hide",
        description="Hide the pick in all editors, and exclude it from measures and objects",
        update=_on_edit,
    )
    shot: IntProperty(description="Identifier of the shot that the pick was made on")
    depth: FloatProperty(
        name="Depth", subtype="DISTANCE", unit="LENGTH", get=lambda self: self.point.depth
    )
    location: FloatVectorProperty(
        name="Location",
        description="World coordinates of the pick",
        subtype="XYZ",
        unit="LENGTH",
        size=3,
        get=lambda self: self.point.world,
    )

    depth_text: StringProperty(get=_get_depth_text, description="The depth in the scene's units")
    place_text: StringProperty(
        get=_get_place_text, description="World coordinates in the scene's units"
    )
    details: StringProperty(get=_get_details, description="Lines of a name, a tab, and a value")

    @property
    def point(self) -> LocatedPoint:
        """Where the pick lies, in double precision; all zeros if it was not located yet."""
        return parse_point(self.point_data, self.edge)

    @point.setter
    def point(self, point: LocatedPoint) -> None:
        self.point_data, self.edge = point_text(point), point.edge


class DepthShot(bpy.types.PropertyGroup):
    """An image that was picked on, with the camera that rendered it."""

    identifier: IntProperty()
    filepath: StringProperty(
        name="File", description="File with the depth; empty for the Render Result"
    )
    layer: StringProperty(name="Layer")
    view: StringProperty(name="View")
    camera: StringProperty(name="Camera", description="Name of the camera")
    frame: IntProperty(name="Frame")
    kind: StringProperty(description="What the depth measures: planar or ray")
    size: IntVectorProperty(name="Size", size=2)
    camera_data: StringProperty(description="Matrix and lens of the camera, as JSON")
    pose: StringProperty(
        description="How the camera's pose and lens are known: FILE, RENDER, CHOSEN, or SCENE; "
        "empty if that was not recorded"
    )
    fingerprint: StringProperty(
        description="Identifies the state of the file or render that was picked on"
    )
    problem: StringProperty(
        get=_get_problem, description="Lines that say what differs now; empty if nothing does"
    )
    accepted_changes: StringProperty(
        description="Identifies the differences that the user chose to ignore"
    )


class DepthPicks(bpy.types.PropertyGroup):
    """All picks of a scene in their order, with the shots that they were made on."""

    shots: CollectionProperty(type=DepthShot)
    picks: CollectionProperty(type=DepthPick)
    active: IntProperty(name="Active Pick", default=-1, update=_on_display_change)
    last_identifier: IntProperty(
        description="Identifier of the newest pick, which may have been removed"
    )
    revision: IntProperty(description="Different for each state of the picks")
    pattern: StringProperty(
        name="Name",
        description="Names of new picks; # is replaced by a number, ### by one of three digits",
        default="Point ##",
    )
    start: IntProperty(name="Start", description="Number of the first new pick", default=1, min=0)
    show_names: BoolProperty(
        name="Names",
        description="Show the name of each pick beside it",
        default=True,
        update=_on_display_change,
    )
    show_sight: BoolProperty(
        name="Lines of Sight",
        description="Show a line from the camera to each pick in the 3D viewport",
        update=_on_display_change,
    )
    show_others: BoolProperty(
        name="Other Shots",
        description="Show picks of other cameras and frames where they lie in this image, dimmed "
        "where something hides them",
        default=True,
        update=_on_display_change,
    )
    depth_title: StringProperty(
        get=_get_depth_title, description="File, layer, and view of the depth of the editor image"
    )
    image_has_depth: BoolProperty(
        get=_get_image_has_depth, description="Whether the editor image itself has depth"
    )
    measures: StringProperty(get=_get_measures, description="Lines of a name, a tab, and a value")

    def touch(self) -> None:
        """Record that the picks changed.

        The number is random, since undo restores an old one together with the old picks.
        """
        self.revision = random.getrandbits(31)

    def shot_of(self, pick: DepthPick) -> DepthShot | None:
        """The shot that a pick was made on."""
        return next((shot for shot in self.shots if shot.identifier == pick.shot), None)

    def active_pick(self) -> DepthPick | None:
        """The pick that is selected in the list and in the editors, if any."""
        return self.picks[self.active] if 0 <= self.active < len(self.picks) else None

    def new_pick(self, name: str, shot: DepthShot) -> DepthPick:
        """Append a pick with the next color, which is not located yet."""
        color = self.next_color()
        self.last_identifier += 1
        pick = self.picks.add()
        pick.identifier, pick.shot = self.last_identifier, shot.identifier
        pick.name, pick.color = name, color
        return pick

    def next_color(self) -> tuple[float, float, float]:
        """The color of the palette that follows the last pick's."""
        last = tuple(round(value, 2) for value in self.picks[-1].color) if self.picks else None
        return PALETTE[(PALETTE.index(last) + 1) % len(PALETTE) if last in PALETTE else 0]

    def remove_picks(self, indices: Iterable[int]) -> None:
        """Remove picks, and shots that have none left."""
        for index in sorted(indices, reverse=True):
            self.picks.remove(index)
            if self.active > index:
                self.active -= 1
        self.active = min(self.active, len(self.picks) - 1)
        self.remove_unused_shots()

    def remove_unused_shots(self) -> None:
        """Remove shots that no pick belongs to."""
        used = {pick.shot for pick in self.picks}
        for index in reversed(range(len(self.shots))):
            if self.shots[index].identifier not in used:
                self.shots.remove(index)
        self.touch()

    def new_shot_identifier(self) -> int:
        """An identifier that no shot has."""
        return 1 + max((shot.identifier for shot in self.shots), default=0)

    def next_name(self) -> str:
        """The first name of the pattern that is free."""
        return next(self.free_names())

    def free_names(self, others: Iterable[str] = ()) -> Iterator[str]:
        """Names of the pattern, in order, without those of picks and `others`."""
        used = {pick.name for pick in self.picks}.union(others)
        names = (numbered(self.pattern, number) for number in itertools.count(self.start))
        return (name for name in names if name not in used)


def numbered(pattern: str, number: int) -> str:
    """A pattern with its last run of # replaced by a number, or followed by the number."""
    head, mark, tail = pattern.rpartition("#")
    if not mark:
        return f"{pattern} {number}" if pattern else str(number)
    stem = head.rstrip("#")
    return f"{stem}{number:0{len(head) - len(stem) + 1}}{tail}"


_CLASSES = (DepthPick, DepthShot, DepthPicks)


def register() -> None:
    """Register the classes, and give every scene its picks."""
    for each in _CLASSES:
        bpy.utils.register_class(each)
    bpy.types.Scene.depth_picks = PointerProperty(type=DepthPicks)


def unregister() -> None:
    """Unregister the classes; the data of the picks stays in the scenes."""
    del bpy.types.Scene.depth_picks
    for each in reversed(_CLASSES):
        bpy.utils.unregister_class(each)
