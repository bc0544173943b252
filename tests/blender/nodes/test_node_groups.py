"""Node groups of an older version of the extension are updated without losing their values."""

from __future__ import annotations

from pathlib import Path

import bpy

from tests.blender.reconstruct_scene import Product, render_file, the_object


def test_a_group_of_an_older_version_is_updated_in_place(
    scene: bpy.types.Scene, product: Product, tmp_path: Path
) -> None:
    file = render_file(scene, tmp_path / "shot.exr")
    bpy.ops.depth.reconstruct(filepath=file, show_points=True)
    first = the_object()
    groups = product("bridge.nodes.node_groups")
    group = first.modifiers[0].node_group
    expected = sorted(node.bl_idname for node in group.nodes)
    identifiers = {each.name: each.identifier for each in group.interface.items_tree}

    group.nodes.clear()  # as an older version may have built it
    group.nodes.new("NodeGroupInput")
    group.interface.new_socket("Gone", in_out="INPUT", socket_type="NodeSocketFloat")
    group[groups.VERSION] = 0
    bpy.ops.depth.reconstruct(filepath=file, show_points=True)

    second = the_object()
    assert second is not first
    assert second.modifiers[0].node_group == group
    assert [each for each in bpy.data.node_groups if each.get(groups.VERSION)] == [group]
    assert sorted(node.bl_idname for node in group.nodes) == expected
    assert {each.name: each.identifier for each in group.interface.items_tree} == identifiers


def test_a_group_of_the_current_version_is_not_changed(
    scene: bpy.types.Scene, tmp_path: Path
) -> None:
    file = render_file(scene, tmp_path / "shot.exr")
    bpy.ops.depth.reconstruct(filepath=file, show_points=True)
    group = the_object().modifiers[0].node_group
    group.nodes[0].label = "Mine"
    bpy.ops.depth.reconstruct(filepath=file, show_points=True)
    assert the_object().modifiers[0].node_group == group
    assert group.nodes[0].label == "Mine"
