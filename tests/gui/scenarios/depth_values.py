"""Choose a 16-bit PNG in the sidebar, say what its numbers are, and press the button."""

import importlib

import bpy
import numpy as np

WIDTH, HEIGHT = 1920, 1080


def product(name):
    return importlib.import_module(f"bl_ext.user_default.reconstruct_from_depth.{name}")


def write_wall(path):
    """A wall 4 m away, saved as whole millimeters through Blender."""
    scene = bpy.context.scene
    scene.view_settings.view_transform = "Raw"
    settings = scene.render.image_settings
    if hasattr(settings, "media_type"):
        settings.media_type = "IMAGE"
    settings.file_format, settings.color_mode, settings.color_depth = "PNG", "RGB", "16"
    image = bpy.data.images.new("Wall", WIDTH, HEIGHT, float_buffer=True, is_data=True)
    image.pixels.foreach_set(np.full(WIDTH * HEIGHT * 4, 4000 / 65535, np.float32))
    image.save_render(str(path), scene=scene)
    bpy.data.images.remove(image)


def run(ui):
    path = ui.results / "depth.png"
    write_wall(path)
    area = ui.area("VIEW_3D")
    region = yield from ui.sidebar(area, "Depth")
    settings = bpy.context.scene.reconstruct_from_depth
    settings.source, settings.filepath = "FILE", str(path)
    bpy.ops.ed.undo_push(message="Prepared")
    area.tag_redraw()
    yield 0.5
    ui.screenshot("undecided")
    outcome = {"problem": settings.status_line().problem}
    before, images = len(bpy.data.objects), len(bpy.data.images)
    settings.depth_values, settings.depth_unit = "DISTANCE", "MILLIMETERS"
    settings.depth_kind = "PLANAR"
    area.tag_redraw()
    yield 0.5
    button = yield from ui.find_operator(area, region, "depth.reconstruct")
    yield from ui.click(*button)
    yield from ui.until(lambda: len(bpy.data.objects) > before, "the mesh of the wall")
    yield 0.5
    ui.screenshot("wall")
    item = bpy.context.object
    depth = np.empty(len(item.data.vertices), np.float32)
    item.data.attributes["depth"].data.foreach_get("value", depth)
    outcome |= {
        "text": settings.status_line().text,
        "depth": [float(depth.min()), float(depth.max()), len(depth)],
        "images": len(bpy.data.images) - images,
    }
    settings.filepath = ""
    outcome["forgotten"] = settings.depth_values
    settings.filepath = str(path)
    outcome["remembered"] = settings.depth_unit
    bpy.context.window_manager.depth_preview = True
    yield from ui.until(lambda: bpy.context.window_manager.depth_preview_text, "the preview")
    outcome["preview"] = bpy.context.window_manager.depth_preview_text
    return outcome
