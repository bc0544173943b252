"""What operators that write a file in one of several formats have in common."""

from __future__ import annotations

import enum
import os
from collections.abc import Mapping

import bpy
from bpy.props import EnumProperty, StringProperty
from bpy_extras.io_utils import ExportHelper

from ..compat import BLEND_RELATIVE
from ..core.errors import FileError
from ..core.support.export_format import ExportFormat
from ..core.support.messages import printable

Formats = Mapping[str, ExportFormat]
"""Formats by the identifiers that operators have for them."""


def formats_of(table: type[enum.Enum]) -> dict[str, ExportFormat]:
    """Formats in one of the core's tables, by their names there."""
    return {member.name: member.value for member in table}


def format_items(formats: Formats) -> list[tuple[str, str, str]]:
    """Items of an EnumProperty by which users choose a format."""
    return [(name, one.title, one.description) for name, one in formats.items()]


def format_property(formats: Formats, default: str) -> EnumProperty:
    """Property ``file_format`` of an exporter."""
    return EnumProperty(name="Format", items=format_items(formats), default=default)


def filter_property(formats: Formats) -> StringProperty:
    """Property ``filter_glob``: the file browser shows only files with these extensions."""
    patterns = dict.fromkeys(f"*{one.suffix}" for one in formats.values())
    return StringProperty(default=";".join(patterns), options={"HIDDEN"})


class FormatExportHelper(ExportHelper):
    """Base of operators that write a file in the ``file_format`` that is chosen of ``formats``."""

    formats: Formats
    check_extension = None
    filename_ext = ""
    filepath: StringProperty(
        name="File Path",
        description="File to write",
        subtype="FILE_PATH",
        options={"HIDDEN"} | BLEND_RELATIVE,
    )

    def choose_file(self, context: bpy.types.Context, name: str) -> set[str]:
        """Open the file browser, which calls ``execute``, beside the .blend and with this name."""
        if not self.filepath:
            folder = os.path.dirname(bpy.data.filepath)
            self.filepath = os.path.join(folder, name + self.formats[self.file_format].suffix)
        context.window_manager.fileselect_add(self)  # type: ignore[arg-type]  # an Operator too
        return {"RUNNING_MODAL"}

    def check(self, context: bpy.types.Context) -> bool:
        """Change the extension in the file browser to that of the chosen format."""
        before, self.filepath = self.filepath, self.with_extension(self.filepath)
        return self.filepath != before

    def with_extension(self, path: str) -> str:
        """Replace the extension of another format, or append to any other, that of the format."""
        stem, extension = os.path.splitext(path)
        expected = self.formats[self.file_format].suffix
        if extension.lower() == expected or not os.path.basename(stem):
            return path
        extensions = {one.suffix for one in self.formats.values()}
        return (stem if extension.lower() in extensions else path) + expected

    def output_path(self) -> str:
        """Absolute path of the file to write.

        Raises
        ------
        FileError
            The path has no file name, or is relative to a .blend that was never saved.
        """
        path = absolute_path(self.filepath)
        if not os.path.basename(path):
            raise FileError("There is no name to export to: choose a file.")
        return path


def absolute_path(path: str) -> str:
    """Absolute path of a property's path, in which ``//`` is the folder of the .blend.

    Raises
    ------
    FileError
        The path begins with ``//``, and the .blend was never saved.
    """
    # Blender's own answer would be a path in whichever folder it was started from.
    if path.startswith("//") and not bpy.data.filepath:
        raise FileError(
            f'{printable(path)}: The path begins with "//", the folder of the .blend file, but '
            "that was never saved: save it first, or choose a path that begins with another folder."
        )
    return bpy.path.abspath(path)
