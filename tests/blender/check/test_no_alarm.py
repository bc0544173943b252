"""Correct results that a check could take for wrong ones: it says RIGHT, or that it cannot say."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import bpy
import pytest
from mathutils import Euler, Matrix

from tests.blender.reconstruct_scene import add_camera, render_file

Prepare = Callable[[bpy.types.Scene], None]


def material_of(item: bpy.types.Object) -> bpy.types.Material:
    material = bpy.data.materials.new("Material")
    if bpy.app.version < (5, 0):
        material.use_nodes = True
    item.data.materials.append(material)
    return material


def node_of(material: bpy.types.Material, kind: str) -> bpy.types.Node:
    return next(node for node in material.node_tree.nodes if node.type == kind)


def displaced(scene: bpy.types.Scene) -> None:
    big_sphere(scene, 64)
    material = material_of(bpy.context.object)
    material.displacement_method = "DISPLACEMENT"
    tree = material.node_tree
    displacement, noise = (
        tree.nodes.new("ShaderNodeDisplacement"),
        tree.nodes.new("ShaderNodeTexNoise"),
    )
    tree.links.new(noise.outputs[0], displacement.inputs["Height"])
    output = node_of(material, "OUTPUT_MATERIAL")
    tree.links.new(displacement.outputs[0], output.inputs["Displacement"])


def displaced_in_an_instance(scene: bpy.types.Scene) -> None:
    displaced(scene)
    instance(scene, bpy.context.object)


def transparent(scene: bpy.types.Scene) -> None:
    big_sphere(scene)
    material = material_of(bpy.context.object)
    node_of(material, "BSDF_PRINCIPLED").inputs["Alpha"].default_value = 0.1


def transparent_node(scene: bpy.types.Scene) -> None:
    big_sphere(scene)
    material = material_of(bpy.context.object)
    node = material.node_tree.nodes.new("ShaderNodeBsdfTransparent")
    output = node_of(material, "OUTPUT_MATERIAL")
    material.node_tree.links.new(node.outputs[0], output.inputs["Surface"])


def glass(scene: bpy.types.Scene) -> None:
    big_sphere(scene)
    material = material_of(bpy.context.object)
    node = material.node_tree.nodes.new("ShaderNodeBsdfGlass")
    output = node_of(material, "OUTPUT_MATERIAL")
    material.node_tree.links.new(node.outputs[0], output.inputs["Surface"])


def volume(scene: bpy.types.Scene) -> None:
    big_sphere(scene)
    material = material_of(bpy.context.object)
    tree = material.node_tree
    output = node_of(material, "OUTPUT_MATERIAL")
    tree.links.remove(output.inputs["Surface"].links[0])
    tree.links.new(tree.nodes.new("ShaderNodeVolumeScatter").outputs[0], output.inputs["Volume"])


def hidden_in_the_viewport(scene: bpy.types.Scene) -> None:
    big_sphere(scene)
    bpy.context.object.hide_viewport = True


def hidden_by_the_eye(scene: bpy.types.Scene) -> None:
    big_sphere(scene)
    bpy.context.object.hide_set(True)


def hidden_in_renders(scene: bpy.types.Scene) -> None:
    big_sphere(scene)
    bpy.context.object.hide_render = True


def hidden_from_the_camera(scene: bpy.types.Scene) -> None:
    big_sphere(scene)
    bpy.context.object.visible_camera = False


def holdout(scene: bpy.types.Scene) -> None:
    big_sphere(scene)
    bpy.context.object.is_holdout = True


def shadow_catcher(scene: bpy.types.Scene) -> None:
    big_sphere(scene)
    bpy.context.object.is_shadow_catcher = True


def instanced(scene: bpy.types.Scene) -> None:
    bpy.ops.mesh.primitive_monkey_add(size=1)
    instance(scene, bpy.context.object)


def hair(scene: bpy.types.Scene) -> None:
    big_sphere(scene)
    bpy.context.object.modifiers.new("Hair", "PARTICLE_SYSTEM")
    settings = bpy.context.object.particle_systems[0].settings
    settings.type, settings.hair_length, settings.count = "HAIR", 0.8, 3000


def hair_curves(scene: bpy.types.Scene) -> None:
    big_sphere(scene)
    curves = bpy.data.hair_curves.new("Hair")
    curves.add_curves([2] * 400)
    item = bpy.data.objects.new("Hair", curves)
    scene.collection.objects.link(item)
    for index in range(400):
        x, z = -3 + 6 * (index % 20) / 20, 5 * (index // 20) / 20
        curves.position_data[2 * index].vector = (x, -1.5, z)
        curves.position_data[2 * index + 1].vector = (x + 0.1, -1.8, z + 0.3)
    radii = curves.attributes.get("radius") or curves.attributes.new("radius", "FLOAT", "POINT")
    for value in radii.data:
        value.value = 0.1


def animated(scene: bpy.types.Scene) -> None:
    big_sphere(scene)
    item = bpy.context.object
    item.keyframe_insert("location", frame=1)
    item.location.x += 3
    item.keyframe_insert("location", frame=11)
    scene.frame_set(6)


def subdivided(_scene: bpy.types.Scene, viewport: int = 0, render: int = 3) -> None:
    bpy.ops.mesh.primitive_cube_add(size=5, location=(0, 0, 2))
    modifier = bpy.context.object.modifiers.new("Subdivision", "SUBSURF")
    modifier.levels, modifier.render_levels = viewport, render


def same_levels(scene: bpy.types.Scene) -> None:
    subdivided(scene, 2, 2)


def simplified(scene: bpy.types.Scene) -> None:
    subdivided(scene, 3, 3)
    scene.render.use_simplify = True
    scene.render.simplify_subdivision, scene.render.simplify_subdivision_render = 0, 6


def modifier_in_renders_only(scene: bpy.types.Scene) -> None:
    big_sphere(scene)
    modifier = bpy.context.object.modifiers.new("Cast", "CAST")
    modifier.factor, modifier.cast_type, modifier.show_viewport = 1.0, "CUBOID", False


def modifier_in_the_viewport_only(scene: bpy.types.Scene) -> None:
    big_sphere(scene)
    modifier = bpy.context.object.modifiers.new("Cast", "CAST")
    modifier.factor, modifier.cast_type, modifier.show_render = 1.0, "CUBOID", False


def nodes_ask_for_the_viewport(scene: bpy.types.Scene) -> None:
    big_sphere(scene)
    group = bpy.data.node_groups.new("Bigger in Renders", "GeometryNodeTree")
    for in_out in ("INPUT", "OUTPUT"):
        group.interface.new_socket("Geometry", in_out=in_out, socket_type="NodeSocketGeometry")
    names = ("NodeGroupInput", "NodeGroupOutput", "GeometryNodeIsViewport", "GeometryNodeSwitch",
             "GeometryNodeTransform")  # fmt: skip
    start, end, asks, switch, transform = map(group.nodes.new, names)
    switch.input_type = "GEOMETRY"
    transform.inputs["Scale"].default_value = (1.4, 1.4, 1.4)
    group.links.new(start.outputs[0], transform.inputs[0])
    group.links.new(asks.outputs[0], switch.inputs[0])
    group.links.new(transform.outputs[0], switch.inputs[1])
    group.links.new(start.outputs[0], switch.inputs[2])
    group.links.new(switch.outputs[0], end.inputs[0])
    bpy.context.object.modifiers.new("Nodes", "NODES").node_group = group


def finer_curve(_scene: bpy.types.Scene) -> None:
    bpy.ops.curve.primitive_bezier_circle_add(radius=3, location=(0, 0, 3), rotation=(1.2, 0, 0))
    data = bpy.context.object.data
    data.bevel_depth, data.resolution_u, data.render_resolution_u = 1.0, 1, 32


def bumped(scene: bpy.types.Scene) -> None:
    big_sphere(scene)
    material = material_of(bpy.context.object)
    tree = material.node_tree
    displacement = tree.nodes.new("ShaderNodeDisplacement")
    output = node_of(material, "OUTPUT_MATERIAL")
    tree.links.new(displacement.outputs[0], output.inputs["Displacement"])


def big_sphere(_scene: bpy.types.Scene, segments: int = 32) -> None:
    """It fills much of the view."""
    bpy.ops.mesh.primitive_uv_sphere_add(
        radius=2.5, location=(0, 0, 2), segments=segments, ring_count=segments // 2
    )


def instance(scene: bpy.types.Scene, item: bpy.types.Object) -> None:
    collection = bpy.data.collections.new("Shapes")
    scene.collection.objects.unlink(item)
    collection.objects.link(item)
    empty = bpy.data.objects.new("Instance", None)
    empty.instance_type, empty.instance_collection = "COLLECTION", collection
    scene.collection.objects.link(empty)


@pytest.mark.parametrize("floor", [True, False], ids=["floor", "alone"])
@pytest.mark.parametrize(
    ("prepare", "expected"),
    [
        (displaced, "NOT_CHECKED"),
        (displaced_in_an_instance, "NOT_CHECKED"),
        (bumped, "RIGHT"),
        (transparent, "NOT_CHECKED"),
        (transparent_node, "NOTHING"),
        (glass, "RIGHT"),
        (volume, "NOTHING"),
        (hidden_in_the_viewport, "NOT_CHECKED"),
        (hidden_by_the_eye, "NOT_CHECKED"),
        (hidden_in_renders, "NOTHING"),
        (hidden_from_the_camera, "NOTHING"),
        (holdout, "NOTHING"),
        (shadow_catcher, "NOT_CHECKED"),
        (instanced, "RIGHT"),
        (hair, "NOT_CHECKED"),
        (hair_curves, "RIGHT"),
        (animated, "RIGHT"),
        (subdivided, "NOT_CHECKED"),
        (same_levels, "RIGHT"),
        (simplified, "NOT_CHECKED"),
        (modifier_in_renders_only, "NOT_CHECKED"),
        (modifier_in_the_viewport_only, "NOT_CHECKED"),
        (nodes_ask_for_the_viewport, "NOT_CHECKED"),
        (finer_curve, "NOT_CHECKED"),
    ],
)
def test_correct_results_are_not_called_wrong(
    empty_scene: bpy.types.Scene, tmp_path: Path, prepare: Prepare, expected: str, floor: bool
) -> None:
    """With a floor and a cube the rest of the image is RIGHT; alone nothing may be left."""
    scene = add_camera(empty_scene)
    if floor:
        bpy.ops.mesh.primitive_plane_add(size=60, location=(0, 0, -1.5))
        bpy.context.view_layer.update()
        bpy.ops.mesh.primitive_cube_add(size=0.4)  # near the camera, to the left
        place = (
            Matrix.Translation((-0.35, -0.1, -1.0)) @ Euler((0.3, 0.5, 0.1)).to_matrix().to_4x4()
        )
        bpy.context.object.matrix_world = scene.camera.matrix_world @ place
    prepare(scene)
    bpy.context.view_layer.update()
    file = render_file(scene, tmp_path / "shot.exr")
    settings = scene.reconstruct_from_depth
    if expected == "NOTHING" and not floor:
        with pytest.raises(RuntimeError, match="No pixel holds a depth"):
            bpy.ops.depth.reconstruct(filepath=file)
        return
    bpy.ops.depth.reconstruct(filepath=file)
    found = [(settings.verdict, settings.verdict_text)]
    bpy.ops.depth.check()
    found.append((settings.verdict, settings.verdict_text))
    wanted = "RIGHT" if floor else expected
    assert [name for name, _ in found] == [wanted, wanted], found
