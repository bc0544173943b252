"""The sidebar's settings, and what was read from the header of its file."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import bpy
from bpy.props import (
    BoolProperty,
    CollectionProperty,
    EnumProperty,
    IntProperty,
    IntVectorProperty,
    PointerProperty,
    StringProperty,
)

from ...bridge.sources.paths import same_path
from ...bridge.typed import scene_of
from ...compat import BLEND_RELATIVE
from .depth_values import VALUE_NAMES, DepthValueProperties, FileDepthValues, copy_values
from .filters import FilterCountItem
from .options import ReconstructionProperties

if TYPE_CHECKING:
    from ...bridge.reconstruct.status_line import StatusLine
    from ...bridge.sources.source import SourceRequest


def _source_changed(settings: ReconstructionSettings, _context: bpy.types.Context) -> None:
    settings.camera_data = ""  # it was that of the other source


def _file_changed(settings: ReconstructionSettings, _context: bpy.types.Context) -> None:
    settings.layer = settings.view = settings.camera_data = ""
    settings.swap_depth_values()
    if settings.filepath:
        with bpy.context.temp_override(scene=scene_of(settings)):
            bpy.ops.depth.inspect_file()
    else:
        settings.forget_file()


def _checked_object(settings: ReconstructionSettings) -> bpy.types.Object | None:
    return bpy.data.objects.get(settings.verdict_object)


def _shows_error(settings: ReconstructionSettings) -> bool:
    from ...bridge.check.display.error_material import shows_error  # late, as it imports numpy

    item = _checked_object(settings)
    return item is not None and shows_error(item)


def _show_error(settings: ReconstructionSettings, shown: bool) -> None:
    from ...bridge.check.display.error_material import show_error

    item = _checked_object(settings)
    if item is not None:
        show_error(item, shown)


class FileItem(bpy.types.PropertyGroup):
    """A layer, a view, or a metadata entry (name and value) found in a file's header."""

    value: StringProperty()


class ReconstructionSettings(ReconstructionProperties, bpy.types.PropertyGroup):
    """A scene's settings in the sidebar, and what was read from the header of its file."""

    source: EnumProperty(
        name="Source",
        description="Where the depth comes from",
        items=(
            ("RENDER", "Render Result", "The render that is there", "RENDER_RESULT", 0),
            ("FILE", "File", "A file with depth: OpenEXR, or others", "FILE_IMAGE", 1),
        ),
        update=_source_changed,
    )
    filepath: StringProperty(
        name="File",
        description="OpenEXR file with the depth of a render; or depth as a 16-bit PNG or TIFF, a "
        "float TIFF, an HDR or PFM image, or an NPY or NPZ array",
        subtype="FILE_PATH",
        options=BLEND_RELATIVE,
        update=_file_changed,
    )
    camera: PointerProperty(
        name="Camera",
        description="Camera that rendered the image. If empty, it is the one named in the file, or "
        "the scene's",
        type=bpy.types.Object,
        poll=lambda _self, candidate: candidate.type == "CAMERA",
    )
    describe_renders: BoolProperty(
        name="Describe Renders",
        description="Write the camera, its pose, and its lens into the metadata of every render of "
        "this scene, or into a JSON file beside it, so that its depth can be reconstructed from "
        "the file alone. Your stamp note and the picture stay as they are",
        default=True,
    )
    filter_counts: CollectionProperty(type=FilterCountItem)
    verdict: StringProperty(
        description="What the check of the last result found: RIGHT, NOT_CHECKED, or the fault"
    )
    verdict_text: StringProperty(description="The same in a sentence")
    verdict_line: StringProperty(description="The same in a few words")
    verdict_remedy: StringProperty(description="A sentence on what to do; empty for nothing")
    verdict_changes: StringProperty(description="Options that apply the remedy, as JSON")
    verdict_options: StringProperty(description="All options with the remedy, as JSON")
    verdict_render: StringProperty(
        description="Fingerprint of the Render Result that was checked; empty for files"
    )
    verdict_object: StringProperty(description="Name of the object that was checked")
    verdict_numbers: StringProperty(
        description="Errors that the check found, as JSON: median, p95, and largest in scene units "
        "and in pixels, the share of outliers, and how many points were compared"
    )
    verdict_lines: StringProperty(
        description="The numbers of a thorough check in words, one a line; empty for a quick one"
    )
    show_error: BoolProperty(
        name="Show Error",
        description="Show on the object that was checked how far each point is off, in the colors "
        "of the picture, in Material Preview",
        get=_shows_error,
        set=_show_error,
    )
    warnings: StringProperty(description="What is off about the last result, a sentence a line")
    values_file: StringProperty(description="The file that the depth values were chosen for")
    remembered_values: CollectionProperty(type=FileDepthValues)
    file_error: StringProperty()
    file_title: StringProperty(description="What kind of file it is; empty for OpenEXR")
    file_refusal: StringProperty(description="Why the file is refused as depth")
    file_size: IntVectorProperty(size=2)
    file_depth_layers: IntProperty()
    file_layers: CollectionProperty(type=FileItem)
    file_passes: CollectionProperty(type=FileItem)
    file_views: CollectionProperty(type=FileItem)
    file_metadata: CollectionProperty(type=FileItem)
    file_shot: StringProperty(description="How the file says it was rendered, as JSON")
    file_shot_problem: StringProperty(description="Why that cannot be used")
    file_matrices: StringProperty(description="Matrices of the file by view and name, as JSON")

    def status_line(self) -> StatusLine:
        """What the button will do, or what is in the way."""
        from ...bridge.reconstruct.status_line import status_line  # late, as it imports numpy

        return status_line(bpy.context)

    def shows_source(self, filepath: str) -> bool:
        """Whether the sidebar is set to this file, or to the Render Result for an empty path."""
        if self.source != "FILE" or not filepath:
            return self.source != "FILE" and not filepath
        return same_path(self.filepath, filepath)

    def has_views(self) -> bool:
        """Whether the source has stereo views to choose from."""
        if self.source == "FILE" and self.file_views:
            return True
        return scene_of(self).render.use_multiview

    def option_values(self) -> dict[str, object]:
        """The value of each option, by its name; empty if it does not apply to the source."""
        values = super().option_values()
        if self.source != "FILE":
            values["layer"] = ""
            values["depth_values"] = "AUTO"
        if not self.has_views():
            values["view"] = ""
        return values

    def request(self, context: bpy.types.Context) -> SourceRequest:
        """What to read, and which camera to use, by the sidebar's settings.

        Raises
        ------
        DepthError
            For the reasons of `reconstruction_options`.
        """
        values = self.option_values()
        options = replace(
            self.reconstruction_options(context),
            layer=str(values["layer"]),
            view=str(values["view"]),
            **({} if self.source == "FILE" else {"encoding": None}),
        )
        filepath = self.filepath if self.source == "FILE" else ""
        return self.source_request(filepath, self.camera.name if self.camera else "", options)

    def chosen_passes(self) -> tuple[str, ...]:
        """Names of the passes that become attributes."""
        from ...core.exr.passes import split_names

        return split_names(self.passes)

    def listed_passes(self) -> tuple[str, ...]:
        """Names of the passes that the source has, as far as is known."""
        from ...bridge.renders.view_layer_passes import listed_passes

        return listed_passes(scene_of(self), bpy.context.view_layer)

    def apply(self, changes: dict[str, Any]) -> None:
        """Set options, by their names; the camera is given by its name."""
        for name, value in changes.items():
            if name == "camera":
                self.camera = scene_of(self).objects.get(value)
            else:
                setattr(self, name, value)

    def is_chosen(self, filepath: str) -> bool:
        """Whether the options are those of a file; an empty path is that of the Render Result."""
        if not filepath:
            return self.source == "RENDER"
        return same_path(filepath, self.filepath)

    def depth_values_of(self, filepath: str) -> DepthValueProperties | None:
        """The depth values of a file: the sidebar's, or remembered ones; None if there are none.

        Parameters
        ----------
        filepath : str
            May be relative to the .blend.
        """
        return self if same_path(filepath, self.filepath) else self._remembered(filepath)

    def _remembered(self, filepath: str) -> FileDepthValues | None:
        found = (each for each in self.remembered_values if same_path(filepath, each.name))
        return next(found, None)

    def swap_depth_values(self) -> None:
        """Remember the previous file's depth values, and restore those of the present file."""
        before, self.values_file = self.values_file, self.filepath
        if same_path(before, self.filepath):
            return
        was_chosen = self.depth_values != "AUTO" or self.allow_any_depth
        for index in reversed(range(len(self.remembered_values))):
            if same_path(before, self.remembered_values[index].name):
                self.remembered_values.remove(index)
        if before and was_chosen:
            item = self.remembered_values.add()
            item.name = before
            copy_values(self, item)
        found = self._remembered(self.filepath)
        if found is not None:
            copy_values(found, self)
        elif was_chosen:
            for name in VALUE_NAMES:
                self.property_unset(name)

    def forget_file(self) -> None:
        """Drop what was read from the file."""
        self.file_error = self.file_title = self.file_refusal = ""
        self.file_shot = self.file_shot_problem = self.file_matrices = ""
        self.file_size = (0, 0)
        self.file_depth_layers = 0
        for collection in (
            self.file_layers,
            self.file_passes,
            self.file_views,
            self.file_metadata,
        ):
            collection.clear()


_CLASSES = (FileItem, FilterCountItem, FileDepthValues, ReconstructionSettings)


def register() -> None:
    """Register the classes, and add the settings to scenes."""
    for each in _CLASSES:
        bpy.utils.register_class(each)
    bpy.types.Scene.reconstruct_from_depth = PointerProperty(type=ReconstructionSettings)


def unregister() -> None:
    """Remove the settings from scenes, and unregister the classes."""
    del bpy.types.Scene.reconstruct_from_depth
    for each in reversed(_CLASSES):
        bpy.utils.unregister_class(each)
