"""Who does the work of a check that touches Blender, and hears how far it has come."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from .caster import Hits, SceneCaster

Array = NDArray[Any]
Answer = TypeVar("Answer")

_RAYS_AT_ONCE = 2048
"""Rays between which the interface may draw: they cost some hundredths of a second."""


class Worker(Protocol):
    """Calls functions in Blender's thread; a check may run in another one."""

    def ask(self, work: Callable[[], Answer]) -> Answer:
        """What a function returns that Blender's thread calls."""

    def advance(self, text: str, fraction: float) -> None:
        """Hear what the check does next, and how much of it is done."""


class Here:
    """Does all in the thread that the check runs in, which is Blender's."""

    def ask(self, work: Callable[[], Answer]) -> Answer:
        """Call the function."""
        return work()

    def advance(self, text: str, fraction: float) -> None:
        """Nobody waits for it."""


@dataclass
class AskingCaster:
    """Has Blender's thread cast rays, some at a time.

    Attributes
    ----------
    caster : SceneCaster
    worker : Worker
    expected : int
        Rays that the check is expected to cast, to say how much of it is done.
    """

    caster: SceneCaster
    worker: Worker
    expected: int
    _count: int = field(default=0, init=False)

    def __call__(self, origins: Array, directions: Array) -> Array:
        """The points that rays hit, shape (N, 3); NaN for none."""
        return self.cast(origins, directions).points

    def cast(self, origins: Array, directions: Array) -> Hits:
        """What rays hit."""
        found = []
        for start in range(0, max(1, len(origins)), _RAYS_AT_ONCE):
            part = slice(start, start + _RAYS_AT_ONCE)
            rays = origins[part], directions[part]
            found.append(self.worker.ask(lambda rays=rays: self.caster.cast(*rays)))
            self._count += len(rays[0])
            done = self._count / (self._count + self.expected)
            self.worker.advance("Casting rays", min(2.0 * done, 0.5 + 0.5 * done))
        if len(found) == 1:
            return found[0]
        names = ("points", "objects", "unanswered", "differs")
        joined = {name: np.concatenate([getattr(each, name) for each in found]) for name in names}
        return Hits(**joined, names=self.caster.names)
