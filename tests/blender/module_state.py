"""Finds what the product's modules hold between two calls, by reading their source."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from manifest import ROOT

ROOMS = ("core", "bridge", "operators", "overlays", "panels", "properties", "tools")
CONTAINERS = frozenset({
    "Counter", "OrderedDict", "WeakKeyDictionary", "WeakSet", "WeakValueDictionary", "bytearray",
    "defaultdict", "deque", "dict", "list", "set",
})  # fmt: skip
CACHES = frozenset({"cache", "lru_cache"})
CHANGES = frozenset({
    "add", "append", "appendleft", "clear", "discard", "extend", "insert", "move_to_end", "pop",
    "popitem", "remove", "setdefault", "update",
})  # fmt: skip
IMMUTABLE = frozenset({"Enum", "Flag", "IntEnum", "IntFlag", "NamedTuple", "Protocol"})


def module_state() -> set[str]:
    """Names such as ``bridge.picks.table._tables`` of variables and functions that hold state.

    That is every module-level name that is rebound by a function, bound to an empty container, to a
    container that its module changes, or to an object of a class of the product that can change;
    and every function with a cache.
    """
    trees = {_name(file): ast.parse(file.read_text(encoding="utf-8")) for file in _files()}
    classes = {name for tree in trees.values() for name in _changing_classes(tree)}
    return {
        f"{module}.{name}" for module, tree in trees.items() for name in _state_of(tree, classes)
    }


def _files() -> Iterator[Path]:
    for room in ROOMS:
        yield from sorted((ROOT / room).rglob("*.py"))
    yield from (file for file in sorted(ROOT.glob("*.py")) if file.name != "noxfile.py")


def _name(file: Path) -> str:
    return ".".join(file.relative_to(ROOT).with_suffix("").parts)


def _changing_classes(tree: ast.Module) -> Iterator[str]:
    """Names of the classes whose objects can change."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.ClassDef):
            continue
        bases = {_last_name(base) for base in node.bases}
        decorators = [ast.unparse(each) for each in node.decorator_list]
        is_frozen = any("dataclass" in each and "frozen=True" in each for each in decorators)
        if not is_frozen and not bases & IMMUTABLE:
            yield node.name


def _state_of(tree: ast.Module, classes: set[str]) -> Iterator[str]:
    yield from (
        name for node in ast.walk(tree) if isinstance(node, ast.Global) for name in node.names
    )
    changed = set(_changed_names(tree))
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            if any(_last_name(each) in CACHES for each in node.decorator_list):
                yield node.name
        elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = [name for target in targets for name in _names(target)]
            if _holds_state(node.value, classes):
                yield from names
            elif _is_container(node.value):
                yield from changed.intersection(names)


def _names(target: ast.expr) -> Iterator[str]:
    yield from (node.id for node in ast.walk(target) if isinstance(node, ast.Name))


def _holds_state(value: ast.expr, classes: set[str]) -> bool:
    """Whether a value is an empty container, or an object of a class that can change."""
    if isinstance(value, ast.Dict | ast.List | ast.Set):
        return not ast.unparse(value).strip("{}[]")
    if not isinstance(value, ast.Call):
        return False
    name = _last_name(value.func)
    return name in classes or (name in CONTAINERS and not value.args and not value.keywords)


def _is_container(value: ast.expr) -> bool:
    literals = ast.Dict | ast.List | ast.Set | ast.DictComp | ast.ListComp | ast.SetComp
    is_call = isinstance(value, ast.Call) and _last_name(value.func) in CONTAINERS
    return isinstance(value, literals) or is_call


def _changed_names(tree: ast.Module) -> Iterator[str]:
    """Names whose items are set or deleted, or whose changing methods are used."""
    for node in ast.walk(tree):
        is_item = isinstance(node, ast.Subscript) and not isinstance(node.ctx, ast.Load)
        if is_item or (isinstance(node, ast.Attribute) and node.attr in CHANGES):
            yield from _names(node.value)


def _last_name(node: ast.expr) -> str:
    """The name of a function or class: ``lru_cache`` of ``@functools.lru_cache(maxsize=1)``."""
    if isinstance(node, ast.Call | ast.Subscript):
        return _last_name(node.func if isinstance(node, ast.Call) else node.value)
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
