"""The modules that the extension registers in order, and unregisters in reverse."""

from __future__ import annotations

import contextlib
import importlib
from types import ModuleType

MODULES: tuple[str, ...] = (
    "bridge.session",
    "properties.reconstruct.settings",
    "properties.reconstruct.preview",
    "properties.picks",
    "properties.cameras",
    "bridge.renders.history",
    "bridge.renders.description",
    "bridge.picks.change_watcher",
    "operators.cameras.copy_intrinsics",
    "operators.cameras.from_intrinsics",
    "operators.check.apply_remedy",
    "operators.check.check",
    "operators.export.export",
    "operators.reconstruct.inspect_file",
    "operators.reconstruct.reconstruct",
    "operators.reconstruct.render_and_reconstruct",
    "operators.reconstruct.toggle_pass",
    "operators.free_memory",
    "operators.picks.pick",
    "operators.picks.drag",
    "operators.picks.select",
    "operators.picks.rename",
    "operators.picks.move",
    "operators.picks.remove",
    "operators.picks.view",
    "operators.picks.find_changes",
    "operators.picks.recompute",
    "operators.picks.keep",
    "operators.picks.to_objects",
    "operators.picks.export_file",
    "operators.picks.import_file",
    "overlays.picks.image_editor",
    "overlays.picks.viewport",
    "overlays.reconstruct.preview",
    "overlays.picks.viewport_select",
    "tools.picks",
    "panels.menus",
    "panels.reconstruct",
    "panels.cameras",
    "panels.check",
    "panels.export",
    "panels.picks",
    "preferences",
)
"""Names, relative to the extension, of the modules that have ``register`` and ``unregister``."""


def _modules() -> list[ModuleType]:
    return [importlib.import_module(f".{name}", __package__) for name in MODULES]


def register() -> None:
    """Register every module, or none: after an error, the modules before it are unregistered.

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
    """Unregister every module in reverse; an error is raised once all of them are unregistered.

    Raises
    ------
    Exception
        The last error that a module raised, with the earlier ones as its context.
    """
    with contextlib.ExitStack() as pending:
        for module in _modules():
            pending.callback(module.unregister)
