"""File formats as users choose them, which can be listed without importing what writes them."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class ExportFormat:
    """A file format, and the name of the function that writes it.

    Attributes
    ----------
    title, description : str
        What users read where they choose a format.
    suffix : str
        What follows the stem of the file's name, such as ``.ply`` or ``_colmap``.
    writer : str
        Module and function below ``core``, such as ``export.ply.write_ply``; empty for formats
        that Blender's own exporters write.
    """

    title: str
    suffix: str
    description: str
    writer: str = ""

    def load_writer(self) -> Callable[..., Any]:
        """Import the function that writes this format.

        The module is imported no earlier than this, because operators list the formats while
        Blender starts, and must not load numpy for that.
        """
        module, _, function = self.writer.rpartition(".")
        writer: Callable[..., Any] = getattr(
            importlib.import_module(f"..{module}", __package__), function
        )
        return writer
