"""What the operators that write a file of several formats have in common."""

from __future__ import annotations

import os

import bpy
from bpy.props import StringProperty
from bpy_extras.io_utils import ExportHelper

from ..compat import BLEND_RELATIVE


class FormatExportHelper(ExportHelper):
    """Base of operators with a `file_format`; `EXTENSIONS` has the extension of each."""

    EXTENSIONS: dict[str, str]
    check_extension = None
    filename_ext = ""
    filepath: StringProperty(
        name="File Path",
        description="File to write",
        subtype="FILE_PATH",
        options={"HIDDEN"} | BLEND_RELATIVE,
    )

    def choose_file(self, context: bpy.types.Context, name: str) -> set[str]:
        """Open the file browser, which calls `execute`, beside the .blend and with this name."""
        if not self.filepath:
            folder = os.path.dirname(bpy.data.filepath)
            self.filepath = os.path.join(folder, name + self.EXTENSIONS[self.file_format])
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def check(self, context: bpy.types.Context) -> bool:
        """Keep the extension that of the format, in the file browser."""
        before, self.filepath = self.filepath, self.with_extension(self.filepath)
        return self.filepath != before

    def with_extension(self, path: str) -> str:
        """The path with the format's extension, in the place of one of another format."""
        stem, extension = os.path.splitext(path)
        wanted = self.EXTENSIONS[self.file_format]
        if extension.lower() == wanted or not os.path.basename(stem):
            return path
        return (stem if extension.lower() in self.EXTENSIONS.values() else path) + wanted
