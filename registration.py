"""What the extension registers, in order; it is undone in reverse."""

from __future__ import annotations

import contextlib
import importlib
from types import ModuleType

MODULES: tuple[str, ...] = (
    "properties.reconstruct",
    "properties.preview",
    "properties.picks",
    "bridge.renders",
    "bridge.pick_status",
    "operators.export",
    "operators.inspect_file",
    "operators.reconstruct",
    "operators.render_and_reconstruct",
    "operators.toggle_pass",
    "operators.pick",
    "operators.pick_drag",
    "operators.pick_select",
    "operators.picks_edit",
    "operators.picks_export",
    "operators.picks_import",
    "operators.picks_refresh",
    "operators.picks_to_objects",
    "operators.view_pick",
    "overlays.hover",
    "overlays.image_editor",
    "overlays.viewport",
    "overlays.preview",
    "overlays.viewport_select",
    "tools.pick",
    "panels.menus",
    "panels.reconstruct",
    "panels.export",
    "panels.picks",
)
"""Names, relative to the extension, of the modules that have ``register`` and ``unregister``."""


def _modules() -> list[ModuleType]:
    return [importlib.import_module(f".{name}", __package__) for name in MODULES]


def register() -> None:
    """Register every module, or none: an error undoes those before it and is raised.

    Raises
    ------
    Exception
        Whatever the failing module raised.
    """
    with contextlib.ExitStack() as done:
        for module in _modules():
            module.register()
            done.callback(module.unregister)
        done.pop_all()


def unregister() -> None:
    """Unregister every module in reverse; an error is raised after all had their turn.

    Raises
    ------
    Exception
        The last error that a module raised, with the earlier ones as its context.
    """
    with contextlib.ExitStack() as pending:
        for module in _modules():
            pending.callback(module.unregister)
