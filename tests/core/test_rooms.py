"""Each room of the house imports only what docs/design.md lets it, and the manifest is whole."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from manifest import ROOT, read_manifest

BLENDER = frozenset({"addon_utils", "bl_ui", "blf", "bpy", "bpy_extras", "gpu", "gpu_extras"})
MATH = frozenset({"mathutils", "numpy"})


@dataclass(frozen=True)
class Room:
    """What a room's files may import besides the standard library."""

    others: frozenset[str]
    rooms: frozenset[str]


ROOMS = {
    "core": Room(frozenset({"numpy", "OpenEXR"}), frozenset({"core"})),
    "bridge": Room(BLENDER | MATH, frozenset({"bridge", "compat", "core"})),
    "operators": Room(
        BLENDER | MATH,
        frozenset({"bridge", "compat", "core", "operators", "properties"}),
    ),
    "panels": Room(BLENDER, frozenset({"compat", "operators", "panels", "properties"})),
    # A property may say in words what the bridge finds, as panels compute nothing.
    "properties": Room(BLENDER, frozenset({"bridge", "compat", "properties"})),
    "overlays": Room(
        BLENDER | MATH, frozenset({"bridge", "compat", "core", "overlays", "properties"})
    ),
    "tools": Room(BLENDER, frozenset({"compat", "operators", "overlays", "tools"})),
    "compat.py": Room(BLENDER, frozenset()),
    "registration.py": Room(frozenset(), frozenset()),
    "__init__.py": Room(frozenset(), frozenset({"registration"})),
}


def _files() -> Iterator[tuple[str, Path]]:
    for name in ROOMS:
        path = ROOT / name
        for file in [path] if path.suffix == ".py" else sorted(path.rglob("*.py")):
            if file.exists():
                yield name, file


def _imports(file: Path) -> Iterator[tuple[int, str, bool]]:
    """Line, first part of the name and whether it is the product's own, of every import."""
    depth = len(file.relative_to(ROOT).parts)
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name.split(".")[0], False) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield node.lineno, (node.module or "").split(".")[0], False
        elif isinstance(node, ast.ImportFrom):
            here = file.relative_to(ROOT).parts[: depth - node.level]
            for alias in node.names:
                parts = (*here, *(node.module or "").split("."), alias.name)
                yield node.lineno, next(part for part in parts if part), True


@pytest.mark.parametrize(
    ("room", "file"), [pytest.param(*case, id=str(case[1].relative_to(ROOT))) for case in _files()]
)
def test_a_room_imports_only_what_it_may(room: str, file: Path) -> None:
    rule = ROOMS[room]
    strangers = [
        f"{file.relative_to(ROOT)}:{line} imports {name}"
        for line, name, own in _imports(file)
        if (name not in rule.rooms if own else name not in rule.others | sys.stdlib_module_names)
    ]
    assert not strangers, "\n".join(strangers)


def test_every_python_file_of_the_product_has_a_room() -> None:
    top = {file.name for file in ROOT.glob("*.py")} - {"noxfile.py"}
    assert top <= set(ROOMS)


def test_the_entry_imports_nothing_at_its_top() -> None:
    tree = ast.parse((ROOT / "__init__.py").read_text(encoding="utf-8"))
    top = [ast.unparse(node) for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    assert top == ["from __future__ import annotations"]


WHEEL_PLATFORMS = {
    "linux-x64": "manylinux_2_28_x86_64",
    "windows-x64": "win_amd64",
    "windows-arm64": "win_arm64",
    "macos-arm64": "macosx_11_0_arm64",
    "macos-x64": "macosx_10_15_x86_64",
}
PYTHONS = ("cp311", "cp313", "cp314")


def test_the_manifest_lists_a_wheel_for_every_platform_and_python() -> None:
    manifest = read_manifest()
    assert set(manifest.platforms) == set(WHEEL_PLATFORMS)
    pinned = (ROOT / "scripts" / "wheels.txt").read_text(encoding="utf-8")
    (version,) = re.findall(r"^OpenEXR==(\S+)", pinned, re.MULTILINE)
    expected = {
        f"openexr-{version}-{python}-{python}-{platform}.whl"
        for python in PYTHONS
        for platform in WHEEL_PLATFORMS.values()
    }
    assert {wheel.path.name for wheel in manifest.wheels} == expected
    assert len(set(re.findall("sha256:([0-9a-f]{64})", pinned))) == len(expected)
