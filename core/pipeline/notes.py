"""Notes: sentences about a reconstruction, each a warning or information."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Note:
    """A sentence for the user.

    Attributes
    ----------
    text : str
    is_warning : bool
        Whether something may be wrong.
    """

    text: str
    is_warning: bool = False


def warning(text: str) -> Note:
    """Make a note that something may be wrong."""
    return Note(text, is_warning=True)


def has_warning(notes: Iterable[Note]) -> bool:
    """Whether there is a warning among the notes."""
    return any(note.is_warning for note in notes)


def report_text(made: str, notes: Iterable[Note]) -> str:
    """Compose a report: the warnings, then what was made, then the other notes."""
    every = tuple(notes)
    warnings = (note.text for note in every if note.is_warning)
    others = (note.text for note in every if not note.is_warning)
    return " ".join(dict.fromkeys(filter(None, (*warnings, made, *others))))
