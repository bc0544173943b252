"""Functions of the extension among those that Blender calls, such as when it renders."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

Handlers = Iterable[tuple[list[Any], Callable[..., None]]]
"""Lists of `bpy.app.handlers`, each with a function for it."""


def add_handlers(handlers: Handlers) -> None:
    """Have Blender call the functions from now on."""
    for functions, function in handlers:
        functions.append(function)


def remove_handlers(handlers: Handlers) -> None:
    """Have Blender call them no more."""
    for functions, function in handlers:
        functions.remove(function)
