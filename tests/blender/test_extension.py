"""The installed extension comes from the zip, registers whole and leaves nothing behind."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import addon_utils
import bpy
import pytest
from installed import MANIFEST
from manifest import ROOT

Product = Callable[[str], ModuleType]


def _handlers() -> set[tuple[str, str, str]]:
    lists = {name: getattr(bpy.app.handlers, name) for name in dir(bpy.app.handlers)}
    return {
        (name, function.__module__, function.__qualname__)
        for name, functions in lists.items()
        if isinstance(functions, list)
        for function in functions
    }


def _keymap_items() -> set[tuple[str, str, str]]:
    return {
        (keyconfig.name, keymap.name, item.idname)
        for keyconfig in bpy.context.window_manager.keyconfigs
        for keymap in keyconfig.keymaps
        for item in keymap.keymap_items
    }


def _tools() -> set[tuple[str, str]]:
    from bl_ui.space_toolsystem_common import ToolSelectPanelHelper

    return {
        (helper.bl_space_type, tool.idname)
        for helper in ToolSelectPanelHelper.__subclasses__()
        for _, tools in helper.tools_all()
        for tool in helper._tools_flatten(tools)
        if tool is not None
    }


def _properties() -> set[tuple[str, str]]:
    kinds = ("Scene", "Object", "Camera", "Image", "Mesh", "PointCloud", "WindowManager", "Screen")
    return {
        (kind, prop.identifier)
        for kind in kinds
        for prop in getattr(bpy.types, kind).bl_rna.properties
    }


def _snapshot() -> dict[str, set]:
    return {
        "types": set(dir(bpy.types)),
        "operators": set(dir(bpy.ops.depth)),
        "handlers": _handlers(),
        "keymap items": _keymap_items(),
        "tools": _tools(),
        "properties": _properties(),
    }


def _difference(before: dict[str, set], after: dict[str, set]) -> dict[str, set]:
    return {kind: before[kind] ^ after[kind] for kind in before if before[kind] ^ after[kind]}


def test_disabling_leaves_nothing_and_enabling_again_brings_all_back(product: Product) -> None:
    name = product("").__name__
    enabled = _snapshot()
    addon_utils.disable(name)
    disabled = _snapshot()
    for _ in range(2):
        addon_utils.enable(name, handle_error=_raise)
        assert _difference(enabled, _snapshot()) == {}
        addon_utils.disable(name)
        assert _difference(disabled, _snapshot()) == {}
    addon_utils.enable(name, default_set=True, handle_error=_raise)
    assert not [kind for kind in disabled["types"] if "DEPTH_" in kind]
    assert disabled["operators"] == set()


def _raise(error: Exception) -> None:
    raise error


def test_a_module_that_fails_to_register_undoes_those_before_it(
    product: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    registration = product("registration")
    name = product("").__name__
    addon_utils.disable(name)
    disabled = _snapshot()
    modules = (*registration.MODULES, "no_such_module")
    monkeypatch.setattr(registration, "MODULES", modules)
    with pytest.raises(ModuleNotFoundError, match="no_such_module"):
        registration.register()
    assert _difference(disabled, _snapshot()) == {}
    monkeypatch.undo()
    addon_utils.enable(name, default_set=True, handle_error=_raise)


def test_every_zip_holds_the_product_and_nothing_else() -> None:
    zips = sorted((ROOT / "dist").glob("*.zip"))
    assert len(zips) == len(MANIFEST.platforms)
    rooms = {"core", "bridge", "operators", "panels", "properties", "overlays", "tools", "icons"}
    for path in zips:
        names = zipfile.ZipFile(path).namelist()
        folders = {name.split("/")[0] for name in names if "/" in name}
        kinds = {Path(name).suffix for name in names if "/" in name}
        assert folders <= {*rooms, "wheels"}, path.name
        assert kinds <= {".py", ".whl", ".dat"}, path.name
        top = {name for name in names if "/" not in name and not name.endswith(".py")}
        assert top - {"README.md", "CHANGELOG.md"} == {"LICENSE", "blender_manifest.toml"}


def test_openexr_comes_from_the_bundled_wheel(user_resources: Path) -> None:
    import OpenEXR

    assert Path(OpenEXR.__file__).is_relative_to(user_resources)


_PRINT_IMPORTS_OF_ENABLING = """
import sys
import bpy, addon_utils
before = set(sys.modules)
assert addon_utils.enable(sys.argv[1]) is not None
print("imported:", *sorted(set(sys.modules) - before))
"""


def test_enabling_imports_neither_openexr_nor_numpy(product: Product) -> None:
    """Blender's start must not pay for what only a reconstruction needs."""
    name = product("").__name__
    result = subprocess.run(
        [sys.executable, "-c", _PRINT_IMPORTS_OF_ENABLING, name],
        capture_output=True,
        text=True,
        check=True,
    )
    label, *imported = result.stdout.splitlines()[-1].split()
    assert label == "imported:"
    assert name in imported
    assert {"numpy", "OpenEXR"} & set(imported) == set()
