"""Seconds that moving the mouse and redrawing cost at 4K with 1,000 picks, drawing included."""

import sys
import time

import bpy
import numpy as np
from picking import fit, image_editor, place_of

SIZE = 3840, 2160
COUNT = 1000
PACKAGE = "bl_ext.user_default.reconstruct_from_depth"


def depth_file(path):
    """A wavy ground as a single-layer EXR, which is what a File Output node writes."""
    image = bpy.data.images.new("depth", *SIZE, float_buffer=True, is_data=True)
    rows, columns = np.mgrid[: SIZE[1], : SIZE[0]].astype(np.float32)
    values = np.ones((SIZE[1], SIZE[0], 4), np.float32)
    values[..., :3] = (8.0 + np.sin(columns / 200.0) + rows / 500.0)[..., None]
    image.pixels.foreach_set(values.reshape(-1))
    image.filepath_raw, image.file_format = str(path), "OPEN_EXR"
    image.save()
    bpy.data.images.remove(image)


def timed(work, seconds):
    def run(*arguments):
        start = time.perf_counter()
        work(*arguments)
        seconds.append(time.perf_counter() - start)

    return run


def median_ms(seconds):
    return 1000 * float(np.median(seconds))


def run(ui):
    scene = bpy.context.scene
    scene.render.resolution_x, scene.render.resolution_y = SIZE
    bpy.context.preferences.filepaths.use_relative_paths = False
    path = ui.results / "depth.exr"
    depth_file(path)
    points = np.random.default_rng(1).uniform((0, 0), SIZE, (COUNT, 2))
    table = "\n".join(f"Point {index},{x},{y}" for index, (x, y) in enumerate(points.tolist()))
    (ui.results / "points.csv").write_text(f"name,x,y\n{table}\n")
    bpy.ops.depth.picks_import(filepath=str(ui.results / "points.csv"), depth_file=str(path))
    area = yield from image_editor(ui, bpy.data.images.load(str(path)))
    with bpy.context.temp_override(window=ui.window, area=area, region=ui.region(area)):
        bpy.ops.wm.tool_set_by_id(name="depth.pick_tool")
    fit(ui, area)
    yield 0.5
    ui.move(*place_of(ui, area, 1000, 1000, SIZE))
    yield 1.0

    module = sys.modules
    spent = {"image": [], "view": [], "move": []}
    image = timed(module[f"{PACKAGE}.overlays.picks.image_editor"]._draw, spent["image"])
    view = timed(module[f"{PACKAGE}.overlays.picks.viewport"]._draw_markers, spent["view"])
    cursor = module[f"{PACKAGE}.overlays.picks.cursor"]
    move = timed(lambda xy: cursor.draw_cursor(bpy.context, xy), spent["move"])
    bpy.types.SpaceImageEditor.draw_handler_add(image, (), "WINDOW", "POST_PIXEL")
    bpy.types.SpaceView3D.draw_handler_add(view, (), "WINDOW", "POST_PIXEL")
    bpy.types.WindowManager.draw_cursor_add(move, (), "IMAGE_EDITOR", "WINDOW")
    for index in range(40):
        ui.move(*place_of(ui, area, 1000 + 8 * index, 1000, SIZE))
        area.tag_redraw()
        yield 0.05
    ui.screenshot("thousand")
    return {name: [len(each), median_ms(each)] for name, each in spent.items()}
