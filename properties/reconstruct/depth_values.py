"""What the numbers of a file's depth stand for, as options of the operators and the sidebar."""

from __future__ import annotations

from typing import TYPE_CHECKING

import bpy
from bpy.props import BoolProperty, EnumProperty, FloatProperty

if TYPE_CHECKING:
    from ...core.depth.encoding import DepthEncoding
    from ...core.depth.image import DepthKind

_SCALED = ("depth_scale", "depth_offset")

VALUE_OPTIONS: dict[str, tuple[str, ...]] = {
    "AUTO": (),
    "DISTANCE": ("depth_unit", *_SCALED),
    "INVERSE": ("depth_unit", *_SCALED),
    "DISPARITY": ("disparity_baseline", *_SCALED),
    "NORMALIZED": ("normalized_near", "normalized_far", *_SCALED),
}
"""Options that apply to each kind of values only."""

_UNITS = {
    "SCENE": "scene units",
    "METERS": "m",
    "CENTIMETERS": "cm",
    "MILLIMETERS": "mm",
    "TUM": "1/5000 m",
}


class DepthValueProperties:
    """Options that belong to a file; the sidebar remembers them for each file."""

    depth_kind: EnumProperty(
        name="Depth",
        description="What the depth values measure",
        items=(
            ("AUTO", "Automatic", "By the render engine and the type of the camera"),
            ("PLANAR", "Planar", "Distance along the camera's viewing direction, as in a Z pass"),
            ("RAY", "Ray", "Distance from the camera to the point, as in a range image"),
        ),
    )
    depth_values: EnumProperty(
        name="Depth Values",
        description="What the numbers in the file are",
        items=(
            (
                "AUTO",
                "Automatic",
                "Distances in scene units, as in OpenEXR files from Blender. Other files do not "
                "say what their numbers are, and need a choice",
            ),
            ("DISTANCE", "Distance", "Distances in some unit"),
            ("INVERSE", "Inverse (1/z)", "One over the distance"),
            (
                "DISPARITY",
                "Disparity",
                "Pixels between the images of a pair of cameras. The camera is the pair's left one",
            ),
            ("NORMALIZED", "Normalized", "From 0 at one distance to 1 at another"),
        ),
    )
    depth_unit: EnumProperty(
        name="Unit",
        description="Length that a distance of 1 stands for",
        items=(
            ("AUTO", "Automatic", "Scene units in OpenEXR. Other files need a choice"),
            ("SCENE", "Scene Units", "As Blender renders depth"),
            ("METERS", "Meters", ""),
            ("CENTIMETERS", "Centimeters", ""),
            ("MILLIMETERS", "Millimeters", "As most depth sensors and ROS store depth"),
            ("TUM", "1/5000 Meter", "As the TUM RGB-D data sets store depth"),
        ),
    )
    depth_scale: FloatProperty(
        name="Scale",
        description="Factor by which the numbers in the file are multiplied first",
        default=1.0,
        precision=6,
    )
    depth_offset: FloatProperty(
        name="Offset",
        description="Number that is added to the numbers after they are scaled",
        precision=6,
    )
    disparity_baseline: FloatProperty(
        name="Baseline",
        description="Distance between the two cameras of the pair",
        subtype="DISTANCE",
        min=0.0,
    )
    normalized_near: FloatProperty(
        name="Near (0)",
        description="Distance that 0 stands for",
        subtype="DISTANCE",
        min=0.0,
    )
    normalized_far: FloatProperty(
        name="Far (1)",
        description="Distance that 1, or the largest whole number of the file, stands for",
        subtype="DISTANCE",
        min=0.0,
    )
    allow_any_depth: BoolProperty(
        name="Reconstruct Anyway",
        description="Use depth that is refused because it looks like a picture of distances: "
        "normalized, of 8 bits, or in the colors of a display",
    )

    def chosen_kind(self) -> DepthKind | None:
        """What the depth measures; None if that is automatic."""
        from ...core.depth.image import DepthKind  # late, as it imports numpy

        return None if self.depth_kind == "AUTO" else DepthKind[self.depth_kind]

    def chosen_encoding(self, scene: bpy.types.Scene) -> DepthEncoding | None:
        """What the numbers stand for, in units of the scene; None if that is automatic.

        Raises
        ------
        DepthError
            A number that the kind of values needs is out of range.
        """
        if self.depth_values == "AUTO":
            return None
        from ...bridge.sources.depth_values import scene_units
        from ...core.depth.encoding import DepthEncoding, ValueKind

        return DepthEncoding(
            kind=ValueKind[self.depth_values],
            scale=self.depth_scale,
            offset=self.depth_offset,
            unit=scene_units(scene, self.depth_unit),
            near=self.normalized_near,
            far=self.normalized_far,
            baseline=self.disparity_baseline,
        )

    def is_automatic(self) -> bool:
        """Whether nothing is chosen."""
        return self.depth_values == self.depth_kind == "AUTO" and not self.allow_any_depth

    def all_values(self) -> tuple[str | float, ...]:
        """The value of each of these options."""
        return tuple(getattr(self, name) for name in VALUE_NAMES)

    def values_text(self) -> str:
        """How a line describes the values, such as ``in mm``; empty if they are automatic."""
        if self.depth_values == "DISTANCE":
            return f"in {_UNITS[self.depth_unit]}" if self.depth_unit != "AUTO" else ""
        return "" if self.depth_values == "AUTO" else self.depth_values.lower()


VALUE_NAMES = tuple(DepthValueProperties.__annotations__)


class FileDepthValues(DepthValueProperties, bpy.types.PropertyGroup):
    """The depth values that were chosen for the file of this name."""


def copy_values(source: DepthValueProperties, target: DepthValueProperties) -> None:
    """Copy all of these options."""
    for name in VALUE_NAMES:
        setattr(target, name, getattr(source, name))
