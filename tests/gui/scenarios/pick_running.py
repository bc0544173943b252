"""Move the camera, and try to pick, while F12 renders."""

import bpy
from picking import fit, image_editor, miss, picks, place_of

SIZE = 320, 180


def wait_for_render(ui):
    yield from ui.until(lambda: not bpy.app.is_job_running("RENDER"), "the end of the render")
    yield 0.5


def problem_of_pick():
    try:
        bpy.ops.depth.pick(x=160, y=100)
    except RuntimeError as error:
        return str(error)
    return ""


def run(ui):
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    scene.cycles.samples = 100
    scene.cycles.use_adaptive_sampling = False
    scene.cycles.use_denoising = False
    scene.render.resolution_x, scene.render.resolution_y = SIZE
    scene.view_layers[0].use_pass_z = True
    bpy.ops.mesh.primitive_plane_add(size=14, location=(0, 0, -1))
    bpy.context.preferences.view.render_display_type = "NONE"
    yield 0.5
    before = scene.render.image_settings.file_format
    bpy.ops.render.render("INVOKE_DEFAULT")
    yield 0.7
    out = {"running": bpy.app.is_job_running("RENDER"), "pick": problem_of_pick()}
    out["format kept"] = scene.render.image_settings.file_format == before
    place = scene.camera.location.copy()
    scene.camera.location.x += 2
    area = yield from image_editor(ui, bpy.data.images["Render Result"])
    with bpy.context.temp_override(window=ui.window, area=area, region=ui.region(area)):
        bpy.ops.wm.tool_set_by_id(name="depth.pick_tool")
    fit(ui, area)
    ui.move(*place_of(ui, area, 160, 100, SIZE))
    yield 0.5
    out["running while the mouse moved"] = bpy.app.is_job_running("RENDER")
    ui.screenshot("running")
    yield from wait_for_render(ui)
    bpy.ops.depth.pick(x=160, y=100)
    scene.camera.location = place
    yield 0.3
    out["miss"] = miss(picks()[0], SIZE)
    return out
