"""The extension's node groups: made once, reused, and updated if their version is older."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import bpy

from ..scene.provenance import find_ours, mark_as_ours

VERSION = "reconstruct_from_depth_version"
"""Custom property of a node group: the version of the description it was built from."""


@dataclass(frozen=True)
class Socket:
    """A socket of a node group.

    Attributes
    ----------
    name : str
    kind : str
        Identifier of the type, such as ``NodeSocketFloat``.
    in_out : str
        INPUT or OUTPUT.
    """

    name: str
    kind: str
    in_out: Literal["INPUT", "OUTPUT"] = "INPUT"


@dataclass(frozen=True)
class GroupDescription:
    """What a Geometry Nodes group is built from.

    Attributes
    ----------
    name : str
    version : int
        Must be raised whenever anything else in the description changes.
    sockets : tuple of Socket
    build : callable
        Adds the nodes and links to an empty group that has the sockets.
    """

    name: str
    version: int
    sockets: tuple[Socket, ...]
    build: Callable[[bpy.types.NodeTree], None]


def ensure_group(description: GroupDescription) -> bpy.types.NodeTree:
    """Return the group of this description: a new one, or an existing one, updated if it is older.

    An update keeps the sockets that the description still has, so modifiers keep their values.
    """
    group = find_ours(bpy.data.node_groups, description.name)
    if group is None:
        group = bpy.data.node_groups.new(description.name, "GeometryNodeTree")
        group.is_modifier = True
        mark_as_ours(group, description.name)
    if group.get(VERSION, 0) != description.version:
        group.nodes.clear()
        _update_sockets(group, description.sockets)
        description.build(group)
        group[VERSION] = description.version
    return group


def _update_sockets(group: bpy.types.NodeTree, sockets: tuple[Socket, ...]) -> None:
    """Remove the sockets that the description does not have, and add those that are missing."""
    interface = group.interface
    present = {
        Socket(each.name, each.socket_type, each.in_out): each
        for each in list(interface.items_tree)
        if each.item_type == "SOCKET"
    }
    for socket, item in present.items():
        if socket not in sockets:
            interface.remove(item)
    for socket in sockets:
        if socket not in present:
            kind: Any = socket.kind  # the stubs know no type but DEFAULT
            interface.new_socket(socket.name, in_out=socket.in_out, socket_type=kind)
