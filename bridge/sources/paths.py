"""Paths of files with depth, which may be relative to the .blend."""

from __future__ import annotations

import os

import bpy


def same_path(one: str, other: str) -> bool:
    """Whether two paths are of one file; an empty one is that of the Render Result."""
    if not one or not other:
        return one == other
    one, other = (os.path.normpath(bpy.path.abspath(path)) for path in (one, other))
    return one == other
