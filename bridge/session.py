"""Everything that the extension keeps in memory between two calls, and the way to free it.

A module that keeps something registers it here when it is imported. Caches of the core, which
cannot import this module, are found through the core's own list. Imported when Blender starts, so
this module imports neither numpy nor the core.
"""

from __future__ import annotations

import dataclasses
import sys
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

import bpy

from .units import memory_text

Key = TypeVar("Key")
Value = TypeVar("Value")

_NUMBER_BYTES = 8


class RecentValues(OrderedDict[Key, Value]):
    """A dictionary that keeps only the `count` values that were stored last."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self._count = count

    def __setitem__(self, key: Key, value: Value) -> None:
        super().__setitem__(key, value)
        self.move_to_end(key)
        while len(self) > self._count:
            self.popitem(last=False)


@dataclass(frozen=True)
class Entry:
    """One thing that is kept in memory.

    Attributes
    ----------
    title : str
        What it holds, for people.
    limit : str
        How much it holds at most, in words.
    dropped : str
        A sentence that says when it is dropped.
    held_bytes : callable
        Returns the number of bytes that it holds now, roughly.
    free : callable
        Drops all of it.
    variables : tuple of str
        The module-level variables that hold it, such as ``bridge.picks.table._tables``.
    is_reloadable : bool
        Whether it can be read or computed again, so that freeing it changes no result.
    """

    title: str
    limit: str
    dropped: str
    held_bytes: Callable[[], int]
    free: Callable[[], None]
    variables: tuple[str, ...]
    is_reloadable: bool


_entries: dict[tuple[str, ...], Entry] = {}


def register_cache(
    module: str,
    *variables: str,
    title: str,
    limit: str,
    dropped: str,
    held_bytes: Callable[[], int],
    free: Callable[[], None],
    is_reloadable: bool = True,
) -> None:
    """Register what module-level variables hold; see :class:`Entry`.

    Parameters
    ----------
    module : str
        ``__name__`` of the module that owns the variables.
    *variables : str
        Their names in that module.
    """
    names = tuple(f"{module.removeprefix(f'{_root()}.')}.{each}" for each in variables)
    _entries[names] = Entry(title, limit, dropped, held_bytes, free, names, is_reloadable)


def entries() -> list[Entry]:
    """Everything that is registered, and the caches of those modules of the core that are used."""
    return [*_entries.values(), *_core_entries()]


def held_bytes() -> int:
    """Number of bytes that all entries hold now, roughly."""
    return sum(entry.held_bytes() for entry in entries())


def free_caches() -> int:
    """Free what can be read or computed again, and return how many bytes that held."""
    return _free([entry for entry in entries() if entry.is_reloadable])


def free_all() -> int:
    """Free everything, remembered renders too, and return how many bytes it held."""
    return _free(entries())


def _free(chosen: list[Entry]) -> int:
    count = sum(entry.held_bytes() for entry in chosen)
    for entry in chosen:
        entry.free()
    return count


def size_of(value: object) -> int:
    """Number of bytes of the arrays, texts, and numbers in a value, each array counted once.

    Follows containers and dataclasses, and asks objects that have ``nbytes``; other objects, such
    as Blender's, count as nothing.
    """
    return _size_of(value, set())


def _size_of(value: Any, seen: set[int]) -> int:
    if isinstance(value, int | float):
        return _NUMBER_BYTES
    if isinstance(value, str | bytes):
        return len(value)
    if id(value) in seen:
        return 0
    seen.add(id(value))
    if hasattr(value, "nbytes"):  # an array, or an object that counts itself
        return int(value.nbytes)
    return sum(_size_of(each, seen) for each in _contents(value))


def _contents(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        yield from value.keys()
        yield from value.values()
    elif isinstance(value, list | tuple | set | frozenset):
        yield from value
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        yield from (getattr(value, field.name) for field in dataclasses.fields(value))


def _core_entries() -> Iterator[Entry]:
    """The core's caches; none before the first module of the core that has one is imported."""
    caching = sys.modules.get(f"{_root()}.core.support.caching")
    for cache in caching.CACHES if caching else ():
        yield Entry(
            title=cache.name,
            limit=memory_text(cache.limit),
            dropped="When newer ones need its space, or another file is loaded.",
            held_bytes=lambda cache=cache: cache.nbytes,
            free=cache.clear,
            variables=(),
            is_reloadable=True,
        )


def _root() -> str:
    """Name of the extension's package."""
    return __package__.rpartition(".")[0]


@bpy.app.handlers.persistent
def _on_load(*_arguments: object) -> None:
    free_all()


def register() -> None:
    """Free everything whenever another file is loaded."""
    bpy.app.handlers.load_pre.append(_on_load)


def unregister() -> None:
    """Free everything now."""
    bpy.app.handlers.load_pre.remove(_on_load)
    free_all()
