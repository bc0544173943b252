"""The scene of the demo and of the pictures: things near and far, smooth and thin."""

from __future__ import annotations

import random

import bpy


def build_scene() -> bpy.types.Scene:
    """Things near and far, smooth and thin, and a camera that is turned and shifted; all others go.

    They are removed one by one, as a window's context is not whole right after a file was opened.
    """
    scene = bpy.context.scene
    for item in list(scene.objects):
        bpy.data.objects.remove(item)
    bpy.ops.mesh.primitive_plane_add(size=24, location=(0, 4, 0))
    paint(bpy.context.object, (0.35, 0.38, 0.42))
    bpy.ops.mesh.primitive_monkey_add(size=2.2, location=(0, 0, 1.15), rotation=(-0.5, 0, 0.3))
    bpy.ops.object.modifier_add(type="SUBSURF")
    bpy.context.object.modifiers[0].render_levels = 3
    bpy.ops.object.shade_smooth()
    paint(bpy.context.object, (0.85, 0.35, 0.08))
    bpy.ops.mesh.primitive_torus_add(
        location=(-2.8, 2, 1.3), rotation=(1.2, 0.3, 0), major_radius=1.1, minor_radius=0.3,
        major_segments=96, minor_segments=32,
    )  # fmt: skip
    bpy.ops.object.shade_smooth()
    paint(bpy.context.object, (0.1, 0.35, 0.8))
    bpy.ops.mesh.primitive_uv_sphere_add(radius=1, location=(3, 2.5, 1), segments=96, ring_count=48)
    bpy.ops.object.shade_smooth()
    paint(bpy.context.object, (0.75, 0.7, 0.2))
    rng = random.Random(1)
    for index in range(14):
        height = rng.uniform(1.5, 4.5)
        bpy.ops.mesh.primitive_uv_sphere_add(
            segments=32, ring_count=128, scale=(0.07, 0.07, height / 2),
            location=(-5 + 0.8 * index, 6 + rng.random(), height / 2),
        )  # fmt: skip
        paint(bpy.context.object, (0.2, 0.6 * rng.random() + 0.2, 0.3))
    add_light_and_camera(scene)
    return scene


def paint(thing: bpy.types.Object, color: tuple[float, float, float]) -> None:
    """Give an object a plain material."""
    material = bpy.data.materials.new(thing.name)
    give_nodes(material)
    shader = material.node_tree.nodes["Principled BSDF"]
    shader.inputs["Base Color"].default_value = (*color, 1.0)
    shader.inputs["Roughness"].default_value = 0.6
    thing.data.materials.append(material)


def give_nodes(owner: bpy.types.Material | bpy.types.World) -> None:
    """Blender 5.0 and later make nothing without nodes."""
    if bpy.app.version < (5, 0):
        owner.use_nodes = True


def add_light_and_camera(scene: bpy.types.Scene) -> None:
    """One sun, a gray sky, and the camera."""
    bpy.ops.object.light_add(type="SUN", rotation=(0.7, 0.2, 0.5))
    bpy.context.object.data.energy = 4.5
    bpy.context.object.data.angle = 0.05
    scene.world = bpy.data.worlds.new("World")
    give_nodes(scene.world)
    scene.world.node_tree.nodes["Background"].inputs["Color"].default_value = (0.3, 0.36, 0.45, 1)
    bpy.ops.object.camera_add(location=(2.6, -7.5, 3.6), rotation=(1.27, 0.0, 0.32))
    camera = bpy.context.object
    camera.data.lens = 38
    camera.data.shift_x, camera.data.shift_y = 0.03, -0.02
    scene.camera = camera
