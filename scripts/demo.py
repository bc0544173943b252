"""Render a small scene, reconstruct it, measure the error, and leave the results to look at.

``make demo`` runs it and leaves everything in ``demo-output/``.
"""

from __future__ import annotations

import random
import shutil
import time
from pathlib import Path

from installed import install, product
from manifest import ROOT

import bpy  # isort: skip
import numpy as np

OUTPUT = ROOT / "demo-output"
WIDTH, HEIGHT = 960, 540


def main() -> None:
    """Run the demo, and print its results."""
    install()
    shutil.rmtree(OUTPUT, ignore_errors=True)
    OUTPUT.mkdir()
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    scene = build_scene()
    render_file = render(scene, OUTPUT / "render.exr")
    start = time.perf_counter()
    bpy.ops.depth.reconstruct(filepath=str(render_file), show_points=True)
    seconds = time.perf_counter() - start
    points = bpy.context.object
    print_result(points, render_file, seconds)
    bpy.ops.wm.ply_export(
        filepath=str(OUTPUT / "reconstruction.ply"),
        export_selected_objects=True,
        apply_modifiers=False,
        export_colors="LINEAR",
    )
    save_comparison(scene, points, OUTPUT / "comparison.png")
    bpy.ops.wm.save_as_mainfile(filepath=str(OUTPUT / "scene.blend"))
    for file in sorted(OUTPUT.iterdir()):
        if file.suffix != ".blend1":
            print(f"  {file.relative_to(ROOT)}  {file.stat().st_size / 1e6:.1f} MB")


def build_scene() -> bpy.types.Scene:
    """Add objects near and far, smooth and thin, and a camera that is rotated and shifted."""
    scene = bpy.context.scene
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


def paint(item: bpy.types.Object, color: tuple[float, float, float]) -> None:
    """Give an object a plain material."""
    material = bpy.data.materials.new(item.name)
    give_nodes(material)
    shader = material.node_tree.nodes["Principled BSDF"]
    shader.inputs["Base Color"].default_value = (*color, 1.0)
    shader.inputs["Roughness"].default_value = 0.6
    item.data.materials.append(material)


def give_nodes(owner: bpy.types.Material | bpy.types.World) -> None:
    """Enable nodes, which new data always has in Blender 5.0 and later."""
    if bpy.app.version < (5, 0):
        owner.use_nodes = True


def add_light_and_camera(scene: bpy.types.Scene) -> None:
    """Add a sun, a gray sky, and the camera."""
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


def render(scene: bpy.types.Scene, path: Path) -> Path:
    """Render with Cycles, with the Position pass to compare with."""
    scene.render.engine = "CYCLES"
    scene.cycles.samples = 32
    scene.cycles.use_denoising = False
    scene.render.resolution_x, scene.render.resolution_y = WIDTH, HEIGHT
    layer = scene.view_layers[0]
    layer.use_pass_z = layer.use_pass_position = True
    settings = scene.render.image_settings
    if hasattr(settings, "media_type"):  # Blender 5.0 and later
        settings.media_type = "MULTI_LAYER_IMAGE"
    settings.file_format = "OPEN_EXR_MULTILAYER"
    settings.color_depth = "32"
    scene.render.filepath = str(path)
    bpy.ops.render.render(write_still=True)
    return path


def print_result(points: bpy.types.Object, render_file: Path, seconds: float) -> None:
    """Compare every point with the Position pass, in space and in pixels."""
    exr = product("core.exr.reader")
    info = exr.read_info(render_file)
    position = next(layer for layer in info.layers if layer.title == "Position")
    truth = exr.read_layer(info, position)

    count = len(points.data.vertices)
    found, pixels = np.empty(count * 3, np.float32), np.empty(count * 2, np.int32)
    depth = np.empty(count, np.float32)
    points.data.attributes["position"].data.foreach_get("vector", found)
    points.data.attributes["pixel"].data.foreach_get("value", pixels)
    points.data.attributes["depth"].data.foreach_get("value", depth)
    found, pixels = found.reshape(-1, 3), pixels.reshape(-1, 2)
    truth = truth[pixels[:, 1], pixels[:, 0]]

    distance = np.linalg.norm(found.astype(float) - truth, axis=1)
    camera = product("bridge.cameras.from_object").camera_from_object(
        bpy.context.scene.camera, bpy.context.scene, bpy.context.evaluated_depsgraph_get()
    )
    offset = np.linalg.norm(camera.project(truth) - (pixels + 0.5), axis=1)
    print(f"\n{count:,} points of {WIDTH * HEIGHT:,} pixels in {seconds * 1000:.0f} ms")
    print("error against Cycles' Position pass   median       99%   greatest")
    for name, values, unit in (
        ("distance", distance, "m"),
        ("distance per depth", distance / depth, "1"),
        ("reprojection", offset, "px"),
    ):
        shares = np.quantile(values, (0.5, 0.99, 1.0))
        text = "  ".join(f"{share:9.2e}" for share in shares)
        print(f"  {name + ', ' + unit:<34} {text}")


def save_comparison(scene: bpy.types.Scene, points: bpy.types.Object, path: Path) -> None:
    """Save the render, and beside it the points alone, seen from farther left and above."""
    points.hide_render = True
    left = render_png(scene)
    points.hide_render = False
    points.modifiers[0].show_render = True
    hidden = [each for each in scene.objects if each.type == "MESH" and each != points]
    camera = scene.camera
    pose = camera.matrix_world.copy()
    camera.location, camera.rotation_euler = (-3.4, -7.6, 5.2), (1.08, 0.0, -0.36)
    for each in hidden:
        each.hide_render = True
    sky = scene.world.node_tree.nodes["Background"].inputs["Color"]
    color, sky.default_value = tuple(sky.default_value), (1.0, 1.0, 1.0, 1.0)
    right = render_png(scene)
    sky.default_value = color
    for each in hidden:
        each.hide_render = False
    camera.matrix_world = pose
    both = np.concatenate((left, np.ones((HEIGHT, 8, 4), np.float32), right), axis=1)
    save_png(both, path)


def render_png(scene: bpy.types.Scene) -> np.ndarray:
    """Render the scene with its view transform, (H, W, 4), rows from the bottom."""
    file = OUTPUT / "view.png"
    settings = scene.render.image_settings
    if hasattr(settings, "media_type"):
        settings.media_type = "IMAGE"
    settings.file_format = "PNG"
    scene.render.filepath = str(file)
    bpy.ops.render.render(write_still=True)
    image = bpy.data.images.load(str(file))
    pixels = np.empty(len(image.pixels), np.float32)
    image.pixels.foreach_get(pixels)
    bpy.data.images.remove(image)
    file.unlink()
    return pixels.reshape(HEIGHT, WIDTH, 4)


def save_png(pixels: np.ndarray, path: Path) -> None:
    """Write (H, W, 4) pixels, rows from the bottom."""
    height, width = pixels.shape[:2]
    image = bpy.data.images.new("Comparison", width, height)
    image.pixels.foreach_set(pixels.reshape(-1))
    image.filepath_raw, image.file_format = str(path), "PNG"
    image.save()
    bpy.data.images.remove(image)


if __name__ == "__main__":
    main()
