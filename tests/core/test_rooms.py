"""Which layer and which room may import what, as CONTRIBUTING.md says; and the manifest is whole.

Layers say how something is done, rooms inside a layer what for; a feature has the same name in
every layer.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from manifest import ROOT, read_manifest

from tests.docs.documents import code_spans, table

CONTRIBUTING = ROOT / "CONTRIBUTING.md"

BLENDER = frozenset({"addon_utils", "bl_ui", "blf", "bpy", "bpy_extras", "gpu", "gpu_extras"})
MATH = frozenset({"mathutils", "numpy"})

FEATURES = frozenset({"export", "live", "picks", "reconstruct", "sequence"})
"""Rooms that no room of another feature may import.

Not among them is `check`, which reconstructing and picking run by themselves.
"""

CORE_USES = frozenset({"annotations", "check", "export", "pipeline", "sequence"})
"""Rooms of the core that are built on the others, which do not import them."""


@dataclass(frozen=True)
class Layer:
    """What a layer's files may import beside the standard library."""

    packages: frozenset[str]
    layers: frozenset[str]


LAYERS = {
    "core": Layer(frozenset({"numpy", "OpenEXR"}), frozenset({"core"})),
    "bridge": Layer(BLENDER | MATH, frozenset({"bridge", "compat", "core"})),
    "operators": Layer(
        BLENDER | MATH,
        frozenset({"bridge", "compat", "core", "operators", "properties"}),
    ),
    "panels": Layer(BLENDER, frozenset({"compat", "operators", "panels", "properties"})),
    # A property may say in words what the bridge finds, and hand its values on as core's options.
    "properties": Layer(BLENDER, frozenset({"bridge", "compat", "core", "properties"})),
    "overlays": Layer(
        BLENDER | MATH, frozenset({"bridge", "compat", "core", "overlays", "properties"})
    ),
    "tools": Layer(BLENDER, frozenset({"compat", "operators", "overlays", "tools"})),
    "preferences.py": Layer(BLENDER, frozenset({"bridge", "compat", "properties"})),
    "compat.py": Layer(BLENDER, frozenset({"core"})),
    "registration.py": Layer(frozenset(), frozenset()),
    "__init__.py": Layer(frozenset(), frozenset({"registration"})),
}


def _files() -> Iterator[tuple[str, Path]]:
    for name in LAYERS:
        path = ROOT / name
        for file in [path] if path.suffix == ".py" else sorted(path.rglob("*.py")):
            if file.exists():
                yield name, file


@dataclass(frozen=True)
class Import:
    """One imported name: where, what (as parts of its path), and whether it is the product's."""

    line: int
    parts: tuple[str, ...]
    own: bool


def _imports(file: Path) -> Iterator[Import]:
    depth = len(file.relative_to(ROOT).parts)
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(node.lineno, tuple(alias.name.split(".")), False)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield Import(node.lineno, tuple((node.module or "").split(".")), False)
        elif isinstance(node, ast.ImportFrom):
            here = file.relative_to(ROOT).parts[: depth - node.level]
            for alias in node.names:
                parts = (*here, *(node.module or "").split("."), alias.name)
                yield Import(node.lineno, tuple(filter(None, parts)), True)


CASES = [pytest.param(*case, id=str(case[1].relative_to(ROOT))) for case in _files()]


@pytest.mark.parametrize(("layer", "file"), CASES)
def test_a_layer_imports_only_what_it_may(layer: str, file: Path) -> None:
    rule = LAYERS[layer]
    allowed = {True: rule.layers, False: rule.packages | sys.stdlib_module_names}
    strangers = [
        f"{file.relative_to(ROOT)}:{each.line} imports {each.parts[0]}. {layer} may import "
        f"{', '.join(sorted(rule.layers | rule.packages)) or 'nothing'}: move what is needed down "
        "into one of these, or call it from a layer above."
        for each in _imports(file)
        if each.parts[0] not in allowed[each.own]
    ]
    assert not strangers, "\n".join(strangers)


def _room(parts: tuple[str, ...]) -> str:
    """The room within a layer: a folder, or a file of the same name."""
    return parts[1].removesuffix(".py") if len(parts) > 1 else ""


@pytest.mark.parametrize(("layer", "file"), CASES)
def test_a_feature_imports_no_other_and_no_room_below_imports_a_feature(
    layer: str, file: Path
) -> None:
    here = _room(file.relative_to(ROOT).parts)
    registers = layer in ("registration.py", "__init__.py")
    strangers = [
        f"{file.relative_to(ROOT)}:{each.line} imports {'.'.join(each.parts)}, of the feature "
        f"{_room(each.parts)}. What two features need belongs in a room below them "
        "(bridge/scene, bridge/sources, core...): move it there."
        for each in _imports(file)
        if each.own
        and not registers
        and _room(each.parts) in FEATURES - {here}
        # Beside a feature's own rooms, the layers above may call what the core offers to all.
        and not (each.parts[0] == "core" and layer != "core")
    ]
    assert not strangers, "\n".join(strangers)


@pytest.mark.parametrize("file", sorted((ROOT / "core").rglob("*.py")), ids=str)
def test_rooms_of_the_core_import_only_those_below(file: Path) -> None:
    here = _room(file.relative_to(ROOT).parts)
    strangers = [
        f"{file.relative_to(ROOT)}:{each.line} imports {'.'.join(each.parts)}. The rooms "
        f"{', '.join(sorted(CORE_USES))} are built on the others: move what is needed down."
        for each in _imports(file)
        if each.own and here != "__init__" and _room(each.parts) in CORE_USES - {here}
        and not (here == "check" and _room(each.parts) == "pipeline")
    ]  # fmt: skip
    assert not strangers, "\n".join(strangers)


@pytest.mark.parametrize(
    "folder",
    [
        path
        for layer in LAYERS
        for path in [ROOT / layer, *(ROOT / layer).rglob("*")]
        if path.is_dir() and path.name != "__pycache__"
    ],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_no_room_grows_flat(folder: Path) -> None:
    files = len(list(folder.glob("*.py")))
    assert files <= 15, f"{folder.relative_to(ROOT)} has {files} files: group them by what for."


def _purpose(path: Path) -> str:
    """The first line of the docstring of a module or package."""
    file = path / "__init__.py" if path.is_dir() else path
    return (ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or "").split("\n")[0]


def _rooms() -> Iterator[Path]:
    """Every folder of a layer, and every file that is all of a feature there."""
    for layer in LAYERS:
        for path in sorted((ROOT / layer).glob("*")) if (ROOT / layer).is_dir() else ():
            is_folder = path.is_dir() and path.name != "__pycache__"
            if is_folder or (path.suffix == ".py" and path.stem in FEATURES):
                yield path


def _importers(room: Path) -> str:
    """Who may import a room, by the rules above."""
    layer, name = room.relative_to(ROOT).parts[:2]
    if layer == "core":
        return "the layers above" if name in CORE_USES else "any room"
    return "the same feature" if name.removesuffix(".py") in FEATURES else "any room"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in sorted(names))


def _compare_rows(heading: str, expected: dict[str, tuple[str, ...]]) -> None:
    """Fail where a table of CONTRIBUTING.md differs from what the code says."""
    rows = {code_spans(row[0])[0]: tuple(row[1:]) for row in table(CONTRIBUTING, heading)}
    wrong = [f"take out the row of {name}, which is gone" for name in rows.keys() - expected.keys()]
    wrong += [
        f"write | {' | '.join((f'`{name}`', *cells))} |"
        for name, cells in expected.items()
        if rows.get(name) != cells
    ]
    assert not wrong, f"In CONTRIBUTING.md, {heading}:\n" + "\n".join(wrong)


def test_the_table_of_layers_is_the_rule() -> None:
    expected = {}
    for name, layer in LAYERS.items():
        if (ROOT / name).exists():
            modules = {"bpy"} if layer.packages >= BLENDER else set()
            packages = _listed(modules | (layer.packages - BLENDER))
            expected[name] = (_purpose(ROOT / name), packages, _listed(layer.layers))
    _compare_rows("Layers", expected)


def test_the_table_of_rooms_is_the_tree() -> None:
    expected = {
        room.relative_to(ROOT).as_posix(): (_purpose(room), _importers(room)) for room in _rooms()
    }
    _compare_rows("Rooms", expected)


def test_the_way_of_the_data_is_that_of_the_imports() -> None:
    missing = []
    for module, call, _ in table(CONTRIBUTING, "The way of the data"):
        (importer,), (name, imported) = code_spans(module), code_spans(call)
        wanted = (*imported.removesuffix(".py").split("/"), name)
        if not any(each.parts == wanted for each in _imports(ROOT / importer) if each.own):
            missing.append(f"{importer} does not import {name} from {imported}")
    assert not missing, "CONTRIBUTING.md, The way of the data: " + "; ".join(missing)


def test_every_python_file_of_the_product_has_a_room() -> None:
    top = {file.name for file in ROOT.glob("*.py")} - {"noxfile.py"}
    assert top <= set(LAYERS)


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
