"""The options of a reconstruction, which the operators and the sidebar share."""

from __future__ import annotations

from math import inf, radians
from typing import TYPE_CHECKING

import bpy
from bpy.props import BoolProperty, EnumProperty, FloatProperty, IntProperty, StringProperty

from .depth_values import VALUE_NAMES, VALUE_OPTIONS, DepthValueProperties
from .filters import REGION_OPTIONS, FilterProperties

if TYPE_CHECKING:
    from ...bridge.sources.source import SourceRequest
    from ...core.cameras.camera import Camera
    from ...core.pipeline.options import ReconstructionOptions

OUTPUT_OPTIONS: dict[str, tuple[str, ...]] = {
    "POINTS": ("show_points",),
    "SURFACE": ("grazing_angle", "max_jump", "surface_material"),
    "POINT_CLOUD": (),
}
"""Options that apply to each output only."""


class ReconstructionProperties(DepthValueProperties, FilterProperties):
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
            (
                "AUTOMATIC",
                "Automatic",
                "The Position pass of EEVEE where there is one, as its depth is not that of the "
                "pixel's center; else depth",
            ),
            ("DEPTH", "Depth", "Back-project the depth through the camera"),
            (
                "POSITION",
                "Position Pass",
                "Take the points as Cycles wrote them. Use it for cameras with a custom shader, or "
                "with depth of field",
            ),
        ),
    )
    flip_x: BoolProperty(
        name="Mirror X",
        description="Exchange left and right in all layers of the image, which is stored mirrored",
    )
    flip_y: BoolProperty(
        name="Mirror Y",
        description="Exchange top and bottom in all layers of the image, which is stored upside "
        "down",
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
    camera_from: EnumProperty(
        name="Camera From",
        description="Where the camera, its pose, and its lens are known from, if the source is a "
        "file",
        items=(
            (
                "AUTOMATIC",
                "Automatic",
                "The file, where it describes its camera, as renders with Describe Renders do; "
                "else the scene",
            ),
            ("SCENE", "Scene", "The scene's camera as it is now at the frame of the image"),
            (
                "FILE",
                "File",
                "The file's metadata, or its matrices worldToCamera and worldToNDC; an error where "
                "it has neither",
            ),
        ),
    )
    override_camera: BoolProperty(
        name="Use Chosen Camera Anyway",
        description="Use the chosen camera even where another one is known to have rendered the "
        "image. The points are then where the chosen one would have seen them",
    )
    use_frame: BoolProperty(
        name="Use Frame",
        description="Use the camera as it is at a frame of the scene, rather than at the one that "
        "is recorded with the image, or the present one",
    )
    frame: IntProperty(
        name="Frame", description="Frame of the scene whose camera rendered the image", default=1
    )
    camera_data: StringProperty(
        name="Corrected Camera",
        description="A camera as JSON that is used instead of the scene's, with the pose and "
        "the lens that the check found to fit the image",
        options={"SKIP_SAVE"},
    )
    ignore_aspect: BoolProperty(
        name="Ignore Aspect",
        description="Use the image's own size for the camera, even where its aspect is not the "
        "scene's",
    )

    def unused_options(self) -> set[str]:
        """Options that have no effect, given the others."""
        unused = {"ignore_aspect"} if self.points_from == "POSITION" else set()
        if not self.use_frame:
            unused.add("frame")
        if not self.camera_data:
            unused.add("camera_data")
        for chosen, options in (
            (self.output, OUTPUT_OPTIONS),
            (self.region, REGION_OPTIONS),
            (self.depth_values, VALUE_OPTIONS),
        ):
            every = {name for names in options.values() for name in names}
            unused |= every.difference(options[chosen])
        return unused

    def option_values(self) -> dict[str, object]:
        """The value of each option, by its name."""
        values = {name: getattr(self, name) for name in OPTION_NAMES}
        return {
            name: value if isinstance(value, str | int | float) else tuple(value)
            for name, value in values.items()
        }

    def chosen_frame(self) -> int | None:
        """The frame at which to evaluate the camera; None if it is automatic."""
        return self.frame if self.use_frame else None

    def corrected_camera(self) -> Camera | None:
        """The camera to use instead of any in the scene, if there is one.

        Raises
        ------
        CameraError
            The text is not a camera, or another version of the extension wrote it.
        """
        if not self.camera_data:
            return None
        from ...core.cameras.serialization import camera_from_text

        return camera_from_text(self.camera_data)

    def source_request(
        self, filepath: str, camera_name: str, options: ReconstructionOptions
    ) -> SourceRequest:
        """What to read, and which camera to use.

        Parameters
        ----------
        filepath : str
            Empty for the Render Result.
        camera_name : str
            Empty if it is automatic.
        options : ReconstructionOptions

        Raises
        ------
        CameraError
            As of `corrected_camera`.
        """
        from ...bridge.cameras.shot import CameraFrom
        from ...bridge.sources.source import SourceRequest

        return SourceRequest(
            filepath=filepath,
            camera_name=camera_name,
            override_camera=self.override_camera,
            frame=self.chosen_frame(),
            camera=self.corrected_camera(),
            ignore_aspect=self.ignore_aspect,
            camera_from=CameraFrom[self.camera_from if filepath else "AUTOMATIC"],
            options=options,
        )

    def reconstruction_options(self, context: bpy.types.Context) -> ReconstructionOptions:
        """Convert the options, and what they name in the scene, to plain data.

        Raises
        ------
        DepthError
            They name something that does not exist, or are incompatible.
        """
        from ...bridge.reconstruct.regions import bounds_of
        from ...core.exr.passes import split_names
        from ...core.pipeline.options import Output, PointsFrom, ReconstructionOptions

        return ReconstructionOptions(
            layer=self.layer,
            view=self.view,
            points_from=PointsFrom[self.points_from],
            depth_kind=self.chosen_kind(),
            encoding=self.chosen_encoding(context.scene),
            allow_any_depth=self.allow_any_depth,
            flip_x=self.flip_x,
            flip_y=self.flip_y,
            passes=split_names(self.passes),
            normals_from_depth=self.normals_from_depth,
            depth_error=self.depth_error,
            use_clip=self.use_clip,
            near=self.near or None,
            far=self.far or None,
            remove_flying=self.remove_flying,
            region=self.chosen_region(context),
            bounds=bounds_of(context, self.bounds) if self.bounds else None,
            stride=self.stride,
            max_points=self.max_points or None,
            voxel_size=self.voxel_size or None,
            output=Output[self.output],
            grazing_angle=self.grazing_angle,
            max_jump=self.max_jump or inf,
        )


EMPTY_MEANS = {
    "camera": "Automatic",
    "layer": "Automatic",
    "view": "Automatic",
    "passes": "None",
    "bounds": "None",
}
"""What fields show while they are empty."""

OPTION_NAMES = (
    *ReconstructionProperties.__annotations__,
    *VALUE_NAMES,
    *FilterProperties.__annotations__,
)
