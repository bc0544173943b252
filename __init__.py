"""Turn a render's depth, with the camera that rendered it, back into geometry in the scene."""

from __future__ import annotations


def register() -> None:
    """Add the extension's classes, properties and tools to Blender."""
    from . import registration

    registration.register()


def unregister() -> None:
    """Take out of Blender all that :func:`register` added."""
    from . import registration

    registration.unregister()
