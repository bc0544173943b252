"""Text that users read."""

from __future__ import annotations

import os


def printable(text: str | os.PathLike[str]) -> str:
    """Path, or text with a path, as valid Unicode, which Blender's reports demand.

    Paths may have bytes that are not UTF-8, which Python represents by lone surrogates.
    """
    return os.fsencode(text).decode("utf-8", "replace")
