"""The settings of a reconstruction, and what its file was found to hold."""

from __future__ import annotations

from math import radians

import bpy
from bpy.props import (
    BoolProperty,
    CollectionProperty,
    EnumProperty,
    FloatProperty,
    IntProperty,
    IntVectorProperty,
    PointerProperty,
    StringProperty,
)

from ...compat import BLEND_RELATIVE
from .filters import FILTER_NAMES, REGION_OPTIONS, FilterCountItem, FilterOptions

OUTPUT_OPTIONS: dict[str, tuple[str, ...]] = {
    "POINTS": ("show_points",),
    "SURFACE": ("grazing_angle", "max_jump", "surface_material"),
    "POINT_CLOUD": (),
}
"""Which further options each output has."""


class ReconstructionOptions(FilterOptions):
    """Options that the operators and the panel share, with the same defaults in both."""

    layer: StringProperty(
        name="Layer",
        description="Depth layer of the file, such as ViewLayer.Depth; empty chooses it",
        options={"SKIP_SAVE"},
    )
    view: StringProperty(
        name="View",
        description="View of a stereo file, such as left; empty takes the first",
        options={"SKIP_SAVE"},
    )
    points_from: EnumProperty(
        name="Points From",
        description="Where the points come from",
        items=(
            ("DEPTH", "Depth", "Back-project the depth through the camera"),
            (
                "POSITION",
                "Position Pass",
                "Take the points as Cycles wrote them. Use it for cameras with a custom shader, or "
                "with depth of field",
            ),
        ),
    )
    depth_kind: EnumProperty(
        name="Depth",
        description="What the depth values measure",
        items=(
            ("AUTO", "Automatic", "By the render engine and the type of the camera"),
            ("PLANAR", "Planar", "Distance along the camera's viewing direction, as a Z pass"),
            ("RAY", "Ray", "Distance from the camera to the point, as a range image"),
        ),
    )
    passes: StringProperty(
        name="Passes",
        description="Passes that the points carry as attributes, by name, separated by commas; "
        "Combined becomes their color",
        default="Combined",
    )
    normals_from_depth: BoolProperty(
        name="Normals from Depth",
        description="Store the normal of the surface that each pixel sees, found from the depth "
        "around it, unless the Normal pass is among the passes",
    )
    depth_error: BoolProperty(
        name="Depth Error",
        description="Store with each point how far its depth may be off: by the precision of the "
        "numbers in the file, and by the slope of the surface across the pixel",
    )
    output: EnumProperty(
        name="Output",
        description="What the points become",
        items=(
            ("POINTS", "Points", "Vertices of a mesh"),
            (
                "SURFACE",
                "Surface",
                "Faces between neighboring pixels, cut where depth jumps, with the UV map of the "
                "render",
            ),
            (
                "POINT_CLOUD",
                "Point Cloud",
                "A point cloud object that renders, each point as large as its pixel. Blender 4.5 "
                "and later can make one",
            ),
        ),
    )
    show_points: BoolProperty(
        name="Show as Points",
        description="Add a modifier that draws each vertex as a point of its pixel's size in the "
        "viewport, with its color in Material Preview. Exporters that apply modifiers then find no "
        "vertices",
    )
    grazing_angle: FloatProperty(
        name="Grazing Angle",
        description="Angle between the line of sight and the surface's normal up to which a step "
        "in depth may be a face of the surface. A steeper one is joined only where neighbors show "
        "that a plane goes on",
        subtype="ANGLE",
        min=radians(1.0),
        max=radians(90.0),
        default=radians(85.0),
    )
    max_jump: FloatProperty(
        name="Max Jump",
        description="Cut the surface wherever neighbors are farther apart than this along the line "
        "of sight; 0 for no limit",
        subtype="DISTANCE",
        min=0.0,
    )
    surface_material: EnumProperty(
        name="Material",
        description="What the surface shows, without any lighting, where the file has a color",
        items=(
            ("COLOR", "Vertex Color", "The color of each vertex"),
            ("RENDER", "Render", "The render as an image, which is packed into the .blend file"),
        ),
    )
    ignore_aspect: BoolProperty(
        name="Ignore Aspect",
        description="Use the image's own size for the camera, even where its aspect is not the "
        "scene's",
    )

    def unused_options(self) -> set[str]:
        """Options that have no effect, as the others are."""
        unused = {"ignore_aspect"} if self.points_from == "POSITION" else set()
        for chosen, options in ((self.output, OUTPUT_OPTIONS), (self.region, REGION_OPTIONS)):
            every = {name for names in options.values() for name in names}
            unused |= every.difference(options[chosen])
        return unused


EMPTY_MEANS = {
    "camera": "Automatic",
    "layer": "Automatic",
    "view": "Automatic",
    "passes": "None",
    "bounds": "None",
}
"""What the fields show while nothing is chosen."""

OPTION_NAMES = (*ReconstructionOptions.__annotations__, *FILTER_NAMES)


def _file_changed(settings: ReconstructionSettings, _context: bpy.types.Context) -> None:
    settings.layer = settings.view = ""
    if settings.filepath:
        with bpy.context.temp_override(scene=settings.id_data):
            bpy.ops.depth.inspect_file()
    else:
        settings.forget_file()


def _plan(_settings: ReconstructionSettings) -> str:
    from ...bridge.reconstruct.status_line import plan  # numpy is for those who open the panel

    return plan(bpy.context).text


def _problem(_settings: ReconstructionSettings) -> str:
    from ...bridge.reconstruct.status_line import plan

    return plan(bpy.context).problem


class FileItem(bpy.types.PropertyGroup):
    """A layer, a view, or a metadata entry (name and value) found in a file's header."""

    value: StringProperty()


class ReconstructionSettings(ReconstructionOptions, bpy.types.PropertyGroup):
    """A scene's settings in the sidebar, and what was read from the header of its file."""

    source: EnumProperty(
        name="Source",
        description="Where the depth comes from",
        items=(
            ("RENDER", "Render Result", "The render that is there", "RENDER_RESULT", 0),
            ("FILE", "File", "An OpenEXR file with a depth layer", "FILE_IMAGE", 1),
        ),
    )
    filepath: StringProperty(
        name="File",
        description="OpenEXR file with the depth of a render",
        subtype="FILE_PATH",
        options=BLEND_RELATIVE,
        update=_file_changed,
    )
    camera: PointerProperty(
        name="Camera",
        description="Camera that rendered the image; empty takes the one named in the file, or "
        "the scene's",
        type=bpy.types.Object,
        poll=lambda _self, candidate: candidate.type == "CAMERA",
    )
    plan: StringProperty(get=_plan, description="What the button will do")
    problem: StringProperty(get=_problem, description="Why it cannot; empty when it can")
    removed: CollectionProperty(type=FilterCountItem)
    file_error: StringProperty()
    file_size: IntVectorProperty(size=2)
    file_depth_layers: IntProperty()
    file_layers: CollectionProperty(type=FileItem)
    file_passes: CollectionProperty(type=FileItem)
    file_views: CollectionProperty(type=FileItem)
    file_metadata: CollectionProperty(type=FileItem)

    def chosen_passes(self) -> tuple[str, ...]:
        """Names of the passes that are to be carried."""
        from ...bridge.scene.attributes import split_names

        return split_names(self.passes)

    def listed_passes(self) -> tuple[str, ...]:
        """Names of the passes that the source has, as far as is known."""
        from ...bridge.scene.attributes import listed_passes

        return listed_passes(self.id_data, bpy.context.view_layer)

    def forget_file(self) -> None:
        """Drop what was read from the file."""
        self.file_error = ""
        self.file_size = (0, 0)
        self.file_depth_layers = 0
        for collection in (
            self.file_layers,
            self.file_passes,
            self.file_views,
            self.file_metadata,
        ):
            collection.clear()


_CLASSES = (FileItem, FilterCountItem, ReconstructionSettings)


def register() -> None:
    """Register the classes and hang the settings on the scene."""
    for each in _CLASSES:
        bpy.utils.register_class(each)
    bpy.types.Scene.reconstruct_from_depth = PointerProperty(type=ReconstructionSettings)


def unregister() -> None:
    """Take the settings off the scene and unregister the classes."""
    del bpy.types.Scene.reconstruct_from_depth
    for each in reversed(_CLASSES):
        bpy.utils.unregister_class(each)
