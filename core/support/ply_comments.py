"""What PLY has no words for, as JSON in its header's comments."""

from __future__ import annotations

import json
from typing import Any

_LONGEST = 900
"""Characters of a comment: RPly, by which Open3D reads, takes lines of up to 1023."""


def comment_lines(what: str, data: Any) -> list[str]:
    """Lines ``comment <what> <JSON>`` in ASCII, several to be joined where that is long."""
    text = json.dumps(data, separators=(",", ":"))
    if len(text) > _LONGEST:
        # Readers may trim the spaces at which a text is cut.
        text = text.replace(" ", r"\u0020")
    starts = range(0, len(text), _LONGEST)
    return [f"comment {what} {text[start : start + _LONGEST]}" for start in starts]
