"""Describe the OpenEXR files that File Output nodes of the compositor wrote for a frame.

Blender fixes the metadata of these files before the frame is evaluated, so a sidecar describes
them. How the nodes name their files differs between Blender's versions and with path templates;
therefore the files are found as those that appeared or changed in the nodes' folders while the
frame rendered, and whose headers are of this frame and scene.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass, field

import bpy

from ...compat import compositor_tree, output_paths
from ...core.errors import FileError
from ...core.exr.layers import FileInfo
from ...core.exr.reader import read_info
from ...core.exr.shot_metadata import ShotMetadata
from ...core.exr.sidecar import write_sidecar
from ...core.exr.stamp_note import note_without_text
from ...core.support.opening import opened

_MAGIC = b"\x76\x2f\x31\x01"

_ELSEWHERE = frozenset(
    {"IMAGE", "MOVIECLIP", "TRANSFORM", "TRANSLATE", "ROTATE", "FLIP", "CROP", "LENSDIST",
     "DISPLACE", "MAP_UV", "CORNERPIN", "STABILIZE2D", "MOVIEDISTORTION", "PLANETRACKDEFORM"}
)  # fmt: skip
"""Types of nodes after which pixels are not where the camera saw them, or not of this render."""


@dataclass(frozen=True)
class OutputFolders:
    """The folders that File Output nodes write to, and what was in them before a frame.

    Attributes
    ----------
    files : dict of str to tuple of int
        When each file was changed last, and its size, by its path.
    """

    folders: frozenset[str] = frozenset()
    files: dict[str, tuple[int, int]] = field(default_factory=dict)

    @classmethod
    def of(cls, scene: bpy.types.Scene) -> OutputFolders:
        """The folders of a scene's nodes as they are now.

        A folder is left out if a node writes pixels to it that the camera did not see there.
        """
        tree = compositor_tree(scene)
        if tree is None or not scene.render.use_compositing:
            return cls()
        seen: set[str] = set()
        others: set[str] = set()
        for node in _output_nodes(tree):
            is_seen = not any(_is_elsewhere(each, scene) for each in _nodes_before(node))
            (seen if is_seen else others).update(map(_folder, output_paths(node)))
        folders = frozenset(seen - others)
        return cls(folders, _files(folders))

    def written(self) -> list[str]:
        """Paths of the files that appeared or changed since."""
        now = _files(self.folders)
        return sorted(path for path, state in now.items() if self.files.get(path) != state)


def describe_outputs(
    scene: bpy.types.Scene, metadata: ShotMetadata, before: OutputFolders
) -> Iterator[str]:
    """Write a sidecar for each file of a frame; give a sentence for each that cannot be described.

    Parameters
    ----------
    scene : bpy.types.Scene
    metadata : ShotMetadata
    before : OutputFolders
        As it was before the frame was rendered.
    """
    for path in before.written():
        try:
            if not _is_exr(path):
                continue
            info = read_info(path)
            if _is_of_frame(info, scene.name, metadata.frame):
                write_sidecar(metadata, path)
        except FileError as error:
            yield str(error)


def _is_of_frame(info: FileInfo, scene_name: str, frame: int) -> bool:
    """Whether a file is of this frame and of no render that describes itself.

    Raises
    ------
    FileError
        Its header does not say the frame, so that it may be of another one.
    """
    note, of_scene = info.attributes.get("Note", ""), info.attributes.get("Scene", scene_name)
    if note_without_text(note) != note or of_scene != scene_name:
        return False
    try:
        return int(info.attributes.get("Frame", "")) == frame
    except ValueError:
        raise FileError(
            f"{info.path} does not say its frame, and so was not described: switch on Frame in "
            "Output Properties > Metadata."
        ) from None


def _output_nodes(tree: bpy.types.NodeTree) -> Iterator[bpy.types.Node]:
    for node in tree.nodes:
        if node.type == "OUTPUT_FILE" and not node.mute:
            yield node
        elif node.type == "GROUP" and not node.mute and node.node_tree:
            yield from _output_nodes(node.node_tree)


def _nodes_before(node: bpy.types.Node) -> Iterator[bpy.types.Node]:
    """All nodes that a node's inputs depend on, with those in groups."""
    found: set[bpy.types.Node] = set()
    left = [node]
    while left:
        for socket in left.pop().inputs:
            for link in socket.links:
                if link.from_node not in found:
                    found.add(link.from_node)
                    left.append(link.from_node)
    for each in found:
        yield each
        if each.type == "GROUP" and each.node_tree:
            yield from each.node_tree.nodes


def _is_elsewhere(node: bpy.types.Node, scene: bpy.types.Scene) -> bool:
    if node.mute:
        return False
    if node.type == "R_LAYERS":
        return node.scene is not None and node.scene.name != scene.name
    return node.type in _ELSEWHERE


def _folder(path: str) -> str:
    return os.path.dirname(bpy.path.abspath(path))


def _files(folders: frozenset[str]) -> dict[str, tuple[int, int]]:
    found = {}
    for folder in folders:
        # The folder may not be there yet, and files may vanish meanwhile.
        with contextlib.suppress(OSError), os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_file():
                    status = entry.stat()
                    found[entry.path] = (status.st_mtime_ns, status.st_size)
    return found


def _is_exr(path: str) -> bool:
    with opened(path) as file:
        return file.read(len(_MAGIC)) == _MAGIC
