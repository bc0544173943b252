"""Give a long render up with ESC, then drop a file: what a drop runs, with the file as argument."""

import bpy


def count_handlers():
    return len(bpy.app.handlers.render_complete) + len(bpy.app.handlers.render_cancel)


def names():
    return sorted(item.name for item in bpy.data.objects)


def render_file(scene, path):
    scene.cycles.samples = 1
    scene.view_layers[0].use_pass_z = True
    settings = scene.render.image_settings
    if hasattr(settings, "media_type"):
        settings.media_type = "MULTI_LAYER_IMAGE"
    settings.file_format = "OPEN_EXR_MULTILAYER"
    scene.render.filepath = path
    bpy.ops.render.render(write_still=True)
    scene.view_layers[0].use_pass_z = False


def run(ui):
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    scene.render.resolution_x, scene.render.resolution_y = 320, 180
    scene.cycles.use_denoising = False
    file = str(ui.results / "shot.exr")
    render_file(scene, file)
    scene.render.image_settings.file_format = "OPEN_EXR_MULTILAYER"
    scene.cycles.samples = 1_000_000
    scene.cycles.use_adaptive_sampling = False
    bpy.context.preferences.view.render_display_type = "NONE"
    before, handlers = names(), count_handlers()
    area = ui.area("VIEW_3D")
    region = yield from ui.sidebar(area, "Depth")
    button = yield from ui.find_operator(area, region, "depth.render_and_reconstruct")
    yield from ui.click(*button)
    yield from ui.until(lambda: bpy.app.is_job_running("RENDER"), "the render")
    yield 1.0
    during = scene.view_layers[0].use_pass_z
    ui.screenshot("rendering")
    hands = ui.hands()  # a render does not look for the events that Blender simulates
    for _ in range(20):
        hands.type("ESC")  # until it is heard, as people do
        yield 1.0
        if not bpy.app.is_job_running("RENDER"):
            break
    else:
        raise TimeoutError("the render did not end")
    yield 0.5
    outcome = {
        "during": during,
        "pass_restored": not scene.view_layers[0].use_pass_z,
        "unchanged": names() == before,
        "handlers_left": count_handlers() - handlers,
        "modal": [item.bl_idname for item in ui.window.modal_operators],
    }
    with bpy.context.temp_override(window=ui.window, area=area, region=ui.region(area)):
        bpy.ops.depth.reconstruct("INVOKE_DEFAULT", filepath=file)
    yield from ui.until(lambda: names() != before, "the mesh of the file")
    outcome["dropped"] = [bpy.context.object.name, len(bpy.context.object.data.vertices)]
    return outcome
