"""The picks of a scene: points of renders, where they lie in 3D, and what they were made with."""

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

from ..bridge import units
from ..bridge.picks.numbers import PickNumbers, Vector
from ..bridge.picks.status import problem_of
from ..bridge.redraw import redraw_editors

PALETTE = (
    (1.0, 0.15, 0.02), (0.04, 0.48, 1.0), (0.96, 0.66, 0.03), (0.18, 0.73, 0.09),
    (1.0, 0.17, 0.52), (0.39, 0.26, 1.0), (0.03, 0.73, 0.49), (1.0, 0.37, 0.23),
)  # fmt: skip
"""Colors of new picks in turn, linear, all bright enough for a dark outline."""


def _touched(item: bpy.types.PropertyGroup, _context: bpy.types.Context) -> None:
    item.id_data.depth_picks.touch()


def _edited(item: bpy.types.PropertyGroup, context: bpy.types.Context) -> None:
    """By hand or by a script; Blender redraws at most the list where it was done."""
    _touched(item, context)
    redraw_editors()


def _shown(_item: bpy.types.PropertyGroup, _context: bpy.types.Context) -> None:
    redraw_editors()


def _measures(picks: DepthPicks) -> str:
    from ..bridge.picks.measures import measures  # numpy is for those who picked

    return measures(picks.id_data)


def _depth_title(picks: DepthPicks) -> str:
    from ..bridge.picks.editor_image import depth_title

    return depth_title(picks.id_data, bpy.context.space_data)


def _has_own_depth(picks: DepthPicks) -> bool:
    from ..bridge.picks.editor_image import image_source_key

    return image_source_key(picks.id_data, bpy.context.space_data) is not None


def _details(pick: DepthPick) -> str:
    from ..bridge.picks.details import details

    return details(pick)


def _depth_text(pick: DepthPick) -> str:
    return units.length(pick.id_data, pick.numbers.depth)


def _place_text(pick: DepthPick) -> str:
    *others, last = units.coordinates(pick.id_data, pick.numbers.world)
    return "  ".join((*(text.partition(" ")[0] for text in others), last))  # one unit for all


def _problem(shot: DepthShot) -> str:
    return problem_of(shot.id_data, shot.identifier)


class DepthPick(bpy.types.PropertyGroup):
    """One point of a render; its list shows the numbers, which are kept exactly as text.

    Blender's own float properties are single precision: too coarse for a fraction of a pixel at 8K.
    """

    identifier: IntProperty(description="Another for every pick that the scene ever had")
    name: StringProperty(name="Name", description="Name of the pick", update=_edited)
    text: StringProperty(update=_touched)
    edge: BoolProperty(
        name="Edge",
        description="The pick lies at the edge of a surface, and has its nearest pixel's depth",
        update=_touched,
    )
    color: FloatVectorProperty(
        name="Color",
        description="Color of the pick in both editors",
        subtype="COLOR",
        size=3,
        min=0.0,
        max=1.0,
        update=_edited,
    )
    hidden: BoolProperty(
        name="Hide",
        description="Show the pick in neither editor, and leave it out of measures and objects",
        update=_edited,
    )
    shot: IntProperty(description="Identifier of the shot that it was picked on")
    depth: FloatProperty(
        name="Depth", subtype="DISTANCE", unit="LENGTH", get=lambda self: self.numbers.depth
    )
    location: FloatVectorProperty(
        name="Location",
        description="The point in the world",
        subtype="XYZ",
        unit="LENGTH",
        size=3,
        get=lambda self: self.numbers.world,
    )

    depth_text: StringProperty(get=_depth_text, description="The depth in the scene's units")
    place_text: StringProperty(
        get=_place_text, description="The point in the world in the scene's units"
    )
    details: StringProperty(get=_details, description="Lines of a name, a tab and a value")

    @property
    def numbers(self) -> PickNumbers:
        """Where the pick lies, exactly."""
        return PickNumbers.from_text(self.text)

    @numbers.setter
    def numbers(self, numbers: PickNumbers) -> None:
        self.text = numbers.text


class DepthShot(bpy.types.PropertyGroup):
    """An image that was picked on, with the camera that took it."""

    identifier: IntProperty()
    filepath: StringProperty(
        name="File", description="The file with the depth; empty for the Render Result"
    )
    layer: StringProperty(name="Layer")
    view: StringProperty(name="View")
    camera: StringProperty(name="Camera", description="Name of the camera")
    frame: IntProperty(name="Frame")
    kind: StringProperty(description="What its depth measures: planar or ray")
    size: IntVectorProperty(name="Size", size=2)
    camera_data: StringProperty(description="The camera's matrix and lens, as JSON")
    fingerprint: StringProperty(description="What tells this state of the file from others")
    problem: StringProperty(get=_problem, description="What no longer matches; empty if all does")
    kept: StringProperty(description="The difference that the user chose to live with")


class DepthPicks(bpy.types.PropertyGroup):
    """All picks of a scene, in order, with the shots that they were made on."""

    shots: CollectionProperty(type=DepthShot)
    picks: CollectionProperty(type=DepthPick)
    active: IntProperty(name="Active Pick", default=-1, update=_shown)
    last_identifier: IntProperty(description="Of the newest pick, which may be removed since")
    revision: IntProperty()
    pattern: StringProperty(
        name="Name",
        description="Names of new picks; # stands for the number, ### for one of three digits",
        default="Point ##",
    )
    start: IntProperty(
        name="Start", description="Number from which new picks are counted", default=1, min=0
    )
    show_names: BoolProperty(
        name="Names", description="Write its name next to each pick", default=True, update=_shown
    )
    show_sight: BoolProperty(
        name="Lines of Sight",
        description="Draw a line from the camera to each pick in the 3D viewport",
        update=_shown,
    )
    show_others: BoolProperty(
        name="Other Shots",
        description="Show picks of other cameras and frames where they lie in this image, dimmed "
        "where something is in front of them",
        default=True,
        update=_shown,
    )
    depth_title: StringProperty(
        get=_depth_title, description="Whose depth belongs to the image of the editor at hand"
    )
    image_has_depth: BoolProperty(
        get=_has_own_depth, description="Whether the image of the editor at hand holds depth itself"
    )
    measures: StringProperty(get=_measures, description="Lines of a name, a tab and a value")

    def touch(self) -> None:
        """Say that the picks changed; undo brings the old number back with the old picks."""
        self.revision = random.getrandbits(31)

    def shot_of(self, pick: DepthPick) -> DepthShot | None:
        """The shot that a pick was made on."""
        return next((shot for shot in self.shots if shot.identifier == pick.shot), None)

    def active_pick(self) -> DepthPick | None:
        """The pick that is selected in the list and in the editors."""
        return self.picks[self.active] if 0 <= self.active < len(self.picks) else None

    def new_pick(self, name: str, shot: DepthShot) -> DepthPick:
        """Append a pick of the next color that lies nowhere yet."""
        color = self.next_color()
        self.last_identifier += 1
        pick = self.picks.add()
        pick.identifier, pick.shot = self.last_identifier, shot.identifier
        pick.name, pick.color = name, color
        return pick

    def next_color(self) -> Vector:
        """The color after the last pick's in the palette."""
        last = tuple(round(value, 2) for value in self.picks[-1].color) if self.picks else None
        return PALETTE[(PALETTE.index(last) + 1) % len(PALETTE) if last in PALETTE else 0]

    def remove_picks(self, indices: Iterable[int]) -> None:
        """Remove picks, and shots that none is left of."""
        for index in sorted(indices, reverse=True):
            self.picks.remove(index)
            if self.active > index:
                self.active -= 1
        self.active = min(self.active, len(self.picks) - 1)
        used = {pick.shot for pick in self.picks}
        for index in reversed(range(len(self.shots))):
            if self.shots[index].identifier not in used:
                self.shots.remove(index)
        self.touch()

    def new_shot_identifier(self) -> int:
        """An identifier that no shot has."""
        return 1 + max((shot.identifier for shot in self.shots), default=0)

    def next_name(self) -> str:
        """The first name of the pattern that no pick has."""
        return next(self.free_names())

    def free_names(self, others: Iterable[str] = ()) -> Iterator[str]:
        """The names of the pattern that neither a pick nor one of the others has, in order."""
        taken = {pick.name for pick in self.picks}.union(others)
        names = (numbered(self.pattern, number) for number in itertools.count(self.start))
        return (name for name in names if name not in taken)


def numbered(pattern: str, number: int) -> str:
    """``pattern`` with its last run of # replaced by a number, or with a number behind it."""
    head, mark, tail = pattern.rpartition("#")
    if not mark:
        return f"{pattern} {number}" if pattern else str(number)
    stem = head.rstrip("#")
    return f"{stem}{number:0{len(head) - len(stem) + 1}}{tail}"


_CLASSES = (DepthPick, DepthShot, DepthPicks)


def register() -> None:
    """Register the classes and hang the picks on the scene."""
    for each in _CLASSES:
        bpy.utils.register_class(each)
    bpy.types.Scene.depth_picks = PointerProperty(type=DepthPicks)


def unregister() -> None:
    """Take the picks off the scene, where their data stays, and unregister the classes."""
    del bpy.types.Scene.depth_picks
    for each in reversed(_CLASSES):
        bpy.utils.unregister_class(each)
