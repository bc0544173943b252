"""Add up the pytest results of all nox sessions: the last lines of ``make test``."""

from __future__ import annotations

import sys
from xml.etree import ElementTree

from manifest import ROOT


def main() -> None:
    """Print each session's counts and their sum; exit with 1 where something failed."""
    total = dict.fromkeys(("passed", "failed", "skipped"), 0)
    for report in sorted((ROOT / "build" / "results").glob("*.xml")):
        suite = ElementTree.parse(report).find("testsuite")
        assert suite is not None, f"{report} is no JUnit report"
        tests, skipped = int(suite.attrib["tests"]), int(suite.attrib["skipped"])
        failed = int(suite.attrib["failures"]) + int(suite.attrib["errors"])
        counts = {"passed": tests - failed - skipped, "failed": failed, "skipped": skipped}
        print(f"{report.stem}: {_line(counts)}")
        total = {kind: total[kind] + counts[kind] for kind in total}
    print(_line(total))
    sys.exit(total["failed"] > 0 or total["passed"] == 0)


def _line(counts: dict[str, int]) -> str:
    return ", ".join(f"{number} {kind}" for kind, number in counts.items())


if __name__ == "__main__":
    main()
