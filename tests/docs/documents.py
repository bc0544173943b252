"""The documents, and what they hold: code blocks, links, headings, labels, tables, and names."""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from manifest import ROOT

DOCUMENTS = (
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "CHANGELOG.md",
    *sorted((ROOT / "docs").rglob("*.md")),
)

PRODUCT = (
    "bridge",
    "core",
    "operators",
    "overlays",
    "panels",
    "properties",
    "tools",
    "__init__.py",
    "compat.py",
    "preferences.py",
    "registration.py",
)
"""Folders and files of the product itself."""

NEEDS = {
    "blender": {
        "render": "a Render Result with the passes Depth, Normal, and Cryptomatte Object",
        "render.exr": "the same as an EXR beside the saved .blend",
        "stereo.exr": "an EXR with the views left and right, of a stereo scene",
        "frame.png": "a 16-bit PNG in millimeters beside the .blend, of the render's size",
        "disparity.npy": "an array of disparity beside the .blend, of the render's size",
        "keypoints.json": "COCO keypoints on an image of the same size",
        "4.5": "Blender 4.5 or later",
        "Cube": "an object of this name, around a part of the scene",
        "reconstruction": "an active object that was reconstructed from the Render Result",
    },
    "numpy": {
        "render.exr": "an EXR of 960 x 540 pixels with a Depth pass",
        "described.exr": "the same, rendered with Describe Renders on",
    },
}
"""What a snippet may name behind its kind, as in ``python blender render.exr Cube``."""


@dataclass(frozen=True)
class Block:
    """A fenced block of code.

    Attributes
    ----------
    document : Path
    line : int
        Of its first line of code, from 1.
    info : tuple of str
        The words behind the fence, such as ``python``, ``blender``, ``render.exr``.
    code : str
    """

    document: Path
    line: int
    info: tuple[str, ...]
    code: str

    @property
    def name(self) -> str:
        """The document and the line, such as ``README.md:57``."""
        return f"{self.document.relative_to(ROOT).as_posix()}:{self.line}"


def blocks() -> Iterator[Block]:
    """All fenced blocks of all documents."""
    for document in DOCUMENTS:
        lines = document.read_text(encoding="utf-8").splitlines()
        start, fence, info = 0, "", ""
        for number, line in enumerate(lines, 1):
            mark = re.match(r"\s*(`{3,}|~{3,})(.*)", line)
            if not fence and mark:
                start, fence, info = number + 1, mark[1], mark[2]
            elif fence and line.strip() == fence:
                code = "\n".join(lines[start - 1 : number - 1])
                yield Block(document, start, tuple(info.split()), code)
                fence = ""
        assert not fence, f"{document.name}:{start - 1}: the block of code does not end"


def snippets(kind: str) -> list[Block]:
    """The blocks of Python for ``blender`` or for ``numpy``."""
    return [each for each in blocks() if each.info[:2] == ("python", kind)]


def prose(document: Path) -> str:
    """The text of a document with its code blocks and HTML comments blanked, line by line."""
    text = document.read_text(encoding="utf-8")

    def blank(match: re.Match[str]) -> str:
        return "\n" * match[0].count("\n")

    text = re.sub(r"^\s*(```+|~~~+).*?^\s*\1\s*$", blank, text, flags=re.DOTALL | re.MULTILINE)
    return re.sub(r"<!--.*?-->", blank, text, flags=re.DOTALL)


def links(document: Path) -> list[str]:
    """Targets of a document's links and pictures."""
    text = re.sub(r"`[^`]*`", "", prose(document))
    return re.findall(r"\]\(([^)\s]+)(?:\s+\"[^\"]*\")?\)", text)


def anchors(document: Path) -> set[str]:
    """The anchors that GitHub gives to a document's headings."""
    titles = re.findall(r"^#+ (.+)$", prose(document), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def code_spans(text: str) -> list[str]:
    """What stands between backticks, in order."""
    return re.findall(r"`([^`\n]+)`", text)


def table(document: Path, heading: str) -> list[list[str]]:
    """The cells of the first table below a heading, without its first row."""
    text = prose(document)
    assert f"# {heading}\n" in text, f"{document.name} has no heading '{heading}'"
    below = re.split(r"^#+ ", text.partition(f"# {heading}\n")[2], flags=re.MULTILINE)[0]
    rows = re.search(r"(?:^\|.*\|\n?)+", below, re.MULTILINE)
    assert rows, f"{document.name} has no table below '{heading}'"
    cells = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows[0].splitlines()]
    return cells[2:]


def product_files() -> list[Path]:
    """Every Python file of the product."""
    found: list[Path] = []
    for name in PRODUCT:
        path = ROOT / name
        found += [path] if path.suffix == ".py" and path.exists() else sorted(path.rglob("*.py"))
    return found


@functools.cache
def tree_of(path: Path) -> ast.Module:
    """The syntax tree of a file."""
    return ast.parse(path.read_text(encoding="utf-8"))


def names_in(path: Path) -> set[str]:
    """What a file defines at its top, and in its classes as ``Class.name``."""
    found: set[str] = set()
    for node in tree_of(path).body:
        found |= set(_defined(node))
        if isinstance(node, ast.ClassDef):
            found |= {f"{node.name}.{name}" for each in node.body for name in _defined(each)}
    return found


def _defined(node: ast.stmt) -> Iterator[str]:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        yield node.name
    elif isinstance(node, ast.Assign):
        for target in node.targets:
            yield from (each.id for each in ast.walk(target) if isinstance(each, ast.Name))
    elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        yield node.target.id


@functools.cache
def string_literals() -> frozenset[str]:
    """Every string in the product's code: what the interface shows is among them."""
    return frozenset(
        node.value
        for path in product_files()
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )
