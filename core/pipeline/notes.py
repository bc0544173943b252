"""Notes: sentences about a reconstruction, each a warning or information."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Note:
    """A sentence that is worth saying.

    Attributes
    ----------
    text : str
    is_warning : bool
        Whether something is off, rather than as it should be.
    """

    text: str
    is_warning: bool = False


def warning(text: str) -> Note:
    """A note that something is off."""
    return Note(text, is_warning=True)


def has_warning(notes: Iterable[Note]) -> bool:
    """Whether something is off."""
    return any(note.is_warning for note in notes)


def report_text(made: str, notes: Iterable[Note]) -> str:
    """What to report: what is off first, then what was made, then what is good to know."""
    every = tuple(notes)
    off = (note.text for note in every if note.is_warning)
    good = (note.text for note in every if not note.is_warning)
    return " ".join(dict.fromkeys(filter(None, (*off, made, *good))))
