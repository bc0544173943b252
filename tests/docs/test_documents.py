"""The documents are whole: what they link to, name, and quote is there."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from manifest import ROOT

from tests.docs.documents import (
    DOCUMENTS,
    NEEDS,
    anchors,
    blocks,
    code_spans,
    links,
    names_in,
    prose,
    string_literals,
)

BLENDER_LABELS = frozenset(
    {"Add-ons", "Adjust Last Operation", "Clip End", "Clip Start", "Convergence Mode"}
    | {"Depth of Field", "Edit", "File", "Get Extensions", "Image Editor"}
    | {"Install from Disk", "Preferences", "Render", "View", "Ctrl+Z"}
    | {"ESC", "N", "X", "Delete", "F2", "F3"}
)
"""Labels and keys of Blender's own, which documents print in bold as they do ours."""

LANGUAGES = {"python", "sh", "text"}
GENERATED = {"build", "demo-output", "dist", "wheels"}
TESTS = {
    "core": ("core", "docs"),
    "formats": ("formats",),
    "blender": ("blender",),
    "gui": ("gui",),
}
"""The folders of tests that each session runs."""


def _title(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


each_document = pytest.mark.parametrize("document", DOCUMENTS, ids=_title)


def test_the_readme_is_short() -> None:
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 200, "README.md: move details to docs/, one topic a file"


@each_document
def test_links_and_pictures_lead_somewhere(document: Path) -> None:
    broken = []
    for target in links(document):
        path, _, anchor = target.partition("#")
        if re.match(r"https?:", path):
            continue
        file = (document.parent / path).resolve() if path else document
        if not file.exists():
            broken.append(f"{target}: there is no {path}")
        elif anchor and anchor not in anchors(file):
            broken.append(f"{target}: {file.name} has no heading for #{anchor}")
    assert not broken, f"{_title(document)} links to {'; '.join(broken)}"


def test_the_index_lists_every_document_and_picture_is_used() -> None:
    index = ROOT / "docs" / "README.md"
    listed = {(index.parent / target).resolve() for target in links(index)}
    missing = set((ROOT / "docs").rglob("*.md")) - listed - {index}
    assert not missing, f"docs/README.md does not list {', '.join(map(_title, missing))}"
    used = {(each.parent / target).resolve() for each in DOCUMENTS for target in links(each)}
    unused = set((ROOT / "docs" / "images").iterdir()) - used
    assert not unused, f"no document shows {', '.join(map(_title, unused))}"


def test_every_block_has_a_language_and_python_says_what_it_needs() -> None:
    """So that the tests of snippets, here and inside Blender, run every one."""
    wrong = []
    for block in blocks():
        language, kind, *needs = (*block.info, "", "")[: max(2, len(block.info))]
        if language not in LANGUAGES:
            wrong.append(f"{block.name}: the language is {language!r}, not one of {LANGUAGES}")
        elif language == "python" and kind not in NEEDS:
            wrong.append(f"{block.name}: write 'python blender' or 'python numpy' at the fence")
        elif language == "python" and not set(needs) <= set(NEEDS[kind]):
            wrong.append(f"{block.name}: {needs} are not all among {sorted(NEEDS[kind])}")
    assert not wrong, "\n".join(wrong)


@each_document
def test_labels_in_bold_are_those_of_the_interface(document: Path) -> None:
    unknown = [
        f"**{bold}**"
        for bold in re.findall(r"\*\*(.+?)\*\*", prose(document), re.DOTALL)
        for label in " ".join(bold.split()).split(" > ")
        if label not in string_literals() and label not in BLENDER_LABELS
    ]
    assert not unknown, (
        f"{_title(document)} prints {', '.join(unknown)} in bold, which is for labels of the "
        "interface: no string of the code is exactly that. Use the exact label; if it is "
        "Blender's own, list it in BLENDER_LABELS."
    )


@each_document
def test_files_and_folders_in_the_text_exist(document: Path) -> None:
    missing = [
        span
        for span in code_spans(prose(document))
        if re.fullmatch(r"[\w./-]+(\.py|\.md|/)", span)
        and span.split("/")[0] not in GENERATED
        and not (ROOT / span).exists()
        and not (document.parent / span).exists()
    ]
    assert not missing, f"{_title(document)} names {', '.join(missing)}"


@each_document
def test_names_are_defined_where_the_text_says(document: Path) -> None:
    """Where it is written as ```NAME` in `file.py```."""
    found = re.findall(r"`([A-Za-z_][\w.]*)`\s+in\s+`([\w/]+\.py)`", prose(document))
    missing = [
        f"{name} in {path}"
        for name, path in found
        if not (ROOT / path).exists() or name not in names_in(ROOT / path)
    ]
    assert not missing, f"{_title(document)} says there is {', '.join(missing)}"


def _resolves(dotted: str) -> bool:
    """Whether a dotted name is a module, or is in one."""
    parts = dotted.split(".")
    for count in range(len(parts), 0, -1):
        try:
            found = importlib.import_module(".".join(parts[:count]))
        except ModuleNotFoundError:
            continue
        for name in parts[count:]:
            if not hasattr(found, name):
                return False
            found = getattr(found, name)
        return True
    return False


@each_document
def test_names_of_the_core_and_of_operators_exist(document: Path) -> None:
    spans = [span.partition("(")[0] for span in code_spans(prose(document))]
    missing = [
        each for each in spans if re.fullmatch(r"core(\.\w+)+", each) and not _resolves(each)
    ]
    missing += [
        each
        for each in spans
        if each.startswith("bpy.ops.depth.")
        and each.removeprefix("bpy.ops.") not in string_literals()
    ]
    assert not missing, f"{_title(document)} names {', '.join(missing)}"


def _commands(document: Path) -> Iterator[tuple[str, str]]:
    """Each ``make NAME`` with its ``-k``."""
    shell = [each.code for each in blocks() if each.document == document and each.info[0] == "sh"]
    for text in (*code_spans(prose(document)), *"\n".join(shell).splitlines()):
        found = re.match(r"make ([a-z]+)", text)
        if found:
            chosen = re.search(r"-k ([\w]+)", text)
            yield found[1], chosen[1] if chosen else ""


def _targets() -> set[str]:
    """What the Makefile can make."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    lists = re.findall(r"^(?:TESTS|OTHERS) :=(.*)", makefile, re.MULTILINE)
    return {"test", *" ".join(lists).split()}


def _tests_of(target: str) -> str:
    """The names of a session's tests and of their files, in one text."""
    folders = [ROOT / "tests" / name for name in TESTS.get(target, ())]
    files = [file for folder in folders for file in folder.rglob("test_*.py")]
    names = [re.findall(r"def (test_\w+)", file.read_text(encoding="utf-8")) for file in files]
    return " ".join([*(file.stem for file in files), *(name for some in names for name in some)])


@each_document
def test_commands_run_something(document: Path) -> None:
    for target, word in _commands(document):
        assert target in _targets(), f"{_title(document)}: there is no 'make {target}'"
        assert word in _tests_of(target), f"{_title(document)}: no test of {target} has '{word}'"
