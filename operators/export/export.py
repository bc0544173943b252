"""Export a reconstruction, and the camera that saw it, to files that other programs read."""

from __future__ import annotations

import os
import threading
from collections.abc import Generator

import bpy
from bpy.props import EnumProperty

from ...bridge.scene.provenance import is_reconstruction, provenance_of
from ...core.errors import ExportError
from ...core.export.formats import CameraFormat, GeometryFormat
from ...core.support.export_format import ExportFormat
from ...core.support.messages import printable
from ..file_formats import (
    FormatExportHelper,
    filter_property,
    format_items,
    format_property,
    formats_of,
)
from ..job import Job, JobCancelledError, JobOperator, Step, ThreadStep

FORMATS = {
    **formats_of(GeometryFormat),
    "GLB": ExportFormat(
        "glTF", ".glb", "A surface with its material, by Blender's glTF exporter; Y is up"
    ),
}
UV_LEFT_OUT = (
    " The UV map was left out, because these files have one place for each point, and some points "
    "have several, such as those at the border of a closed panorama; glTF has all of them."
)


class DEPTH_OT_export(JobOperator, bpy.types.Operator, FormatExportHelper):
    """Export the active reconstruction."""

    bl_idname = "depth.export"
    bl_label = "Export Reconstruction"
    bl_description = (
        "Write the active reconstruction to a file, in world space and without modifiers, and the "
        "camera that saw it beside the file"
    )
    bl_options = {"REGISTER"}

    formats = FORMATS
    filter_glob: filter_property(FORMATS)
    file_format: format_property(FORMATS, default="PLY")
    cameras: EnumProperty(
        name="Camera",
        description="Write the camera beside the file",
        items=format_items(formats_of(CameraFormat)),
        options={"ENUM_FLAG"},
        default=set(),
    )

    is_from_browser = False
    """Whether the file browser calls `execute`, and not a script."""

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        item = context.active_object
        if item is None:
            cls.poll_message_set("Click on a reconstruction first, so that it is active")
        elif not is_reconstruction(item):
            cls.poll_message_set(
                f"{item.name} was not made by Reconstruct from Depth; click on one that was, or "
                "use Blender's own exporters"
            )
        elif context.mode != "OBJECT":
            cls.poll_message_set("Switch to Object Mode first")
        else:
            return True
        return False

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Let the user choose the file; Blender calls `execute` then."""
        self.is_from_browser = True
        return self.choose_file(context, bpy.path.clean_name(context.active_object.name))

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        layout.use_property_split = True
        layout.use_property_decorate = False
        layout.prop(self, "file_format")
        layout.column().prop(self, "cameras")

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Export at once for scripts, in time slices after the file browser."""
        if self.is_from_browser:
            return super().invoke(context, None)
        return super().execute(context)

    def cancel(self, context: bpy.types.Context) -> None:
        """Blender ends the operator, in the file browser or after it."""
        if hasattr(self, "_job"):
            super().cancel(context)

    def job(self, context: bpy.types.Context) -> Job:
        """Write the camera's files first, which appear only once the geometry is written."""
        from ...core.export.cameras import replacing_texts  # loads numpy, which a start must not

        path = self.with_extension(self.output_path())
        item = context.active_object
        name, cameras, note = item.name, self._camera_texts(item, path), ""
        with replacing_texts(os.path.dirname(path), cameras):
            if self.file_format == "GLB":
                from ...bridge.scene.gltf import write_gltf

                write_gltf(context, item, path)
            else:
                note = yield from self._write_in_thread(item, path)
        beside = ", ".join(sorted({each.partition("/")[0] for each in cameras}))
        text = f"Exported {name} to {path}{' beside ' * bool(beside)}{beside}."
        self.report({"WARNING"} if note else {"INFO"}, printable(text + note))

    def _write_in_thread(self, item: bpy.types.Object, path: str) -> Generator[Step, None, str]:
        """Write the geometry; returns a sentence on what was left out.

        An older file stays in its place if the job is cancelled before all is written.
        """
        from ...bridge.scene.read_back import geometry_of
        from ...core.support.replacing import replacing

        geometry, write_format = geometry_of(item), FORMATS[self.file_format].load_writer()
        needs_uv = self.file_format in {"PLY", "NPZ"} and item.type == "MESH"
        note = UV_LEFT_OUT if needs_uv and item.data.uv_layers and geometry.uv is None else ""
        is_cancelled = threading.Event()

        def write() -> None:
            with replacing(path) as temporary:
                with temporary.open("wb") as file:
                    write_format(file, geometry)
                if is_cancelled.is_set():
                    raise JobCancelledError("Cancelled")

        try:
            yield ThreadStep("Writing", 0.2, write)
        except GeneratorExit:
            is_cancelled.set()
            raise
        return note

    def _camera_texts(self, item: bpy.types.Object, path: str) -> dict[str, str]:
        """Texts of the camera's files by their names, for where the object is now."""
        if not self.cameras:
            return {}
        from ...core.export.camera_transform import transformed_camera
        from ...core.export.cameras import CameraRecord, camera_texts

        origin = provenance_of(item)
        if origin.camera is None:
            raise ExportError(
                f"{item.name} came from the Position pass, which needs no camera, and so has none "
                "stored: reconstruct from depth, or export without the camera."
            )
        pose = item.matrix_world
        camera = transformed_camera(origin.camera, pose)  # type: ignore[arg-type]  # Matrix works
        record = CameraRecord(camera, origin.image, origin.camera_name, origin.frame)
        texts: dict[str, str] = {}
        for each in CameraFormat:
            if each.name in self.cameras:
                texts |= camera_texts(path, record, each)
        return texts


register, unregister = bpy.utils.register_classes_factory((DEPTH_OT_export,))
