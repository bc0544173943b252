"""The options that filter the pixels of a reconstruction, and how many pixels they left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import bpy
from bpy.props import (
    BoolProperty,
    EnumProperty,
    FloatProperty,
    IntProperty,
    IntVectorProperty,
    StringProperty,
)

if TYPE_CHECKING:
    from ...core.pipeline.options import Region

REGION_OPTIONS: dict[str, tuple[str, ...]] = {
    "ALL": (),
    "BORDER": (),
    "BOX": ("region_corner", "region_size"),
    "MASK": ("region_image",),
    "OBJECT_INDEX": ("region_index",),
    "MATERIAL_INDEX": ("region_index",),
    "OBJECT": ("region_name",),
    "MATERIAL": ("region_name",),
    "ASSET": ("region_name",),
}
"""Options that apply to each region only."""

REGION_PASSES = {
    "OBJECT_INDEX": "use_pass_object_index",
    "MATERIAL_INDEX": "use_pass_material_index",
    "OBJECT": "use_pass_cryptomatte_object",
    "MATERIAL": "use_pass_cryptomatte_material",
    "ASSET": "use_pass_cryptomatte_asset",
}
"""The pass that identifies each region, by its name in view layers."""


def _names_of(region: str) -> list[str]:
    return [
        each.name for each in (bpy.data.materials if region == "MATERIAL" else bpy.data.objects)
    ]


class FilterProperties:
    """Options that the operators and the panel share, with the same defaults in both."""

    use_clip: BoolProperty(
        name="Camera Clip",
        description="Leave out depth beyond the camera's Clip Start and Clip End",
        default=True,
    )
    near: FloatProperty(
        name="Near",
        description="Leave out depth below this as well; 0 for no limit",
        subtype="DISTANCE",
        min=0.0,
    )
    far: FloatProperty(
        name="Far",
        description="Leave out depth from here on as well; 0 for no limit",
        subtype="DISTANCE",
        min=0.0,
    )
    remove_flying: BoolProperty(
        name="Flying Pixels",
        description="Leave out samples in the air between two surfaces, which resized, smoothed, "
        "or measured depth has. Depth that Blender renders has none",
    )
    region: EnumProperty(
        name="Region",
        description="The part of the image to reconstruct",
        items=(
            ("ALL", "Whole Image", "All pixels"),
            ("BORDER", "Render Region", "The pixels in the scene's render region"),
            ("BOX", "Box", "The pixels in a rectangle"),
            ("MASK", "Mask Image", "The pixels where an image is at least half white"),
            ("OBJECT_INDEX", "Object Index", "By the Object Index pass"),
            ("MATERIAL_INDEX", "Material Index", "By the Material Index pass"),
            ("OBJECT", "Object Name", "By the Cryptomatte pass of objects"),
            ("MATERIAL", "Material Name", "By the Cryptomatte pass of materials"),
            (
                "ASSET",
                "Asset Name",
                "By the Cryptomatte pass of assets, which include children",
            ),
        ),
    )
    region_corner: IntVectorProperty(
        name="Corner",
        description="Column and row of the box's upper left pixel, from the image's upper left",
        size=2,
    )
    region_size: IntVectorProperty(
        name="Size",
        description="Width and height of the box in pixels",
        size=2,
        default=(100, 100),
        min=1,
    )
    region_image: StringProperty(
        name="Mask",
        description="Image in this .blend of the render's size, whose white pixels are used",
        search=lambda _self, _context, _text: [each.name for each in bpy.data.images],
    )
    region_index: IntProperty(
        name="Index",
        description="Pass index of the objects or materials to reconstruct",
        min=0,
        soft_max=100,
    )
    region_name: StringProperty(
        name="Name",
        description="Name of the object, material, or asset to reconstruct",
        search=lambda self, _context, _text: _names_of(self.region),
        search_options={"SUGGESTION"},
    )
    bounds: StringProperty(
        name="Bounds",
        description="Object of this scene whose bounding box, turned and scaled with it, the "
        "points must lie in; empty for no limit",
        search=lambda _self, context, _text: [each.name for each in context.scene.objects],
    )
    stride: IntProperty(
        name="Stride",
        description="Use every n-th pixel of every n-th row",
        default=1,
        min=1,
        soft_max=32,
    )
    max_points: IntProperty(
        name="Max Points",
        description="Raise the stride until there are at most this many points; 0 for no limit",
        min=0,
        soft_max=10_000_000,
    )
    voxel_size: FloatProperty(
        name="Voxel Size",
        description="Merge the points in each cell of a grid with this spacing into one, with the "
        "mean of their positions and colors; 0 for no merging",
        subtype="DISTANCE",
        min=0.0,
    )

    def chosen_region(self, context: bpy.types.Context) -> Region:
        """Convert the region, and what it names in the scene, to plain data.

        Raises
        ------
        DepthError
            The scene has no render region, or the .blend has no such image.
        """
        from ...bridge.reconstruct.regions import border_in_use, mask_of
        from ...core.depth.image import Window  # late, as it imports numpy
        from ...core.exr.regions import RegionKind
        from ...core.pipeline.options import Region

        kind = RegionKind[self.region]
        if kind is RegionKind.BORDER:
            return Region(kind, border=border_in_use(context.scene.render))
        if kind is RegionKind.BOX:
            return Region(kind, window=Window(*self.region_corner, *self.region_size))
        if kind is RegionKind.MASK:
            return Region(kind, mask=mask_of(self.region_image), name=self.region_image)
        return Region(kind, index=self.region_index, name=self.region_name)


class FilterCountItem(bpy.types.PropertyGroup):
    """How many pixels the filter of this name left out."""

    count: IntProperty()
