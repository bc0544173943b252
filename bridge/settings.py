"""Settings that are changed temporarily and restored."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import bpy


@contextlib.contextmanager
def temporary_settings(owner: bpy.types.bpy_struct[Any], **values: Any) -> Iterator[None]:
    """Set properties of `owner` in the order given, and put them back in that order, always."""
    before = {name: getattr(owner, name) for name in values}
    try:
        for name, value in values.items():
            setattr(owner, name, value)
        yield
    finally:
        for name, value in before.items():
            setattr(owner, name, value)
