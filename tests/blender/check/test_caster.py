"""Rays cast into the scene, against Blender's own scene.ray_cast."""

from __future__ import annotations

import bpy
import numpy as np
import pytest
from mathutils import Matrix, Vector

from tests.blender.reconstruct_scene import Product, prepare_scene


@pytest.fixture
def scene(empty_scene: bpy.types.Scene) -> bpy.types.Scene:
    """Shapes of every kind: meshes, curves, texts, instances, modifiers, mirrored and scaled."""
    scene = prepare_scene(empty_scene)
    bpy.ops.mesh.primitive_torus_add(location=(2, 2, 1), rotation=(0.3, 0.5, 0))
    bpy.context.object.scale = (1, -2, 0.5)
    bpy.ops.curve.primitive_bezier_circle_add(location=(-2, -1, 2))
    bpy.context.object.data.bevel_depth = 0.2
    bpy.ops.object.text_add(location=(0, -2, 1), rotation=(1.5, 0, 0))
    parts = bpy.data.collections.new("Parts")
    bpy.ops.mesh.primitive_cone_add(location=(0, 0, 0))
    cone = bpy.context.object
    scene.collection.objects.unlink(cone)
    parts.objects.link(cone)
    for index in range(3):
        item = bpy.data.objects.new(f"Cone Field {index}", None)
        item.instance_type, item.instance_collection = "COLLECTION", parts
        item.location = (3 - index, 3, 0.5 * index)
        scene.collection.objects.link(item)
    bpy.context.view_layer.update()
    return scene


def rays(count: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    origins = rng.uniform((-6, -8, 1), (6, -4, 6), (count, 3))
    directions = rng.uniform((-5, -1, 0), (5, 5, 2), (count, 3)) - origins
    return origins, directions / np.linalg.norm(directions, axis=1, keepdims=True)


def test_rays_hit_what_scene_ray_cast_hits(scene: bpy.types.Scene, product: Product) -> None:
    depsgraph = bpy.context.evaluated_depsgraph_get()
    origins, directions = rays(2000)
    hits = product("bridge.check.caster").SceneCaster(depsgraph).cast(origins, directions)
    expected, names = np.full((2000, 3), np.nan), [""] * 2000
    for index in range(2000):
        hit, place, _, _, item, _ = scene.ray_cast(
            depsgraph, Vector(origins[index]), Vector(directions[index])
        )
        if hit:
            expected[index], names[index] = place, item.name
    assert np.isfinite(expected[:, 0]).mean() > 0.5
    np.testing.assert_allclose(hits.points, expected, atol=2e-5)
    found = ["Cone" if name.startswith("Cone Field") else name for name in hits.labels]
    same = np.array([one == other for one, other in zip(found, names, strict=True)])
    assert same.mean() > 0.999  # where two touch, either may be hit


def hit_names(product: Product) -> set[str]:
    depsgraph = bpy.context.evaluated_depsgraph_get()
    caster = product("bridge.check.caster").SceneCaster(depsgraph)
    return set(caster.cast(*rays(1500)).labels)


def test_what_renders_do_not_show_is_not_hit(scene: bpy.types.Scene, product: Product) -> None:
    everything = hit_names(product)
    assert {"Plane", "Suzanne", "Sphere", "Torus", "BézierCircle", "Text"} < everything
    scene.objects["Suzanne"].hide_render = True
    scene.objects["Sphere"].visible_camera = False
    scene.objects["Cone Field 1"].hide_render = True
    hidden = bpy.data.collections.new("Not Rendered")
    scene.collection.children.link(hidden)
    hidden.hide_render = True
    torus = scene.objects["Torus"]
    scene.collection.objects.unlink(torus)
    hidden.objects.link(torus)
    bpy.context.view_layer.update()
    gone = {"Suzanne", "Sphere", "Torus", "Cone Field 1"}
    assert hit_names(product) == everything - gone


@pytest.mark.usefixtures("scene")
def test_reconstructions_are_not_hit(product: Product) -> None:
    origins, directions = rays(500)
    caster = product("bridge.check.caster").SceneCaster
    before = caster(bpy.context.evaluated_depsgraph_get()).cast(origins, directions)
    assert bpy.ops.depth.render_and_reconstruct(output="SURFACE") == {"FINISHED"}
    after = caster(bpy.context.evaluated_depsgraph_get()).cast(origins, directions)
    np.testing.assert_array_equal(before.points, after.points)


@pytest.mark.usefixtures("scene")
def test_meshes_that_are_too_large_are_named_and_left_out(product: Product) -> None:
    bpy.ops.mesh.primitive_grid_add(x_subdivisions=200, y_subdivisions=200, size=3)
    bpy.context.object.matrix_world = Matrix.Translation((0, 0, 4))
    bpy.context.view_layer.update()
    depsgraph = bpy.context.evaluated_depsgraph_get()
    caster = product("bridge.check.caster").SceneCaster(depsgraph, most_faces=20_000)
    down = np.tile([0.0, 0.0, -1.0], (2, 1))
    origins = np.array([[0.3, 0.2, 9.0], [6.0, 6.0, 9.0]])
    np.testing.assert_array_equal(caster.cast(origins, down).unanswered, [True, False])
    whole = product("bridge.check.caster").SceneCaster(depsgraph)
    assert whole.cast(origins, down).points[0, 2] == pytest.approx(4.0)


@pytest.mark.parametrize(
    ("change", "name"),
    [
        (lambda scene: setattr(subdivided(scene), "levels", 1), "Suzanne"),
        (lambda scene: setattr(subdivided(scene), "show_viewport", False), "Suzanne"),
        (lambda scene: simplified(scene), "Suzanne"),
        (lambda scene: displaced(scene), "Sphere"),
    ],
)
def test_objects_of_another_shape_in_renders_are_known(
    scene: bpy.types.Scene, product: Product, change: object, name: str
) -> None:
    subdivided(scene)

    def differing() -> set[str]:
        depsgraph = bpy.context.evaluated_depsgraph_get()
        visibility = product("bridge.check.visibility").Visibility(depsgraph)
        return {item.name for item in scene.objects if visibility.differs(item)}

    assert differing() == set()
    change(scene)
    assert differing() == {name}


def subdivided(scene: bpy.types.Scene) -> bpy.types.Modifier:
    suzanne = scene.objects["Suzanne"]
    if not suzanne.modifiers:
        modifier = suzanne.modifiers.new("Subdivision", "SUBSURF")
        modifier.levels = modifier.render_levels = 2
    return suzanne.modifiers[0]


def simplified(scene: bpy.types.Scene) -> None:
    scene.render.use_simplify = True
    scene.render.simplify_subdivision = 1


def displaced(scene: bpy.types.Scene) -> None:
    material = bpy.data.materials.new("Bumps")
    if bpy.app.version < (5, 0):
        material.use_nodes = True
    tree = material.node_tree
    material.displacement_method = "DISPLACEMENT"
    output = next(node for node in tree.nodes if node.type == "OUTPUT_MATERIAL")
    noise = tree.nodes.new("ShaderNodeDisplacement")
    tree.links.new(noise.outputs[0], output.inputs["Displacement"])
    scene.objects["Sphere"].data.materials.append(material)


def test_objects_that_only_renders_show_are_known(scene: bpy.types.Scene, product: Product) -> None:
    visibility = product("bridge.check.visibility").Visibility
    found = visibility(bpy.context.evaluated_depsgraph_get())
    assert [item.name for item in found.rendered_only(bpy.context.view_layer)] == []
    scene.objects["Suzanne"].hide_viewport = True
    scene.objects["Sphere"].hide_set(True)
    scene.objects["Torus"].hide_set(True)
    scene.objects["Torus"].hide_render = True
    found = visibility(bpy.context.evaluated_depsgraph_get())
    names = {item.name for item in found.rendered_only(bpy.context.view_layer)}
    assert names == {"Suzanne", "Sphere"}


@pytest.mark.usefixtures("scene")
def test_rays_that_meet_no_box_hit_nothing(product: Product) -> None:
    caster = product("bridge.check.caster").SceneCaster(bpy.context.evaluated_depsgraph_get())
    up = np.tile([0.0, 0.0, 1.0], (3, 1))
    hits = caster.cast(100.0 * up, up)
    assert np.isnan(hits.points).all()
    assert hits.labels.tolist() == ["", "", ""]


@pytest.mark.usefixtures("scene")
def test_the_mesh_that_objects_share_counts_once(product: Product) -> None:
    bpy.ops.mesh.primitive_grid_add(x_subdivisions=100, y_subdivisions=100, size=3)
    mesh = bpy.context.object.data
    for index in range(3):
        item = bpy.data.objects.new("Copy", mesh)
        item.location = (0, 0, 4 + index)
        bpy.context.scene.collection.objects.link(item)
    bpy.context.view_layer.update()
    depsgraph = bpy.context.evaluated_depsgraph_get()
    caster = product("bridge.check.caster").SceneCaster(depsgraph, most_faces=20_000)
    hits = caster.cast(np.array([[0.3, 0.2, 9.0]]), np.array([[0.0, 0.0, -1.0]]))
    assert not hits.unanswered.any()
    assert hits.points[0, 2] == pytest.approx(6.0)
