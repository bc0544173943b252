"""Text that users read."""

from __future__ import annotations

import os
from collections.abc import Sequence


def printable(text: str | os.PathLike[str]) -> str:
    """Path, or text with a path, as valid Unicode, which Blender's reports demand.

    Paths may have bytes that are not UTF-8, which Python represents by lone surrogates.
    """
    return os.fsencode(text).decode("utf-8", "replace")


def listed(names: Sequence[str], conjunction: str = "and") -> str:
    """Names in a sentence, such as ``a``, ``a and b``, or ``a, b, and c``."""
    if len(names) < 3:
        return f" {conjunction} ".join(names)
    return f"{', '.join(names[:-1])}, {conjunction} {names[-1]}"
