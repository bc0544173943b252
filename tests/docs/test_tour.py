"""Every stop of the tour exists: the file, and the names to open in it."""

from __future__ import annotations

import re

import pytest
from manifest import ROOT

from tests.docs.documents import code_spans, names_in, prose

TOUR = ROOT / "docs" / "tour.md"
STOP = re.compile(
    r"^\d+\. \[`(?P<file>[\w/]+\.py)`\]\(\.\./(?P<target>[\w/]+\.py)\), (?P<names>.*):$"
)
WAYS = ("From a pixel to a point", "From a click to the list of picks")


def stops(way: str) -> list[tuple[str, str, list[str]]]:
    """File, target of the link, and names of each stop below a heading."""
    text = prose(TOUR)
    assert f"## {way}\n" in text, f"docs/tour.md has no heading '{way}'"
    below = text.partition(f"## {way}\n")[2].partition("\n## ")[0]
    numbered = [line for line in below.splitlines() if re.match(r"\d+\. ", line)]
    found = [STOP.match(line) for line in numbered]
    wrong = [line for line, match in zip(numbered, found, strict=True) if match is None]
    assert not wrong, f"write '1. [`file`](../file), `name`:' instead of {wrong}"
    return [(each["file"], each["target"], code_spans(each["names"])) for each in found if each]


@pytest.mark.parametrize("way", WAYS)
def test_every_stop_exists(way: str) -> None:
    found = stops(way)
    assert 12 <= len(found) <= 16
    for file, target, names in found:
        assert file == target, f"the stop {file} links to {target}"
        assert (ROOT / file).exists(), f"docs/tour.md stops at {file}, which is not there"
        assert names, f"the stop {file} names nothing to open"
        missing = set(names) - names_in(ROOT / file)
        assert not missing, f"docs/tour.md: {file} defines no {', '.join(sorted(missing))}"
