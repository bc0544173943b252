"""Names of files to write end as their format does."""

from __future__ import annotations

import os
from collections.abc import Collection


def with_extension(path: str, wanted: str, known: Collection[str]) -> str:
    """The path with the wanted extension, in the place of one of the known ones."""
    stem, extension = os.path.splitext(path)
    if extension.lower() == wanted or not os.path.basename(stem):
        return path
    return (stem if extension.lower() in known else path) + wanted
