"""Render a small scene, reconstruct it, measure the error, and leave the results to look at.

``make demo`` runs it and leaves everything in ``demo-output/``.
"""

from __future__ import annotations

import shutil
import time
from pathlib import Path

from installed import install, product  # before bpy, as it says
from manifest import ROOT

import bpy  # isort: skip
import numpy as np
from demo_scene import build_scene

OUTPUT = ROOT / "demo-output"
WIDTH, HEIGHT = 960, 540


def main() -> None:
    """Do the whole round, and print what came of it."""
    install()
    shutil.rmtree(OUTPUT, ignore_errors=True)
    OUTPUT.mkdir()
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
    picture(scene, points, OUTPUT / "comparison.png")
    bpy.ops.wm.save_as_mainfile(filepath=str(OUTPUT / "scene.blend"))
    for file in sorted(OUTPUT.iterdir()):
        if file.suffix != ".blend1":
            print(f"  {file.relative_to(ROOT)}  {file.stat().st_size / 1e6:.1f} MB")


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
    exr = product("core.exr")
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
    camera = product("bridge.camera").camera_from_object(
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


def picture(scene: bpy.types.Scene, points: bpy.types.Object, path: Path) -> None:
    """The render, and beside it the points alone, seen from farther left and above."""
    points.hide_render = True
    left = render_png(scene)
    points.hide_render = False
    points.modifiers[0].show_render = True
    hidden = [each for each in scene.objects if each.type == "MESH" and each != points]
    camera = scene.camera
    place = camera.matrix_world.copy()
    camera.location, camera.rotation_euler = (-3.4, -7.6, 5.2), (1.08, 0.0, -0.36)
    for each in hidden:
        each.hide_render = True
    sky = scene.world.node_tree.nodes["Background"].inputs["Color"]
    color, sky.default_value = tuple(sky.default_value), (1.0, 1.0, 1.0, 1.0)
    right = render_png(scene)
    sky.default_value = color
    for each in hidden:
        each.hide_render = False
    camera.matrix_world = place
    both = np.concatenate((left, np.ones((HEIGHT, 8, 4), np.float32), right), axis=1)
    save_png(both, path)


def render_png(scene: bpy.types.Scene) -> np.ndarray:
    """The scene as a person would see it, (H, W, 4), rows from the bottom."""
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
