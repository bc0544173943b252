"""Export a reconstruction, and the camera that saw it, to files of other programs."""

from __future__ import annotations

import os
import threading
from collections.abc import Generator
from typing import TYPE_CHECKING

import bpy
from bpy.props import EnumProperty, StringProperty

from ...bridge.scene.provenance import is_reconstruction, provenance_of
from ..file_formats import FormatExportHelper
from ..job import Job, JobCancelledError, JobOperator, Step, ThreadStep

if TYPE_CHECKING:
    from pathlib import Path

UV_LEFT_OUT = (
    " The UV map was left out, as these files have one place for each point, and some points have "
    "several, such as those at the border of a closed panorama; glTF keeps them."
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

    EXTENSIONS = {"PLY": ".ply", "NPZ": ".npz", "XYZ": ".xyz", "GLB": ".glb"}
    filter_glob: StringProperty(default="*.ply;*.npz;*.xyz;*.glb", options={"HIDDEN"})
    file_format: EnumProperty(
        name="Format",
        items=(
            ("PLY", "PLY", "Points or surface with color, normals, and all attributes, for "
             "CloudCompare, MeshLab, Open3D, and others"),
            ("NPZ", "NumPy", "Points or surface as numpy arrays, without any loss"),
            ("XYZ", "Text", "A line for each point: x, y, z, and the color from 0 to 255"),
            ("GLB", "glTF", "A surface with its material, by Blender's glTF exporter; Y is up"),
        ),
    )  # fmt: skip
    cameras: EnumProperty(
        name="Camera",
        description="Write the camera beside the file",
        items=(
            ("JSON", "JSON", "Any camera, all of it, in this product's own words"),
            ("OPENCV", "OpenCV", "K, distortion, R, and t as JSON; perspective or equidistant "
             "fisheye"),
            ("COLMAP", "COLMAP", "A folder with cameras.txt and images.txt; perspective or "
             "equidistant fisheye"),
            ("NERF", "NeRF", "transforms.json, for nerfstudio and instant-ngp; perspective or "
             "equidistant fisheye"),
        ),
        options={"ENUM_FLAG"},
        default=set(),
    )  # fmt: skip

    is_chosen = False
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
        self.is_chosen = True
        return self.choose_file(context, bpy.path.clean_name(context.active_object.name))

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        layout.use_property_split = True
        layout.use_property_decorate = False
        layout.prop(self, "file_format")
        layout.column().prop(self, "cameras")

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Export at once for scripts, in time slices after the file browser."""
        if self.is_chosen:
            return super().invoke(context, None)
        return super().execute(context)

    def cancel(self, context: bpy.types.Context) -> None:
        """Blender ends the operator, in the file browser or after."""
        if hasattr(self, "_job"):
            super().cancel(context)

    def job(self, context: bpy.types.Context) -> Job:
        """Gather everything, so that what cannot be exported leaves no file, then write."""
        from ...core.errors import ExportError  # numpy is for those who export
        from ...core.export import write_files

        path = self.with_extension(bpy.path.abspath(self.filepath))
        if not os.path.basename(path):
            raise ExportError("There is no name to export to: choose a file.")
        item = context.active_object
        name, files, note = item.name, self._camera_files(item, path), ""
        if self.file_format == "GLB":
            from ...bridge.scene.gltf import write_gltf

            write_gltf(context, item, path)
        else:
            note = yield from self._writing(item, path)
        write_files(files)
        beside = ", ".join(sorted({_shown(each, path) for each in files}))
        text = f"Exported {name} to {path}{' beside ' * bool(beside)}{beside}."
        self.report({"WARNING"} if note else {"INFO"}, text + note)

    def _writing(self, item: bpy.types.Object, path: str) -> Generator[Step, None, str]:
        """Write in a thread, which leaves the old file in its place if the job is given up.

        What was left out is returned, as a sentence.
        """
        from ...bridge.scene.read_back import geometry_of
        from ...core.export import GeometryFormat, write_geometry_into
        from ...core.support.replacing import replacing

        geometry, form = geometry_of(item), GeometryFormat[self.file_format]
        needs_uv = self.file_format in {"PLY", "NPZ"} and item.type == "MESH"
        note = UV_LEFT_OUT if needs_uv and item.data.uv_layers and geometry.uv is None else ""
        given_up = threading.Event()

        def write() -> None:
            with replacing(path) as half:
                with half.open("wb") as file:
                    write_geometry_into(file, geometry, form)
                if given_up.is_set():
                    raise JobCancelledError("Cancelled")

        try:
            yield ThreadStep("Writing", 0.2, write)
        except GeneratorExit:
            given_up.set()
            raise
        return note

    def _camera_files(self, item: bpy.types.Object, path: str) -> dict[Path, str]:
        """Texts of the camera as it stands to the object, which may have been moved."""
        from ...core.errors import ExportError
        from ...core.export import CameraFormat, View, camera_files, moved

        if not self.cameras:
            return {}
        origin = provenance_of(item)
        if origin.camera is None:
            raise ExportError(
                f"{item.name} came from the Position pass, which needs no camera, and so keeps "
                "none: reconstruct from depth, or export without the camera."
            )
        camera = moved(origin.camera, item.matrix_world)
        view = View(camera, origin.image, origin.camera_name, origin.frame)
        files = (
            camera_files(path, view, form) for form in CameraFormat if form.name in self.cameras
        )
        return {name: text for each in files for name, text in each.items()}


def _shown(path: Path, geometry: str) -> str:
    """A file, or the folder of several, by its name beside the geometry."""
    return os.path.relpath(path, os.path.dirname(geometry)).split(os.sep)[0]


register, unregister = bpy.utils.register_classes_factory((DEPTH_OT_export,))
