"""Whether the 3D viewports preview the points while options change."""

from __future__ import annotations

import bpy
from bpy.props import BoolProperty, StringProperty

_is_on = False
"""State of this session: no file stores it, and undo does not change it."""


def end_preview() -> None:
    """Switch the preview off, if it is on."""
    global _is_on
    if _is_on:
        from ...bridge.reconstruct import preview

        _is_on = False
        preview.stop()


def _set(_manager: bpy.types.WindowManager, wanted: bool) -> None:
    global _is_on
    if wanted == _is_on or bpy.app.background:  # there are no viewports in background mode
        return
    if not wanted:
        end_preview()
        return
    from ...bridge.reconstruct import preview  # late, as it imports numpy

    _is_on = True
    preview.start()


def _text(_manager: bpy.types.WindowManager) -> str:
    return _status()[0]


def _problem(_manager: bpy.types.WindowManager) -> str:
    return _status()[1]


def _status() -> tuple[str, str]:
    if not _is_on:
        return "", ""
    from ...bridge.reconstruct import preview

    return preview.status()


@bpy.app.handlers.persistent
def _on_load(*_arguments: object) -> None:
    end_preview()


_PROPERTIES = {
    "depth_preview": BoolProperty(
        name="Preview",
        description="Show the points that would be made, at most 200,000 of them, and update them "
        "while options change",
        get=lambda _manager: _is_on,
        set=_set,
    ),
    "depth_preview_text": StringProperty(get=_text, description="What the preview shows"),
    "depth_preview_problem": StringProperty(get=_problem, description="Why it shows nothing"),
}


def register() -> None:
    """Add the properties to the window manager, and watch for other files."""
    for name, each in _PROPERTIES.items():
        setattr(bpy.types.WindowManager, name, each)
    bpy.app.handlers.load_pre.append(_on_load)


def unregister() -> None:
    """End the preview, and remove the properties."""
    end_preview()
    bpy.app.handlers.load_pre.remove(_on_load)
    for name in _PROPERTIES:
        delattr(bpy.types.WindowManager, name)
