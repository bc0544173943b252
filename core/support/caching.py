"""Caches of arrays, bounded in bytes, and a list of all of them."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, Generic, Protocol, TypeVar


class HasBytes(Protocol):
    """An array, or a value that is made of arrays."""

    @property
    def nbytes(self) -> int:
        """Bytes that it takes."""


Arrays = TypeVar("Arrays", bound=HasBytes)

CACHES: list[ArrayCache[Any]] = []
"""All caches, in the order they were made, so that a caller can show and free what they hold."""


class ArrayCache(Generic[Arrays]):
    """The arrays used last, up to a number of bytes; threads may share it.

    Attributes
    ----------
    name : str
        What it holds, for people: ``Decoded EXR layers``.
    limit : int
        Bytes that its arrays may take together.
    """

    def __init__(self, name: str, limit: int) -> None:
        self.name = name
        self.limit = limit
        self._arrays: OrderedDict[Hashable, Arrays] = OrderedDict()
        self._lock = threading.RLock()
        CACHES.append(self)

    @property
    def nbytes(self) -> int:
        """Bytes that its arrays take now."""
        with self._lock:
            return sum(array.nbytes for array in self._arrays.values())

    def get(self, key: Hashable) -> Arrays | None:
        """Array stored for a key, which then counts as used last; None if there is none."""
        with self._lock:
            if key in self._arrays:
                self._arrays.move_to_end(key)
            return self._arrays.get(key)

    def put(self, key: Hashable, array: Arrays) -> None:
        """Store an array, and drop those used longest ago until all fit into the limit.

        An array that is larger than the limit is not stored.
        """
        if array.nbytes > self.limit:
            return
        with self._lock:
            self._arrays[key] = array
            self._arrays.move_to_end(key)
            while self.nbytes > self.limit:
                self._arrays.popitem(last=False)

    def remove(self, matches: Callable[[Any], bool]) -> None:
        """Drop the arrays whose key `matches`."""
        with self._lock:
            for key in [key for key in self._arrays if matches(key)]:
                del self._arrays[key]

    def clear(self) -> None:
        """Drop all arrays."""
        with self._lock:
            self._arrays.clear()
