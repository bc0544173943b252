"""See in Preferences how much memory picks hold, and free it with the button."""

import bpy
from picking import picks

SIZE = 320, 180
PACKAGE = "bl_ext.user_default.reconstruct_from_depth"


def prepare():
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    scene.cycles.samples = 1
    scene.cycles.use_denoising = False
    scene.render.resolution_x, scene.render.resolution_y = SIZE
    scene.view_layers[0].use_pass_z = True
    bpy.context.preferences.view.render_display_type = "NONE"
    bpy.ops.render.render()
    for x, y in ((145.0, 80.0), (165.0, 75.0), (150.0, 110.0)):
        bpy.ops.depth.pick(x=x, y=y)


def show_preferences(ui):
    """Turn the 3D viewport into Preferences that show this extension."""
    area = ui.area("VIEW_3D")
    area.ui_type = "PREFERENCES"
    bpy.context.preferences.active_section = "ADDONS"
    bpy.ops.preferences.addon_expand(module=PACKAGE)
    bpy.context.window_manager.addon_search = "Reconstruct from Depth"
    yield 0.5
    return area


def run(ui):
    prepare()
    yield 0.5
    preferences = bpy.context.preferences.addons[PACKAGE].preferences
    area = yield from show_preferences(ui)
    ui.screenshot("held")
    out = {"held": preferences.held_details}
    button = yield from ui.find_operator(area, ui.region(area), "depth.free_memory", 0.75)
    yield from ui.click(*button)
    yield 0.3
    ui.screenshot("freed")
    out["freed"] = preferences.held_details
    area.ui_type = "VIEW_3D"
    yield 0.5
    before = picks()[0].point
    bpy.ops.depth.pick(x=145.0, y=80.0)
    out["same"] = picks()[len(picks()) - 1].point == before
    return out
