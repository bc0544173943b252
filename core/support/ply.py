"""The header of binary PLY files, with data that PLY has no elements for in its comments.

Source of the format: http://paulbourke.net/dataformats/ply/
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

_TYPE_NAMES = {
    "i1": "char",
    "u1": "uchar",
    "i2": "short",
    "u2": "ushort",
    "i4": "int",
    "u4": "uint",
    "f4": "float",
    "f8": "double",
}
_MAX_COMMENT = 900
"""Characters of JSON in one comment: RPly, with which Open3D reads, accepts lines of up to 1023."""


def header_bytes(
    comments: Iterable[str],
    vertex_count: int,
    properties: Iterable[tuple[str, str]],
    face_count: int = 0,
) -> bytes:
    """Header of a binary little-endian PLY file.

    Parameters
    ----------
    comments : iterable of str
        Lines, as :func:`comment_lines` makes them.
    properties : iterable of (str, str)
        Name of each property of a vertex, and its numpy type without byte order, such as ``f4``.
    face_count : int
        Faces have a ``uchar`` that counts their corners, and as many ``int`` vertex indices.
    """
    lines = [
        "ply",
        "format binary_little_endian 1.0",
        *comments,
        f"element vertex {vertex_count}",
        *(f"property {_TYPE_NAMES[kind]} {name}" for name, kind in properties),
    ]
    if face_count:
        lines += [f"element face {face_count}", "property list uchar int vertex_indices"]
    return "\n".join([*lines, "end_header", ""]).encode("ascii")


def comment_lines(label: str, data: Any) -> list[str]:
    """Header lines ``comment <label> <JSON>`` in ASCII; long JSON continues on further such lines.

    Readers concatenate the JSON of consecutive lines that have the same label.
    """
    text = json.dumps(data, separators=(",", ":"))
    if len(text) > _MAX_COMMENT:
        # Some readers strip the spaces at the ends of a line.
        text = text.replace(" ", r"\u0020")
    starts = range(0, len(text), _MAX_COMMENT)
    return [f"comment {label} {text[start : start + _MAX_COMMENT]}" for start in starts]
